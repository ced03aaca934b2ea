#!/usr/bin/env python3
"""People come by HTTPS from other machines: a certificate that the office made itself, for its address, installed once; cookies that never travel in the clear; a page and a command
that bring a phone here."""
import hashlib
import http.client
import os
import re
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse

from jisr import JISR, PORT, run, story

folder = tempfile.TemporaryDirectory()
DIR = os.path.join(folder.name, "camp.sy")
f = {}


def write(name, text):
    path = os.path.join(folder.name, name)
    with open(path, "w") as out:
        out.write(text)
    return path


def start(address="127.0.0.1"):
    text = open(DIR + "/jisr.yaml").read()
    with open(DIR + "/jisr.yaml", "w") as out:
        out.write(re.sub(r'^address: .*$', f'address: "{address}"', re.sub(r"^https: .*$", "https: true", text, flags=re.M), flags=re.M))
    f["address"] = address
    f["process"] = subprocess.Popen([JISR, "serve", DIR], stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.time() + 20
    while time.time() < until:
        try:
            if ask("GET", "/health", check=False)[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it does not start")


def stop():
    f["process"].send_signal(signal.SIGTERM)
    f["process"].wait(20)


def ask(method, path, body=None, headers=None, check=True):
    """As a browser that has installed the certificate would."""
    context = ssl.create_default_context(cafile=DIR + "/people.crt") if check else ssl._create_unverified_context()
    c = http.client.HTTPSConnection(f["address"], PORT, timeout=20, context=context)
    c.request(method, path, body, headers or {})
    r = c.getresponse()
    return r.status, r.getheaders(), r.read()


def a_browser_that_installed_the_certificate_trusts_the_address():
    assert run("init", DIR, "--name", "camp.sy", "--kind", "camp", "--unlock", write("unlock", "a passphrase of the test\n"), "--port", str(PORT), "--no-second-factor")[0] == 0
    assert run("account", "add", DIR, "--user", "manager", "--name", "manager", "--roles", "CAMP_MGR", "--unit", "camp", "--password-file", write("password", "a password of the test\n"))[0] == 0
    code, said = run("phone", DIR)
    assert code == 1, "on loopback nobody else comes"
    start()
    assert ask("GET", "/login")[0] == 200
    try:
        ssl.create_default_context().wrap_socket(__import__("socket").create_connection((f["address"], PORT), 5), server_hostname=f["address"])
        raise AssertionError("trusted without being installed")
    except ssl.SSLError:
        pass
    assert oct(os.stat(DIR + "/people.key").st_mode & 0o777) == "0o600"


def plain_http_gets_nothing():
    c = http.client.HTTPConnection(f["address"], PORT, timeout=10)
    try:
        c.request("GET", "/login")
        assert c.getresponse().status >= 400
    except (OSError, http.client.HTTPException):
        pass


def cookies_never_travel_in_the_clear():
    body = urllib.parse.urlencode({"user": "manager", "password": "a password of the test"})
    h = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask("POST", "/login", body, {**h, "Origin": f"http://{f['address']}:{PORT}"})[0] == 403, "a page of plain HTTP is another origin"
    status, headers, _ = ask("POST", "/login", body, {**h, "Origin": f"https://{f['address']}:{PORT}"})
    assert status == 303, status
    cookie = next(x for k, x in headers if k == "Set-Cookie" and "jisr-camp.sy" in x)
    assert cookie.startswith("__Host-jisr-camp.sy=") and "; Secure" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie, cookie
    status, _, page = ask("GET", "/today", None, {"Cookie": cookie.split(";")[0]})
    assert status == 200 and b"/me" in page
    plain = cookie.split(";")[0].replace("__Host-", "")
    assert ask("GET", "/today", None, {"Cookie": plain})[0] == 303, "another cookie is nobody"


def a_phone_finds_its_way():
    code, said = run("phone", DIR)
    der = ssl.PEM_cert_to_DER_cert(open(DIR + "/people.crt").read())
    digest = hashlib.sha256(der).hexdigest().upper()
    assert code == 0 and f"https://{f['address']}:{PORT}/phone" in said and digest in re.sub(r"[\s:]", "", said), said[-400:]
    assert said.count("\u2588") > 100, "the QR symbol"
    status, headers, page = ask("GET", "/phone", None, {"Cookie": "jisr-lang=ar"})
    text = re.sub(r"\s", "", re.sub("<[^>]*>", "", page.decode()))
    assert status == 200 and digest in text and "ثبّتوا" in text
    status, headers, got = ask("GET", "/phone/certificate")
    assert status == 200 and got == der and dict(headers)["Content-Type"] == "application/x-x509-ca-cert"


def another_address_gets_another_certificate():
    before = open(DIR + "/people.crt").read()
    stop()
    start()
    assert open(DIR + "/people.crt").read() == before, "a start alone changes nothing: phones know it"
    stop()
    start("127.0.0.9")
    assert open(DIR + "/people.crt").read() != before and ask("GET", "/login")[0] == 200
    assert run("log", "verify", DIR)[0] == 0
    stop()


bad = story([a_browser_that_installed_the_certificate_trusts_the_address, plain_http_gets_nothing, cookies_never_travel_in_the_clear, a_phone_finds_its_way,
             another_address_gets_another_certificate])
if f.get("process") and f["process"].poll() is None:
    os.killpg(f["process"].pid, signal.SIGKILL)
raise SystemExit(1 if bad else 0)
