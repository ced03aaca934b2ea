#!/usr/bin/env python3
"""A copy is made while the office works; the disk dies; another machine goes on from the copy, and everybody can see that it did."""
import glob
import os
import shutil
import subprocess
import sys
import time
import urllib.request

from jisr import JISR, Demo, Visitor, log_lines, run, story

demo = Demo()
node = demo.node("camp.sy")
DIR, BACKUPS = node["dir"], os.path.join(demo.folder.name, "backups")
FILE = os.path.join(BACKUPS, "monday.db")
os.mkdir(BACKUPS)
facts = {}
NAME, LATER = "هدى كريم ناصر", "سعد مهدي صالح"


def text(path):
    with open(path, "rb") as f:
        return f.read()


def a_copy_is_made_while_people_work():
    v = facts["v"] = demo.signed_in("registrar", purpose="registration/mandate")
    facts["person"] = v.create("person", name=NAME, sex="2", birth="1990").location
    rc, out = run("backup", DIR, FILE)
    assert rc == 0 and "the keys of 1 subjects" in out, out
    assert v.get(facts["person"]).status == 200
    for path in glob.glob(BACKUPS + "/*"):
        assert NAME.encode() not in text(path), path
        assert os.stat(path).st_mode & 0o077 == 0, path


def the_log_says_so():
    assert run("log", "verify", DIR)[0] == 0
    assert log_lines(demo.visitor()).count('"act":"backup"') == 1


def two_key_files_are_kept():
    for _ in range(3):
        assert run("backup", DIR, os.path.join(BACKUPS, "other.db"))[0] == 0
        time.sleep(0.01)
    assert len(glob.glob(BACKUPS + "/camp.sy.keys-*")) == 2


def the_doctor_asks_for_it():
    assert "ok    a backup was made" in run("doctor", DIR)[1]
    assert "BAD   a backup was made" in run("doctor", demo.node("momd.iq")["dir"])[1]


def a_copy_is_checked_without_changing_anything():
    before = sorted(os.listdir(BACKUPS)), text(os.path.join(DIR, "node.keys"))
    rc, out = run("restore", DIR, FILE, "--verify")
    assert rc == 0 and "each opens" in out and out.endswith("ok"), out
    assert (sorted(os.listdir(BACKUPS)), text(os.path.join(DIR, "node.keys"))) == before


def a_damaged_copy_or_key_file_is_named():
    bad = os.path.join(BACKUPS, "bad.db")
    data = bytearray(text(FILE))
    data[4096 * 3: 4096 * 3 + 2000] = os.urandom(2000)
    with open(bad, "wb") as f:
        f.write(data)
    assert run("restore", DIR, bad, "--verify")[0] == 3
    keys = sorted(glob.glob(BACKUPS + "/camp.sy.keys-*"))[-1]
    data = bytearray(text(keys))
    data[len(data) // 2] ^= 1
    with open(os.path.join(BACKUPS, "bad.keys"), "wb") as f:
        f.write(data)
    assert run("restore", DIR, FILE, "--verify", "--keys", f.name)[0] == 3


def a_running_node_is_not_restored_over():
    assert run("restore", DIR, FILE)[0] != 0
    assert facts["v"].get(facts["person"]).status == 200


def an_old_copy_opens_with_the_newest_keys():
    assert run("keys", "rotate", DIR)[0] == 0
    facts["later"] = facts["v"].create("person", name=LATER, sex="1", birth="1985").location
    assert run("backup", DIR, os.path.join(BACKUPS, "newest.db"))[0] == 0
    facts["head"] = demo.visitor().get("/log/checkpoint").text
    demo.stop()
    new = facts["new"] = os.path.join(demo.folder.name, "camp.sy")
    rc, out = run("restore", new, FILE)
    assert rc == 0 and "restored" in out, out
    rc, out = run("log", "verify", new)
    assert rc == 0, out


def the_machine_died_and_a_new_one_goes_on():
    new = facts["new"]
    shutil.rmtree(new, ignore_errors=True)
    os.rename(os.path.join(DIR, "unlock"), os.path.join(demo.folder.name, "unlock"))
    shutil.rmtree(DIR)
    os.mkdir(DIR)
    os.rename(os.path.join(demo.folder.name, "unlock"), os.path.join(DIR, "unlock"))
    rc, out = run("restore", DIR, FILE)
    assert rc == 0 and "restored" in out, out
    rc, out = run("log", "verify", DIR)
    assert rc == 0, out
    facts["process"] = subprocess.Popen([JISR, "serve", DIR], stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            urllib.request.urlopen(node["url"] + "/health", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    v = Visitor(node["url"])
    assert v.post("/login", user="registrar", password="demo-registrar-camp.sy").status == 303
    assert v.post("/purpose", purpose="registration/mandate").status == 303
    assert NAME in v.get(facts["person"]).text
    assert v.get(facts["later"]).status == 404, "it was made after the copy"


def the_first_entry_names_the_last_head_that_others_saw():
    v = Visitor(node["url"])
    now, before = v.get("/log/checkpoint").text.split("\n"), facts["head"].split("\n")
    assert now[0] == "camp.sy/log/1" and before[0] == "camp.sy/log", now[0]
    lines = log_lines(v)
    first = lines[lines.index('"act":"restore"'):]
    assert f'"to":"camp.sy/log@{before[2]}"' in first[:400], first[:200]
    facts["process"].terminate()
    facts["process"].wait(10)


bad = story([a_copy_is_made_while_people_work, the_log_says_so, two_key_files_are_kept, the_doctor_asks_for_it, a_copy_is_checked_without_changing_anything,
             a_damaged_copy_or_key_file_is_named, a_running_node_is_not_restored_over, an_old_copy_opens_with_the_newest_keys,
             the_machine_died_and_a_new_one_goes_on, the_first_entry_names_the_last_head_that_others_saw])
if "process" in facts and facts["process"].poll() is None:
    facts["process"].terminate()
if demo.process.poll() is None:
    demo.stop()
sys.exit(1 if bad else 0)
