#!/usr/bin/env python3
"""Bodies without a node get paper: a letter is written, signed and numbered, printed, and each copy that leaves is a line of the register of disclosures. What comes in gets a
number of its own, with its scan."""
import json
import re

from jisr import CARRIED, PLAIN, Demo, log_lines, run, story

demo = Demo()
f = {}


def post(v, page, path, **form):
    return v.post(path, **{"form": v.get(page).hidden("form"), **form})


def api(v, path):
    return json.loads(v.get("/api/1/" + path).text)


def a_letter_is_written_signed_and_numbered():
    v = f["v"] = demo.signed_in("manager", purpose="transfer/agreement")
    a = post(v, "/r/letter/new", "/r/letter/new", letter_kind="official", addressee="Joint Operations Command, road desk")
    assert a.status == 422 and "Subject" in a.text and "Text" in a.text, a.status
    a = post(v, "/r/letter/new", "/r/letter/new", letter_kind="official", addressee="Joint Operations Command, road desk", subject_line="Road on Sunday",
             text="First line.\r\nSecond line with three names.", people="3", attachments="Map", copy_to="Governorate\r\nHospital", letter_date="2026-11-20")
    assert a.status == 303, (a.status, re.sub("<[^>]*>", " ", a.text)[-500:])
    f["id"] = a.location.rsplit("/", 1)[1]
    f["page"] = f"/letters/{f['id']}"
    page = v.get(f["page"]).text
    assert "A draft." in page, re.sub("<[^>]*>", " ", page)[-1500:]
    assert '<p dir="auto">Second line with three names.</p>' in page and '<p dir="auto">Hospital</p>' in page
    assert post(v, "/r/letter/new", f["page"] + "/hand-out", recipient="Somebody", basis="agreement").status == 409, "a draft stays here"
    assert v.move(f"/r/letter/{f['id']}", "sign").status == 303
    assert re.search(r"camp\.sy/\d{4}/1<", v.get(f["page"]).text), "the first of the year"
    assert v.get(f"/r/letter/{f['id']}/edit").text.count("textarea") == 0 or post(v, f"/r/letter/{f['id']}/edit", f"/r/letter/{f['id']}/edit", text="x", version="2").status != 303, "signed stays as it is"


def each_copy_that_leaves_is_a_disclosure():
    v = f["v"]
    assert post(v, "/r/letter/new", f["page"] + "/hand-out", recipient="", basis="agreement").status == 422
    assert post(v, "/r/letter/new", f["page"] + "/hand-out", recipient="Joint Operations Command", basis="because").status == 422
    for n, to in enumerate(["Joint Operations Command, road desk", "Governorate"], 1):
        a = post(v, "/r/letter/new", f["page"] + "/hand-out", recipient=to, basis="mandate")
        assert a.status == 303, (a.status, re.sub("<[^>]*>", " ", a.text)[-400:])
    rows = [d for d in api(v, "disclosure")["items"] if d["fields"]["disclosure_kind"] == "letter"]
    assert sorted((d["fields"]["copy_no"], d["fields"]["recipient"], d["fields"]["subjects"]) for d in rows) == \
        [(1, "Joint Operations Command, road desk", 3), (2, "Governorate", 3)], rows
    assert "Governorate" in v.get(f["page"]).text.split("Copies that left")[1]
    lines = log_lines(v)
    assert '"act":"print"' in lines and "Governorate" not in lines and "Road on Sunday" not in lines
    for n in range(7):
        assert post(v, "/r/letter/new", f["page"] + "/hand-out", recipient="Hospital", basis="mandate").status == 303
    assert post(v, "/r/letter/new", f["page"] + "/hand-out", recipient="Hospital", basis="mandate").status == 422, "nine are enough"


def each_copy_comes_back_or_is_lost():
    v, page = f["v"], lambda: f["v"].get(f["page"]).text
    tell = lambda no, what: post(v, f["page"], f"{f['page']}/copies/{no}", what=what).status
    assert page().count('value="back"') == 9 and page().count('value="lost"') == 9
    assert tell(2, "back") == 303 and tell(3, "lost") == 303
    assert tell(2, "back") == 409 and tell(2, "lost") == 409 and tell(3, "lost") == 409, "once"
    assert tell(10, "back") == 409 and tell(1, "burnt") == 400
    text = page()
    assert text.count("Came back") == 1 and text.count(">Lost<") == 1 and text.count('value="back"') == 8 and text.count('value="lost"') == 7
    close = lambda how: v.post(f"/r/letter/{f['id']}/move/{how}", form=v.get(f"/r/letter/{f['id']}/move/{how}").hidden("form"),
                               version=v.get(f"/r/letter/{f['id']}/move/{how}").hidden("version")).status
    assert close("give_back") == 422 and close("lose") == 422, "seven are still out"
    for no in (1, 4, 5, 6, 7, 8, 9):
        assert tell(no, "back") == 303
    assert close("give_back") == 422, "one is lost"
    assert tell(3, "back") == 303, "it was found"
    assert close("lose") == 422 and close("give_back") == 303
    assert 'value="back"' not in page() and page().count("Came back") == 9
    assert v.post(f"{f['page']}/copies/1", form="01a20b73-d07f-7883-91ec-00000000aaaa", what="lost").status == 409, "the letter is closed"
    lines = log_lines(v)
    assert '"move":"copy_back"' in lines and '"move":"copy_lost"' in lines


def other_desks_and_roles_do_not_read_it():
    assert demo.signed_in("registrar", purpose="registration/mandate").get(f["page"]).status == 200, "the same unit"
    assert demo.signed_in("protection", purpose="protection/vital_interest").get(f["page"]).status == 403
    assert demo.signed_in("dpo").get(f["page"]).status in (303, 403)
    assert post(demo.signed_in("protection", purpose="protection/vital_interest"), "/r/consent/new", f["page"] + "/hand-out", recipient="X", basis="mandate").status == 403


def what_comes_in_is_registered_with_its_scan():
    v = f["v"]
    assert v.get("/r/letter_in/new").location == "/letters/in"
    form = {"form": v.get("/letters/in").hidden("form"), "sender": "Hospital of the district", "their_number": "77/2", "subject_line": "Two patients"}
    a = v.upload("/letters/in", "scan", None, **{**form, "sender": ""})
    assert a.status == 422 and 'value="Two patients"' in a.text, a.status
    a = v.upload("/letters/in", "scan", b"this is no picture", **form)
    assert a.status == 422, a.status
    first, again = v.upload("/letters/in", "scan", PLAIN, **form), v.upload("/letters/in", "scan", PLAIN, **form)
    assert first.status == again.status == 303 and first.location == again.location, (first.status, first.text[-300:])
    page = v.get(first.location).text
    assert re.search(r"in/\d{4}/1\b", page) and "77/2" in page and "/scan" in page
    assert v.get(first.location + "/scan").text.startswith("\ufffd\ufffd"), "a picture"
    assert api(v, "letter_in")["total"] == 1
    more = lambda content: v.upload(first.location + "/pages", "scan", content, form=v.get(first.location).hidden("form"))
    assert more(b"%PDF-1.7").status == 422 and more(None).status == 422
    for n in range(8):
        assert more(CARRIED).status == 303
    page = v.get(first.location).text
    assert page.count("/pages/") == 8 and "Look at page 9" in re.sub("[\u2068\u2069]", "", page) and 'id="scan"' not in page
    assert v.upload(first.location + "/pages", "scan", CARRIED, form="01a20b73-d07f-7883-91ec-00000000bbbb").status == 409, "and no more"
    where = re.search(r'href="(/letters/in/[^"]*/pages/[^"]*)"', page).group(1)
    assert v.picture(where) == (200, "image/jpeg", PLAIN), "nothing of the camera"
    other = v.upload("/letters/in", "scan", None, form="01a20b73-d07f-7883-91ec-00000000cccc", sender="Governorate", subject_line="Road").location
    assert v.picture(other + "/pages/" + where.rsplit("/", 1)[1])[0] == 404, "a page of another letter"
    stranger = demo.signed_in("protection", purpose="protection/vital_interest")
    assert stranger.picture(where)[0] == 403
    assert v.move(first.location.replace("/letters/in/", "/r/letter_in/"), "take").status == 303
    assert "in/" in v.get("/r/letter_in").text


def the_log_verifies():
    code, said = run("log", "verify", demo.node("camp.sy")["dir"])
    assert code == 0 and said.endswith("ok"), said


bad = story([a_letter_is_written_signed_and_numbered, each_copy_that_leaves_is_a_disclosure, each_copy_comes_back_or_is_lost, other_desks_and_roles_do_not_read_it, what_comes_in_is_registered_with_its_scan,
             the_log_verifies])
demo.stop()
raise SystemExit(1 if bad else 0)
