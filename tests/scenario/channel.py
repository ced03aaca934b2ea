#!/usr/bin/env python3
"""Story: the official channel. momd.iq asks camp.sy about one person by forms: what rests on kinship or makes a child a suspect cannot be written; two persons send; the desk claims,
hands over, answers with a grade; the answer is recalled, destroyed there and noted; the same allegation is noticed when it comes again; danger to life goes out alone and is reviewed."""
import os
import re
import sqlite3
import sys
import time

from jisr import CARRIED, PLAIN, Demo, log_lines, run, story

demo = Demo()
v, f = {}, {}
QUESTION = dict(recipient="camp.sy", question="judicial_case", asked=["case_exists", "court_and_number"], for_purpose="coordination", basis="agreement",
                ground="A court of Ninewa asks whether a case is open about acts of 2016.", urgency="d3", handling="amber_strict", own_no="N-77", reply_days="30")
PERSON = dict(asked_as="suspect", name="سالم عبد الله مختلق", mother_name="حليمة مختلقة", birth="1985", document_no="A-1234")
ANSWER = dict(outcome="information", answer="One case, closed in 2019 for lack of evidence.", handling="amber_strict", days="20", part="no")


def wait(what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        got = what()
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it did not come")


def officers():
    for key, user, node in (("ask", "liaison", "momd.iq"), ("ask_sup", "liaison-supervisor", "momd.iq"), ("desk", "liaison", "camp.sy"), ("desk_sup", "liaison-supervisor", "camp.sy")):
        v[key] = demo.signed_in(user, node=node, purpose="coordination/agreement")


def nothing_on_the_way(*who):
    """Whatever they had to send has arrived: what is not there now does not come."""
    for one in who:
        wait(lambda: "jisr_messages_waiting 0\n" in v[one].get("/metrics").text)


def post(who, page, path, **form):
    return v[who].post(path, form=v[who].get(page).hidden("form"), **form)


def new(who="ask", **changes):
    return post(who, "/channel/new", "/channel", **{**QUESTION, **changes})


def approve(who):
    waiting = re.search(r'/proposals/([0-9a-f-]{36})', v[who].get("/today").text)
    assert waiting, "nothing waits for a second person"
    return post(who, waiting.group(0), waiting.group(0), answer="yes")


def asked():
    """A draft with one person, approved and sent; its address."""
    rfi = new().location
    assert post("ask", rfi, rfi + "/persons", **PERSON).status == 303
    assert post("ask", rfi, rfi + "/move", move="send").status == 303
    assert approve("ask_sup").status == 303
    return rfi


def answered(rfi, **changes):
    wait(lambda: v["desk"].get(rfi).status == 200)
    a = post("desk", rfi, rfi + "/answer", **{**ANSWER, "source_grade": "B", "info_grade": "2", **changes})
    return a if a.status != 303 else approve("desk_sup")


def what_rests_on_kinship_or_a_child_cannot_be_written():
    officers()
    a = new(ground="His brother was a member.")
    assert a.status == 422 and "Kinship is no ground" in a.text, a.status
    assert new(ground="زوجته كانت معهم").status == 422 and new(ground="لأن عائلته معروفة").status == 422
    assert new(question="family_tracing", for_purpose="protection", basis="vital_interest", ground="A mother looks for her son.").status == 303, "a relative may be looked for"
    rfi = new().location
    a = post("ask", rfi, rfi + "/persons", **{**PERSON, "birth": "2012"})
    assert a.status == 422 and "never a suspect" in a.text
    a = post("ask", rfi, rfi + "/persons", **{**PERSON, "birth": ""})
    assert a.status == 422 and "never a suspect" in a.text, "without a birth she counts as a child"
    assert "unlawful_request" in log_lines(v["ask"]), "refusals are entries"
    page = re.search(r'<select[^>]*name="recipient".*?</select>', v["ask"].get("/channel/new").text, re.S).group(0)
    assert 'value="camp.sy"' in page and 'value="vetting.iq"' not in page and 'value="oversight"' not in page, "only legal recipients are offered"
    assert v["desk_sup"].get("/channel/new").status == 403 and demo.signed_in("registrar").get("/channel").status == 303


def two_persons_send_it_and_it_gets_its_number():
    rfi = f["rfi"] = new().location
    assert post("ask", rfi, rfi + "/move", move="send").status == 422, "about nobody"
    assert post("ask", rfi, rfi + "/persons", **PERSON).status == 303
    assert post("ask", rfi, rfi + "/move", move="send_now").status == 422, "no life is in danger"
    assert "No number yet" in v["ask"].get("/channel").text
    assert post("ask", rfi, rfi + "/move", move="send").status == 303
    assert "Nothing waits for your approval" not in v["ask_sup"].get("/today").text
    own = re.search(r'/proposals/([0-9a-f-]{36})', v["ask"].get(rfi).text).group(0)
    assert v["ask"].post(own, form="01a20b73-d07f-7883-91ec-0000000000aa", answer="yes").status == 403, "nobody approves her own act"
    assert approve("ask_sup").status == 303
    f["number"] = re.search(r"\b20\d\d-1\b", v["ask"].get(rfi).text).group(0)
    assert v["ask"].get(f"/rfi/{f['number']}").status == 200
    assert "capital case" in v["ask"].get(rfi).text


def the_desk_claims_hands_over_and_answers():
    wait(lambda: f["number"] in v["desk"].get("/channel").text)
    page = v["desk"].get(f["rfi"]).text
    assert "سالم" in page and "N-77" in page and "capital case" in page
    wait(lambda: "Received by their node" in v["ask"].get(f["rfi"]).text)
    for who, move in (("desk", "claim"), ("desk", "hand_over"), ("desk_sup", "claim"), ("desk_sup", "give_back"), ("desk", "claim")):
        assert post(who, f["rfi"], f["rfi"] + "/desk", move=move).status == 303, move
    assert "Taken by another officer" in v["desk_sup"].get(f["rfi"]).text
    a = post("desk", f["rfi"], f["rfi"] + "/answer", **ANSWER)
    assert a.status == 422 and "graded" in a.text and "closed in 2019" in a.text, "what was written is not lost"
    assert "closed in 2019" not in v["ask"].get(f["rfi"]).text
    assert answered(f["rfi"]).status == 303
    page = wait(lambda: (p := v["ask"].get(f["rfi"]).text) and "closed in 2019" in p and p)
    assert "B, usually reliable" in page and "2, probably true" in page and "Answered" in page


def what_one_office_answered_is_not_the_answer_to_a_third():
    for key, user in (("centre", "liaison"), ("centre_sup", "liaison-supervisor")):
        v[key] = demo.signed_in(user, node="centre.iq", purpose="coordination/agreement")
    rfi = new("centre", recipient="momd.iq", ground="Whether he may travel further with his papers has to be known.").location
    assert post("centre", rfi, rfi + "/persons", **PERSON).status == 303 and post("centre", rfi, rfi + "/move", move="send").status == 303
    assert approve("centre_sup").status == 303
    wait(lambda: v["ask"].get(rfi).status == 200)
    copied = {**ANSWER, "answer": "They say: ONE case, closed in 2019, for lack of evidence. We know no more.", "source_grade": "B", "info_grade": "2"}
    a = post("ask", rfi, rfi + "/answer", **copied)
    a = a if a.status != 303 else approve("ask_sup")
    assert a.status == 422 and "camp.sy" in a.text and "is not passed on" in a.text and "Ask them" in a.text, (a.status, re.sub("<[^>]*>", " ", a.text)[-600:])
    assert '"refused":"onward"' in log_lines(v["ask"]), "the attempt stands in the log"
    assert "lack of evidence" not in v["centre"].get(rfi).text
    waiting = re.search(r'/proposals/([0-9a-f-]{36})', v["ask_sup"].get("/today").text).group(0)
    assert post("ask_sup", waiting, waiting, answer="no", reason="In their own words.").status == 303


def a_person_asked_about_is_found_among_the_requests():
    for who in ("ask", "desk"):
        kind = v[who].get("/channel").hidden("type")
        a = post(who, "/channel", "/search", type=kind, name="Salim Abdullah")
        assert a.status == 303 and f'role="rowheader"><a href="{f["rfi"]}"' in v[who].get(a.location).text, re.sub("<[^>]*>", " ", v[who].get(a.location).text)[-500:]
        a = post(who, "/channel", "/search", type=kind, name="Nuha Wadi")
        assert f["rfi"] not in v[who].get(a.location).text


def the_register_tells_how_far_it_went():
    page = wait(lambda: (p := v["desk"].get(f["rfi"]).text) and "read there by persons" in p and p)
    f["disclosure"] = re.search(r"/disclosures/[0-9a-f-]{36}", page).group(0)
    page = v["desk_sup"].get(f["disclosure"]).text
    assert "Recall this disclosure" in page and "momd.iq" in page and "Not yet" not in page
    assert "Recall this disclosure" not in v["desk"].get(f["disclosure"]).text, "an officer recalls nothing alone"


def a_recall_destroys_the_copy_and_comes_back_signed():
    assert post("desk_sup", f["disclosure"], f["disclosure"] + "/recall", recall="yes").status == 303
    wait(lambda: "closed in 2019" not in v["ask"].get(f["rfi"]).text)
    page = wait(lambda: (p := v["desk_sup"].get(f["disclosure"]).text) and "jisr-erasure/1" in p and p)
    note = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.S).group(1)
    assert "from momd.iq\nto camp.sy\ncause recall\n" in note and "— momd.iq " in note, note
    entry = int(re.search(r"\nentry (\d+)\n", note).group(1))
    line = log_lines(v["ask"]).split('{"v":1')[entry + 1]
    assert '"act":"erase"' in line and '"to":"camp.sy"' in line and '"fields":"recall"' in line, "the note names the line of the log that says so"
    assert "Erased there" in page
    assert "jisr_erasures_overdue 0" in v["desk"].get("/metrics").text
    assert "owe this office for more than 7 days" in demo.visitor("camp.sy").get("/public/statistics").text, "counted in public"


def the_same_allegation_is_noticed_when_it_comes_again():
    rfi = f["again"] = asked()
    assert "was recalled" in v["ask"].get(rfi).text
    wait(lambda: v["desk"].get(rfi).status == 200)
    assert "was recalled" in v["desk"].get(rfi).text
    a = answered(rfi)
    assert a.status == 422 and "what is new" in a.text, a.status
    assert answered(rfi, new_evidence="A judgment of 2026 is cited.").status == 303
    wait(lambda: "A judgment of 2026" in v["ask"].get(rfi).text)


def an_answer_is_withdrawn_by_two_persons_and_ends_where_it_went():
    page = v["desk"].get(f["again"]).text
    move = re.search(r'href="(/r/rfi_reply/[0-9a-f-]{36})/move/withdraw"', page).group(1)
    assert "Withdraw the answer" not in v["ask"].get(f["again"]).text, "who asked withdraws nothing"
    assert v["desk"].move(move, "withdraw", reason="It was about another person.").status == 303
    assert "/proposals/" in v["desk_sup"].get("/today").text
    nothing_on_the_way("desk")
    assert "A judgment of 2026" in v["ask"].get(f["again"]).text, "one person alone withdraws nothing"
    assert approve("desk_sup").status == 303
    wait(lambda: "A judgment of 2026" not in v["ask"].get(f["again"]).text)
    page = v["desk"].get(f["again"]).text
    assert "Withdrawn" in page
    disclosure = re.search(r"/disclosures/[0-9a-f-]{36}", page).group(0)
    page = wait(lambda: (p := v["desk_sup"].get(disclosure).text) and "cause recall" in p and p)
    assert "Erased there" in page and "Recall this disclosure" not in page
    assert "was recalled" in v["ask"].get(f["again"]).text


def what_is_refused_names_its_ground():
    rfi = asked()
    wait(lambda: v["desk"].get(rfi).status == 200)
    assert post("desk", rfi, rfi + "/refuse").status == 422, "without a ground"
    assert post("desk", rfi, rfi + "/refuse", refusal="too_wide").status == 303
    wait(lambda: "Too wide" in v["ask"].get(rfi).text)


def a_life_in_danger_waits_for_nobody_and_is_reviewed():
    rfi = new(question="identity", for_purpose="protection", basis="vital_interest", urgency="h8", ground="He lies in hospital without papers.").location
    assert post("ask", rfi, rfi + "/persons", **{**PERSON, "asked_as": "victim", "birth": "2015"}).status == 303
    assert post("ask", rfi, rfi + "/move", move="send_now").status == 303
    wait(lambda: v["desk"].get(rfi).status == 200)
    assert "reviews it within 24 hours" in v["ask"].get(rfi).text
    assert post("ask_sup", rfi, rfi + "/review", finding="justified").status == 303
    assert "was reviewed" in v["ask_sup"].get(rfi).text
    assert post("desk", rfi, rfi + "/answer", outcome="nothing_known", handling="green", part="no").status == 303, "nothing known needs no second person"
    wait(lambda: "Nothing known" in v["ask"].get(rfi).text)


def who_is_on_duty_gives_the_second_signature():
    folder = demo.node("momd.iq")["dir"]
    with open(os.path.join(demo.folder.name, "password"), "w") as file:
        file.write("a long invented password\n")
    assert run("account", "add", folder, "--user", "night", "--name", "Night (invented)", "--roles", "LIAISON", "--unit", "liaison", "--password-file", file.name)[0] == 0
    night = v["night"] = demo.visitor("momd.iq")
    assert night.post("/login", user="night", password="a long invented password").status == 303
    assert night.post("/purpose", purpose="coordination/agreement").status == 303
    rfi = new().location
    assert post("ask", rfi, rfi + "/persons", **PERSON).status == 303 and post("ask", rfi, rfi + "/move", move="send").status == 303
    assert "/proposals/" not in night.get("/today").text
    now = time.time()
    local = lambda t: time.strftime("%Y-%m-%dT%H:%M", time.gmtime(t + 3 * 3600))
    assert v["ask_sup"].create("duty_turn", role="LIAISON_SUP", unit="liaison", account="night", starts=local(now - 3600), ends=local(now + 3600), phone="+9647701112233").status == 303
    wait(lambda: "/proposals/" in night.get("/today").text)
    assert approve("night").status == 303
    wait(lambda: v["desk"].get(rfi).status == 200)


def no_log_and_no_file_holds_a_name():
    for who in ("ask", "desk"):
        text = log_lines(v[who])
        assert "سالم" not in text and "closed in 2019" not in text
    for node in ("momd.iq", "camp.sy"):
        folder = demo.node(node)["dir"]
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and name.startswith("jisr.db"):
                with open(path, "rb") as data:
                    assert "سالم".encode() not in data.read(), name


def page(who, rfi, content, title="Judgment 77 of 2016"):
    return v[who].upload(rfi + "/pages", "page", content, form=v[who].get(rfi).hidden("form"), document_kind="court", document_title=title)


def documents_go_along_as_pictures_of_their_pages():
    rfi = f["papers"] = new().location
    assert post("ask", rfi, rfi + "/persons", **PERSON).status == 303
    assert "A PDF is not taken" in v["ask"].get(rfi).text
    a = page("ask", rfi, b"%PDF-1.7 a file")
    assert a.status == 422 and "no picture that can be kept" in a.text and "Judgment 77" in a.text, "and what was typed stays"
    for title in ["Judgment 77 of 2016"] * 2 + ["Letter 4"] * 6:
        assert page("ask", rfi, CARRIED, title).status == 303
    text = v["ask"].get(rfi).text
    assert text.count("/remove") == 8 and text.count("Judgment 77") == 1 and 'id="page"' not in text, "8 pages of two documents"
    assert page("ask", rfi, CARRIED).status == 422, "and no more"
    gone = re.search(r'action="(/rfi/[^"]*/remove)"', text).group(1)
    assert post("ask", rfi, gone).status == 303 and v["ask"].get(rfi).text.count("/remove") == 7
    assert post("ask", rfi, rfi + "/move", move="send").status == 303 and approve("ask_sup").status == 303
    assert page("ask", rfi, CARRIED).status == 409, "what was sent stays as it is"
    text = wait(lambda: (t := v["desk"].get(rfi).text).count("/pages/") == 7 and "on the way: they follow" not in t and t)
    assert "Judgment 77 of 2016" in text and "Judgment or order" in text and "/remove" not in text
    where = re.search(r'href="(/rfi/[^"]*/pages/[^"]*)"', text).group(1)
    assert v["desk"].picture(where) == (200, "image/jpeg", PLAIN), "the page, and nothing of the camera"
    assert v["desk"].picture(where.replace(rfi, f["rfi"]))[0] == 404 and demo.visitor("camp.sy").get(where).status in (303, 401)
    assert "Judgment 77" not in log_lines(v["ask"]) + log_lines(v["desk"])


def a_recalled_request_takes_its_documents_along():
    rfi = f["papers"]
    where = re.search(r'href="(/rfi/[^"]*/pages/[^"]*)"', v["desk"].get(rfi).text).group(1)
    d = re.search(r"/disclosures/[0-9a-f-]{36}", v["ask"].get(rfi).text).group(0)
    assert post("ask_sup", d, d + "/recall", recall="yes").status == 303
    wait(lambda: v["desk"].get(rfi).status == 404 and v["desk"].picture(where)[0] == 404)
    wait(lambda: "Erased there" in v["ask_sup"].get(d).text)
    folder = demo.node("camp.sy")["dir"]
    db = sqlite3.connect(f"file:{folder}/node.db?mode=ro", uri=True)
    left = db.execute("SELECT count(*) FROM record WHERE type IN ('rfi_document', 'rfi_page', 'rfi_subject') AND parent IS NOT NULL AND state<>'erased'"
                      " AND (parent=? OR parent IN (SELECT id FROM record WHERE parent=?))", [bytes.fromhex(rfi.split("/")[-1].replace("-", ""))] * 2).fetchone()
    assert left == (0,), left
    owed = db.execute("SELECT 1").fetchone() and sqlite3.connect(f"file:{demo.node('momd.iq')['dir']}/node.db?mode=ro", uri=True).execute(
        "SELECT count(*), sum(erased>0) FROM erasure_owed").fetchone()
    assert owed[0] == owed[1] and owed[0] >= 10, owed


def copies_go_for_information_alone():
    v["third"] = demo.signed_in("liaison", node="centre.iq", purpose="coordination/agreement")
    v["third_sup"] = demo.signed_in("liaison-supervisor", node="centre.iq", purpose="coordination/agreement")
    form = v["ask"].get("/channel/new").text
    assert 'name="copy_to" value="centre.iq"' in form and 'name="copy_to" value="vetting.iq"' not in form, "partners whose agreement names requests"
    for changes, why in ((dict(handling="red"), "for the recipient alone"), (dict(copy_to="camp.sy"), "has the request itself"), (dict(copy_to="vetting.iq"), "an agreement in force")):
        rfi = new(**{"copy_to": "centre.iq", **changes}).location
        assert post("ask", rfi, rfi + "/persons", **PERSON).status == 303
        a = post("ask", rfi, rfi + "/move", move="send")
        assert a.status == 422 and why in a.text, (changes, a.status)
    rfi = new(copy_to="centre.iq", question="papers").location
    assert post("ask", rfi, rfi + "/persons", **PERSON).status == 303 and page("ask", rfi, CARRIED).status == 303
    assert post("ask", rfi, rfi + "/move", move="send").status == 303 and approve("ask_sup").status == 303
    text = wait(lambda: (p := v["third"].get(rfi)).status == 200 and "/pages/" in p.text and p.text)
    assert "no answer is asked of this office" in text and "سالم" in text and "/answer" not in text and "/refuse" not in text and "At this desk" not in text
    assert "Copy, no answer asked" in v["third"].get("/channel").text
    text = wait(lambda: (p := v["ask"].get(rfi).text) and p.count("Received by their node, with proof") == 2 and p)
    copy = text.split("Copy to", 1)[1]
    assert "centre.iq" in copy.split("/disclosures/")[0], "the ticks of the copy"
    f["copied"] = re.search(r"/disclosures/[0-9a-f-]{36}", copy).group(0)
    assert answered(rfi).status == 303
    wait(lambda: "closed in 2019" in v["ask"].get(rfi).text)
    nothing_on_the_way("desk", "ask")
    assert "closed in 2019" not in v["third"].get(rfi).text, "the answer is for who asked"
    assert post("ask_sup", f["copied"], f["copied"] + "/recall", recall="yes").status == 303
    wait(lambda: v["third"].get(rfi).status == 404)
    assert v["desk"].get(rfi).status == 200, "a disclosure of its own"


NARROW = """jisr-agreement/1
title Transfers only (invented)
parties camp.sy momd.iq
purposes coordination
bases agreement
from camp.sy convoy.*
from momd.iq convoy.*
retention-days 30
onward never
rights Nobody is judged by kinship.
starts 2026-01-01
ends 2035-12-31
"""


def what_their_program_refuses_is_told_with_its_reason():
    """The camp suspends requests, and the ministry cannot hear of it: the camp's node has an address of it at which nobody answers. The ministry's still goes through."""
    demo.stop()
    def write(name, text):
        with open(os.path.join(demo.folder.name, name), "w") as out:
            out.write(text + "\n")
        return out.name
    camp, momd = demo.node("camp.sy")["dir"], demo.node("momd.iq")["dir"]
    assert run("partner", "accept", camp, write("dead", run("partner", "invite", momd, "--url", "https://127.0.0.1:1")[1]))[0] == 0
    assert run("partner", "agree", camp, write("note", run("partner", "agree", momd, write("narrow", NARROW.strip()))[1]))[0] == 0
    demo.start()
    officers()
    manager = demo.signed_in("manager", purpose="transfer/agreement")
    ours = re.search(r'href="(/agreements/[0-9a-f]{64})">[^<]*Return of families', manager.get("/agreements").text).group(1)
    assert manager.post(ours, form=manager.get(ours).hidden("form"), do="suspend", purpose="coordination").status == 303
    rfi = asked()
    page = wait(lambda: (p := v["ask"].get(rfi).text) and "Compare the agreements" in p and p)
    assert "Refused by their program" in page and "Received by their node" not in page
    assert "Refused by their program" in v["ask"].get("/channel").text
    assert v["desk"].get(rfi).status == 404, "nothing of it stayed there"
    v["ask"].cookies["jisr-lang"] = "ar"
    assert "قارن" in v["ask"].get(rfi).text, "in the language of who asked"
    v["ask"].cookies["jisr-lang"] = "en"
    a = post("ask", rfi, rfi + "/again", to="same")
    assert a.status == 303 and "سالم" in v["ask"].get(a.location).text and "Draft" in v["ask"].get(a.location).text, "written again with one tap"
    assert v["ask"].post(f["again"] + "/again", form="01a20b73-d07f-7883-91ec-00000000aaaa", to="same").status == 409, "what arrived is not"


bad = story([what_rests_on_kinship_or_a_child_cannot_be_written, two_persons_send_it_and_it_gets_its_number, the_desk_claims_hands_over_and_answers,
             what_one_office_answered_is_not_the_answer_to_a_third, a_person_asked_about_is_found_among_the_requests,
             the_register_tells_how_far_it_went, a_recall_destroys_the_copy_and_comes_back_signed, the_same_allegation_is_noticed_when_it_comes_again,
             an_answer_is_withdrawn_by_two_persons_and_ends_where_it_went,
             what_is_refused_names_its_ground, a_life_in_danger_waits_for_nobody_and_is_reviewed, who_is_on_duty_gives_the_second_signature,
             documents_go_along_as_pictures_of_their_pages, a_recalled_request_takes_its_documents_along,
             copies_go_for_information_alone,
             what_their_program_refuses_is_told_with_its_reason, no_log_and_no_file_holds_a_name])
demo.stop()
sys.exit(bad)
