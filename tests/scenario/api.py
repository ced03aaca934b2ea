#!/usr/bin/env python3
"""Programs write through the JSON API: the same rights, faults and versions as the forms; the same request twice is done once; a foreign page gets nothing done."""
import json
import sys

from jisr import Demo, story

demo = Demo()
facts = {}
PURPOSE = "registration/mandate"


def call(v, path, body, key, purpose=PURPOSE, raw=None, **more):
    h = {"Content-Type": "application/json", "Idempotency-Key": key, "Jisr-Purpose": purpose}
    h.update({k.replace("_", "-"): x for k, x in more.items()})
    a = v.ask("POST", path, raw if raw is not None else json.dumps(body), {k: x for k, x in h.items() if x})
    a.json = json.loads(a.text) if a.text.startswith("{") else None
    return a


def read(v, path):
    return v.ask("GET", path, None, {"Jisr-Purpose": PURPOSE})


def a_person_is_created_and_read_back():
    v = facts["v"] = demo.signed_in("registrar")
    a = call(v, "/api/1/person", {"fields": {"name": "هدى كريم ناصر", "mother_name": "زينب علي", "sex": "2", "birth": "1990"}}, "k1")
    assert a.status == 201 and a.location == a.json["location"], (a.status, a.text)
    facts["person"] = a.location
    got = json.loads(read(v, a.location).text)
    assert got["fields"]["name"] == "هدى كريم ناصر" and got["id"] == a.json["id"], got


def the_same_request_twice_is_done_once():
    v = facts["v"]
    body = {"fields": {"name": "سعد مهدي صالح", "sex": "1", "birth": "1985"}}
    first, again = call(v, "/api/1/person", body, "k2"), call(v, "/api/1/person", body, "k2")
    assert first.status == again.status == 201 and first.text == again.text
    assert read(v, "/api/1/person").text.count("سعد مهدي صالح") == 1
    body["fields"]["sex"] = "2"
    assert call(v, "/api/1/person", body, "k2").status == 409


def only_the_fields_asked_for_are_given():
    v, at = facts["v"], facts["person"]
    assert set(json.loads(read(v, at + "?fields=name,sex").text)["fields"]) == {"name", "sex"}
    nothing = json.loads(read(v, at + "?fields=none").text)
    assert nothing["fields"] == {} and nothing["state"], nothing
    assert read(v, at + "?fields=nmae").status == 400


def faults_name_their_fields():
    a = call(facts["v"], "/api/1/person", {"fields": {"name": "علي حسن", "birth": "yesterday-ish"}}, "k3")
    assert a.status == 422 and {"birth", "sex"} <= {f["field"] for f in a.json["faults"]}, a.text


def what_a_form_does_not_offer_cannot_be_sent():
    v = facts["v"]
    for body in ({"fields": {"child": "no", "name": "علي حسن", "sex": "1"}}, {"fields": {"sect": "x"}}, {"fields": []}, {}, {"fields": {}, "state": "closed"}):
        assert call(v, "/api/1/person", body, "k4").status == 400, body
    for raw in ("", "[]", "{", '{"fields":{},"fields":{}}', "\x00", "[" * 5000):
        assert call(v, "/api/1/person", None, "k4", raw=raw).status == 400, raw[:9]


def a_change_needs_the_version_that_was_seen():
    v, at = facts["v"], facts["person"]
    version = json.loads(read(v, at).text)["version"]
    assert call(v, at, {"version": version, "fields": {"mother_name": "زينب علي حسن"}}, "k5").status == 200
    assert call(v, at, {"version": version, "fields": {"mother_name": "x y"}}, "k6").status == 409
    assert call(v, at, {"fields": {"mother_name": "x y"}}, "k7").status == 400
    assert json.loads(read(v, at).text)["fields"]["mother_name"] == "زينب علي حسن"


def a_move_is_made():
    v, at = facts["v"], facts["person"]
    version = json.loads(read(v, at).text)["version"]
    assert call(v, at + "/moves/fly", {"version": version}, "k8").status == 404
    a = call(v, at + "/moves/register", {"version": version}, "k9")
    assert a.status == 200, a.text
    assert json.loads(read(v, at).text)["state"] == "registered"
    assert call(v, at + "/moves/register", {"version": version}, "k9").status == 200
    assert call(v, at + "/moves/register", {"version": version}, "k10").status == 409


def who_may_not_is_told_so():
    stranger, other = demo.visitor(), demo.signed_in("manager")
    body = {"fields": {"name": "علي حسن كريم", "sex": "1"}}
    a = call(stranger, "/api/1/person", body, "k1")
    assert a.status == 401 and a.json["error"] == "no session", a.text
    assert call(other, "/api/1/person", body, "k1").status == 403
    v = facts["v"]
    assert call(v, "/api/1/nothing", body, "k11").status == 404
    assert call(v, "/api/1/person/" + "0" * 32, {"version": 1, "fields": {}}, "k11").status == 404
    assert call(v, "/api/1/person", body, "k11", purpose="curiosity/mandate").status == 422


def a_foreign_page_gets_nothing_done():
    v = facts["v"]
    body = {"fields": {"name": "علي حسن كريم", "sex": "1", "birth": "1980"}}
    assert call(v, "/api/1/person", body, "k12", Origin="https://evil.example").status == 403
    assert call(v, "/api/1/person", body, "k12", Origin="null").status == 403
    assert call(v, "/api/1/person", body, None).status == 403
    assert call(v, "/api/1/person", body, "k12", Content_Type="text/plain").status == 400
    assert call(v, "/api/1/person", body, "a key with spaces").status == 400
    assert v.ask("POST", "/purpose", "purpose=registration/mandate", {"Idempotency-Key": "k12", "Content-Type": "application/x-www-form-urlencoded"}).status == 403
    assert v.ask("OPTIONS", "/api/1/person", None, {"Origin": "https://evil.example", "Access-Control-Request-Headers": "idempotency-key"}).status == 405
    assert "علي حسن كريم" not in read(v, "/api/1/person").text
    assert call(v, "/api/1/person", body, "k13", Origin=f"http://{v.host}").status == 201


def the_description_fits_what_is_there():
    a = demo.visitor().get("/api/1/openapi.json")
    d = json.loads(a.text)
    assert a.status == 200 and d["openapi"] == "3.1.0" and d["info"]["title"] and d["info"]["version"]
    assert "/api/1/person/{id}/moves/register" in d["paths"] and "post" in d["paths"]["/api/1/person"]
    seen = set()

    def walk(x):
        if isinstance(x, dict):
            if "$ref" in x:
                at = d
                for part in x["$ref"][2:].split("/"):
                    at = at[part]
            if "operationId" in x:
                assert x["operationId"] not in seen and x["responses"], x["operationId"]
                seen.add(x["operationId"])
            for y in x.values():
                walk(y)
        elif isinstance(x, list):
            for y in x:
                walk(y)
    walk(d)
    named = set(d["components"]["schemas"]["person_fields"]["properties"])
    assert set(json.loads(read(facts["v"], facts["person"]).text)["fields"]) <= named


def a_collector_on_this_machine_gets_numbers():
    a = demo.visitor().get("/metrics")
    lines = [x for x in a.text.splitlines() if not x.startswith("#")]
    assert a.status == 200 and all(len(x.split()) == 2 and int(x.split()[1]) >= 0 for x in lines), a.text
    assert any(x.startswith("jisr_ledger_entries_total ") for x in lines)


bad = story([a_person_is_created_and_read_back, the_same_request_twice_is_done_once, only_the_fields_asked_for_are_given, faults_name_their_fields, what_a_form_does_not_offer_cannot_be_sent,
             a_change_needs_the_version_that_was_seen, a_move_is_made, who_may_not_is_told_so, a_foreign_page_gets_nothing_done, the_description_fits_what_is_there,
             a_collector_on_this_machine_gets_numbers])
demo.stop()
sys.exit(1 if bad else 0)
