#!/usr/bin/env python3
"""Two offices that were made by hand: pinned with a compared code, an agreement signed on both sides; then the line is cut and both computers lose power while messages are
queued: every message arrives once, in the end both sides say the same, and both logs verify."""
import html
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from jisr import JISR, PORT, Visitor, run, story

folder = tempfile.TemporaryDirectory()
TEXT = """jisr-agreement/1
title Test of the line
parties camp.sy momd.iq
purposes transfer
bases agreement
from camp.sy person.name
from momd.iq batch.number
retention-days 30
onward never
rights Nobody is judged by kinship.
starts 2020-01-01
ends 2099-12-31
"""


def at(*parts):
    return os.path.join(folder.name, *parts)


def write(name, text):
    with open(at(name), "w") as f:
        f.write(text)
    return at(name)


class Office:
    def __init__(self, name, kind, port, user, role):
        self.name, self.port, self.user, self.process = name, port, user, None
        code, _ = run("init", at(name), "--name", name, "--kind", kind, "--unlock", write(name + ".unlock", "a passphrase of the test\n"), "--port", str(port), "--no-second-factor", "--demo")
        assert code == 0, "init"
        for u, r in ((user, role), ("admin", "ADMIN")):
            code, _ = run("account", "add", at(name), "--user", u, "--name", u, "--roles", r, "--unit", "office", "--password-file", write("password", "a password of the test\n"))
            assert code == 0, "account"

    def start(self):
        self.process = subprocess.Popen([JISR, "serve", at(self.name)], stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.time() + 20
        while time.time() < deadline:
            try:
                if Visitor(f"http://127.0.0.1:{self.port}").get("/health").status == 200:
                    break
            except OSError:
                time.sleep(0.05)
        self.people = self.signed_in(self.user)

    def signed_in(self, user):
        v = Visitor(f"http://127.0.0.1:{self.port}")
        assert v.post("/login", user=user, password="a password of the test").status == 303, "sign-in"
        return v

    def power_cut(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        time.sleep(0.2)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def health(self, name):
        return int(re.search(rf"^{name} (\d+)$", self.people.get("/health").text, re.M).group(1))

    def page(self):
        path = re.search(r"/agreements/[0-9a-f]{64}", self.people.get("/agreements").text).group()
        return path, self.people.get(path)

    def state(self):
        return html.unescape(re.search(r'class="tag[^"]*">([^<]*)<', self.page()[1].text).group(1))

    def decide(self, what):
        path, page = self.page()
        answer = self.people.post(path, form=page.hidden("form"), do=what)
        assert answer.status == 303, (what, answer.status)

    def acts(self, act, **more):
        """Of the stopped office's log: how many entries."""
        import sqlite3
        db = sqlite3.connect(at(self.name, "node.db"))
        lines = [json.loads(x) for (x,) in db.execute("SELECT line FROM log_entry ORDER BY n")]
        db.close()
        return sum(1 for e in lines if e["act"] == act and all(e.get(k) == v for k, v in more.items()))


camp = Office("camp.sy", "camp", PORT, "manager", "CAMP_MGR")
ministry = Office("momd.iq", "ministry", PORT + 1, "supervisor", "MIG_SUP")
ROUNDS = 12


def two_people_compare_one_code():
    for o in (camp, ministry):
        code, note = run("partner", "invite", at(o.name))
        assert code == 0 and note.startswith("jisr-partner/1"), note[:30]
        write(o.name + ".invite", note + "\n")
    code, said = run("partner", "accept", at("camp.sy"), at("momd.iq.invite"), "--code", "22222-22222-22222-22222")
    assert code == 1, "another code"
    told = re.search(r"pairing code: (\S+)", said).group(1)
    code, said = run("partner", "accept", at("momd.iq"), at("camp.sy.invite"), "--code", told.lower().replace("-", ""))
    assert code == 0 and "pinned camp.sy" in said, said
    code, said = run("partner", "accept", at("camp.sy"), at("momd.iq.invite"), "--code", told)
    assert code == 0 and "pinned momd.iq" in said, said


def invitation_that_was_changed_is_refused():
    with open(at("camp.sy.invite")) as f:
        changed = f.read().replace(f":{PORT + 100}", ":9")
    code, _ = run("partner", "accept", at("momd.iq"), write("changed", changed))
    assert code == 1 or code == 3, code


def agreement_needs_both_signatures():
    code, ours = run("partner", "agree", at("camp.sy"), write("agreement", TEXT))
    assert code == 0 and ours.startswith("jisr-agreement/1"), ours[:30]
    camp.start()
    assert camp.state() == "Waits for the partner's signature", camp.state()
    ministry.start()
    deadline = time.time() + 20
    while time.time() < deadline and "Waits for our signature" not in ministry.people.get("/agreements").text:
        time.sleep(0.1)
    ministry.decide("sign")
    deadline = time.time() + 20
    while time.time() < deadline and camp.state() != "In force":
        time.sleep(0.1)
    assert camp.state() == "In force" and ministry.state() == "In force"


def messages_queue_while_the_other_has_no_power():
    ministry.power_cut()
    for i in range(ROUNDS):
        camp.decide("suspend" if i % 2 == 0 else "resume")
    camp.decide("suspend")
    assert camp.health("messages_waiting") == ROUNDS + 1
    text = camp.signed_in("admin").get("/partners").text
    assert "Does not answer" in text


def sender_loses_power_too():
    camp.power_cut()
    camp.start()
    assert camp.health("messages_waiting") == ROUNDS + 1


def all_arrive_once_in_the_end():
    ministry.start()
    ministry.power_cut()                  # in the middle, or before
    ministry.start()
    deadline = time.time() + 60
    while time.time() < deadline and camp.health("messages_waiting"):
        if time.time() % 7 < 0.2:
            camp.power_cut()
            camp.start()
        time.sleep(0.1)
    assert camp.health("messages_waiting") == 0
    assert ministry.state() == "Suspended" and camp.state() == "Suspended"


def registrar_may_not_look_at_the_lines():
    assert camp.people.get("/partners").status == 403
    assert camp.signed_in("admin").post("/partners/momd.iq", do="fork", form="01932000-0000-7000-8000-000000000001").status == 409


def both_logs_say_the_same():
    camp.stop()
    ministry.stop()
    sent, received, receipts = camp.acts("send", type="agreement"), ministry.acts("receive", type="agreement", move="applied"), camp.acts("receipt", type="agreement")
    assert sent == received == receipts == ROUNDS + 2, (sent, received, receipts)
    for o in (camp, ministry):
        code, said = run("log", "verify", at(o.name))
        assert code == 0 and said.endswith("ok"), said


bad = story([two_people_compare_one_code, invitation_that_was_changed_is_refused, agreement_needs_both_signatures, messages_queue_while_the_other_has_no_power,
             sender_loses_power_too, all_arrive_once_in_the_end, registrar_may_not_look_at_the_lines, both_logs_say_the_same])
for o in (camp, ministry):
    if o.process and o.process.poll() is None:
        o.power_cut()
sys.exit(1 if bad else 0)
