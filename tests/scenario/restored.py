#!/usr/bin/env python3
"""An office is put back from a copy that is older than what it did since. Its partner holds what it had shared meanwhile: two persons take that back. What was changed on both sides
stands as the owner has it now; what was handed over since stays handed over."""
import os
import re
import sys

from jisr import run, story
from pair import Pair

pair = Pair(1)
camp, ministry, wait = pair.camp, pair.ministry, pair.wait
facts = {}
SAME = "SELECT hex(r.id), r.type, r.state, r.owner, r.version, hex(v.digest) FROM record r JOIN record_version v ON v.record=r.id AND v.version=r.version" \
       " WHERE r.type IN ('person', 'household', 'household_member', 'nominal_list', 'nominal_list_row') ORDER BY 1"


def name_of(who, office="camp.sy"):
    v = pair.registrar() if office == "camp.sy" else facts["officer"]
    a = v.get(f"/r/person/{who}")
    return next(iter(re.findall(r"<h1[^>]*>(?:<bdi[^>]*>)?([^<]*)", a.text)), "") if a.status == 200 else None


def two_persons(office, button, then):
    """The first asks, the second approves."""
    for user in ("dpo", "second"):
        v = pair.demo.signed_in(user, office.name) if user == "dpo" else facts["second"](office)
        page = v.get("/partners")
        assert button in page.text or then in page.text, re.sub(r"<[^>]*>", " ", page.text)[-700:]
        other = "momd.iq" if office is camp else "camp.sy"
        a = v.post(f"/partners/{other}", form=page.hidden("form"), do={"Ask to accept the restored office": "epoch", "Ask to take them back": "back"}[button])
        assert a.status == 303, (user, a.status)


def second(office):
    """Another person who looks after the lines."""
    password = os.path.join(pair.demo.dir, "password")
    with open(password, "w") as f:
        f.write("a password of the test\n")
    run("account", "add", office.dir, "--user", "second", "--name", "Invented Second", "--roles", "ADMIN", "--unit", "office", "--password-file", password)
    v = pair.demo.visitor(office.name)
    assert v.post("/login", user="second", password="a password of the test").status == 303
    return v


def the_office_works_and_a_copy_is_made():
    pair.hand_over(pair.new_list())
    pair.hand_over(pair.new_list())
    facts["changed"], facts["both"] = pair.people
    wait("the lists are there", pair.drained)
    code, said = run("backup", camp.dir, os.path.join(pair.demo.dir, "copy.db"))
    assert code == 0, said


def it_goes_on_for_a_day():
    pair.edit(facts["changed"])
    pair.edit(facts["changed"])
    pair.edit(facts["both"])
    pair.edit(facts["both"])
    facts["list"] = pair.new_list()
    pair.hand_over(facts["list"])
    facts["new"] = pair.people[-1]
    wait("all of it is at the ministry", pair.drained)
    facts["name"], facts["new_name"] = name_of(facts["changed"]), name_of(facts["new"])
    facts["officer"] = pair.demo.signed_in("officer", "momd.iq", purpose="transfer/agreement")
    assert facts["name"] and facts["name"] == name_of(facts["changed"], "momd.iq")
    facts["before"] = ministry.rows(SAME)


def the_disk_dies_and_the_copy_takes_its_place():
    camp.stop()
    code, said = run("restore", camp.dir, os.path.join(pair.demo.dir, "copy.db"))
    assert code == 0, said
    camp.start()
    pair.desks.clear()
    assert name_of(facts["changed"]) != facts["name"] and name_of(facts["new"]) is None
    pair.edit(facts["both"])               # people go on with what they see
    facts["stands"] = name_of(facts["both"])


def the_partner_accepts_it_and_says_what_it_holds():
    wait("the ministry sees the new log", lambda: "Ask to accept the restored office" in pair.demo.signed_in("dpo", "momd.iq").get("/partners").text)
    two_persons(ministry, "Ask to accept the restored office", "Approve as the second person")
    wait("the camp is told", lambda: "newer than the copy" in pair.demo.signed_in("dpo").get("/partners").text)
    assert name_of(facts["changed"]) != facts["name"], "nothing comes in by itself"
    shown = pair.demo.signed_in("dpo").get("/partners").text
    assert "People · " in shown and "Changed here since" in shown, "which records, and how many"
    assert camp.rows("SELECT count(*) FROM record_back WHERE follows=2")[0][0] == 1, camp.rows("SELECT hex(record), version, follows FROM record_back")


def one_person_alone_takes_nothing_back():
    v = pair.demo.signed_in("dpo")
    page = v.get("/partners")
    for _ in range(2):
        v.post("/partners/momd.iq", form=page.hidden("form"), do="back")
        page = v.get("/partners")
    assert "another person must decide" in page.text
    assert camp.rows("SELECT count(*) FROM record_back WHERE wanted=1")[0][0] == 0
    assert pair.registrar().post("/partners/momd.iq", form=page.hidden("form"), do="back").status == 403


def two_persons_take_it_back():
    v = facts["second"](camp)
    page = v.get("/partners")
    assert "Approve as the second person" in page.text
    assert v.post("/partners/momd.iq", form=page.hidden("form"), do="back").status == 303
    wait("everything is back", lambda: not camp.rows("SELECT 1 FROM record_back"))
    assert name_of(facts["changed"]) == facts["name"] and name_of(facts["new"]) == facts["new_name"]
    owner = camp.rows(f"SELECT owner, state FROM record WHERE hex(id)='{facts['list'].replace('-', '').upper()}'")
    assert owner == [("momd.iq", "submitted")], owner


def what_was_changed_here_since_stands_on_both_sides():
    wait("the camp's own goes to the ministry", pair.drained)
    assert name_of(facts["both"]) == facts["stands"]
    wait("at the ministry too", lambda: name_of(facts["both"], "momd.iq") == facts["stands"])


def both_hold_the_same_versions():
    ours, theirs = camp.rows(SAME), ministry.rows(SAME)
    assert ours == theirs, [x for x in zip(ours, theirs) if x[0] != x[1]]
    assert len(theirs) == len(facts["before"])


def they_go_on_from_there():
    for who in (facts["changed"], facts["new"]):
        pair.edit(who)
        wait("a change after all that", pair.drained)
        assert name_of(who) == name_of(who, "momd.iq")
    both_hold_the_same_versions()
    for o in (camp, ministry):
        code, said = run("log", "verify", o.dir)
        assert code == 0 and said.endswith("ok"), (o.name, said)


facts["second"] = second
try:
    camp.start()
    ministry.start()
    bad = story([the_office_works_and_a_copy_is_made, it_goes_on_for_a_day, the_disk_dies_and_the_copy_takes_its_place, the_partner_accepts_it_and_says_what_it_holds,
                 one_person_alone_takes_nothing_back, two_persons_take_it_back, what_was_changed_here_since_stands_on_both_sides, both_hold_the_same_versions, they_go_on_from_there])
finally:
    pair.stop()
sys.exit(1 if bad else 0)
