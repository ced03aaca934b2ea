"""What the benches share: wrk, its answers, medians, who runs on this machine."""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "scenario"))
os.environ.setdefault("JISR", os.path.join(ROOT, "build", "jisr"))
from jisr import Demo  # noqa: E402,F401

UNIT_MS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}


def packages(*names):
    subprocess.run([os.path.join(ROOT, "tools", "packages"), *names], check=True)


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", open("/proc/cpuinfo").read())
    return f"{os.cpu_count()} x {cpu.group(1) if cpu else '?'}, load {os.getloadavg()[0]:.1f} before the run"


def wrk(url, connections, seconds, cookie=None, paths=None, post=None, per_second=None):
    """requests/s and the median and 99th percentile in ms. per_second: closed loop with pauses, so that about so many are asked."""
    head = {"Cookie": cookie} if cookie else {}
    lua = ["local paths = {%s}" % ",".join(json.dumps(p) for p in paths or ["/"]), "local at = 0", "local head = {%s}" % ",".join(f"[{json.dumps(k)}]={json.dumps(v)}" for k, v in head.items()),
           "function request()", "  at = at % #paths + 1",
           f"  return wrk.format({json.dumps('POST' if post else 'GET')}, paths[at], head, {json.dumps(post) if post else 'nil'})", "end"]
    if per_second:
        lua += ["function delay() return %d end" % round(1000 * connections / per_second)]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as f:
        f.write("\n".join(lua))
        f.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", f.name, url], capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    at = {p: float(v) * UNIT_MS[u] for p, v, u in re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m)$", out, re.M)}
    return rate, at["50"], at["99"]


def middle(values):
    return statistics.median(values), min(values)


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)
