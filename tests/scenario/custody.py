#!/usr/bin/env python3
"""An office changes hands: everything about people is sealed at once, the agreements stop, the partners and oversight hear of it; one purpose passes by an order and two persons, the
others stay sealed, and whoever holds the office now is told so on the page."""
import re
import time

from jisr import Demo, log_lines, run, story

demo = Demo()
v, f = {}, {}
PERSON = dict(name="نادية سالم مختلقة", sex="2", birth="1990")


def wait(what, seconds=20):
    until = time.time() + seconds
    while time.time() < until:
        got = what()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it did not come")


def people_of_the_office():
    for user, purpose in (("registrar", "registration/mandate"), ("manager", "transfer/agreement"), ("admin", None), ("dpo", None)):
        v[user] = demo.signed_in(user, purpose=purpose)
    v["momd"] = demo.signed_in("dpo", node="momd.iq")
    v["watch"] = demo.signed_in("oversight", node="oversight")
    a = v["registrar"].create("person", **PERSON)
    assert a.status == 303, a.status
    f["family"] = a.location
    assert v["registrar"].get(f["family"]).status == 200
    assert v["registrar"].get("/custody").status == 403 and v["watch"].get("/custody").status == 200
    assert "has not changed hands" in v["dpo"].get("/custody").text


def ask(who, **form):
    return v[who].post("/custody", form=v[who].get("/custody").hidden("form"), **form)


def decide(who, yes="yes"):
    page = v[who].get("/custody")
    at = re.search(r'action="(/custody/[0-9a-f-]{36})"', page.text)
    return v[who].post(at.group(1), form=page.hidden("form"), answer=yes) if at else None


def one_person_alone_changes_nothing():
    assert ask("admin", holder="", order="7").status == 422
    assert ask("admin", holder="New administration (invented)", order="two\nlines").status == 422
    assert v["registrar"].post("/custody", form="01a20b73-d07f-7883-91ec-000000000001", holder="x", order="7").status == 403
    assert ask("admin", holder="New administration (invented)", order="7/2026").status == 303
    assert decide("admin") is None, "nobody decides her own"
    waits = re.search(r'action="(/custody/[0-9a-f-]{36})"', v["dpo"].get("/custody").text).group(1)
    assert v["admin"].post(waits, form="01a20b73-d07f-7883-91ec-000000000002", answer="yes").status == 403
    assert v["registrar"].post(waits, form="01a20b73-d07f-7883-91ec-000000000003", answer="yes").status == 403
    assert v["registrar"].get(f["family"]).status == 200, "until two have said so everything goes on"


def everything_is_sealed_and_everybody_is_told():
    assert decide("dpo").status == 303
    a = v["registrar"].get(f["family"])
    assert a.status == 403 and "custody of this purpose did not pass" in a.text, a.status
    assert v["registrar"].typed("person", **PERSON).status == 403
    page = v["manager"].get("/purpose").text
    assert "Sealed, custody did not pass" in page and 'value="registration/mandate"' not in page
    assert '"refused":"custody"' in log_lines(v["admin"])
    a = v["registrar"].post("/purpose", purpose="oversight/mandate")
    assert a.status == 422 and v["registrar"].get(f["family"]).status == 403, "the purpose that goes on is for oversight alone"
    path = "/api/1/person/" + f["family"].rsplit("/", 1)[1]
    for purpose in ("oversight/mandate", "registration/mandate", "transfer/agreement"):
        assert v["registrar"].ask("GET", path, headers={"Jisr-Purpose": purpose}).status in (400, 403, 422), purpose
    assert "oversight/mandate" not in v["manager"].get("/purpose").text
    assert v["registrar"].get("/api/1/person/" + f["family"].rsplit("/", 1)[1]).status in (403, 404, 422)
    assert len(re.findall('"act":"custody"', log_lines(v["admin"]))) >= 7
    for who in ("momd", "watch"):
        page = wait(lambda: (p := v[who].get("/custody").text) and "camp.sy" in p and p)
        assert "7/2026" in page and "Sealed, custody did not pass" in page
    assert '"act":"custody"' in log_lines(v["momd"])
    ours = re.search(r'href="(/agreements/[0-9a-f]{64})">[^<]*Return of families', v["dpo"].get("/agreements").text).group(1)
    f["agreement"] = ours
    a = v["manager"].post(ours, form=v["manager"].get(ours).hidden("form"), resume="transfer")
    assert a.status == 422 and "custody has to pass first" in a.text, "one person does not take a sealed purpose up again"
    assert "suspended by this office" in v["dpo"].get(ours).text.lower(), re.sub("<[^>]*>", " ", v["dpo"].get(ours).text)[-900:]


def one_purpose_passes_and_the_others_do_not():
    assert ask("dpo", holder="x", order="8").status == 409, "it changes hands already"
    assert ask("dpo", purpose="registration", holder="New administration (invented)", order="8/2026").status == 303
    assert decide("admin", "no").status == 303
    assert v["registrar"].get(f["family"]).status == 403, "no is no"
    assert ask("dpo", purpose="registration", holder="New administration (invented)", order="9/2026").status == 303
    assert decide("admin").status == 303
    assert v["registrar"].get(f["family"]).status == 200
    assert ask("dpo", purpose="registration", holder="x", order="9").status == 409
    a = v["manager"].get(f["family"])
    assert a.status == 403 and "custody of this purpose did not pass" in a.text, "the manager works for transfer, which did not pass"
    assert v["manager"].post("/purpose", purpose="transfer/agreement").status == 422, "and nobody chooses it"
    for purpose, status in (("transfer", 422), ("registration", 303)):
        assert v["manager"].post(f["agreement"], form=v["manager"].get(f["agreement"]).hidden("form"), resume=purpose).status == status, purpose
    wait(lambda: "9/2026" in v["watch"].get("/custody").text)
    page = re.sub("<[^>]*>", " ", v["dpo"].get("/custody").text)
    assert "New administration" in page and page.count("Sealed, custody did not pass") >= 4
    code, text = run("policy", "custody", demo.node("camp.sy")["dir"])
    assert code == 0 and re.search(r"registration\theld\t[^\t]+\tNew administration \(invented\)\t\S+\t9/2026", text) and "transfer\tsealed" in text, text


def the_log_names_nobody():
    assert "New administration" not in log_lines(v["admin"]) and "9/2026" not in log_lines(v["admin"])


def an_office_whose_keys_are_destroyed_is_seen_at_oversight():
    folder = demo.node("centre.iq")["dir"]
    assert run("seal", "--now", "--name", "centre.iq", "--dir", folder)[0] == 0
    page = wait(lambda: (p := v["watch"].get("/custody").text) and "centre.iq" in p and p)
    assert "jisr seal --now" in page
    code, text = run("log", "verify", folder)
    assert code == 0 and text.endswith("ok"), text[-200:]


bad = story([people_of_the_office, one_person_alone_changes_nothing, everything_is_sealed_and_everybody_is_told, one_purpose_passes_and_the_others_do_not, the_log_names_nobody,
             an_office_whose_keys_are_destroyed_is_seen_at_oversight])
demo.stop()
raise SystemExit(1 if bad else 0)
