#!/usr/bin/env python3
"""How long an XLSX of N rows (default 10,000) takes over HTTP: read, checked and compared with the register, then registered. The node's memory before and at its peak."""
import io
import os
import re
import sys
import time
import uuid
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "scenario"))
from jisr import Demo  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
GIVEN = "سعاد علي زينب هدى حسن كريم ناصر محمود أمل بشرى رنا سلمى كوثر نوال سميرة وفاء ياسر جبار نهلة فؤاد".split()


def name(i):
    return " ".join(GIVEN[i // 20 ** k % 20] for k in range(4))


def workbook(rows):
    body = "".join(f'<row r="{r}">' + "".join(f'<c r="{chr(65 + c)}{r}" t="inlineStr"><is><t>{v}</t></is></c>' for c, v in enumerate(row)) + "</row>" for r, row in enumerate(rows, 1))
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/workbook.xml", f'<workbook {ns}><sheets><sheet name="a" sheetId="1"/></sheets></workbook>')
        z.writestr("xl/worksheets/sheet1.xml", f"<worksheet {ns}><sheetData>{body}</sheetData></worksheet>")
    return f.getvalue()


def upload(v, content):
    b = uuid.uuid4().hex
    form = v.get("/import").hidden("form")
    body = (f'--{b}\r\nContent-Disposition: form-data; name="form"\r\n\r\n{form}\r\n--{b}\r\nContent-Disposition: form-data; name="file"; filename="l.xlsx"\r\n\r\n').encode() + content + f"\r\n--{b}--\r\n".encode()
    return v.ask("POST", "/import", body, {"Content-Type": f"multipart/form-data; boundary={b}", "Origin": f"http://{v.host}"}).location


def settled(v, place):
    while True:
        page = v.get(place)
        if "<progress" not in page.text:
            return page
        time.sleep(0.05)


def memory(node):
    """Peak resident memory of the node process, kB: the child of `serve` that has the database open."""
    best = 0
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            files = [os.readlink(f"/proc/{p}/fd/{f}") for f in os.listdir(f"/proc/{p}/fd")]
            if any(f.startswith(node["dir"]) and f.endswith("node.db") for f in files):
                status = open(f"/proc/{p}/status").read()
                best = max(best, int(re.search(r"VmHWM:\s+(\d+)", status).group(1)))
        except OSError:
            pass
    return best


demo = Demo(24020)
try:
    v = demo.signed_in("registrar", purpose="registration/mandate")
    node = demo.node("camp.sy")
    content = workbook([["Family number", "Full name", "Mother's name", "Sex", "Date of birth"]] +
                       [[str(i // 4), name(i), GIVEN[i % 20] + f" {i // 4}", "Female", str(1950 + i % 60)] for i in range(ROWS)])
    before, began = memory(node), time.monotonic()
    place = upload(v, content)
    read = time.monotonic()
    page = settled(v, place)
    compared = time.monotonic()
    assert v.post(f"{place}/confirm", form=page.hidden("form")).status == 303, page.text[-500:]
    page = settled(v, place)
    done = time.monotonic()
    people = re.search(r"People registered</dt><dd class=\"big\">([\d,]+)", page.text).group(1)
    print(f"rows {ROWS}, file {len(content)} bytes; read and checked {read - began:.2f} s, compared with the register {compared - read:.2f} s, sum {compared - began:.2f} s")
    print(f"registered {people} people in {done - compared:.2f} s; node peak {before / 1024:.0f} -> {memory(node) / 1024:.0f} MB")
finally:
    demo.stop()
