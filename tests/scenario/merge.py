#!/usr/bin/env python3
"""One person registered twice: the machine asks, a person decides, two persons merge, two part them again; both histories stay. Of two offices the civil registry decides, by two
persons, and each owner follows. Nobody is merged by a program, by one person, or by an office that may not."""
import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time

from jisr import JISR, PORT, Visitor, run, story

NODES = {"camp.sy": ("camp", PORT, {"registrar": ("CAMP_REG", "camp"), "manager": ("CAMP_MGR", "camp"), "colleague": ("CAMP_REG", "camp"), "hears": ("PROT_OFF", "protection")}),
         "centre.iq": ("centre", PORT + 1, {"desk": ("CENTRE_REG", "centre"), "boss": ("CENTRE_MGR", "centre")}),
         "civil.iq": ("civil_status", PORT + 2, {"first": ("CIVIL_REG", "civil"), "second": ("CIVIL_REG", "civil"), "liaison": ("LIAISON_SUP", "liaison")})}
PAIRS = [("camp.sy", "centre.iq"), ("camp.sy", "civil.iq"), ("centre.iq", "civil.iq")]
folder = tempfile.TemporaryDirectory()
process, v, f = {}, {}, {}


def at(*parts):
    return os.path.join(folder.name, *parts)


def write(name, text):
    with open(at(name), "w") as out:
        out.write(text)
    return at(name)


def agreement(a, b):
    return write("agreement", f"""jisr-agreement/1
title Identity of families (test, invented)
parties {a} {b}
purposes registration reception transfer
bases agreement mandate consent
from {a} person.* identity_claim.*
from {b} person.* identity_claim.*
retention-days 365
onward never
rights A question of identity is no finding.
starts 2020-01-01
ends 2099-12-31
""")


def wait(what, seconds=30):
    until = time.time() + seconds
    while time.time() < until:
        got = what()
        if got:
            return got
        time.sleep(0.15)
    raise AssertionError("it did not come")


def offices_are_pinned_and_agree():
    for name, (kind, port, users) in NODES.items():
        assert run("init", at(name), "--name", name, "--kind", kind, "--unlock", write(name + ".unlock", "a passphrase of the test\n"), "--port", str(port), "--no-second-factor", "--demo")[0] == 0
        for user, (role, unit) in users.items():
            assert run("account", "add", at(name), "--user", user, "--name", user, "--roles", role, "--unit", unit, "--password-file", write("password", "a password of the test\n"))[0] == 0
        write(name + ".invite", run("partner", "invite", at(name))[1] + "\n")
    for a, b in PAIRS:
        told = re.search(r"pairing code: (\S+)", run("partner", "accept", at(a), at(b + ".invite"), "--code", "22222-22222-22222-22222")[1]).group(1)
        for x, y in ((a, b), (b, a)):
            assert run("partner", "accept", at(x), at(y + ".invite"), "--code", told)[0] == 0
        for x in (a, b):
            assert run("partner", "agree", at(x), agreement(a, b))[0] == 0, x
    for name, (kind, port, users) in NODES.items():
        process[name] = subprocess.Popen([JISR, "serve", at(name)], stderr=subprocess.DEVNULL, start_new_session=True)
    for name, (kind, port, users) in NODES.items():
        wait(lambda: answers(port))
        for user, (role, unit) in users.items():
            v[user] = Visitor(f"http://127.0.0.1:{port}")
            assert v[user].post("/login", user=user, password="a password of the test").status == 303
            purpose = "reception/mandate" if kind == "centre" else "registration/mandate"
            if role != "LIAISON_SUP":
                assert v[user].post("/purpose", purpose=purpose).status == 303
    wait(lambda: v["manager"].get("/agreements").text.count("In force") >= 2)


def answers(port):
    try:
        return Visitor(f"http://127.0.0.1:{port}").get("/health").status == 200
    except OSError:
        return False


def api(who, path):
    return json.loads(v[who].get("/api/1/" + path).text)


def person(who, name, mother, birth):
    """As a program would: who types her is shown the other first (search.py)."""
    a = v[who].ask("POST", "/api/1/person", json.dumps({"fields": {"name": name, "mother_name": mother, "birth": birth, "sex": "2"}}),
                   {"Content-Type": "application/json", "Idempotency-Key": hashlib.sha256(name.encode()).hexdigest()[:32]})
    assert a.status == 201, (a.status, a.text)
    at_page = a.location.replace("/api/1/", "/r/")
    assert v[who].move(at_page, "register").status == 303
    return at_page


def claim_of(who, *people):
    """The question that names both."""
    ids = {p.rsplit("/", 1)[1] for p in people}
    return next((c for c in api(who, "identity_claim")["items"] if {c["fields"]["person"], c["fields"]["other"]} == ids), None)


def decide(who, claim, choice="same"):
    page = v[who].get(f"/claims/{claim}/{choice}")
    return v[who].post(f"/claims/{claim}/{choice}", form=page.hidden("form"), version=page.hidden("version"), reasons="Papers of both were seen at the desk")


def merge(who, claim, person_that_goes_on):
    c = api(who, f"identity_claim/{claim}")
    keeps = "first" if c["fields"]["person"] == person_that_goes_on.rsplit("/", 1)[1] else "second"
    form = v[who].get(f"/claims/{claim}").hidden("form") or v[who].get("/r/person/new").hidden("form")
    return v[who].post(f"/claims/{claim}/merge", form=form, version=c["version"], keeps=keeps)


def agree(who):
    page = v[who].get("/today").text
    for link in re.findall(r'href="(/proposals/[0-9a-f-]{36})"', page):
        shown = v[who].get(link)
        assert v[who].post(link, form=shown.hidden("form"), answer="yes").status == 303
    return page


def new(who, type_name, **fields):
    page = v[who].get(f"/r/{type_name}/new" + (f"?parent={fields['parent']}" if "parent" in fields else ""))
    assert page.status == 200, (type_name, page.status)
    a = v[who].post(f"/r/{type_name}/new", **{"form": page.hidden("form"), **fields})
    assert a.status == 303, (type_name, a.status, re.sub("<[^>]*>", " ", a.text)[-500:])
    return a.location.rsplit("/", 1)[1]


def state(who, place):
    return api(who, place.removeprefix("/r/"))["state"]


def found(who, name):
    page = v[who].get("/r/person")
    a = v[who].post("/search", form=page.hidden("form"), type="person", name=name)
    assert a.status == 303, a.status
    return v[who].get(a.location).text


def the_machine_asks_and_merges_nobody():
    f["a"] = person("registrar", "نوال صبري عزيز الحديدي", "أمينة جبار", "1971")
    f["b"] = person("registrar", "Nawal Sabri Aziz al-Hadidi", "Amina Jabbar", "1971")
    f["claim"] = wait(lambda: claim_of("registrar", f["a"], f["b"]))["id"]
    assert state("registrar", f["a"]) == state("registrar", f["b"]) == "registered"
    assert merge("registrar", f["claim"], f["a"]).status in (409, 422), "not before it was decided"
    same = {"name": "كوثر ناجي حمود الشمري", "mother_name": "هناء فليح", "birth": "1983-04-05", "sex": "2"}
    twice = []
    for i in range(2):          # the same in every letter: it is a question all the same
        a = v["registrar"].ask("POST", "/api/1/person", json.dumps({"fields": same}), {"Content-Type": "application/json", "Idempotency-Key": f"same{i}"})
        twice.append(a.location.replace("/api/1/", "/r/"))
        assert v["registrar"].move(twice[-1], "register").status == 303
    question = wait(lambda: claim_of("registrar", *twice))
    time.sleep(2)
    assert [state("registrar", t) for t in twice] == ["registered"] * 2 and api("registrar", f"identity_claim/{question['id']}")["state"] == "proposed"
    assert "decision" not in question["fields"]
    assert decide("registrar", f["claim"]).status == 303
    assert state("registrar", f["b"]) == "registered", "a decision alone changes nothing"


def nobody_merges_alone_and_no_third_person_agrees():
    """Only the manager's yes to the registrar's question merges: neither of the two alone, nor a colleague of the registrar, nor another desk or office, nor a program."""
    at_page = f"/r/identity_claim/{f['claim']}"
    for who in ("registrar", "manager", "colleague", "hears", "desk", "first"):
        for target, move in ((f["b"], "merge"), (at_page, "merge_across")):
            version = api("registrar", target.removeprefix("/r/"))["version"]
            a = v[who].ask("POST", f"{target.replace('/r/', '/api/1/')}/moves/{move}", json.dumps({"version": version}), {"Content-Type": "application/json", "Idempotency-Key": f"{who}{move}"})
            assert a.status in (403, 404), (who, move, a.status)
    form = v["registrar"].get("/r/person/new").hidden("form")
    for who in ("manager", "hears"):
        assert v[who].post(f"/claims/{f['claim']}/merge", form=form, version="2", keeps="first").status in (403, 404, 409, 422), who
    a = merge("registrar", f["claim"], f["a"])
    assert a.status == 303
    again = v["registrar"].get(f"/claims/{f['claim']}")
    assert "Waits" in again.text
    proposal = re.search(r'href="(/proposals/[0-9a-f-]{36})"', v["manager"].get("/today").text).group(1)
    for who in ("registrar", "colleague", "hears", "desk", "first"):
        assert proposal not in v[who].get("/today").text, who
        a = v[who].post(proposal, form=form.replace(form[-4:], f"{sum(who.encode()):04x}"), answer="yes")
        assert a.status in (403, 404), (who, a.status)
    assert state("registrar", f["b"]) == "registered"
    shown = v["manager"].get(proposal)
    assert v["manager"].post(proposal, form=shown.hidden("form"), answer="no", reason="The papers are of two persons").status == 303
    assert state("registrar", f["b"]) == "registered" and state("registrar", at_page) == "decided"
    assert v["manager"].post(proposal, form=form, answer="yes").status in (404, 410), "what was refused is not agreed to later"
    assert state("registrar", f["b"]) == "registered"


def two_persons_merge():
    a = merge("registrar", f["claim"], f["a"])
    assert a.status == 303, (a.status, re.sub("<[^>]*>", " ", a.text)[-400:])
    assert state("registrar", f["b"]) == "registered" and "Waits" in v["registrar"].get(f"/claims/{f['claim']}").text
    assert "/proposals/" not in v["registrar"].get("/today").text, "nobody agrees with herself"
    agree("manager")
    assert state("registrar", f["b"]) == "merged" and state("registrar", f["a"]) == "registered"
    assert "The record that goes on" in v["registrar"].get(f["b"]).text and f["a"] in v["registrar"].get(f["b"]).text
    assert f["b"] in v["registrar"].get(f["a"]).text, "its history is one tap away"


def who_was_merged_is_found_as_the_other():
    text = wait(lambda: (t := found("registrar", "Nawal Sabri")) and f["b"] not in t and t)
    assert f["a"] in text
    h = new("registrar", "household", head=f["b"].rsplit("/", 1)[1], shelter="A-1")
    new("registrar", "household_member", parent=h, person=f["b"].rsplit("/", 1)[1], role="head")
    l = new("registrar", "nominal_list", origin="SY-P-HOL")
    page = v["registrar"].get(f"/lists/{l}/families")
    assert v["registrar"].post(f"/lists/{l}/families", form=page.hidden("form"), all="1").status == 303
    assert api("registrar", f"nominal_list_row?parent={l}")["total"] == 0, "she travels once"


def two_persons_part_them_again():
    at_page = f"/r/identity_claim/{f['claim']}"
    assert v["registrar"].move(at_page, "part", reason="Two cousins after all").status == 303
    assert state("registrar", f["b"]) == "merged"
    agree("manager")
    assert state("registrar", f["b"]) == "registered" and state("registrar", at_page) == "decided"
    wait(lambda: f["b"] in found("registrar", "Nawal Sabri"))
    history = v["registrar"].get(f["b"]).text
    assert "Merged" in history, "what was stays in the history"
    assert "The record that ended" not in v["registrar"].get(f["a"]).text


def who_is_on_a_list_does_not_end():
    f["c"], f["d"] = person("registrar", "سعاد كريم جاسم العبيدي", "نجاة علي", "1988"), person("registrar", "Suad Karim Jasim al-Obaidi", "Najat Ali", "1988")
    claim = wait(lambda: claim_of("registrar", f["c"], f["d"]))["id"]
    one = f["d"].rsplit("/", 1)[1]
    h = new("registrar", "household", head=one, shelter="A-2")
    new("registrar", "household_member", parent=h, person=one, role="head")
    l = new("registrar", "nominal_list", origin="SY-P-HOL")
    page = v["registrar"].get(f"/lists/{l}/families")
    assert v["registrar"].post(f"/lists/{l}/families", form=page.hidden("form"), family=h).status == 303
    assert decide("registrar", claim).status == 303
    assert merge("registrar", claim, f["c"]).status == 303
    shown = v["manager"].get(re.search(r'href="(/proposals/[0-9a-f-]{36})"', v["manager"].get("/today").text).group(1))
    a = v["manager"].post(re.search(r'action="(/proposals/[0-9a-f-]{36})"', shown.text).group(1), form=shown.hidden("form"), answer="yes")
    assert a.status == 422 and "is on a list" in a.text, a.status
    assert state("registrar", f["d"]) == "registered"


def listed(place, tent):
    """On a draft list of her own."""
    one = place.rsplit("/", 1)[1]
    h = new("registrar", "household", head=one, shelter=tent)
    new("registrar", "household_member", parent=h, person=one, role="head")
    l = new("registrar", "nominal_list", origin="SY-P-HOL")
    page = v["registrar"].get(f"/lists/{l}/families")
    assert v["registrar"].post(f"/lists/{l}/families", form=page.hidden("form"), family=h).status == 303
    return api("registrar", f"nominal_list_row?parent={l}")["items"][0]["id"]


def of_two_batches_the_registry_decides():
    f["e"], f["g"] = person("registrar", "هدى فاضل عبد الكريم الراوي", "سميرة ناصر", "1979"), person("registrar", "Huda Fadhil Abdulkarim al-Rawi", "Samira Nasir", "1979")
    f["row"], _ = listed(f["e"], "B-1"), listed(f["g"], "B-2")
    claim = f["across"] = wait(lambda: claim_of("registrar", f["e"], f["g"]))["id"]
    page = f"/r/identity_claim/{claim}"
    assert decide("registrar", claim).status == 303
    a = merge("registrar", claim, f["g"])
    assert a.status == 422 and "the civil registry decides" in a.text, a.status
    assert v["registrar"].move(page, "take_back").status == 303
    assert v["first"].get(f"/claims/{claim}").status == 404, "nobody was asked yet"
    assert v["registrar"].move(page, "ask_registry").status == 303
    wait(lambda: (t := v["first"].get(f"/claims/{claim}").text) and "Huda" in t and "هدى" in t)
    assert decide("first", claim).status == 303
    assert merge("first", claim, f["g"]).status == 303
    own = re.search(r'href="(/proposals/[0-9a-f-]{36})"', v["second"].get("/today").text).group(1)
    assert v["first"].post(own, form=v["first"].get("/r/person/new").hidden("form") or "01a20b73-d07f-7883-91ec-000000000001", answer="yes").status == 403, "nobody agrees with herself"
    assert state("first", page) == "decided"
    agree("second")
    assert state("first", page) == "merged"


def the_owner_follows_the_registry_when_no_list_waits():
    claim, page = f["across"], f"/r/identity_claim/{f['across']}"
    wait(lambda: state("registrar", page) == "merged")
    assert state("registrar", f["e"]) == "registered", "she is on a list"
    assert "A merge waits for a list to end" in v["registrar"].get("/today").text
    shown = v["registrar"].get(f"/claims/{claim}")
    assert "Carry it out now" in shown.text
    assert v["registrar"].post(f"/claims/{claim}/carry-out", form=shown.hidden("form")).status == 422
    assert v["registrar"].move(f"/r/nominal_list_row/{f['row']}", "withdraw_person", own_word="thumb").status == 303
    shown = v["registrar"].get(f"/claims/{claim}")
    assert v["registrar"].post(f"/claims/{claim}/carry-out", form=shown.hidden("form")).status == 303
    assert state("registrar", f["e"]) == "merged" and "Carry it out now" not in v["registrar"].get(f"/claims/{claim}").text
    assert v["first"].move(page, "part_across").status == 303
    agree("second")
    wait(lambda: state("registrar", f["e"]) == "registered")


def a_centre_asks_about_whom_it_registered():
    x = person("desk", "Amal Sabah Rashid", "Layla Hadi", "1991")
    claim = new("desk", "identity_claim", person=x.rsplit("/", 1)[1], other=f["a"].rsplit("/", 1)[1], features="name", method="desk")
    assert v["desk"].get(f"/claims/{claim}/same").status == 404, "the centre decides no such question"
    assert v["desk"].move(f"/r/identity_claim/{claim}", "ask_registry").status == 303
    wait(lambda: "not in your charge, or is gone" in v["first"].get(f"/claims/{claim}").text)
    assert v["first"].get(f"/claims/{claim}/same").status == 404, "what cannot be compared is not decided"


def every_log_verifies():
    for p in process.values():
        p.send_signal(signal.SIGTERM)
        p.wait(20)
    for name in NODES:
        code, said = run("log", "verify", at(name))
        assert code == 0 and said.endswith("ok"), (name, said[-200:])


bad = story([offices_are_pinned_and_agree, the_machine_asks_and_merges_nobody, nobody_merges_alone_and_no_third_person_agrees, two_persons_merge, who_was_merged_is_found_as_the_other, two_persons_part_them_again,
             who_is_on_a_list_does_not_end, of_two_batches_the_registry_decides, the_owner_follows_the_registry_when_no_list_waits,
             a_centre_asks_about_whom_it_registered, every_log_verifies])
for p in process.values():
    if p.poll() is None:
        os.killpg(p.pid, signal.SIGKILL)
raise SystemExit(1 if bad else 0)
