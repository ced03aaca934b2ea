#!/usr/bin/env python3
"""A node that rides with the convoy: it calls nobody and nobody calls it. The camp and the bus run at the same time and meet by stick alone; the lead of the convoy carries it, by browser."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

from jisr import JISR, PORT, Visitor, run, story

folder = tempfile.TemporaryDirectory()
TEXT = """jisr-agreement/1
title Test of the ride
parties camp.sy bus.iq
purposes transfer
bases agreement
from camp.sy person.name
from bus.iq batch.number
retention-days 30
onward never
rights Nobody is judged by kinship.
starts 2020-01-01
ends 2099-12-31
"""
ACCOUNTS = {"camp.sy": (("boss", "CAMP_MGR"), ("admin", "ADMIN")), "bus.iq": (("lead", "CONVOY_LEAD"), ("admin", "ADMIN"))}
AT = {"camp.sy": PORT, "bus.iq": PORT + 1}
v, f = {}, {"running": []}


def at(*parts):
    return os.path.join(folder.name, *parts)


def write(name, text):
    with open(at(name), "w") as out:
        out.write(text)
    return at(name)


def wait(what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        got = what()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it did not come")


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def serve(name):
    f["running"].append(subprocess.Popen([JISR, "serve", at(name)], stderr=subprocess.DEVNULL, start_new_session=True))
    wait(lambda: listens(AT[name]))
    for user, _ in ACCOUNTS[name]:
        v[user, name] = Visitor(f"http://127.0.0.1:{AT[name]}")
        wait(lambda: v[user, name].get("/health").status == 200)
        assert v[user, name].post("/login", user=user, password="a password of the test").status == 303


def decide(what):
    boss = v["boss", "camp.sy"]
    path = re.search(r"/agreements/[0-9a-f]{64}", boss.get("/agreements").text).group()
    assert boss.post(path, form=boss.get(path).hidden("form"), do=what).status == 303


def waiting(user, name):
    return int(re.search(r"^messages_waiting (\d+)$", v[user, name].get("/health").text, re.M).group(1))


def it_is_made_and_pinned_without_an_address():
    for name, words in (("camp.sy", ("--kind", "camp")), ("bus.iq", ("--travel",))):
        code, said = run("init", at(name), "--name", name, *words, "--unlock", write(name + ".unlock", "a passphrase of the test\n"), "--port", str(AT[name]), "--no-second-factor")
        assert code == 0, said
        for user, role in ACCOUNTS[name]:
            code, said = run("account", "add", at(name), "--user", user, "--name", user, "--roles", role, "--unit", "office", "--password-file", write("password", "a password of the test\n"))
            assert code == 0, said
        write(name + ".invite", run("partner", "invite", at(name))[1] + "\n")
    assert run("init", at("x"), "--name", "x.iq", "--kind", "camp", "--travel", "--unlock", at("bus.iq.unlock"), "--port", str(PORT + 9))[0] == 2, "a camp does not ride"
    assert run("partner", "invite", at("bus.iq"), "--url", "https://127.0.0.1:9")[0] != 0, "it has no address to tell"
    for here, there in (("camp.sy", "bus.iq"), ("bus.iq", "camp.sy")):
        _, said = run("partner", "accept", at(here), at(there + ".invite"), "--code", "22222-22222-22222-22222")
        told = re.search(r"pairing code: (\S+)", said)
        assert told, said
        code, said = run("partner", "accept", at(here), at(there + ".invite"), "--code", told.group(1))
        assert code == 0, said
    notes = [run("partner", "agree", at(name), write("agreement", TEXT))[1] for name in ("camp.sy", "bus.iq")]
    for here, note in (("camp.sy", notes[1]), ("bus.iq", notes[0])):
        code, said = run("partner", "agree", at(here), write("signed", note + "\n"))
        assert code == 0, said


def nobody_calls():
    serve("camp.sy")
    serve("bus.iq")
    assert listens(PORT + 100) and not listens(PORT + 101), "the bus has no listener for partners"
    decide("suspend")
    decide("resume")
    time.sleep(3)
    assert waiting("boss", "camp.sy") >= 2
    for user, name in (("admin", "camp.sy"), ("admin", "bus.iq")):
        page = v[user, name].get("/partners").text
        assert "No line: by stick" in page and "does not answer" not in page, re.sub("<[^>]*>", " ", page)[-600:]
    today = v["boss", "camp.sy"].get("/today").text
    assert "Waits for a stick" in today and "bus.iq" in today and 'href="/bundles"' not in today.split("Waits for a stick", 1)[1].split("</section>", 1)[0]
    assert 'href="/bundles"' in v["admin", "camp.sy"].get("/today").text.split("Waits for a stick", 1)[1].split("</section>", 1)[0]


def the_lead_reads_the_stick_once():
    f["one"] = v["admin", "camp.sy"].stick("bus.iq")
    text = v["lead", "bus.iq"].read_stick(f["one"])
    assert "Read from:" in text and "camp.sy" in text, text[-500:]
    assert "read before" in v["lead", "bus.iq"].read_stick(f["one"]), "a repeat is a repeat"
    assert waiting("boss", "camp.sy") >= 2, "delivered only when the answer is back"


def the_answers_ride_back():
    answers = v["lead", "bus.iq"].stick("camp.sy")
    v["admin", "camp.sy"].read_stick(answers)
    assert waiting("boss", "camp.sy") == 0
    assert "Waits for a stick" not in v["boss", "camp.sy"].get("/today").text


def what_a_lost_stick_held_goes_with_the_next_one():
    decide("suspend")
    v["admin", "camp.sy"].stick("bus.iq")
    decide("resume")
    v["lead", "bus.iq"].read_stick(v["admin", "camp.sy"].stick("bus.iq"))
    v["admin", "camp.sy"].read_stick(v["lead", "bus.iq"].stick("camp.sy"))
    assert waiting("boss", "camp.sy") == 0


def both_logs_verify():
    for p in f["running"]:
        p.send_signal(signal.SIGTERM)
        p.wait(20)
    for name in AT:
        code, said = run("log", "verify", at(name))
        assert code == 0, said


bad = story([it_is_made_and_pinned_without_an_address, nobody_calls, the_lead_reads_the_stick_once, the_answers_ride_back, what_a_lost_stick_held_goes_with_the_next_one, both_logs_verify])
for p in f["running"]:
    p.poll() is None and p.kill()
raise SystemExit(1 if bad else 0)
