#!/usr/bin/env python3
"""Two offices agree on a text: a draft is sent, answered by another one with its changes shown, who would read what is shown before anybody signs, reviewed, signed by both, one
purpose of it suspended and taken up again. Several parties over one text. A supporting office gets nothing about people without a treaty."""
import hashlib
import os
import re
import signal
import subprocess
import tempfile
import time

from jisr import JISR, PORT, Visitor, run, story

NODES = {"camp.sy": ("camp", PORT, {"manager": ("CAMP_MGR", "camp"), "registrar": ("CAMP_REG", "camp"), "dpo": ("DPO", "dpo")}),
         "momd.iq": ("ministry", PORT + 1, {"supervisor": ("MIG_SUP", "return"), "guard": ("DPO", "dpo")}),
         "help.org": ("support", PORT + 2, {"numbers": ("STATS", "office"), "watch": ("DPO", "office")})}
PAIRS = [("camp.sy", "momd.iq"), ("camp.sy", "help.org")]
folder = tempfile.TemporaryDirectory()
process, v, f = {}, {}, {}
GROUP = hashlib.sha256(b"the common text, invented").hexdigest() + " camp.sy momd.iq help.org"


def at(*parts):
    return os.path.join(folder.name, *parts)


def write(name, text):
    with open(at(name), "w") as out:
        out.write(text)
    return at(name)


def wait(what, seconds=30):
    until = time.time() + seconds
    while time.time() < until:
        got = what()
        if got:
            return got
        time.sleep(0.15)
    raise AssertionError("it did not come")


def answers(port):
    try:
        return Visitor(f"http://127.0.0.1:{port}").get("/health").status == 200
    except OSError:
        return False


def offices_are_pinned():
    for name, (kind, port, users) in NODES.items():
        assert run("init", at(name), "--name", name, "--kind", kind, "--unlock", write(name + ".unlock", "a passphrase of the test\n"), "--port", str(port), "--no-second-factor", "--demo")[0] == 0
        for user, (role, unit) in users.items():
            assert run("account", "add", at(name), "--user", user, "--name", user, "--roles", role, "--unit", unit, "--password-file", write("password", "a password of the test\n"))[0] == 0
        write(name + ".invite", run("partner", "invite", at(name))[1] + "\n")
    for a, b in PAIRS:
        told = re.search(r"pairing code: (\S+)", run("partner", "accept", at(a), at(b + ".invite"), "--code", "22222-22222-22222-22222")[1]).group(1)
        for x, y in ((a, b), (b, a)):
            assert run("partner", "accept", at(x), at(y + ".invite"), "--code", told)[0] == 0
    for name in NODES:
        process[name] = subprocess.Popen([JISR, "serve", at(name)], stderr=subprocess.DEVNULL, start_new_session=True)
    for name, (kind, port, users) in NODES.items():
        wait(lambda: answers(port))
        for user in users:
            v[user] = Visitor(f"http://127.0.0.1:{port}")
            assert v[user].post("/login", user=user, password="a password of the test").status == 303


FORM = {"partner": "momd.iq", "title": "Return of families (invented)", "kind": "mou", "purposes": ["transfer", "registration"], "bases": ["agreement", "mandate"],
        "out": ["household"], "out_fields": "person.name person.birth", "in": ["batch"], "days": "90", "onward": "never", "rights": "Nobody is judged by kinship.",
        "speaks": "Head of the return office", "starts": "2020-01-01", "ends": "2099-12-31"}


def ask(who, path, page, **form):
    form.setdefault("form", v[who].get(page).hidden("form"))
    return v[who].post(path, **form)


def do(who, path, what):
    return ask(who, path, path, do=what)


def bad_drafts_are_answered_with_a_sentence():
    for change in ({"purposes": []}, {"out": [], "out_fields": "", "in": []}, {"ends": "2019-01-01"}, {"title": "two\nlines"}, {"group": "abc momd.iq"}, {"days": "many"}):
        a = ask("manager", "/agreements/new", "/agreements/new", **{**FORM, **change})
        assert a.status == 422 and 'value="Head of the return office"' in a.text, (change, a.status)
    assert ask("registrar", "/agreements/new", "/today", **FORM, form="01a20b73-d07f-7883-91ec-000000000007").status == 403
    assert "No such" not in v["manager"].get("/agreements").text and "/agreements/drafts/" not in v["manager"].get("/agreements").text


def a_draft_shows_who_would_read_what():
    for i in range(3):
        v["registrar"].post("/purpose", purpose="registration/mandate")
        assert v["registrar"].create("household", shelter=f"A-{i}").status in (303, 422)
    a = ask("manager", "/agreements/new", "/agreements/new", **FORM)
    assert a.status == 303, (a.status, re.sub("<[^>]*>", " ", a.text)[-500:])
    f["draft"] = a.location
    page = v["manager"].get(f["draft"]).text
    assert "Full name, Date of birth" in page and "Return officer" in page and "Convoy lead" not in page.split("Full name, Date of birth")[1].split("</tr>")[0]
    assert "From the partner to this office" in page and "Camp registrar" in page
    assert "Sign for this office" not in page, "nobody has reviewed it"
    assert do("manager", f["draft"], "sign").status == 422 and do("manager", f["draft"], "review").status == 403
    assert "/agreements/drafts/" not in v["supervisor"].get("/agreements").text, "it was not sent"


def the_partner_answers_with_a_changed_draft():
    assert do("manager", f["draft"], "send").status == 303
    assert do("manager", f["draft"], "send").status == 409
    wait(lambda: "Proposed by the partner" in v["supervisor"].get("/agreements").text)
    page = v["supervisor"].get(f["draft"]).text
    assert "Camp registrar" in page.split("From this office to the partner")[1], "seen from the other side"
    again = v["supervisor"].get("/agreements/new?from=" + f["draft"].rsplit("/", 1)[1])
    assert 'value="Nobody is judged by kinship."' in again.text and 'value="person.name person.birth"' in again.text
    changed = {**FORM, "partner": "camp.sy", "out": ["batch"], "out_fields": "", "in": ["household"], "in_fields": "person.name", "days": "60"}
    a = ask("supervisor", "/agreements/new", "/agreements/new?from=" + f["draft"].rsplit("/", 1)[1], replaces=again.hidden("replaces"), **changed)
    assert a.status == 303, (a.status, re.sub("<[^>]*>", " ", a.text)[-500:])
    f["answer"] = a.location
    assert do("supervisor", f["answer"], "send").status == 303
    page = wait(lambda: (p := v["manager"].get(f["answer"])).status == 200 and p.text)
    changes = re.sub("<[^>]*>", " ", page.split("Changed against the draft that it answers")[1].split("</section>")[0])
    assert re.search(r"taken away\s+from camp.sy\s+person.birth", changes) and re.search(r"added\s+retention-days\s+60", changes), changes
    assert "Answered by another draft" in v["manager"].get("/agreements").text


def both_sign_what_was_reviewed():
    assert do("dpo", f["answer"], "review").status == 303 and do("guard", f["answer"], "review").status == 303
    assert do("manager", f["answer"], "sign").status == 303
    agreement = f["agreement"] = "/agreements/" + f["answer"].rsplit("/", 1)[1]
    wait(lambda: "Waits for our signature" in v["supervisor"].get(agreement).text)
    assert ask("supervisor", agreement, agreement, do="sign").status == 303
    for who in ("manager", "supervisor"):
        wait(lambda: 'class="tag ok">In force' in v[who].get(agreement).text)
        assert v[who].get(f["answer"]).status == 404, "a signed text is no draft"


def one_purpose_is_suspended_and_taken_up():
    at_page = f["agreement"]
    assert ask("manager", at_page, at_page, suspend="registration").status == 303
    wait(lambda: "suspended by the partner" in v["supervisor"].get(at_page).text)
    assert 'class="tag ok">In force' in v["manager"].get(at_page).text, "the other purpose goes on"
    assert ask("supervisor", at_page, at_page, resume="registration").status == 409, "each takes up what it suspended"
    assert ask("manager", at_page, at_page, suspend="vetting").status == 400
    assert ask("manager", at_page, at_page, resume="registration").status == 303
    wait(lambda: "suspended by the partner" not in v["supervisor"].get(at_page).text)


def several_parties_sign_over_one_text():
    a = ask("manager", "/agreements/new", "/agreements/new", **{**FORM, "title": "Common text", "group": GROUP})
    page = v["manager"].get(a.location).text
    assert "Several parties over one text" in page and page.count("has not signed with us") == 2 and "this office" in page
    assert do("dpo", a.location, "review").status == 303 and do("manager", a.location, "sign").status == 303
    agreement = "/agreements/" + a.location.rsplit("/", 1)[1]
    assert "waits for a signature" in v["manager"].get(agreement).text
    other = ask("manager", "/agreements/new", "/agreements/new", **{**FORM, "title": "Common text", "group": "0" * 64 + GROUP[64:]})
    assert "signed over another text" in v["manager"].get(other.location).text


def a_supporting_office_gets_no_people_without_a_treaty():
    about_people = {**FORM, "partner": "help.org", "in": [], "title": "Support"}
    a = ask("manager", "/agreements/new", "/agreements/new", **about_people)
    assert a.status == 422 and "counts and logistics" in a.text, a.status
    a = ask("manager", "/agreements/new", "/agreements/new", **{**about_people, "out": ["convoy"], "out_fields": "person.name"})
    assert a.status == 422, "one field is enough"
    a = ask("manager", "/agreements/new", "/agreements/new", **{**about_people, "out": ["convoy"], "out_fields": ""})
    assert a.status == 422 and "no free text" in a.text, "a convoy has a lead, with a name and a telephone"
    a = ask("manager", "/agreements/new", "/agreements/new", **{**about_people, "out": [], "out_fields": "convoy.medical_cover vehicle_leg.capacity"})
    assert a.status == 303, a.status
    a = ask("manager", "/agreements/new", "/agreements/new", **{**about_people, "kind": "treaty"})
    assert a.status == 303 and "Nobody there" in v["manager"].get(a.location).text, "a treaty names it; no role of such an office reads it"
    text = "jisr-agreement/1\ntitle x\nparties camp.sy help.org\npurposes transfer\nbases agreement\nfrom camp.sy person.name\nretention-days 1\nonward never\nrights x\nstarts 2020-01-01\nends 2099-12-31\n"
    assert run("partner", "agree", at("camp.sy"), write("text", text))[0] != 0, "not by the command either"


def every_log_verifies():
    for p in process.values():
        p.send_signal(signal.SIGTERM)
        p.wait(20)
    for name in NODES:
        code, said = run("log", "verify", at(name))
        assert code == 0 and said.endswith("ok"), (name, said[-200:])


bad = story([offices_are_pinned, bad_drafts_are_answered_with_a_sentence, a_draft_shows_who_would_read_what, the_partner_answers_with_a_changed_draft, both_sign_what_was_reviewed,
             one_purpose_is_suspended_and_taken_up, several_parties_sign_over_one_text, a_supporting_office_gets_no_people_without_a_treaty, every_log_verifies])
for p in process.values():
    if p.poll() is None:
        os.killpg(p.pid, signal.SIGKILL)
raise SystemExit(1 if bad else 0)
