#!/usr/bin/env python3
"""Who knocks at the partner listener without being a partner: gets heads and hashes, 403 for the rest, and one entry a minute for all of them."""
import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from jisr import PORT, Demo, story

demo = Demo()
node = demo.node("camp.sy")
folder = tempfile.TemporaryDirectory()


def ask(method, path, cert=None, body=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    if cert:
        c.load_cert_chain(*cert)
    h = http.client.HTTPSConnection("127.0.0.1", PORT + 100, context=c, timeout=20)
    h.request(method, path, body)
    r = h.getresponse()
    return r.status, r.read()


def lines():
    v = demo.visitor()
    size = int(v.get("/log/checkpoint").text.split("\n")[1])
    c = http.client.HTTPConnection(v.host, timeout=20)
    c.request("GET", f"/log/tile/entries/000.p/{size}" if size < 256 else "/log/tile/entries/000")
    raw, out = c.getresponse().read(), []
    while raw:
        n = int.from_bytes(raw[:2], "big")
        out.append(json.loads(raw[2:2 + n]))
        raw = raw[2 + n:]
    return out


def partner_url_is_in_demo_json():
    assert node["partner_url"] == f"https://127.0.0.1:{PORT + 100}"


def heads_and_hashes_are_for_anybody():
    status, text = ask("GET", "/log/checkpoint")
    assert status == 200 and text.startswith(b"camp.sy/log\n"), text[:40]
    assert ask("GET", "/log/tile/0/000.p/1")[0] == 200


def no_page_and_no_line_without_a_pin():
    own = (os.path.join(folder.name, "s.crt"), os.path.join(folder.name, "s.key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", own[1], "-out", own[0], "-days", "2",
                    "-subj", "/CN=momd.iq"], check=True, capture_output=True)
    for method, path in [("GET", "/today"), ("GET", "/login"), ("GET", "/r/person"), ("GET", "/api/1/person"), ("POST", "/login"), ("POST", "/x/1/envelopes"),
                         ("POST", "/witness/add-checkpoint")]:
        for cert in (None, own):
            status, text = ask(method, path, cert, b"" if method == "POST" else None)
            assert (status, text) == (403, b"forbidden\n"), (path, status, text)


def partner_routes_are_not_on_the_peoples_listener():
    v = demo.visitor()
    for path in ("/x/1/envelopes", "/witness/add-checkpoint"):
        assert v.ask("POST", path, b"", {"Origin": f"http://{v.host}"}).status == 404, path


def private_key_is_private():
    assert os.stat(os.path.join(node["dir"], "tls.key")).st_mode & 0o777 == 0o600


def they_are_entered_together():
    assert not [e for e in lines() if e["act"] == "refuse"], "before the minute is over"
    deadline = time.time() + 75
    while time.time() < deadline:
        found = {e["refused"]: e["n"] for e in lines() if e["act"] == "refuse"}
        if found:
            break
        time.sleep(2)
    assert found == {"no_certificate": 7, "unknown_certificate": 7}, found


bad = story([partner_url_is_in_demo_json, heads_and_hashes_are_for_anybody, no_page_and_no_line_without_a_pin, partner_routes_are_not_on_the_peoples_listener,
             private_key_is_private, they_are_entered_together])
demo.stop()
sys.exit(1 if bad else 0)
