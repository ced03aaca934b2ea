#!/usr/bin/env python3
"""From "send" to visible on the other desk: notices of the border post at momd.iq, seen by an open page at centre.iq as its script would (the hint, then the desk's fragment).
The ten seconds of the outbox are taken off. `bench/notices.py [N] [PORT]`."""
import http.client
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "scenario"))
from jisr import Demo      # noqa: E402

given = [int(a) for a in sys.argv[1:] if a.isdigit()]
N, PORT = (given + [50, 29300][len(given):])[:2]
demo = Demo(PORT)
border, desk = demo.signed_in("border", "momd.iq", "transfer/agreement"), demo.signed_in("registrar", "centre.iq", "reception/mandate")
officer = demo.signed_in("officer", "momd.iq", "transfer/agreement")
convoy = officer.create("convoy", title="Convoy", route="IQ-X-RABIA", lead="Lead", depart_plan="2026-01-05T05:00").location.split("/")[-1]
sent, seen, end = {}, {}, time.time() + 60 + N


def watch():
    while len(seen) < N and time.time() < end:
        c = http.client.HTTPConnection(desk.host, timeout=60)
        c.request("GET", "/live", headers={"Cookie": "; ".join(f"{k}={x}" for k, x in desk.cookies.items())})
        stream = c.getresponse()
        while len(seen) < N and time.time() < end:
            line = stream.readline()
            if not line:
                break
            if line.startswith(b"data:"):
                text = desk.get("/notices/desk").text
                now = time.time()
                for m in re.findall(r"mark(\d+)x", text):
                    seen.setdefault(int(m), now)


watcher = threading.Thread(target=watch, daemon=True)
watcher.start()
for i in range(N):
    page = border.get(f"/notices/new?convoy={convoy}")
    sent[i] = time.time()
    assert border.post("/notices", form=page.hidden("form"), convoy=convoy, what="delay", place="IQ-X-RABIA", text=f"mark{i}x").status == 303
    time.sleep(0.3 + i % 7 * 0.09)
watcher.join(40)
demo.stop()
took = sorted(seen[i] - sent[i] - 10 for i in seen)
at = lambda part: 1000 * took[min(len(took) - 1, int(len(took) * part))]      # noqa: E731
print(f"{len(took)} of {N} seen; after the ten seconds p50 {at(.5):.0f} ms, p99 {at(.99):.0f} ms, at most {1000 * took[-1]:.0f} ms")
sys.exit(0 if len(took) == N else 1)
