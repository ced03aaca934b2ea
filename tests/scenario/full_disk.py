#!/usr/bin/env python3
"""The disk fills up. Writes are refused with a message, people can still look at what they need, in the end nobody can, and nothing is broken afterwards."""
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

from jisr import JISR, PORT, Visitor, run, story

# In a mount namespace of its own, so that the small disk goes with the test.
if len(sys.argv) == 1:
    probe = subprocess.run(["unshare", "-rm", "true"], capture_output=True)
    if probe.returncode != 0:
        print("ok skipped: no mount namespace may be made here")
        sys.exit(0)
    sys.exit(subprocess.run(["unshare", "-rm", sys.executable, sys.argv[0], "inside"]).returncode)

disk = tempfile.mkdtemp()
outside = tempfile.mkdtemp()
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], capture_output=True).returncode != 0:
    print("ok skipped: no file system may be mounted here")
    sys.exit(0)
DIR, FILLER, UNLOCK, URL = os.path.join(disk, "n"), os.path.join(disk, "filler"), os.path.join(outside, "unlock"), f"http://127.0.0.1:{PORT}"
facts = {}


def serve():
    facts["process"] = subprocess.Popen([JISR, "serve", DIR], stderr=open(os.path.join(outside, "log"), "ab"))
    for _ in range(100):
        try:
            return urllib.request.urlopen(URL + "/health", timeout=1)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("does not start")


def fill():
    with open(FILLER, "ab", buffering=0) as f:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError:
                pass


def an_office_with_a_small_disk():
    assert run("init", DIR, "--name", "camp.test", "--kind", "camp", "--unlock", UNLOCK, "--port", str(PORT), "--no-second-factor")[0] == 0
    with open(os.path.join(outside, "password"), "w") as f:
        f.write("a password of the test")
    assert run("account", "add", DIR, "--user", "reg", "--name", "R", "--roles", "CAMP_REG", "--unit", "camp", "--password-file", f.name)[0] == 0
    serve()
    v = facts["v"] = Visitor(URL)
    assert v.post("/login", user="reg", password="a password of the test").status == 303
    assert v.post("/purpose", purpose="registration/mandate").status == 303
    facts["person"] = v.create("person", name="هدى كريم ناصر", sex="2", birth="1990").location
    assert os.path.getsize(os.path.join(DIR, "reserve")) == 16 << 20


def a_write_on_a_full_disk_is_refused_with_a_message():
    fill()
    v = facts["v"]
    seen = set()
    for _ in range(30):
        page = v.get("/r/person/new")
        a = v.post("/r/person/new", form=page.hidden("form"), name="سعد مهدي صالح", sex="1", birth="1985")
        seen.add(a.status)
        if a.status == 503:
            assert "disk is full" in a.text, a.text[:300]
            break
    assert 503 in seen, seen


def pages_with_personal_data_go_on():
    v = facts["v"]
    for _ in range(20):
        a = v.get(facts["person"])
        assert a.status == 200 and "هدى كريم ناصر" in a.text
    assert Visitor(URL).post("/login", user="reg", password="a password of the test").status == 303, "signing in is needed to look"
    assert v.move(facts["person"], "register").status == 503


def until_the_reserve_is_used_up():
    v = facts["v"]
    for _ in range(200):
        fill()
        a = v.get(facts["person"])
        if a.status == 503:
            break
        assert a.status == 200
    assert a.status == 503 and "هدى" not in a.text, "no line, no data"
    assert os.path.getsize(os.path.join(DIR, "reserve")) == 0


def what_shows_no_person_goes_on():
    assert Visitor(URL).get("/login").status == 200
    assert Visitor(URL).get("/log/checkpoint").status == 200
    assert facts["process"].poll() is None


def a_node_starts_on_a_full_disk():
    facts["process"].kill()
    facts["process"].wait()
    time.sleep(0.5)
    serve()
    assert Visitor(URL).get("/login").status == 200


def with_room_again_everything_goes_on():
    os.unlink(FILLER)
    for _ in range(100):
        v = Visitor(URL)
        if v.post("/login", user="reg", password="a password of the test").status == 303 and v.post("/purpose", purpose="registration/mandate").status == 303:
            a = v.move(facts["person"], "register")
            if a.status == 303:
                break
        time.sleep(0.2)
    assert a.status == 303, a.text[:200]
    assert os.path.getsize(os.path.join(DIR, "reserve")) == 16 << 20


def nothing_is_corrupt():
    facts["process"].terminate()
    facts["process"].wait(20)
    assert run("log", "verify", DIR)[0] == 0
    assert run("backup", DIR, os.path.join(outside, "copy.db"))[0] == 0
    rc, out = run("restore", DIR, os.path.join(outside, "copy.db"), "--verify")
    assert rc == 0, out


bad = story([an_office_with_a_small_disk, a_write_on_a_full_disk_is_refused_with_a_message, pages_with_personal_data_go_on, until_the_reserve_is_used_up,
             what_shows_no_person_goes_on, a_node_starts_on_a_full_disk, with_room_again_everything_goes_on, nothing_is_corrupt])
if facts.get("process") and facts["process"].poll() is None:
    facts["process"].terminate()
    facts["process"].wait(20)
subprocess.run(["umount", disk], capture_output=True)
sys.exit(1 if bad else 0)
