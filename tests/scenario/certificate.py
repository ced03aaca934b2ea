#!/usr/bin/env python3
"""A TLS certificate is renewed while two offices work: the partner is told over the old one, the node turns by itself, messages go on both ways. Who was away is shown the note with the
new certificate. A certificate without its note, with somebody else's note or with an old one stays a stranger's."""
import http.client
import os
import re
import signal
import sqlite3
import ssl
import subprocess
import tempfile
import time

from jisr import JISR, PORT, Visitor, log_lines, run, story

folder = tempfile.TemporaryDirectory()
NODES = {"camp.sy": ("camp", PORT, "manager", "CAMP_MGR"), "momd.iq": ("ministry", PORT + 1, "supervisor", "MIG_SUP")}
TEXT = """jisr-agreement/1
title Test of a certificate (invented)
parties camp.sy momd.iq
purposes transfer
bases agreement
from camp.sy person.name
from momd.iq batch.*
retention-days 30
onward never
rights Nobody is judged by kinship.
starts 2020-01-01
ends 2099-12-31
"""
process, v, f = {}, {}, {}


def at(*parts):
    return os.path.join(folder.name, *parts)


def write(name, text):
    with open(at(name), "w") as out:
        out.write(text)
    return at(name)


def wait(what, seconds=30):
    until = time.time() + seconds
    while time.time() < until:
        try:
            got = what()
        except OSError:
            got = None                     # the node is between two lives
        if got:
            return got
        time.sleep(0.1)
    raise AssertionError("it did not come")


def start(name):
    process[name] = subprocess.Popen([JISR, "serve", at(name)], stderr=open(at(name + ".log"), "a"), start_new_session=True)
    _, port, user, _ = NODES[name]
    wait(lambda: Visitor(f"http://127.0.0.1:{port}").get("/health").status == 200)
    v[name] = Visitor(f"http://127.0.0.1:{port}")
    assert v[name].post("/login", user=user, password="a password of the test").status == 303


def stop(name):
    process[name].send_signal(signal.SIGTERM)
    process[name].wait(20)


def shown(name):
    """The certificate that the node's partner listener shows."""
    return ssl.get_server_certificate(("127.0.0.1", NODES[name][1] + 100))


def offices_are_pinned_and_agree():
    for name, (kind, port, user, role) in NODES.items():
        assert run("init", at(name), "--name", name, "--kind", kind, "--unlock", write(name + ".unlock", "a passphrase of the test\n"), "--port", str(port), "--no-second-factor")[0] == 0
        assert run("account", "add", at(name), "--user", user, "--name", user, "--roles", role, "--unit", "office", "--password-file", write("password", "a password of the test\n"))[0] == 0
        with open(at(name, "jisr.yaml")) as settings:
            text = settings.read()
        write(os.path.join(name, "jisr.yaml"), text.replace("log_entries: false", "log_entries: true"))
        write(name + ".invite", run("partner", "invite", at(name))[1] + "\n")
    told = re.search(r"pairing code: (\S+)", run("partner", "accept", at("camp.sy"), at("momd.iq.invite"), "--code", "22222-22222-22222-22222")[1]).group(1)
    for a, b in (("camp.sy", "momd.iq"), ("momd.iq", "camp.sy")):
        assert run("partner", "accept", at(a), at(b + ".invite"), "--code", told)[0] == 0
    note = run("partner", "agree", at("camp.sy"), write("text", TEXT))[1]
    both = run("partner", "agree", at("momd.iq"), write("note", note + "\n"))[1]
    assert run("partner", "agree", at("camp.sy"), write("both", both + "\n"))[0] == 0
    for name in NODES:
        start(name)
    f["agreement"] = re.search(r'href="(/agreements/[0-9a-f]{64})"', v["camp.sy"].get("/agreements").text).group(1)


def said(by, to):
    """One office suspends and takes up again, the other one hears both."""
    for word, tag in (("suspend", "Suspended"), ("resume", "In force")):
        page = wait(lambda: (p := v[by].get(f["agreement"])).status == 200 and p)
        assert v[by].post(f["agreement"], form=page.hidden("form"), do=word).status == 303
        wait(lambda: re.search(r'class="tag [a-z]+">' + tag, v[to].get(f["agreement"]).text))


def the_line_works():
    said("camp.sy", "momd.iq")
    said("momd.iq", "camp.sy")


def a_new_certificate_is_told_and_the_node_turns_by_itself():
    before = shown("camp.sy")
    assert "no certificate is under way" in run("keys", "certificate", at("camp.sy"), "--stand")[1]
    code, text = run("keys", "certificate", at("camp.sy"))
    assert code == 0 and "of 1 partners have the note" in text, text
    wait(lambda: shown("camp.sy") != before)
    wait(lambda: "turned; 1 of 1" in run("keys", "certificate", at("camp.sy"), "--stand")[1])
    f["first"] = before
    the_line_works()
    assert "certificate" in log_lines(v["momd.iq"]) and '"act":"keys"' in log_lines(v["camp.sy"])


def who_was_away_is_shown_the_note_with_the_new_one():
    stop("momd.iq")
    before = shown("camp.sy")
    assert run("keys", "certificate", at("camp.sy"), "--days", "0")[0] == 0
    wait(lambda: shown("camp.sy") != before)
    assert "turned; 0 of 1" in run("keys", "certificate", at("camp.sy"), "--stand")[1]
    start("momd.iq")
    the_line_works()
    wait(lambda: "turned; 1 of 1" in run("keys", "certificate", at("camp.sy"), "--stand")[1])


def a_stopped_node_may_do_it_too():
    stop("momd.iq")
    before = open(at("momd.iq", "tls.crt")).read()
    assert run("keys", "certificate", at("momd.iq"), "--days", "30")[0] == 0
    assert run("keys", "certificate", at("momd.iq"))[0] != 0, "one after the other"
    start("momd.iq")
    wait(lambda: shown("momd.iq") != before)
    the_line_works()


def bring(port, own, body):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    if own:
        c.load_cert_chain(*own)
    h = http.client.HTTPSConnection("127.0.0.1", port, context=c, timeout=20)
    h.request("POST", "/x/1/certificate", body)
    return h.getresponse().status


def a_certificate_without_its_note_stays_a_strangers():
    own = (at("thief.crt"), at("thief.key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", own[1], "-out", own[0], "-days", "2", "-subj", "/CN=camp.sy"],
                   check=True, capture_output=True)
    port = NODES["momd.iq"][1] + 100
    notes = [row[0].encode() for row in sqlite3.connect(f"file:{at('camp.sy', 'node.db')}?mode=ro", uri=True).execute("SELECT note FROM certificate_own ORDER BY n")]
    assert len(notes) == 2
    for note in notes:
        assert bring(port, own, note) == 403, "a note is good for its own certificate alone"
        assert bring(port, None, note) == 403
        changed = re.sub(rb"\ncertificate [0-9a-f]{64}\n", b"\ncertificate " + b"0" * 64 + b"\n", note)
        assert bring(port, own, changed) == 403
    for body in (b"", b"x" * 4000, b"x" * 9000, b"jisr-certificate/1\n"):
        assert bring(port, own, body) in (403, 413), body[:20]
    stop("camp.sy")
    for name, kind in (("tls.crt", 0), ("tls.key", 1)):
        os.rename(at("camp.sy", name), at("camp.sy", name + ".good"))
        with open(own[kind]) as new:
            write(os.path.join("camp.sy", name), new.read())
    start("camp.sy")
    page = v["camp.sy"].get(f["agreement"])
    assert v["camp.sy"].post(f["agreement"], form=page.hidden("form"), do="suspend").status == 303
    time.sleep(3)
    assert "Suspended" not in v["momd.iq"].get(f["agreement"]).text
    stop("camp.sy")
    for name in ("tls.crt", "tls.key"):
        os.rename(at("camp.sy", name + ".good"), at("camp.sy", name))
    start("camp.sy")
    wait(lambda: re.search(r'class="tag [a-z]+">Suspended', v["momd.iq"].get(f["agreement"]).text))


def every_log_verifies():
    for name in NODES:
        stop(name)
        code, text = run("log", "verify", at(name))
        assert code == 0 and text.endswith("ok"), (name, text[-200:])


bad = story([offices_are_pinned_and_agree, the_line_works, a_new_certificate_is_told_and_the_node_turns_by_itself, who_was_away_is_shown_the_note_with_the_new_one,
             a_stopped_node_may_do_it_too, a_certificate_without_its_note_stays_a_strangers, every_log_verifies])
for p in process.values():
    if p.poll() is None:
        os.killpg(p.pid, signal.SIGKILL)
raise SystemExit(1 if bad else 0)
