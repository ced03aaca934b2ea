#!/usr/bin/env python3
"""Who decides what: the ministry's supervisor enters it, legal aid of another office confirms it, every partner reads the same; a request is led by it, and one that reached the
wrong desk comes back with the right address and is asked there with one tap."""
import re
import time

from jisr import CARRIED, PLAIN, Demo, run, story

demo = Demo()
v, f = {}, {}
QUESTION = dict(question="papers", asked=["case_exists"], for_purpose="coordination", basis="agreement", ground="A birth certificate is missing.", urgency="d7", handling="amber_strict",
                reply_days="30")
PERSON = dict(asked_as="applicant", name="سلمى عبد الله مختلقة", mother_name="حليمة مختلقة", birth="1985")


def wait(what, seconds=25):
    end = time.time() + seconds
    while time.time() < end:
        got = what()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it did not come")


def nothing_on_the_way(*who):
    """Whatever they had to send has arrived: what is not there now does not come."""
    for one in who:
        wait(lambda: "jisr_messages_waiting 0\n" in v[one].get("/metrics").text)


def post(who, page, path, **form):
    return v[who].post(path, **{"form": v[who].get(page).hidden("form"), **form})


def officers():
    for key, user, node in (("sup", "supervisor", "momd.iq"), ("legal", "legal", "centre.iq"), ("camp", "liaison", "camp.sy"), ("camp_sup", "liaison-supervisor", "camp.sy"),
                            ("momd", "liaison", "momd.iq"), ("momd_sup", "liaison-supervisor", "momd.iq"), ("centre", "liaison", "centre.iq"), ("centre_sup", "liaison-supervisor", "centre.iq"),
                            ("registrar", "registrar", "camp.sy")):
        v[key] = demo.signed_in(user, node=node)
        if key not in ("sup", "legal", "registrar"):
            v[key].post("/purpose", purpose="coordination/agreement")
    v["sup"].post("/purpose", purpose="transfer/agreement")


def approve(who):
    waiting = wait(lambda: re.search(r'/proposals/([0-9a-f-]{36})', v[who].get("/today").text))
    return post(who, waiting.group(0), waiting.group(0), answer="yes")


def nothing_is_led_before_the_register_says_so():
    officers()
    assert "Nothing is in the register yet" in v["camp"].get("/competences").text
    a = post("camp", "/channel/new", "/channel", recipient="-", **QUESTION)
    assert a.status == 422 and "names nobody" in a.text and "A birth certificate is missing." in a.text, a.status


def two_offices_confirm_an_entry():
    form = dict(matter="papers", body="Civil status office at the centre", node="centre.iq", law="National Card Law 3/2016", contact="Desk of papers, 000", valid_from="2020-01-01")
    assert v["registrar"].get("/r/competence_entry/new").status == 403
    a = post("sup", "/r/competence_entry/new", "/r/competence_entry/new", **form)
    assert a.status == 303, (a.status, re.sub("<[^>]*>", " ", a.text)[-400:])
    f["entry"] = a.location
    assert v["sup"].move(f["entry"], "offer").status == 303
    wait(lambda: "Civil status office" in v["legal"].get("/competences").text)
    a = post("camp", "/channel/new", "/channel", recipient="-", **QUESTION)
    assert a.status == 422, "nobody has confirmed it"
    assert v["sup"].move(f["entry"], "confirm").status == 303
    assert approve("legal").status == 303
    for who in ("sup", "legal", "camp"):
        wait(lambda: 'class="tag ok">Confirmed' in v[who].get("/competences").text)


def a_request_is_led_by_it():
    a = post("camp", "/channel/new", "/channel", recipient="-", **QUESTION)
    assert a.status == 303, (a.status, re.sub("<[^>]*>", " ", a.text)[-400:])
    page = v["camp"].get(a.location).text
    assert "centre.iq" in page and "By the register" not in page
    a = post("camp", "/channel/new", "/channel", recipient="-", **{**QUESTION, "question": "guardian"})
    assert a.status == 422


def one_at_the_wrong_desk_comes_back_with_the_address():
    rfi = post("camp", "/channel/new", "/channel", recipient="momd.iq", **QUESTION).location
    assert "By the register this is decided by:" in v["camp"].get(rfi).text, "said before it is sent"
    assert post("camp", rfi, rfi + "/persons", **PERSON).status == 303
    assert post("camp", rfi, rfi + "/move", move="send").status == 303 and approve("camp_sup").status == 303
    wait(lambda: v["momd"].get(rfi).status == 200)
    assert "Civil status office" in v["momd"].get(rfi).text, "the desk sees whose it is"
    assert post("momd", rfi, rfi + "/refuse", refusal="not_competent").status == 303
    page = wait(lambda: (p := v["camp"].get(rfi).text) and "Another office decides this" in p and p)
    assert "Civil status office at the centre, centre.iq; Desk of papers, 000" in page
    a = post("camp", rfi, rfi + "/again")
    assert a.status == 303 and a.location != rfi
    page = v["camp"].get(a.location).text
    assert "centre.iq" in page and "سلمى عبد الله مختلقة" in page and "A birth certificate is missing." in page
    assert post("camp", rfi, rfi + "/again", form="01a20b73-d07f-7883-91ec-00000000aaaa").status == 303


def sent(page=None, to="momd.iq", who="momd", **changes):
    rfi = post("camp", "/channel/new", "/channel", recipient=to, **{**QUESTION, **changes}).location
    assert post("camp", rfi, rfi + "/persons", **PERSON).status == 303
    assert not page or v["camp"].upload(rfi + "/pages", "page", page, form=page_form("camp", rfi), document_kind="civil", document_title="Census extract").status == 303
    assert post("camp", rfi, rfi + "/move", move="send").status == 303 and approve("camp_sup").status == 303
    wait(lambda: v[who].get(rfi).status == 200)
    return rfi


def what_nobody_else_may_see_is_not_passed_on():
    assert 'value="nobody" selected' in v["camp"].get("/channel/new").text, "nobody, unless it is chosen"
    for changes in ({}, dict(onward="nobody")):
        rfi = sent(**changes)
        page = v["momd"].get(rfi).text
        assert "lets nobody else see this request" in page and f'action="{rfi}/forward"' not in page
        a = v["momd"].post(rfi + "/forward", form=page_form("momd", rfi))
        assert a.status == 422 and "lets nobody else" in a.text, a.status
    assert "momd.iq" not in v["centre"].get("/channel").text


def page_form(who, path):
    return v[who].get(path).hidden("form")


def it_is_passed_on_only_as_the_agreements_allow():
    """camp.sy and centre.iq agreed that nothing is passed on; momd.iq may ask the vetting office nothing of the kind."""
    form = dict(matter="guardian", body="Office of guardians", node="vetting.iq", law="Juvenile Welfare Law 76/1983", contact="Desk, 000", valid_from="2020-01-01")
    entry = post("sup", "/r/competence_entry/new", "/r/competence_entry/new", **form).location
    assert v["sup"].move(entry, "offer").status == 303
    wait(lambda: "Office of guardians" in v["legal"].get("/competences").text)
    assert v["sup"].move(entry, "confirm").status == 303 and approve("legal").status == 303
    for who in ("camp", "centre", "momd"):
        wait(lambda: re.search(r"Office of guardians.*?Confirmed", v[who].get("/competences").text, re.S))
    for to, who, why in (("momd.iq", "momd", "No agreement in force with the body that decides it"), ("centre.iq", "centre", "forbids passing anything on")):
        rfi = sent(to=to, who=who, onward="competent", question="guardian")
        assert why in v[who].get(rfi).text and f'action="{rfi}/forward"' not in v[who].get(rfi).text, to
        assert v[who].post(rfi + "/forward", form=page_form(who, rfi)).status == 422
    assert v["sup"].move(entry, "end").status == 303


def with_leave_it_is_passed_on_with_a_receipt():
    rfi = f["rfi"] = sent(onward="competent", page=CARRIED)
    wait(lambda: "/pages/" in v["momd"].get(rfi).text)
    assert post("momd", rfi, rfi + "/forward").status == 303
    assert v["centre"].get("/channel").text.count("momd.iq") == 0, "one person alone passes nothing on"
    waiting = re.search(r'/proposals/[0-9a-f-]{36}', v["momd_sup"].get("/today").text).group(0)
    assert f'href="{rfi}"' in v["momd_sup"].get(waiting).text and 'Passed on to</dt><dd><span dir="auto">centre.iq' in v["momd_sup"].get(rfi).text, "she sees what she agrees to"
    assert approve("momd_sup").status == 303
    page = wait(lambda: (p := v["camp"].get(rfi).text) and "Received there" in p and p)
    assert "Passed on to" in page and "Civil status office at the centre, centre.iq" in page
    assert "Received there" in v["camp"].get("/channel").text
    f["onward"] = re.search(r'Our request to the office that decides it:\s*<a href="(/rfi/[0-9a-f-]{36})"', v["momd"].get(rfi).text).group(1)
    assert f["onward"] != rfi and v["centre"].get(rfi).status == 404, "the office that decides it has a request of the ministry"
    page = wait(lambda: (p := v["centre"].get(f["onward"])).status == 200 and p.text)
    assert "On behalf of" in page and "camp.sy" in page and "سلمى عبد الله مختلقة" in page and "A birth certificate is missing." in page
    assert f'action="{f["onward"]}/forward"' not in page
    assert v["camp"].get(f["onward"]).status == 404
    scan = wait(lambda: re.search(r'href="(/rfi/[^"]*/pages/[^"]*)"', v["centre"].get(f["onward"]).text)).group(1)
    assert v["centre"].picture(scan) == (200, "image/jpeg", PLAIN) and "Census extract" in v["centre"].get(f["onward"]).text


ANSWER = dict(outcome="information", answer="It lies at the office of Ninewa.", source_grade="A", info_grade="1", handling="amber_strict", days="20", part="no")


def its_answer_goes_back_where_its_giver_allows():
    a = post("centre", f["onward"], f["onward"] + "/answer", **ANSWER)
    assert a.status == 422 and "may go on" in a.text, "who answers says for whom"
    assert post("centre", f["onward"], f["onward"] + "/answer", **ANSWER, pass_on="asker").status == 303 and approve("centre_sup").status == 303
    wait(lambda: "It lies at the office" in v["momd"].get(f["rfi"]).text)
    assert "It lies at the office" not in v["camp"].get(f["rfi"]).text
    assert post("momd", f["rfi"], f["rfi"] + "/pass").status == 303
    wait(lambda: "/proposals/" in v["momd_sup"].get("/today").text)
    nothing_on_the_way("momd")
    assert "It lies at the office" not in v["camp"].get(f["rfi"]).text, "the ministry's disclosure needs its two persons"
    assert approve("momd_sup").status == 303
    page = wait(lambda: (p := v["camp"].get(f["rfi"]).text) and "It lies at the office" in p and p)
    assert "Answered by" in page and "centre.iq" in page
    assert v["momd"].post(f["rfi"] + "/pass", form="01a20b73-d07f-7883-91ec-00000000bbbb").status == 409, "once"


def what_is_recalled_is_recalled_where_it_went_on_to():
    page = wait(lambda: (p := v["centre_sup"].get(f["onward"]).text) and "/disclosures/" in p and p)
    d = re.search(r"/disclosures/[0-9a-f-]{36}", page).group(0)
    assert post("centre_sup", d, d + "/recall", recall="yes").status == 303
    for who, rfi in (("momd", f["onward"]), ("momd", f["rfi"]), ("camp", f["rfi"])):
        wait(lambda: "It lies at the office" not in v[who].get(rfi).text)
    wait(lambda: "jisr-erasure/1" in v["centre_sup"].get(d).text)
    assert "was recalled" in v["camp"].get(f["rfi"]).text, "a recall there too, so that the same allegation is noticed"


def who_answers_may_keep_it_from_the_first_asker():
    rfi = sent(onward="competent")
    assert post("momd", rfi, rfi + "/forward").status == 303 and approve("momd_sup").status == 303
    onward = wait(lambda: re.search(r'decides it:\s*<a href="(/rfi/[0-9a-f-]{36})"', v["momd"].get(rfi).text)).group(1)
    wait(lambda: v["centre"].get(onward).status == 200)
    assert post("centre", onward, onward + "/answer", **ANSWER, new_evidence="The register was read again.", pass_on="nobody").status == 303 and approve("centre_sup").status == 303
    page = wait(lambda: (p := v["momd"].get(rfi).text) and "does not allow its answer to go on" in p and p)
    assert f'action="{rfi}/pass"' not in page
    assert v["momd"].post(rfi + "/pass", form=page_form("momd", rfi)).status == 422
    assert post("camp", rfi, rfi + "/move", move="close").status == 303
    wait(lambda: 'class="tag info">Closed' in v["centre"].get(onward).text)


def a_refusal_takes_no_drafted_answer_along():
    rfi = sent(onward="competent")
    assert post("momd", rfi, rfi + "/forward").status == 303 and approve("momd_sup").status == 303
    onward = wait(lambda: re.search(r'decides it:\s*<a href="(/rfi/[0-9a-f-]{36})"', v["momd"].get(rfi).text)).group(1)
    wait(lambda: v["centre"].get(onward).status == 200)
    assert post("centre", onward, onward + "/answer", **{**ANSWER, "answer": "Nobody agreed to these words."}, new_evidence="Read again.", pass_on="nobody").status == 303
    waiting = wait(lambda: re.search(r'/proposals/([0-9a-f-]{36})', v["centre_sup"].get("/today").text)).group(0)
    assert post("centre_sup", waiting, waiting, answer="no", reason="Not so.").status == 303
    assert post("centre", onward, onward + "/refuse", refusal="too_wide").status == 303
    page = wait(lambda: (p := v["momd"].get(rfi).text) and f'action="{rfi}/pass"' in p and p)
    assert "Nobody agreed" not in page and "Read again" not in page
    assert post("momd", rfi, rfi + "/pass").status == 303
    page = wait(lambda: (p := v["camp"].get(rfi).text) and "Too wide" in p and p)
    assert "Nobody agreed" not in page and "Read again" not in page


def what_no_longer_holds_leads_nobody():
    assert v["sup"].move(f["entry"], "end").status == 303
    wait(lambda: "Civil status office" not in v["camp"].get("/competences").text)
    assert post("camp", "/channel/new", "/channel", recipient="-", **QUESTION).status == 422
    for n in ("camp.sy", "momd.iq", "centre.iq"):
        code, said = run("log", "verify", demo.node(n)["dir"])
        assert code == 0 and said.endswith("ok"), said


bad = story([nothing_is_led_before_the_register_says_so, two_offices_confirm_an_entry, a_request_is_led_by_it, one_at_the_wrong_desk_comes_back_with_the_address, what_nobody_else_may_see_is_not_passed_on,
             it_is_passed_on_only_as_the_agreements_allow,
             with_leave_it_is_passed_on_with_a_receipt, its_answer_goes_back_where_its_giver_allows, what_is_recalled_is_recalled_where_it_went_on_to,
             who_answers_may_keep_it_from_the_first_asker, a_refusal_takes_no_drafted_answer_along,
             what_no_longer_holds_leads_nobody])
demo.stop()
raise SystemExit(1 if bad else 0)
