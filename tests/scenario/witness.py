#!/usr/bin/env python3
"""The heads of all offices go to the oversight body within seconds, and an outsider can check its signature."""
import sys
import time
from jisr import Demo, run, story

demo = Demo()
OFFICES = [n for n in demo.facts["nodes"] if n["name"] != "oversight"]


def heads(node):
    v = demo.visitor(node["name"])
    note = v.get("/log/witnessed")
    return int(v.get("/log/checkpoint").text.split("\n")[1]), int(note.text.split("\n")[1]) if note.status == 200 else 0


def wait_signed(seconds):
    deadline = time.time() + seconds
    while time.time() < deadline:
        behind = [n["name"] for n in OFFICES if heads(n)[0] != heads(n)[1]]
        if not behind:
            return
        time.sleep(1)
    raise AssertionError(f"not signed: {behind}")


def heads_are_signed_soon():
    wait_signed(40)


def what_happens_next_is_signed_too():
    demo.signed_in("registrar", purpose="registration/mandate").get("/r/person")
    before = heads(demo.node("camp.sy"))
    assert before[0] > before[1], before
    wait_signed(25)


def an_outsider_can_check_it():
    rc, key = run("log", "witness-key", demo.node("oversight")["dir"])
    assert rc == 0 and key.startswith("oversight/witness+"), key
    for n in OFFICES:
        rc, out = run("log", "verify", n["url"], "--key", n["log_key"], "--witness", key)
        assert rc == 0, (n["name"], out)
    rc, other = run("log", "witness-key", demo.node("centre.iq")["dir"])
    rc, out = run("log", "verify", OFFICES[0]["url"], "--key", OFFICES[0]["log_key"], "--witness", other)
    assert rc == 1, out


def the_page_says_who_signed_and_when():
    text = demo.signed_in("registrar").get("/log").text
    assert "oversight" in text and "<time" in text, text[:2000]


def quiet_offices_ask_nobody():
    wait_signed(25)
    before = [heads(n) for n in demo.facts["nodes"]]
    time.sleep(12)
    assert [heads(n) for n in demo.facts["nodes"]] == before


bad = story([heads_are_signed_soon, what_happens_next_is_signed_too, an_outsider_can_check_it, the_page_says_who_signed_and_when, quiet_offices_ask_nobody])
demo.stop()
sys.exit(1 if bad else 0)
