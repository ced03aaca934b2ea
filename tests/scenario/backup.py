#!/usr/bin/env python3
"""A copy is made while the office works; the disk dies; another machine goes on from the copy, and everybody can see that it did."""
import glob
import itertools
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


def papers(*numbers, change=None):
    """A file with these papers, as somebody types them."""
    chosen = [facts["papers"][n - 1] for n in numbers]
    if change:
        chosen[0] = change(chosen[0])
    with open(os.path.join(demo.folder.name, "typed"), "w") as f:
        f.write("\n\n".join(chosen) + "\n")
    return f.name


def the_passphrase_lies_on_papers_of_several_people():
    assert run("keys", "shares", DIR, "--of", "1/3")[0] != 0 and run("keys", "shares", DIR)[0] == 2
    rc, out = run("keys", "shares", DIR, "--of", "3/5")
    assert rc == 0, out
    facts["papers"] = [p.strip() for p in out.split("\f")]
    assert len(facts["papers"]) == 5 and "paper 2 of 5 of camp.sy" in facts["papers"][1]
    secret = text(os.path.join(DIR, "unlock")).strip().decode()
    assert secret not in out and '"fields":"shares","n":5' in log_lines(demo.visitor())
    os.rename(os.path.join(DIR, "unlock"), os.path.join(demo.folder.name, "unlock.aside"))
    assert run("restore", DIR, FILE, "--verify")[0] != 0, "without the passphrase nothing opens"
    for three in itertools.combinations(range(1, 6), 3):
        rc, out = run("restore", DIR, FILE, "--verify", "--shares", papers(*three))
        assert rc == 0 and out.endswith("ok"), (three, out)
    given = subprocess.run([JISR, "restore", DIR, FILE, "--verify", "--shares", "-"], stdin=open(papers(5, 1, 3)), capture_output=True, text=True)
    assert given.returncode == 0, given.stderr
    assert not os.path.exists(os.path.join(DIR, "unlock")), "a look leaves nothing"


def too_few_or_wrong_papers_open_nothing():
    for chosen, said in (((1, 2), "3 papers are needed"), ((1, 2, 2), "read twice")):
        given = subprocess.run([JISR, "restore", DIR, FILE, "--verify", "--shares", papers(*chosen)], capture_output=True, text=True)
        assert given.returncode != 0 and said in given.stderr, given.stderr
    slip = lambda paper: paper[:-2] + ("2" if paper[-2] != "2" else "3") + paper[-1]
    given = subprocess.run([JISR, "restore", DIR, FILE, "--verify", "--shares", papers(1, 2, 3, change=slip)], capture_output=True, text=True)
    assert given.returncode != 0 and "is mistyped" in given.stderr, given.stderr
    os.rename(os.path.join(demo.folder.name, "unlock.aside"), os.path.join(DIR, "unlock"))
    other = [p.strip() for p in run("keys", "shares", DIR, "--of", "3/5")[1].split("\f")]
    given = subprocess.run([JISR, "restore", DIR, FILE, "--verify", "--shares", papers(1, 2, 3, change=lambda paper: other[0])], capture_output=True, text=True)
    assert given.returncode != 0 and "another split" in given.stderr, given.stderr


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
    shutil.rmtree(DIR)
    os.mkdir(DIR)
    rc, out = run("restore", DIR, FILE, "--shares", papers(4, 2, 5))
    assert rc == 0 and "restored" in out and "the passphrase stands in" in out, out
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
             a_damaged_copy_or_key_file_is_named,
             the_passphrase_lies_on_papers_of_several_people, too_few_or_wrong_papers_open_nothing, a_running_node_is_not_restored_over, an_old_copy_opens_with_the_newest_keys,
             the_machine_died_and_a_new_one_goes_on, the_first_entry_names_the_last_head_that_others_saw])
if "process" in facts and facts["process"].poll() is None:
    facts["process"].terminate()
if demo.process.poll() is None:
    demo.stop()
sys.exit(1 if bad else 0)
