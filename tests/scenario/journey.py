"""What stories of a batch share: the officers of four offices, and what each does by the forms that she would use."""
import json
import re
import time

f = {}          # what the story has made
v = {}          # who is signed in


def officers(demo):
    for key, user, node, purpose in (("camp", "registrar", "camp.sy", "registration/mandate"), ("campmgr", "manager", "camp.sy", "transfer/agreement"),
                                     ("hears", "protection", "camp.sy", "registration/consent"), ("yaarubiyah", "border", "camp.sy", "transfer/agreement"),
                                     ("mig", "officer", "momd.iq", "transfer/agreement"), ("sup", "supervisor", "momd.iq", "transfer/agreement"),
                                     ("rabia", "border", "momd.iq", "transfer/agreement"), ("lead", "lead", "momd.iq", "transfer/agreement"),
                                     ("vet", "vetting", "vetting.iq", "vetting/statute"), ("vetsup", "supervisor", "vetting.iq", "vetting/statute"),
                                     ("desk", "registrar", "centre.iq", "reception/mandate"), ("mgr", "manager", "centre.iq", "reception/mandate"),
                                     ("child", "child", "centre.iq", "protection/best_interest_of_child")):
        v[key] = demo.signed_in(user, node=node, purpose=purpose)


def record(who, type_name, rid):
    a = v[who].get(f"/api/1/{type_name}/{rid}")
    return json.loads(a.text) if a.status == 200 else {}


def wait(what, seconds=40):
    end = time.time() + seconds
    while time.time() < end:
        got = what()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it did not come")


def became(who, type_name, rid, state, seconds=40):
    return wait(lambda: record(who, type_name, rid).get("state") == state, seconds)


def agree(who, answer="yes", seconds=40):
    """Says yes to whatever waits for this officer."""
    ids = wait(lambda: re.findall(r'href="/proposals/([0-9a-f-]{36})"', v[who].get("/today").text), seconds)
    for p in ids:
        page = v[who].get(f"/proposals/{p}")
        assert v[who].post(f"/proposals/{p}", form=page.hidden("form"), answer=answer, reason="checked").status in (303, 409)


def post(who, page, path, **form):
    """As a browser would: the page first, for the id of its form."""
    a = v[who].get(page)
    assert a.status == 200, f"{page}: {a.status}"
    return v[who].post(path, form=a.hidden("form"), **form)


def new(who, type_name, parent=None, **fields):
    a = v[who].create(type_name, parent=parent, **fields)
    assert a.status == 303, f"{type_name}: {a.status} {a.text[-400:]}"
    return a.location.split("/")[-1]


def hear(person, wish):
    new("hears", "consent", person=person, wish=wish, given_by="self", heard_alone="yes", how="thumb", informed="yes", heard_in="ara")


def family(*people):
    """The first is the head and an adult; `guardian` makes a child."""
    ids = []
    for name, birth, adult in people:
        p = new("camp", "person", name=name, mother_name="زينب", sex="2", birth=birth)
        assert v["camp"].post(f"/r/person/{p}/move/register", form=v["camp"].get("/r/person/new").hidden("form"), version="1").status == 303
        if adult:
            hear(p, "undecided" if adult == "late" else "wants")
        ids.append(p)
    h = new("camp", "household", head=ids[0], shelter="C-1")
    for p, (name, birth, adult) in zip(ids, people):
        extra = {} if adult else {"guardian": ids[0]}
        new("camp", "household_member", parent=h, person=p, role="head" if p == ids[0] else "member", **extra)
    return h, ids


def uuid():
    return "01a20b73-d07f-7883-91ec-%012x" % time.time_ns().__rshift__(4).__and__(0xffffffffffff)


def rows_of(who, type_name="nominal_list_row", parent=None):
    out, offset = [], 0
    while True:
        page = json.loads(v[who].get(f"/api/1/{type_name}?parent={parent or f['list']}&offset={offset}").text)["items"]
        out += page
        offset += 100
        if len(page) < 100:
            return out
