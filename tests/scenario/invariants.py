#!/usr/bin/env python3
"""The five invariants of DESIGN 1, attacked through the pages and the API of a running office: every reading and every refusal leaves a line; without purpose and scope
nothing is shown; no way leads from a relative to a person, nor from a child to the vetting office; walls hold for every role; whoever is erased is not found again."""
import json
import re
import sys

from jisr import Demo, log_lines, run, story

demo = Demo()
facts = {}
NAME, OTHER = "هدى كريم ناصر", "باسم خالد جاسم"


def registrar():
    if "registrar" not in facts:
        facts["registrar"] = demo.signed_in("registrar", purpose="registration/mandate")
    return facts["registrar"]


def entries(node="camp.sy"):
    return log_lines(demo.visitor(node))


def acts(act, **more):
    """How many entries of the camp's log have these values."""
    found = 0
    for line in re.findall(r'\{"v":1,[^\n]*?\}(?=[^,\]}]|$)', entries()):
        try:
            e = json.loads(line)
        except ValueError:
            continue
        found += e["act"] == act and all(e.get(k) == v for k, v in more.items())
    return found


def new_person(name, birth, **more):
    a = registrar().create("person", name=name, sex="2", birth=birth, **more)
    assert a.status == 303, a.status
    assert registrar().move(a.location, "register").status == 303
    return a.location.split("/")[-1]


# ---- 1: no line, no data ----

def every_reading_leaves_a_line_whoever_reads():
    facts["adult"], facts["child"] = new_person(NAME, "1990"), new_person("مريم سعد كريم", "2019")
    for path in (f"/r/person/{facts['adult']}", f"/api/1/person/{facts['adult']}", "/r/person", "/api/1/person", f"/r/person/{facts['adult']}/edit"):
        before = acts("read") + acts("search")
        a = registrar().get(path)
        assert a.status == 200 and NAME in a.text or "name" in a.text, path
        assert acts("read") + acts("search") > before, f"{path} left no line"


def every_refusal_leaves_a_line():
    for user, purpose in (("dpo", "registration/mandate"), ("border", "transfer/agreement"), ("admin", None)):
        v = demo.signed_in(user, purpose=purpose)
        for path in (f"/r/person/{facts['adult']}", f"/api/1/person/{facts['adult']}"):
            before = acts("refuse")
            a = v.get(path)
            assert a.status != 200 and NAME not in a.text, (user, path, a.status)
            if a.status == 403:
                assert acts("refuse") > before, f"{user} {path}: no line about the refusal"


def no_line_holds_a_name_an_id_or_a_user():
    text = entries()
    for secret in (NAME, NAME.split()[0], facts["adult"], facts["adult"].replace("-", ""), '"registrar"', "ليلى"):
        assert secret not in text, secret


# ---- 2: no ground, no disclosure ----

def without_a_purpose_nothing_is_shown():
    v = demo.signed_in("registrar")
    for path in (f"/r/person/{facts['adult']}", "/r/person", f"/r/household/{facts['adult']}"):
        a = v.get(path)
        assert a.status != 200 and NAME not in a.text, (path, a.status)
    a = v.get(f"/api/1/person/{facts['adult']}")
    assert a.status == 403 and NAME not in a.text, a.status


def a_basis_of_another_purpose_is_none():
    v = demo.signed_in("registrar")
    for purpose in ("registration/court_order", "vetting/statute", "gossip/mandate", "registration"):
        v.post("/purpose", purpose=purpose)
        a = v.get(f"/api/1/person/{facts['adult']}")
        assert a.status != 200 and NAME not in a.text, (purpose, a.status)


def nothing_left_for_a_partner_that_no_list_named():
    for node, user, purpose in (("momd.iq", "officer", "transfer/agreement"), ("centre.iq", "registrar", "reception/mandate"), ("vetting.iq", "vetting", "vetting/statute")):
        v = demo.signed_in(user, node=node, purpose=purpose)
        a = v.get(f"/api/1/person/{facts['adult']}")
        assert a.status in (403, 404) and NAME not in a.text, (node, a.status)
    assert acts("send", type="person") == 0


# ---- 3: own acts only ----

def nobody_withdraws_in_anothers_name():
    p = demo.signed_in("protection", purpose="registration/consent")
    a = p.create("consent", person=facts["adult"], wish="wants", given_by="self", heard_alone="yes", how="thumb", informed="yes")
    assert a.status == 303, a.status
    page = p.get(a.location + "/move/withdraw")
    for said in ({}, {"own_word": ""}, {"own_word": "husband"}):
        answer = p.post(a.location + "/move/withdraw", form=page.hidden("form"), version=page.hidden("version"), **said)
        assert answer.status in (403, 422), (said, answer.status)
    assert json.loads(p.get("/api/1/consent/" + a.location.split("/")[-1]).text)["state"] == "given"
    assert registrar().get(a.location + "/move/withdraw").status != 200 or registrar().move(a.location, "withdraw", own_word="sign").status != 303


def no_field_or_page_leads_to_a_finding():
    for word in ("finding", "risk", "sect", "tribe", "affiliation", "loyalty"):
        for v, base in ((registrar(), "/r/"), (registrar(), "/api/1/")):
            assert v.get(base + word).status in (403, 404), word
    form = registrar().get("/r/person/new").text
    for word in ("sect", "tribe", "affiliation", "loyalty", "risk", "relig"):
        assert f'name="{word}' not in form, word


def a_child_is_in_no_vetting():
    v = demo.signed_in("supervisor", node="momd.iq", purpose="transfer/agreement")
    a = v.get("/r/vetting_request/new")
    assert a.status != 200 or v.post("/r/vetting_request/new", form=a.hidden("form"), person=facts["child"]).status != 303
    assert demo.signed_in("vetting", node="vetting.iq", purpose="vetting/statute").get("/api/1/person/" + facts["child"]).status in (403, 404)


# ---- 4: walls ----

def every_other_role_of_every_office_sees_nothing():
    for account in demo.facts["accounts"]:
        if account["node"] == "camp.sy" and account["user"] in ("registrar", "manager", "protection"):
            continue
        for purpose in ("registration/mandate", "transfer/agreement", "vetting/statute", "reception/mandate", "oversight/statute"):
            v = demo.signed_in(account["user"], node=account["node"])
            v.post("/purpose", purpose=purpose)
            for path in (f"/r/person/{facts['adult']}", f"/api/1/person/{facts['adult']}", f"/api/1/person/{facts['child']}", "/api/1/person", "/r/person"):
                a = v.get(path)
                assert NAME not in a.text, (account["node"], account["user"], path)


def a_session_of_one_office_is_none_at_another():
    v = demo.visitor("momd.iq")
    v.cookies.update({k.replace("camp.sy", "momd.iq"): x for k, x in registrar().cookies.items()})
    v.cookies.update(registrar().cookies)
    assert v.get("/today").status in (303, 401), "a cookie of the camp opened the ministry"


# ---- 5: erasure ----

def whoever_closes_alone_erases_nobody():
    m = demo.signed_in("manager", purpose="registration/mandate")
    before = json.loads(registrar().get("/api/1/person/" + facts["adult"]).text)["state"]
    asked = m.move(f"/r/person/{facts['adult']}", "close", reason="test")
    assert asked.location.startswith("/proposals/")
    page = registrar().get(asked.location)
    assert m.post(asked.location, form=page.hidden("form") or "01a20b73-d07f-7883-91ec-4abb105bce42", answer="yes").status == 403
    assert json.loads(registrar().get("/api/1/person/" + facts["adult"]).text)["state"] == before


def after_all_attacks_the_logs_verify():
    for n in demo.facts["nodes"]:
        code, said = run("log", "verify", n["dir"])
        assert code == 0 and said.endswith("ok"), (n["name"], said)


bad = story([every_reading_leaves_a_line_whoever_reads, every_refusal_leaves_a_line, no_line_holds_a_name_an_id_or_a_user, without_a_purpose_nothing_is_shown,
             a_basis_of_another_purpose_is_none, nothing_left_for_a_partner_that_no_list_named, nobody_withdraws_in_anothers_name, no_field_or_page_leads_to_a_finding,
             a_child_is_in_no_vetting, every_other_role_of_every_office_sees_nothing, a_session_of_one_office_is_none_at_another, whoever_closes_alone_erases_nobody,
             after_all_attacks_the_logs_verify])
demo.stop()
sys.exit(1 if bad else 0)
