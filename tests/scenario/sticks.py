#!/usr/bin/env python3
"""No line: what two offices have to say to each other travels as age files on a stick. One office runs, the other is read with its node stopped. A stick is read twice, lost, cut off, changed, and
given to the wrong office."""
import os
import re
import signal
import subprocess
import tempfile
import time
from jisr import JISR, PORT, Visitor, run, story

folder = tempfile.TemporaryDirectory()
TEXT = """jisr-agreement/1
title Test of sticks
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
OFFICES = (("camp.sy", "camp", "CAMP_MGR"), ("momd.iq", "ministry", "MIG_SUP"), ("centre.iq", "centre", "CENTRE_MGR"))
f = {}


def at(*parts):
    return os.path.join(folder.name, *parts)


def write(name, text):
    with open(at(name), "w") as out:
        out.write(text)
    return at(name)


def bundle(node, *args):
    return run("bundle", *args, "--dir", at(node))


def counts(text):
    return tuple(map(int, re.search(r"(\d+) messages, (\d+) applied, (\d+) held, (\d+) refused, (\d+) known before; (\d+) answers", text).groups()))


def serve(name, port):
    p = subprocess.Popen([JISR, "serve", at(name)], stderr=subprocess.DEVNULL, start_new_session=True)
    for _ in range(400):
        try:
            if Visitor(f"http://127.0.0.1:{port}").get("/health").status == 200:
                break
        except OSError:
            time.sleep(0.05)
    v = Visitor(f"http://127.0.0.1:{port}")
    assert v.post("/login", user="boss", password="a password of the test").status == 303
    return p, v


def decide(what):
    path = re.search(r"/agreements/[0-9a-f]{64}", f["v"].get("/agreements").text).group()
    assert f["v"].post(path, form=f["v"].get(path).hidden("form"), do=what).status == 303


def waiting():
    return int(re.search(r"^messages_waiting (\d+)$", f["v"].get("/health").text, re.M).group(1))


def three_offices_are_pinned_and_agree():
    for i, (name, kind, role) in enumerate(OFFICES):
        assert run("init", at(name), "--name", name, "--kind", kind, "--unlock", write(name + ".unlock", "a passphrase of the test\n"), "--port", str(PORT + i), "--no-second-factor", "--demo")[0] == 0
        assert run("account", "add", at(name), "--user", "boss", "--name", "boss", "--roles", role, "--unit", "office", "--password-file", write("password", "a password of the test\n"))[0] == 0
        write(name + ".invite", run("partner", "invite", at(name))[1] + "\n")
    assert re.search(r"^age age1[a-z0-9]{58}$", open(at("camp.sy.invite")).read(), re.M), "an invitation has the key for bundles"
    for here, there in (("camp.sy", "momd.iq"), ("momd.iq", "camp.sy"), ("camp.sy", "centre.iq"), ("centre.iq", "camp.sy")):
        _, said = run("partner", "accept", at(here), at(there + ".invite"), "--code", "22222-22222-22222-22222")
        told = re.search(r"pairing code: (\S+)", said).group(1)
        assert run("partner", "accept", at(here), at(there + ".invite"), "--code", told)[0] == 0
    note = {}
    for name in ("camp.sy", "momd.iq"):
        code, note[name] = run("partner", "agree", at(name), write("agreement", TEXT))
        assert code == 0, note[name]
    for here, there in (("camp.sy", "momd.iq"), ("momd.iq", "camp.sy")):
        code, said = run("partner", "agree", at(here), write("signed", note[there] + "\n"))
        assert code == 0, said
    f["p"], f["v"] = serve("camp.sy", PORT)


def what_waits_goes_onto_a_stick():
    for i in range(5):
        decide("suspend" if i % 2 == 0 else "resume")
    f["n"] = waiting()
    assert f["n"] >= 5
    code, said = bundle("camp.sy", "write", "--to", "momd.iq", at("one.age"))
    assert code == 0 and said.startswith(f"{f['n']} messages and 0 answers for momd.iq"), said
    with open(at("one.age"), "rb") as file:
        assert file.read(22) == b"age-encryption.org/v1\n"
    assert waiting() == f["n"], "nothing is delivered before the answer is back"


def a_wrong_stick_changes_nothing():
    with open(at("one.age"), "rb") as file:
        whole = file.read()
    for name, content in (("cut", whole[:-20]), ("changed", whole[:-200] + b"x" + whole[-199:]), ("short", whole[:100]), ("text", b"no bundle\n")):
        with open(at(name), "wb") as file:
            file.write(content)
        code, said = bundle("momd.iq", "read", at(name))
        assert code != 0, (name, said)
    code, said = bundle("centre.iq", "read", at("one.age"))
    assert code != 0, "sealed for another office"
    assert bundle("camp.sy", "write", "--to", "nobody.org", at("x.age"))[0] != 0 and not os.path.exists(at("x.age"))


def it_is_applied_once_however_often_it_is_read():
    code, said = bundle("momd.iq", "read", at("one.age"))
    assert code == 0 and counts(said) == (f["n"], f["n"], 0, 0, 0, 0), said
    code, said = bundle("momd.iq", "read", at("one.age"))
    assert code == 0 and counts(said)[4] == f["n"] and "was read before" in said, said


def the_answers_travel_back():
    code, said = bundle("momd.iq", "write", "--to", "camp.sy", at("back.age"))
    assert code == 0 and "and 2 answers" in said, said
    code, said = bundle("camp.sy", "read", at("back.age"))
    assert code == 0 and counts(said)[5] == 2, said
    assert waiting() == 0, "delivered, with proof from the other log"


def what_a_lost_stick_held_goes_with_the_next_one():
    decide("resume")
    assert bundle("camp.sy", "write", "--to", "momd.iq", at("lost.age"))[0] == 0
    decide("suspend")
    code, said = bundle("camp.sy", "write", "--to", "momd.iq", at("two.age"))
    assert code == 0 and said.startswith("2 messages"), "what has no answer goes again: " + said
    os.remove(at("lost.age"))
    code, said = bundle("momd.iq", "read", at("two.age"))
    assert code == 0 and counts(said)[1] == 2, said


def upload(visitor, path, content):
    edge = "stick"
    body = (f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.age"\r\n\r\n').encode() + content + f"\r\n--{edge}--\r\n".encode()
    return visitor.ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={edge}", "Origin": f"http://{visitor.host}"})


def the_same_by_browser():
    """The administrators of both offices; the second node is started for it, and the first stopped: they never see each other."""
    for name in ("camp.sy", "momd.iq"):
        assert run("account", "add", at(name), "--user", "admin", "--name", "admin", "--roles", "ADMIN", "--unit", "office", "--password-file", write("password", "a password of the test\n"))[0] == 0
    decide("resume")
    assert f["v"].get("/bundles").status == 403, "not for everybody"
    admin = Visitor(f"http://127.0.0.1:{PORT}")
    assert admin.post("/login", user="admin", password="a password of the test").status == 303
    page = admin.get("/bundles")
    assert "momd.iq" in page.text and "Write the file" in page.text
    import http.client
    c = http.client.HTTPConnection(admin.host)
    c.request("POST", "/bundles/write", "to=momd.iq&form=" + page.hidden("form"), {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{admin.host}",
              "Cookie": "; ".join(f"{k}={x}" for k, x in admin.cookies.items())})
    content = c.getresponse().read()
    assert content.startswith(b"age-encryption.org/v1\n")
    f["p"].send_signal(signal.SIGTERM)
    f["p"].wait(20)
    p, _ = serve("momd.iq", PORT + 1)
    try:
        read_by_browser(content)
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(20)


def read_by_browser(content):
    other = Visitor(f"http://127.0.0.1:{PORT + 1}")
    assert other.post("/login", user="admin", password="a password of the test").status == 303
    a = upload(other, "/bundles/read", content)
    assert a.status == 200 and "Read from:" in a.text and "camp.sy" in a.text, a.text[-500:]
    a = upload(other, "/bundles/read", content)
    assert "read before" in a.text, a.text[-700:]
    for broken in (content[:-9], b"x"):
        a = upload(other, "/bundles/read", broken)
        assert a.status in (400, 422), a.status


def both_logs_verify():
    for name in ("camp.sy", "momd.iq"):
        code, said = run("log", "verify", at(name))
        assert code == 0, said


raise SystemExit(1 if story([three_offices_are_pinned_and_agree, what_waits_goes_onto_a_stick, a_wrong_stick_changes_nothing, it_is_applied_once_however_often_it_is_read,
                             the_answers_travel_back, what_a_lost_stick_held_goes_with_the_next_one, the_same_by_browser, both_logs_verify]) else 0)
