#!/usr/bin/env python3
"""An office that helps with vehicles and roads (kind support) sees the convoys in numbers and what happens on the road, and nobody: no name, no free text, no notice about a person, no
route, and that a convoy travels only 72 hours after it arrived."""
import json
import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import time

from jisr import JISR, PORT, Visitor, run, story

NODES = {"momd.iq": ("ministry", PORT, {"officer": ("MIG_OFF", "return"), "lead": ("CONVOY_LEAD", "convoys")}),
         "help.org": ("support", PORT + 2, {"roads": ("LOGISTICS", "logistics"), "numbers": ("STATS", "office")})}
PURPOSE = {"officer": "transfer/agreement", "lead": "transfer/agreement", "roads": "coordination/agreement", "numbers": "coordination/agreement"}
TEXT = """jisr-agreement/1
title Help with vehicles and roads (invented)
parties help.org momd.iq
purposes transfer
bases agreement
from momd.iq %s
retention-days 30
onward never
rights None of it is about a person.
starts 2020-01-01
ends 2099-12-31
"""
NAMED = "logistics_note.* rapid_notice.what rapid_notice.convoy rapid_notice.place rapid_notice.at"
folder = tempfile.TemporaryDirectory()
process, v, f = {}, {}, {}


def at(*parts):
    return os.path.join(folder.name, *parts)


def write(name, text):
    with open(at(name), "w") as out:
        out.write(text)
    return at(name)


def wait(what, seconds=30):
    until = time.time() + seconds
    while time.time() < until:
        got = what()
        if got:
            return got
        time.sleep(0.2)
    raise AssertionError("it did not come")


def answers(port):
    try:
        return Visitor(f"http://127.0.0.1:{port}").get("/health").status == 200
    except OSError:
        return False


def only_what_names_nobody_can_be_agreed():
    for name, (kind, port, users) in NODES.items():
        assert run("init", at(name), "--name", name, "--kind", kind, "--unlock", write(name + ".unlock", "a passphrase of the test\n"), "--port", str(port), "--no-second-factor", "--demo")[0] == 0
        for user, (role, unit) in users.items():
            assert run("account", "add", at(name), "--user", user, "--name", user, "--roles", role, "--unit", unit, "--password-file", write("password", "a password of the test\n"))[0] == 0
        write(name + ".invite", run("partner", "invite", at(name))[1] + "\n")
    told = re.search(r"pairing code: (\S+)", run("partner", "accept", at("momd.iq"), at("help.org.invite"), "--code", "22222-22222-22222-22222")[1]).group(1)
    for x, y in (("momd.iq", "help.org"), ("help.org", "momd.iq")):
        assert run("partner", "accept", at(x), at(y + ".invite"), "--code", told)[0] == 0
    for named in ("person.name", "nominal_list_row.*", "convoy.*", "convoy.lead", "vehicle_leg.driver_phone", "rapid_notice.*", "rapid_notice.text"):
        for node in NODES:
            assert run("partner", "agree", at(node), write("text", TEXT % (NAMED + " " + named)))[0] != 0, (node, named)
    code, ours = run("partner", "agree", at("momd.iq"), write("text", TEXT % NAMED))
    assert code == 0
    code, theirs = run("partner", "agree", at("help.org"), write("ours", ours + "\n"))
    assert code == 0 and run("partner", "agree", at("momd.iq"), write("theirs", theirs + "\n"))[0] == 0
    for name in NODES:
        process[name] = subprocess.Popen([JISR, "serve", at(name)], stderr=subprocess.DEVNULL, start_new_session=True)
    for name, (kind, port, users) in NODES.items():
        wait(lambda: answers(port))
        for user in users:
            v[user] = Visitor(f"http://127.0.0.1:{port}")
            assert v[user].post("/login", user=user, password="a password of the test").status == 303
            assert v[user].post("/purpose", purpose=PURPOSE[user]).status == 303


def new(who, kind, parent=None, **fields):
    a = v[who].create(kind, parent=parent, **fields)
    assert a.status == 303, (kind, a.status, re.sub(r"<[^>]*>", " ", a.text[a.text.find('role="alert"'):][:400]))
    return a.location.split("/")[-1].split("?")[0]


def shown():
    a = v["roads"].get("/logistics")
    assert a.status == 200, a.status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", a.text))


def a_convoy_comes_in_numbers():
    assert "No partner has sent numbers" in shown()
    f["convoy"] = new("lead", "convoy", title="Convoy of a test", route=["SY-P-HOL", "IQ-X-RABIA"], lead="Invented Lead", lead_phone="+9647700000001", medical_cover="nurse",
                      depart_plan=time.strftime("%Y-%m-%dT04:00"))
    f["legs"] = [new("lead", "vehicle_leg", parent=f["convoy"], plate=f"SECRET-{n}", capacity=str(n), from_place="SY-P-HOL", to_place="IQ-P-JEDDAH1") for n in (40, 30)]
    text = wait(lambda: (s := shown()) and " 70 " in s and s)
    assert re.search(r"In preparation\s+2\s+70\s+Nurse", text), text
    for word in ("Convoy of a test", "SECRET", "Invented", "7700000001", "HOL", "Rabia", "RABIA"):
        assert word not in text, word
    f["legs"].append(new("lead", "vehicle_leg", parent=f["convoy"], plate="SECRET-3", capacity="11", from_place="SY-P-HOL", to_place="IQ-P-JEDDAH1"))
    wait(lambda: re.search(r"In preparation\s+3\s+81\s+Nurse", shown()))


def what_happens_on_the_road_arrives_without_words_and_without_persons():
    for what, place, text in (("breakdown", "IQ-X-RABIA", "the second bus has a flat tyre"), ("child_alone", "IQ-X-RABIA", "at the tent of the nurse")):
        page = v["lead"].get(f"/notices/new?convoy={f['convoy']}")
        assert v["lead"].post("/notices", form=page.hidden("form"), convoy=f["convoy"], what=what, place=place, text=text).status == 303, what
    text = wait(lambda: (s := shown()) and "Breakdown" in s and s, 40)
    time.sleep(3)
    text = shown()
    assert "Notices to be read" not in text, "nobody waits for its word"
    assert "flat tyre" not in text and "child" not in text.lower() and "at the tent" not in text, text
    db = sqlite3.connect(f"file:{at('help.org', 'node.db')}?mode=ro", uri=True, timeout=10)
    assert db.execute("SELECT type, count(*) FROM record WHERE type NOT IN ('disclosure') GROUP BY type ORDER BY type").fetchall() == [("logistics_note", 1), ("rapid_notice", 1)]
    db.close()


def it_has_arrived_only_three_days_later():
    page = v["lead"].get(f"/r/vehicle_leg/{f['legs'][0]}/edit")
    assert v["lead"].post(f"/r/vehicle_leg/{f['legs'][0]}/edit", form=page.hidden("form"), version=page.hidden("version"), plate="SECRET-40", capacity="40", from_place="SY-P-HOL",
                          to_place="IQ-P-JEDDAH1", head_count="38").status == 303
    for hours, state in ((71, r"In preparation\s+3"), (73, r"Arrived\s+3")):
        db = sqlite3.connect(at("momd.iq", "node.db"), timeout=10)
        with db:
            db.execute("UPDATE record SET state='arrived', event=? WHERE type='convoy'", (int(time.time() * 1000) - hours * 3600 * 1000,))
        db.close()
        time.sleep(6 if hours == 71 else 0)
        text = wait(lambda: (s := shown()) and re.search(state, s) and s)
    assert re.search(r"Arrived\s+3\s+81\s+Nurse\s+40\s+20\d\d", text) or re.search(r"Arrived\s+3\s+81\s+Nurse\s+40\s", text), text


def who_else_is_there_sees_less():
    assert v["numbers"].get("/logistics").status == 403 and v["officer"].get("/logistics").status == 403
    assert Visitor(f"http://127.0.0.1:{PORT + 2}").get("/logistics").status == 303
    for kind in ("person", "household", "nominal_list", "convoy", "vehicle_leg"):
        a = v["roads"].get(f"/api/1/{kind}")
        assert a.status in (403, 404) or json.loads(a.text)["items"] == [], (kind, a.status)


def every_log_verifies():
    for p in process.values():
        p.send_signal(signal.SIGTERM)
        p.wait(20)
    for name in NODES:
        code, said = run("log", "verify", at(name))
        assert code == 0 and said.endswith("ok"), (name, said[-200:])


bad = story([only_what_names_nobody_can_be_agreed, a_convoy_comes_in_numbers, what_happens_on_the_road_arrives_without_words_and_without_persons, it_has_arrived_only_three_days_later,
             who_else_is_there_sees_less, every_log_verifies])
for p in process.values():
    if p.poll() is None:
        os.killpg(p.pid, signal.SIGKILL)
raise SystemExit(1 if bad else 0)
