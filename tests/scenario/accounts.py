#!/usr/bin/env python3
"""Signing in with a second factor, settings of one's own, another role, another user on one phone; the administrator's commands. One node made by `jisr init`."""
import base64
import hmac
import os
import re
import sqlite3
import struct
import subprocess
import tempfile
import time

from jisr import JISR, PORT, Visitor, run, story

URL = f"http://127.0.0.1:{PORT}"
PASSWORD, PIN, PHONE = "a password of the test", "493817", "+9647701234567"
folder = tempfile.TemporaryDirectory()
DIR = os.path.join(folder.name, "node")
facts = {}


def write(name, text):
    path = os.path.join(folder.name, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def totp(secret, step):
    mac = hmac.digest(base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret.replace(" ", "")) % 8)), struct.pack(">Q", step), "sha1")
    at = mac[19] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)


def step():
    return int(time.time()) // 30


def an_office():
    assert run("init", DIR, "--name", "camp.test", "--kind", "camp", "--unlock", write("unlock", "a passphrase of the test\n"), "--port", str(PORT))[0] == 0
    for user, roles in (("reg", "CAMP_REG,CAMP_MGR"), ("prot", "PROT_OFF")):
        assert run("account", "add", DIR, "--user", user, "--name", user.upper(), "--roles", roles, "--unit", "camp", "--password-file", write("password", PASSWORD))[0] == 0
    facts["process"] = subprocess.Popen([JISR, "serve", DIR], stderr=open(os.path.join(folder.name, "stderr"), "w"), start_new_session=True)
    for _ in range(400):
        try:
            if Visitor(URL).get("/health").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the node does not start")


def the_first_sign_in_sets_the_second_factor_up():
    v = Visitor(URL)
    a = v.post("/login", user="reg", password=PASSWORD)
    assert (a.status, a.location) == (303, "/login/code")
    assert v.get("/today").location == "/login", "a password alone opens nothing"
    page = v.get("/login/code").text
    assert "<svg" in page
    facts["secret"] = re.search(r'<p dir="ltr">([A-Z2-7 ]+)</p>', page).group(1)
    assert v.post("/login/code", code="000000").status == 401
    facts["step"] = step()
    page = v.post("/login/code", code=totp(facts["secret"], facts["step"])).text
    facts["spare"] = re.findall(r"[0-9B-DF-HJKMNP-TV-Z]{5}-[0-9B-DF-HJKMNP-TV-Z]{5}", page)
    assert len(facts["spare"]) == 10, page[-600:]
    assert v.get("/today").status == 200
    assert facts["secret"].replace(" ", "") not in v.get("/me/factor").text.replace(" ", ""), "once it holds, nobody sees the secret"
    facts["v"] = v


def a_code_is_good_once():
    v = Visitor(URL)
    v.post("/login", user="reg", password=PASSWORD)
    assert v.post("/login/code", code=totp(facts["secret"], facts["step"])).status == 401, "used before"
    facts["step"] = max(facts["step"] + 1, step())
    assert v.post("/login/code", code=totp(facts["secret"], facts["step"])).location == "/today", "the next one, a little early"


def a_code_on_paper_is_good_once():
    spare = facts["spare"][0]
    v = Visitor(URL)
    v.post("/login", user="reg", password=PASSWORD)
    assert v.post("/login/code", code=spare.lower().replace("-", " ")).location == "/today"
    v = Visitor(URL)
    v.post("/login", user="reg", password=PASSWORD)
    assert v.post("/login/code", code=spare).status == 401


def a_password_buys_no_tries_at_the_code():
    """Someone who has the password still gets ten tries in all, whatever she does between them."""
    seen = []
    for _ in range(12):
        v = Visitor(URL)
        a = v.post("/login", user="reg", password=PASSWORD)
        seen.append(a.status if a.status != 303 else v.post("/login/code", code="111111").status)
    assert 429 in seen, seen
    assert facts["v"].get("/today").status == 200, "who is in stays in"


def settings_are_kept_with_the_account():
    v = facts["v"]
    page = v.get("/me").text
    assert "REG" in page and "/role" in page
    a = v.post("/me", lang="ar", digits="european", theme="dark", rows="compact", keys="off")
    assert a.location == "/me?done=1", a.text[-300:]
    page = v.get("/me").text
    assert 'class="compact"' in page and 'lang="ar"' in page, page[:300]
    assert re.search(r'dark\.css\?v=[0-9a-f]+" media="screen"', page), page[:900]
    v.post("/me", lang="ar", digits="local", theme="light", rows="", keys="on")
    page = v.get("/me").text
    assert "dark.css" not in page and 'class="compact"' not in page and re.search("[١-٩]</p>|[١-٩]<", page), page
    v.cookies["jisr-lang"] = "en"


def one_role_at_a_time():
    v = facts["v"]
    v.post("/purpose", purpose="registration/mandate")
    assert v.get("/r/person/new").status == 200
    assert v.post("/role", role="CAMP_MGR").location == "/today"
    assert v.get("/r/person/new").status in (303, 403), "a manager registers nobody, and the purpose is asked again"
    assert v.post("/role", role="DPO").status == 403
    v.post("/role", role="CAMP_REG")


def a_phone_is_hidden_until_it_is_asked_for():
    v = facts["v"]
    v.post("/purpose", purpose="registration/mandate")
    where = v.create("person", name="هدى كريم ناصر", sex="2", birth="1990", phone=PHONE).location
    page = v.get(where).text
    assert PHONE not in page and "•••• 567" in page and "Hidden. The last three digits:" in page
    assert PHONE not in v.get("/r/person").text and PHONE not in v.get(where + "/edit").text
    assert v.post(where + "/show", field="phone", reason="because").status == 422
    assert v.post(where + "/show", field="name", reason="contact").status == 404
    a = v.post(where + "/show", field="phone", reason="contact")
    assert a.status == 200 and PHONE in a.text and a.refresh == "30; url=" + where
    assert PHONE not in v.get(where).text, "for one page only"
    seen = v.get(where + "/log").text
    assert "read: Phone" in seen and "To call or write" in seen
    edit = v.get(where + "/edit")
    v.post(where + "/edit", version=edit.hidden("version"), form=edit.hidden("form"), name="هدى كريم ناصر", sex="2", birth="1991", phone="")
    assert "•••• 567" in v.get(where).text, "an empty field of the form leaves it"
    a = v.post(where + "/edit", version=edit.hidden("version"), form=v.get(where + "/edit").hidden("form"), name="هدى كريم مهدي", sex="2", birth="1991")
    assert a.status == 409 and "هدى كريم مهدي" in a.text and a.hidden("version") == "2", "nothing typed on an older version is lost"
    assert "مهدي" not in v.get(where).text
    edit = v.get(where + "/edit")
    v.post(where + "/edit", version=edit.hidden("version"), form=edit.hidden("form"), name="هدى كريم ناصر", sex="2", birth="1991", **{"take-away-phone": "yes"})
    assert "•••• 567" not in v.get(where).text


def a_fault_has_a_number_to_read_out():
    """What the disk gives back is not what was sealed: nothing is shown but a number, which the operator finds."""
    v = facts["v"]
    where = v.create("person", name="سعد مهدي صالح", sex="1", birth="1985").location
    db = sqlite3.connect(next(os.path.join(DIR, n) for n in os.listdir(DIR) if n.endswith(".db")), timeout=10)
    with db:
        db.execute("UPDATE body SET sealed=zeroblob(length(sealed)) WHERE record=?", (bytes.fromhex(where.split("/")[-1].replace("-", "")),))
    db.close()
    a = v.get(where)
    number = re.search(r"Reference number for the administrator:.*?(\d{4}-\d{4})", a.text)
    assert a.status == 500 and number, a.text[-600:]
    end, said = time.time() + 10, ""
    while number.group(1) not in said and time.time() < end:
        time.sleep(0.1)
        with open(os.path.join(folder.name, "stderr")) as f:
            said = f.read()
    assert number.group(1) in said, said[-300:]


def access_ends_at_a_time_that_is_said_and_can_move():
    v = facts["v"]
    left = lambda: int(re.search(r'data-ends="(\d+)" hidden', v.get("/today").text).group(1))
    assert 11 * 3600 < left() <= 12 * 3600
    assert "Access ends" in v.get("/r/person").text
    for _ in range(12):
        assert v.post("/access").location == "/access"
    assert 23 * 3600 < left() <= 24 * 3600
    assert v.post("/access").status == 410, "after a day the password is asked again"


def keys_are_listed_and_can_be_switched_off():
    v = facts["v"]
    assert "g p" in v.get("/keys").text and "g a" not in v.get("/keys").text, "only what the role has"
    assert 'accesskey="p"' in v.get("/today").text
    v.post("/me", lang="en", digits="local", theme="light", rows="", keys="off")
    assert "accesskey" not in v.get("/r/person").text and "data-keys" not in v.get("/today").text
    v.post("/me", lang="en", digits="local", theme="light", rows="", keys="on")


def a_pin_and_a_password_are_checked_before_they_are_kept():
    v = facts["v"]
    assert v.post("/me/password", old="not that one at all", new="another password of it").status == 422
    assert v.post("/me/password", old=PASSWORD, new="short").status == 422
    assert v.post("/me/pin", password=PASSWORD, pin="111111").status == 422
    assert v.post("/me/pin", password=PASSWORD, pin=PIN).location == "/me?done=1"


def another_user_takes_the_phone():
    """prot signs in on reg's phone with her password, then both change by PIN, in one form each."""
    v = facts["v"]
    v.post("/logout")
    # reg is out of tries: the administrator takes the second factor back, and with it the PIN
    assert run("account", "reset", DIR, "--user", "reg")[0] == 0
    v.post("/login", user="prot", password=PASSWORD)
    secret = re.search(r'<p dir="ltr">([A-Z2-7 ]+)</p>', v.get("/login/code").text).group(1)
    assert v.post("/login/code", code=totp(secret, step())).status == 200
    assert v.post("/me/pin", password=PASSWORD, pin=PIN).location == "/me?done=1"
    assert "PROT" in v.get("/switch?from=/today").text
    assert v.post("/switch", user="prot", pin="999999", **{"from": "/log"}).status == 401
    began = time.time()
    a = v.post("/switch", user="prot", pin="٤٩٣٨١٧", **{"from": "/log"})
    assert a.status == 303 and time.time() - began < 5, a.status
    assert v.post("/switch", user="prot", pin=PIN, **{"from": "/me"}).location == "/log", "back where she was"
    stranger = Visitor(URL)
    assert stranger.post("/switch", user="prot", pin=PIN, **{"from": "/"}).status == 401, "on another phone a PIN is worth nothing"
    for _ in range(5):
        v.post("/switch", user="prot", pin="999998", **{"from": "/"})
    assert v.post("/switch", user="prot", pin=PIN, **{"from": "/"}).status in (401, 429), "five wrong ones, and the password is needed"


def who_comes_back_is_led_to_where_she_was():
    v = Visitor(URL)
    v.cookies["jisr-camp.test"] = "0" * 64
    assert v.get("/r/person").location == "/login?next=%2Fr%2Fperson", "a session that is over"
    a = v.post("/login", user="prot", password=PASSWORD, next="/r/person")
    assert a.location == "/login/code?next=%2Fr%2Fperson" and v.get(a.location).hidden("next") == "/r/person"
    assert v.post("/login", user="prot", password=PASSWORD, next="//elsewhere.example/").location.startswith("/login/code")
    v = Visitor(URL)
    v.cookies["jisr-camp.test"] = "0" * 64
    a = v.post("/r/person/new", name="هدى كريم ناصر")
    assert a.status == 401 and "Your access has ended." in a.text and 'target="_blank"' in a.text
    a = facts["v"].get("/r/vetting_request/new")
    assert a.status in (303, 403)


def the_administrator_helps_at_the_machine():
    assert run("account", "password", DIR, "--user", "prot", "--password-file", write("fresh", "a fresh password of it"))[0] == 0
    assert run("account", "password", DIR, "--user", "nobody", "--password-file", write("fresh", "a fresh password of it"))[0] != 0
    v = facts["v"]
    assert v.get("/today").location == "/login", "a new password ends the sessions"
    code, out = run("log", "verify", DIR)
    assert code == 0 and out.endswith("ok"), out


def an_office_that_is_taken_is_sealed():
    def seal(*args):
        return run("seal", "--now", "--dir", DIR, *args)[0]
    assert seal() == 2 and seal("--name", "other.test") == 1, "the name is asked, and must be right"
    assert facts["v"].get("/health").status == 200
    assert seal("--name", "camp.test") == 0
    facts["process"].wait(20)
    assert not os.path.exists(os.path.join(DIR, "node.keys"))
    assert subprocess.run([JISR, "serve", DIR], capture_output=True, timeout=20).returncode != 0, "nobody opens it again"
    code, out = run("log", "verify", DIR)
    assert code == 0 and out.endswith("ok"), out


def no_secret_is_on_disk_or_in_the_log():
    secret = base64.b32decode(facts["secret"].replace(" ", "") + "=" * (-len(facts["secret"].replace(" ", "")) % 8))
    for name in os.listdir(DIR):
        if os.path.isfile(os.path.join(DIR, name)):
            with open(os.path.join(DIR, name), "rb") as f:
                content = f.read()
            assert secret not in content and facts["spare"][2].replace("-", "").encode() not in content and PIN.encode() not in content, name


raise SystemExit(1 if story([an_office, the_first_sign_in_sets_the_second_factor_up, a_code_is_good_once, a_code_on_paper_is_good_once,
                             settings_are_kept_with_the_account, one_role_at_a_time, a_phone_is_hidden_until_it_is_asked_for, access_ends_at_a_time_that_is_said_and_can_move, keys_are_listed_and_can_be_switched_off, a_fault_has_a_number_to_read_out, a_pin_and_a_password_are_checked_before_they_are_kept, a_password_buys_no_tries_at_the_code,
                             another_user_takes_the_phone, who_comes_back_is_led_to_where_she_was, the_administrator_helps_at_the_machine, an_office_that_is_taken_is_sealed, no_secret_is_on_disk_or_in_the_log]) else 0)
