#!/usr/bin/env python3
"""make.py FOLDER: vectors of envelopes and receipts, made from docs/exchange.md alone, with no code of the program (Python with hashlib and cryptography)."""
import base64, hashlib, os, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
OUT = sys.argv[1]
seed = bytes(range(32))
k = Ed25519PrivateKey.from_private_bytes(seed)
pub = k.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
name = "camp.sy"
kid = hashlib.sha256(name.encode() + b"\n" + b"\x01" + pub).digest()[:4]
vkey = f"{name}+{kid.hex()}+{base64.b64encode(b'%c' % 1 + pub).decode()}"
def note(text):
    return text + "\n— " + name + " " + base64.b64encode(kid + k.sign(text.encode())).decode() + "\n"
def envelope(seq, prev, ident, body, **over):
    f = dict(epoch="0", created="2026-11-24T09:15:00.123Z", expires="-", kind="share", purpose="transfer", basis="agreement", agreement="-", handling="-", media="application/json", to="momd.iq", **{})
    f["from"] = name
    f.update(over)
    raw = bytes(range(16)) + body
    lines = ["jisr-envelope/1"] + [f"{x} {f[x]}" for x in ("from", "to", "epoch")] + [f"id {ident}", f"seq {seq}", f"prev {prev}"] + \
        [f"{x} {f[x]}" for x in ("created", "expires", "kind", "purpose", "basis", "agreement", "handling")] + [f"body {f['media']} {len(raw)} {hashlib.sha256(raw).hexdigest()}"]
    text = "\n".join(lines) + "\n"
    return text, note(text), raw
def write(path, data):
    open(os.path.join(OUT, path), "wb").write(data if isinstance(data, bytes) else data.encode())
a = envelope(1, "0" * 64, "01932000-0000-7000-8000-000000000001", b'{"records":[]}')
b = envelope(2, hashlib.sha256(a[0].encode()).hexdigest(), "01932000-0000-7000-8000-000000000002", b'{"records":[1]}',
    expires="2026-12-24T00:00:00.000Z", agreement=hashlib.sha256(b"jisr-agreement/1\n").hexdigest(), handling="amber", kind="propose")
write("vkey", vkey + "\n")
for i, e in enumerate((a, b), 1):
    write(f"good-{i}.text", e[0]); write(f"good-{i}.note", e[1]); write(f"good-{i}.body", e[2])
frame = lambda e: len(e[1].encode()).to_bytes(4, "big") + e[1].encode() + e[2]
write("post.bin", frame(a) + frame(b))
r = "jisr-receipt/1\nfrom momd.iq\nto camp.sy\nid 01932000-0000-7000-8000-000000000001\ndigest %s\nverdict held\nwhy parent_missing\nindex 7\nproof -\n" % hashlib.sha256(a[0].encode()).hexdigest()
write("good-receipt.text", r)
t = a[0]
bad = {
    "no-last-line": t[: t.rindex("body")], "no-last-lf": t[:-1], "extra-line": t + "more yes\n", "doubled-key": t.replace("kind share\n", "kind share\nkind share\n"),
    "other-order": t.replace("purpose transfer\nbasis agreement\n", "basis agreement\npurpose transfer\n"), "empty-value": t.replace("handling -", "handling "),
    "two-spaces": t.replace("kind share", "kind  share"), "capital-hex": t.replace(hashlib.sha256(a[2]).hexdigest(), hashlib.sha256(a[2]).hexdigest().upper()),
    "leading-zero": t.replace("seq 1", "seq 01"), "seq-zero": t.replace("seq 1", "seq 0"), "negative": t.replace("epoch 0", "epoch -1"), "no-recipient": t.replace("to momd.iq", "to -"),
    "time-with-offset": t.replace("09:15:00.123Z", "12:15:00.123+03:00"), "time-without-ms": t.replace("00.123Z", "00Z"), "capital-id": t.replace("id 01932000-0000-7000-8000-000000000001", "id 01932000-0000-7000-8000-00000000000A"),
    "version-2": t.replace("envelope/1", "envelope/2"), "crlf": t.replace("\n", "\r\n"), "huge-number": t.replace("seq 1", "seq 18446744073709551616"), "no-media": t.replace("body application/json", "body"),
    "receipt-verdict": r.replace("held", "lost"),
}
for n, x in bad.items():
    write(f"bad-{n}.text", x)
