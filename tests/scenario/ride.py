#!/usr/bin/env python3
"""The main story with a node that rides along: from the loading morning to the centre the convoy has no line. Its lead marks, seals, counts and unloads at a node on the bus, which meets
phones and sticks alone; offices enter late what happened on the road; and the sums agree everywhere."""
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys

from jisr import JISR, PORT, Demo, Visitor, run, story
from journey import agree, became, f, family, new, officers, post, record, rows_of, uuid, v, wait

demo = Demo()  
BUS, BUS_PORT, PASSWORD = "bus.iq", PORT + 60, "a password of the test"
MORNING, BORDER, ARRIVED = "2026-01-05T05:10", "2026-01-05T09:00", "2026-01-05T18:00"
AGREED = {      # office: what it sends, what the bus sends
    "momd.iq": ("batch.* nominal_list.* nominal_list_row.* convoy.* vehicle_leg.* leg_seat.* checkpoint_event.*", "vehicle_leg.* leg_seat.* checkpoint_event.* rapid_notice.*"),
    "camp.sy": ("person.name household.head household.card", "vehicle_leg.* leg_seat.* checkpoint_event.*"),
    "centre.iq": ("checkpoint_event.*", "vehicle_leg.* leg_seat.* checkpoint_event.*")}


def bus(*parts):
    return os.path.join(demo.folder.name, *parts)


def write(name, text):
    with open(bus(name), "w") as out:
        out.write(text)
    return bus(name)


def ran(*args):
    p = subprocess.run([JISR, *args], capture_output=True, text=True, timeout=60)
    assert p.returncode == 0, (args, p.stdout, p.stderr)
    return p.stdout.strip()


def pair(office):
    """By hand, as two people do: compare the code, sign one text."""
    there, invites = demo.node(office)["dir"], {}
    for name, folder in ((office, there), (BUS, bus("bus"))):
        invites[name] = write(name + ".invite", ran("partner", "invite", folder) + "\n")
    for folder, other in ((there, BUS), (bus("bus"), office)):
        told = re.search(r"pairing code: (\S+)", run("partner", "accept", folder, invites[other], "--code", "22222-22222-22222-22222")[1])
        ran("partner", "accept", folder, invites[other], "--code", told.group(1))
    text = write("agreement", f"jisr-agreement/1\ntitle Ride with the convoy (test, invented)\nparties {office} {BUS}\npurposes transfer coordination\nbases agreement\nfrom {office} {AGREED[office][0]}\n"
                 f"from {BUS} {AGREED[office][1]}\nretention-days 30\nonward asked\nrights Nobody is judged by kinship.\nstarts 2020-01-01\nends 2099-12-31\n")
    here, over = ran("partner", "agree", there, text), ran("partner", "agree", bus("bus"), text)
    ran("partner", "agree", there, write("signed", over + "\n"))
    ran("partner", "agree", bus("bus"), write("signed", here + "\n"))


def a_bus_gets_a_node():
    ran("init", bus("bus"), "--name", BUS, "--travel", "--unlock", write("unlock", "a passphrase of the test\n"), "--port", str(BUS_PORT), "--no-second-factor")
    ran("account", "add", bus("bus"), "--user", "lead", "--name", "lead", "--roles", "CONVOY_LEAD", "--unit", "road", "--password-file", write("password", PASSWORD + "\n"))
    demo.stop()
    for office in AGREED:
        ran("account", "add", demo.node(office)["dir"], "--user", "carrier", "--name", "carrier", "--roles", "ADMIN", "--unit", "office", "--password-file", bus("password"))
        pair(office)
    demo.start()
    f["bus"] = subprocess.Popen([JISR, "serve", bus("bus")], stderr=subprocess.DEVNULL, start_new_session=True)
    v["bus"] = Visitor(f"http://127.0.0.1:{BUS_PORT}")
    wait(answers)
    assert v["bus"].post("/login", user="lead", password=PASSWORD).status == 303
    assert v["bus"].post("/purpose", purpose="transfer/agreement").status == 303
    for office in AGREED:
        v[office] = demo.visitor(office)
        assert v[office].post("/login", user="carrier", password=PASSWORD).status == 303


def answers():
    try:
        return v["bus"].get("/health").status == 200
    except OSError:
        return False


def carry(giver, receiver):
    """One stick: what waits at one office is read at the other."""
    at = {BUS: "bus"}
    return v[at.get(receiver, receiver)].read_stick(v[at.get(giver, giver)].stick(receiver))


def a_list_is_frozen_and_seats_are_planned():
    officers(demo)
    f["huda"], (f["mother"], f["girl"]) = family(("هدى كريم ناصر", "1990", True), ("مريم سعد كريم", "2015", False))
    _, (f["amina"], f["basim"]) = family(("أمينة فاضل عباس", "1971", True), ("باسم خالد جاسم", "1969", True))
    _, (f["reserve"],) = family(("زينب علي حسن", "1985", True))
    f["list"] = new("camp", "nominal_list", origin="SY-P-HOL")
    assert post("camp", f"/lists/{f['list']}/families", f"/lists/{f['list']}/families", all="1").status == 303
    assert post("camp", f"/lists/{f['list']}", f"/lists/{f['list']}/fit", fit="yes").status == 303
    f["rows"] = {r["fields"]["person"]: r["id"] for r in rows_of("camp")}
    at = f"/r/nominal_list_row/{f['rows'][f['reserve']]}/edit"
    page = v["camp"].get(at)
    assert v["camp"].post(at, form=page.hidden("form"), version=page.hidden("version"), reserve="yes", fit="yes", care="seat_front").status == 303
    assert v["camp"].move(f"/r/nominal_list/{f['list']}", "submit").status == 303
    became("mig", "nominal_list", f["list"], "submitted")
    f["batch"] = new("mig", "batch", batch_no="31", origin="SY-P-HOL", destination="IQ-P-JEDDAH1")
    f["convoy"] = new("mig", "convoy", title="Convoy 31", route="SY-P-HOL", lead="Lead", lead_phone="+9647700000000", depart_plan="2026-01-05T05:00")
    at = f"/r/nominal_list/{f['list']}/edit"
    page = v["mig"].get(at)
    assert v["mig"].post(at, form=page.hidden("form"), version=page.hidden("version"), batch=f["batch"], convoy=f["convoy"]).status == 303
    they_are_vetted()
    assert v["sup"].move(f"/r/nominal_list/{f['list']}", "approve").status == 303
    agree("campmgr")
    became("sup", "nominal_list", f["list"], "approved")
    assert v["sup"].move(f"/r/nominal_list/{f['list']}", "freeze").status == 303
    became("camp", "nominal_list", f["list"], "frozen")
    f["legs"] = [new("lead", "vehicle_leg", parent=f["convoy"], plate=plate, capacity="3", from_place="SY-P-HOL", to_place="IQ-P-JEDDAH1") for plate in ("A-1", "A-2")]
    assert post("lead", convoy(), convoy("/plan")).status == 303
    assert v["rabia"].move(f"/r/convoy/{f['convoy']}", "clear").status == 303
    agree("yaarubiyah")
    became("lead", "convoy", f["convoy"], "cleared")


def they_are_vetted():
    """Four adults wait a day for company, since a hundred are asked about together."""
    wait(lambda: len(json.loads(v["mig"].get("/api/1/vetting_request").text)["items"]) == 4)
    db = sqlite3.connect(os.path.join(demo.node("momd.iq")["dir"], "node.db"), timeout=10)
    with db:
        db.execute("UPDATE record SET created=created-86400001 WHERE type='vetting_request'")
    db.close()
    assert v["sup"].post("/vetting/requests", form=uuid()).status == 303
    asked = wait(lambda: (ids := re.findall(r'name="check" value="([0-9a-f-]{36})"', v["vet"].get("/vetting").text)) and len(ids) == 4 and ids)
    assert v["vet"].post("/vetting/answers", form=v["vet"].get("/vetting").hidden("form"), check=asked, all="ready").status == 303
    page = v["vetsup"].get("/vetting")
    assert v["vetsup"].post("/vetting/decisions", form=page.hidden("form"), check=re.findall(r'name="check" value="([0-9a-f-]{36})"', page.text), answer="yes").status == 303
    wait(lambda: sum(r["fields"].get("ready") == "ready" for r in rows_of("sup")) == 5)


def convoy(path=""):
    return f"/convoys/{f['convoy']}{path}"


def boarding(leg):
    return convoy(f"/legs/{leg}/boarding")


def the_vehicles_are_given_to_it():
    assert "A node rides along" in v["lead"].get(convoy()).text
    assert post("lead", convoy(), convoy("/ride"), node="centre.iq").status == 422, "a centre does not ride"
    assert v["lead"].move(f"/r/vehicle_leg/{f['legs'][0]}", "ride").status == 422, "to a node that somebody chose"
    assert {record("lead", "vehicle_leg", leg)["owner"] for leg in f["legs"]} == {"momd.iq"}, "nothing half done"
    assert post("lead", convoy(), convoy("/ride"), node=BUS).status == 303
    page = v["lead"].get(convoy()).text
    assert "The vehicles and seats are at:" in page and BUS in page and "Plan the seats" not in page
    wait(lambda: record("camp", "vehicle_leg", f["legs"][0]).get("owner") == BUS)


def two_sticks_bring_it_the_lists_and_the_names():
    carry("momd.iq", BUS)
    assert "سعد" not in v["bus"].get(boarding(f["legs"][0])).text, "rows wait for their people"
    carry("camp.sy", BUS)
    wait(lambda: sum(len(rows_of("bus", "leg_seat", leg)) for leg in f["legs"]) == 4)
    f["seats"] = {s["fields"]["person"]: (s["id"], leg) for leg in f["legs"] for s in rows_of("bus", "leg_seat", leg)}
    assert len(f["seats"]) == 4 and f["reserve"] not in f["seats"], f["seats"]
    page = v["bus"].get(boarding(f["seats"][f["girl"]][1])).text
    assert "مريم سعد كريم" in page and "هدى كريم ناصر" in page
    person = v["bus"].get(f"/api/1/person/{f['girl']}")
    assert person.status in (403, 404) or set(json.loads(person.text)["fields"]) <= {"name"}, "the name, and nothing else of her file"
    assert socket.socket().connect_ex(("127.0.0.1", BUS_PORT + 100)) != 0, "nobody can call it"


def text(answer):
    assert answer.status == 200, answer.status
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", answer.text))


def each_count_has_a_form_on_paper():
    """With the codes of the program, and the names of those it is about; printing names stands in the log."""
    page = v["bus"].get(convoy()).text
    assert 'href="/paper/checkpoint_event"' in page and f'href="/paper/leg_seat/rows?parent={f["legs"][0]}"' in page
    count = text(v["bus"].get("/paper/checkpoint_event"))
    assert all(word in count for word in ("passing", "other_vehicle", "back_at_camp", "Head count", "Entered late")) and "expected" not in count
    leg = f["seats"][f["girl"]][1]
    seats = text(v["bus"].get(f"/paper/leg_seat/rows?parent={leg}"))
    assert "مريم سعد كريم" in seats and "board_reserve" in seats and "Head count at sealing" in seats and "Luggage receipts" in seats and "Nobody else gets this sheet" in seats
    assert "Asked for children without family" in text(v["yaarubiyah"].get("/paper/border_handover"))
    for who, path in (("desk", f"/paper/leg_seat/rows?parent={leg}"), ("vet", f"/paper/leg_seat/rows?parent={leg}"), ("vet", "/paper/checkpoint_event"), ("desk", "/paper/border_handover")):
        assert v[who].get(path).status in (403, 404), (who, path)
    assert v["bus"].get(f"/paper/leg_seat/rows?parent={f['convoy']}").status == 404, "a list of another kind"


def marked(leg, path=None, **form):
    a = post("bus", boarding(leg), path or boarding(leg), event_time=MORNING, **form)
    assert a.status == 303, (a.status, re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", a.text))[-600:])


def the_morning_is_marked_on_the_bus():
    (mother, leg), (girl, _) = f["seats"][f["mother"]], f["seats"][f["girl"]]
    (amina, la), (basim, lb) = f["seats"][f["amina"]], f["seats"][f["basim"]]
    a = post("bus", boarding(leg), boarding(leg), **{"seat": [mother, girl], f"mark-{mother}": "miss", f"mark-{girl}": "board"})
    assert a.status == 422 and "A child would travel alone" in a.text, (a.status, re.sub("<[^>]*>", " ", a.text)[-500:])
    marked(leg, seat=[mother, girl], all="board")
    marked(leg, seat=mother, **{f"mark-{mother}": "add_newborn"})
    marked(lb, seat=basim, **{f"mark-{basim}": "miss"})
    a = post("bus", boarding(la), boarding(la), seat=amina, **{f"mark-{amina}": "withdraw"})
    assert a.status == 422 and "her sign" in a.text, "her own word alone takes her off"
    marked(la, seat=amina, own_word="thumb", **{f"mark-{amina}": "withdraw"})
    marked(lb, convoy(f"/legs/{lb}/reserve"), row=f["rows"][f["reserve"]])


def heads(leg):
    return int(re.search(r'<dt class="tot">On board</dt><dd class="tot">(\d+)', v["bus"].get(boarding(leg)).text).group(1))


def the_camp_seals_by_a_code_that_is_read_out():
    assert sum(map(heads, f["legs"])) == 4          # mother, girl, newborn, reserve
    for leg in f["legs"]:
        assert post("bus", boarding(leg), convoy(f"/legs/{leg}/seal"), head_count=str(heads(leg))).status == 303
        page = v["bus"].get(boarding(leg)).text
        number = re.search(r'<b class="id">(\d{4} \d{4})</b>', page).group(1)
        a = v["camp"].post("/spoken", form=v["camp"].get("/spoken").hidden("form"), node=BUS, what="vehicle_leg/seal", number=number)
        said = re.search(r'<b class="id">(\d{4} \d{4})</b>', a.text)
        assert said, re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", a.text))[-600:]
        a = v["bus"].post(re.search(r'action="(/proposals/[0-9a-f-]{36}/spoken)"', page).group(1), form=uuid(), code=said.group(1))
        assert a.status == 303, a.text[-300:]
        assert record("bus", "vehicle_leg", leg)["state"] == "sealed"
        assert "has not confirmed it yet" in v["bus"].get(boarding(leg)).text


def it_sets_off_and_counts_on_the_road():
    assert v["bus"].move(f"/r/nominal_list/{f['list']}", "depart", event_time=MORNING).status == 303
    assert v["bus"].move(f"/r/convoy/{f['convoy']}", "start", event_time=MORNING).status == 303
    assert post("bus", convoy(), convoy("/legs"), move="run", event_time=MORNING).status == 303
    assert post("bus", convoy(), convoy("/checkpoints"), place="SY-X-YARUB", direction="passing", head_count="4", event_time=BORDER).status == 303
    counts = {f"count_{leg}": str(heads(leg)) for leg in f["legs"]}
    assert post("bus", convoy(), convoy("/legs"), move="unload", event_time=ARRIVED, **counts).status == 303
    assert {(record("bus", "vehicle_leg", leg)["state"], record("bus", "vehicle_leg", leg)["owner"]) for leg in f["legs"]} == {("unloaded", "momd.iq")}, "they go back to the ministry"
    assert record("lead", "convoy", f["convoy"])["state"] == "cleared", "nobody else knows yet"


def what_it_did_reaches_the_offices_by_stick():
    for office in ("momd.iq", "camp.sy", "centre.iq"):
        carry(BUS, office)
    state = {p: record("sup", "nominal_list_row", f["rows"][p])["state"] for p in f["rows"]}
    assert (state[f["mother"]], state[f["girl"]], state[f["basim"]], state[f["amina"]], state[f["reserve"]]) == ("boarded", "boarded", "not_come", "withdrew", "boarded"), state
    became("sup", "nominal_list", f["list"], "departed")
    for who in ("lead", "camp", "mgr"):
        assert {(record(who, "vehicle_leg", leg)["state"], record(who, "vehicle_leg", leg)["owner"]) for leg in f["legs"]} == {("unloaded", "momd.iq")}, who
    became("lead", "convoy", f["convoy"], "moving")
    history = v["sup"].get(f"/r/nominal_list_row/{f['rows'][f['mother']]}").text
    assert '2026-01-05T' in history, re.sub("<[^>]*>", " ", history)[-1500:]
    page = v["sup"].get(convoy()).text
    assert "SY-X-YARUB" in page and "Entered late, from paper" in page
    for who in ("mgr", "campmgr", "sup"):
        assert len(rows_of(who, "checkpoint_event", f["convoy"])) == 3, "the border, and two vehicles that were unloaded"
    wait(lambda: consent_of(f["amina"]) == "withdrawn")


def consent_of(person):
    return next(c["state"] for c in json.loads(v["hears"].get("/api/1/consent").text)["items"] if c["fields"]["person"] == person)


def a_stick_that_is_read_again_changes_nothing():
    before = [record("sup", "nominal_list_row", r) for r in f["rows"].values()]
    content = v["bus"].stick("momd.iq")
    v["momd.iq"].read_stick(content)
    assert "read before" in v["momd.iq"].read_stick(content)
    assert before == [record("sup", "nominal_list_row", r) for r in f["rows"].values()]


def the_camp_confirms_what_it_said_by_phone():
    carry("camp.sy", BUS)
    assert "has confirmed it" in v["bus"].get(boarding(f["seats"][f["mother"]][1])).text


def the_posts_enter_the_border_from_paper():
    became("yaarubiyah", "convoy", f["convoy"], "moving")
    form = {"place": "SY-X-YARUB", "count": "4", "health_check": "yes", "children_asked": "yes", "event_time": BORDER}
    a = post("yaarubiyah", "/crossing", convoy("/handover"), **form)
    assert a.status == 303, a.text[-300:]
    agree("rabia")
    wait(lambda: v["rabia"].move(f"/r/convoy/{f['convoy']}", "cross", event_time=BORDER).status == 303)
    became("desk", "convoy", f["convoy"], "crossed")


def the_centre_receives_them():
    assert "مريم سعد كريم" in text(wait(lambda: (a := v["desk"].get(f"/paper/arrival_checkin/rows?parent={f['convoy']}")) and "مريم" in a.text and a))
    expected = wait(lambda: (c := rows_of("desk", "arrival_checkin", f["convoy"])) and len(c) == 3 and c)
    families = {r["fields"]["person"]: r["fields"]["household"] for r in rows_of("desk")}
    for household in set(families[c["fields"]["person"]] for c in expected):
        ids = [c["id"] for c in expected if families[c["fields"]["person"]] == household]
        assert v["desk"].post(f"/checkin/{household}", form=uuid(), checkin=ids, all="yes", method="card").status == 303
    assert v["desk"].move(f"/r/convoy/{f['convoy']}", "arrive").status == 303
    became("lead", "convoy", f["convoy"], "arrived")


def the_sum_closes_and_the_batch_is_counted():
    wait(lambda: "The sum closes" in v["sup"].get(convoy("/reconcile")).text)
    wait(lambda: v["mgr"].move(f"/r/nominal_list/{f['list']}", "reconcile").status == 303)
    became("sup", "nominal_list", f["list"], "reconciled")
    batch = record("mig", "batch", f["batch"])["fields"]
    assert (batch.get("families"), batch.get("persons")) == (2, 4), batch
    carry("momd.iq", BUS)
    assert record("bus", "convoy", f["convoy"])["state"] == "arrived"


def every_log_verifies():
    f["bus"].send_signal(signal.SIGTERM)
    f["bus"].wait(20)
    for folder in (bus("bus"), *(demo.node(n)["dir"] for n in ("camp.sy", "momd.iq", "centre.iq"))):
        ran("log", "verify", folder)


bad = story([a_bus_gets_a_node, a_list_is_frozen_and_seats_are_planned, the_vehicles_are_given_to_it, two_sticks_bring_it_the_lists_and_the_names, each_count_has_a_form_on_paper, the_morning_is_marked_on_the_bus,
             the_camp_seals_by_a_code_that_is_read_out, it_sets_off_and_counts_on_the_road, what_it_did_reaches_the_offices_by_stick, a_stick_that_is_read_again_changes_nothing,
             the_camp_confirms_what_it_said_by_phone, the_posts_enter_the_border_from_paper, the_centre_receives_them, the_sum_closes_and_the_batch_is_counted, every_log_verifies])
if "bus" in f and f["bus"].poll() is None:
    f["bus"].kill()
demo.stop()
sys.exit(1 if bad else 0)
