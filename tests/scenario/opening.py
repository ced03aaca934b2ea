#!/usr/bin/env python3
"""The content of one joint room is opened at its office for oversight and data protection together: one asks with a ground, the other one agrees, both read for a day and nobody else does,
health and protection stay closed, the other offices and the oversight bodies are told, and every reading is in the log."""
import os
import re
import sqlite3
import time

from jisr import Demo, log_lines, run, story

demo = Demo()
v, f = {}, {}


def wait(what, seconds=25):
    until = time.time() + seconds
    while time.time() < until:
        got = what()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it did not come")


def officers():
    for key, user, node, purpose in (("lia", "liaison", "momd.iq", "coordination/agreement"), ("campsup", "liaison-supervisor", "camp.sy", "coordination/agreement"),
                                     ("camplia", "liaison", "camp.sy", "coordination/agreement"), ("dpo", "dpo", "momd.iq", "oversight/mandate"),
                                     ("campdpo", "dpo", "camp.sy", "oversight/mandate"), ("watch", "oversight", "oversight", "oversight/mandate"),
                                     ("registrar", "registrar", "camp.sy", "registration/mandate")):
        v[key] = demo.signed_in(user, node=node, purpose=purpose)
    with open(os.path.join(demo.folder.name, "password"), "w") as file:
        file.write("a long invented password\n")
    for node, key in (("momd.iq", "eye"), ("camp.sy", "campeye")):
        assert run("account", "add", demo.node(node)["dir"], "--user", "eye", "--name", "Eye (invented)", "--roles", "OVERSIGHT", "--unit", "oversight", "--password-file", file.name)[0] == 0
        v[key] = demo.visitor(node)
        assert v[key].post("/login", user="eye", password="a long invented password").status == 303
        assert v[key].post("/purpose", purpose="oversight/mandate").status == 303


def a_room_with_a_note():
    page = wait(lambda: (p := v["lia"].get("/rooms/new")) and "camp.sy" in p.text and p)
    a = v["lia"].post("/rooms", form=page.hidden("form"), days="7", title="Crossing on Monday", purpose="The convoy of Monday", agreement="Return of families, 2026", places="IQ-X-RABIA",
                      member=["LIAISON@camp.sy"])
    assert a.status == 303, re.sub("<[^>]*>", " ", a.text)[-500:]
    f["room"] = a.location
    p = wait(lambda: re.search(r'href="(/proposals/[0-9a-f-]{36})"', v["campsup"].get("/today").text)).group(1)
    assert v["campsup"].post(p, form=v["campsup"].get(p).hidden("form"), answer="yes").status == 303
    wait(lambda: "Opened" in v["lia"].get(f["room"]).text)
    note = dict(note_kind="situation", text="The road is closed at the bridge", source_grade="B", info_grade="2")
    assert v["lia"].post(f["room"] + "/notes", form=v["lia"].get(f["room"]).hidden("form"), **note).status == 303
    wait(lambda: "closed at the bridge" in v["camplia"].get(f["room"]).text)
    assert "closed at the bridge" not in v["eye"].get(f["room"]).text, "oversight alone reads none of it"
    assert v["dpo"].get(f["room"]).status in (403, 404), "nor does data protection"


def ask(who, record, reason="complaint"):
    return v[who].post("/openings", form=v[who].get("/openings").hidden("form"), record=record, reason=reason)


def decide(who, at, answer="yes"):
    return v[who].post(at, form=v[who].get("/openings").hidden("form"), answer=answer)


def one_of_the_two_alone_opens_nothing():
    assert v["lia"].get("/openings").status == 403 and v["lia"].post("/openings", form="01a20b73-d07f-7883-91ec-000000000001", record=f["room"], reason="complaint").status == 403
    assert ask("eye", f["room"], "curiosity").status == 422 and ask("eye", "nothing").status == 422
    assert ask("eye", "/rooms/01890a5d-ac96-774b-bcce-b302099a8057").status == 404
    f["opening"] = ask("eye", f["room"]).location
    assert ask("dpo", f["room"]).status == 409, "it waits already"
    assert decide("eye", f["opening"]).status == 403
    assert "closed at the bridge" not in v["eye"].get(f["opening"]).text
    assert decide("dpo", f["opening"], "no").status == 303
    f["opening"] = ask("dpo", f["room"]).location
    assert decide("dpo", f["opening"]).status == 403


def together_they_read_it_and_the_others_are_told():
    assert decide("eye", f["opening"]).status == 303
    for who in ("eye", "dpo"):
        text = v[who].get(f["opening"]).text
        assert "closed at the bridge" in text and "Crossing on Monday" in text, who
    lines = log_lines(v["lia"])
    assert re.search(r'"role":"OVERSIGHT","act":"read","type":"operation_note"[^\n]*?"purpose":"oversight"', lines), "each reading is an entry"
    assert lines.count('"move":"open"') >= 4, "asked, refused, asked, agreed"
    for who in ("campdpo", "watch"):
        wait(lambda: "momd.iq" in v[who].get("/openings").text and "A complaint" in v[who].get("/openings").text)
    wait(lambda: "was opened for oversight" in v["camplia"].get(f["room"]).text)
    assert "opened for oversight" in v["lia"].get(f["room"]).text
    assert v["lia"].get(f["opening"]).status == 403


def a_day_later_it_is_closed():
    f["second"] = ask("eye", f["room"], "review").location
    assert decide("dpo", f["second"]).status == 303 and decide("dpo", f["opening"], "close").status == 303
    assert '"move":"close"' in log_lines(v["lia"]), "who closes it early is an entry"
    assert decide("dpo", f["opening"], "close").status == 409 and decide("dpo", "/openings/01890a5d-ac96-774b-bcce-b302099a8057", "close").status == 409
    assert "closed at the bridge" in v["eye"].get(f["second"]).text
    db = sqlite3.connect(os.path.join(demo.node("momd.iq")["dir"], "node.db"), timeout=20)
    (until, now), = db.execute("SELECT max(until), max(at) FROM record_opening").fetchall()
    assert abs(until - now - 24 * 3600 * 1000) < 60000, "for 24 hours"
    db.execute("UPDATE record_opening SET until=at+1")      # the day has passed
    db.commit()
    db.close()
    text = v["eye"].get(f["second"]).text
    assert "closed at the bridge" not in text and "The time is over" in text
    assert v["eye"].get("/r/joint_room/" + f["room"].rsplit("/", 1)[1]).status in (200, 403) and "Crossing on Monday" not in v["eye"].get("/r/joint_room/" + f["room"].rsplit("/", 1)[1]).text


def of_a_person_what_is_protected_stays_closed():
    person = v["registrar"].create("person", name="هدى كريم مختلقة", sex="2", birth="1990").location
    other = v["registrar"].create("person", name="سعد مهدي مختلق", sex="1", birth="1985").location
    assert v["campeye"].get(person).status == 403
    at = ask("campeye", person, "court").location
    assert decide("campdpo", at).status == 303
    text = v["campeye"].get(at).text
    assert "هدى" in text and v["campeye"].get(other).status == 403, "one record, no other"
    assert v["campeye"].post("/purpose", purpose="registration/mandate").status == 303
    assert v["campeye"].get(person).status == 403, "and for oversight only"


bad = story([officers, a_room_with_a_note, one_of_the_two_alone_opens_nothing, together_they_read_it_and_the_others_are_told, a_day_later_it_is_closed, of_a_person_what_is_protected_stays_closed])
demo.stop()
raise SystemExit(1 if bad else 0)
