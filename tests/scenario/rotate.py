#!/usr/bin/env python3
"""The wrap key of the week is changed while the office works: nobody waits, nothing is lost, and the key file is never read by whoever talks to the node."""
import os
import stat
import sys

from jisr import Demo, log_lines, run, story

demo = Demo()
DIR = demo.node("camp.sy")["dir"]
facts = {}


def keys_file():
    with open(os.path.join(DIR, "node.keys"), "rb") as f:
        return f.read()


def the_control_socket_is_the_owners():
    mode = os.stat(os.path.join(DIR, "control")).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, oct(mode)


def keys_are_changed_while_the_node_runs():
    v = facts["v"] = demo.signed_in("registrar", purpose="registration/mandate")
    facts["person"] = v.create("person", name="هدى كريم ناصر", sex="2", birth="1990").location
    before = keys_file()
    rc, out = run("keys", "rotate", DIR)
    assert rc == 0 and "final" in out, out
    assert keys_file() != before and keys_file()[:3] == b"JK2"
    assert stat.S_IMODE(os.stat(os.path.join(DIR, "node.keys")).st_mode) == 0o600
    assert "هدى كريم ناصر" in v.get(facts["person"]).text


def again_and_again():
    for _ in range(3):
        assert run("keys", "rotate", DIR)[0] == 0
    assert "هدى كريم ناصر" in facts["v"].get(facts["person"]).text


def what_is_on_disk_opens_after_a_crash():
    demo.kill()
    demo.start()
    v = facts["v"] = demo.signed_in("registrar", purpose="registration/mandate")
    assert "هدى كريم ناصر" in v.get(facts["person"]).text


def an_account_is_added_while_the_node_runs():
    with open(os.path.join(demo.dir, "password"), "w") as f:
        f.write("a password of the test")
    args = ("--user", "second", "--name", "Second Invented", "--roles", "CAMP_REG", "--unit", "camp", "--password-file", f.name)
    rc, out = run("account", "add", DIR, *args)
    assert rc == 0, out
    assert demo.visitor().post("/login", user="second", password="a password of the test").status == 303
    assert run("account", "add", DIR, *args)[0] != 0, "the same name twice"


def erasures_are_shown_to_everybody_of_the_office():
    a = demo.signed_in("dpo").get("/erasures")
    assert a.status == 200 and "Nothing has been erased yet" in a.text, a.status
    assert demo.visitor().get("/erasures").status == 303


def the_log_tells_of_it():
    lines = log_lines(demo.visitor())
    assert lines.count('"act":"keys","fields":"rotate"') == 4 and lines.count('"act":"keys","fields":"forget"') == 4, lines.count('"act":"keys"')
    assert run("log", "verify", DIR)[0] == 0


def it_works_too_while_the_node_stands_still():
    demo.stop()
    assert run("keys", "rotate", DIR)[0] == 0
    rc, out = run("keys", "erasures", DIR)
    assert rc == 0 and out.startswith("done\tfinal"), out
    demo.start()
    v = demo.signed_in("registrar", purpose="registration/mandate")
    assert "هدى كريم ناصر" in v.get(facts["person"]).text


bad = story([the_control_socket_is_the_owners, keys_are_changed_while_the_node_runs, again_and_again, what_is_on_disk_opens_after_a_crash,
             an_account_is_added_while_the_node_runs,
             erasures_are_shown_to_everybody_of_the_office, the_log_tells_of_it, it_works_too_while_the_node_stands_still])
demo.stop()
sys.exit(1 if bad else 0)
