#!/usr/bin/env python3
"""A list of families becomes a register: good files, messy files, hostile files, the same file twice, a crash in the middle."""
import io
import re
import sys
import time
import uuid
import zipfile

from jisr import Demo, run, story

demo = Demo()
facts = {}
HEAD = ["Family number", "Full name", "Mother's name", "Sex", "Date of birth", "Role in the family", "Tent or shelter"]


def csv(rows, sep=","):
    return "".join(sep.join(r) + "\r\n" for r in rows)


def xlsx(rows, merges=(), extra="", cells=None):
    """rows of texts; a value that begins with "=" becomes a formula, (formula, value) one with a value."""
    def esc(t):
        return t.replace("&", "&amp;").replace("<", "&lt;")
    body = []
    for r, row in enumerate(rows, 1):
        out = []
        for c, v in enumerate(row):
            at = f"{chr(65 + c)}{r}"
            if isinstance(v, tuple):
                out.append(f'<c r="{at}" t="str"><f>{esc(v[0])}</f><v>{esc(v[1])}</v></c>' if v[1] else f'<c r="{at}"><f>{esc(v[0])}</f></c>')
            elif isinstance(v, (int, float)):
                out.append(f'<c r="{at}" s="1"><v>{v}</v></c>')
            elif v:
                out.append(f'<c r="{at}" t="inlineStr"><is><t>{esc(v)}</t></is></c>')
        body.append(f'<row r="{r}">{"".join(out)}</row>')
    merged = f'<mergeCells>{"".join(f"<mergeCell ref=%s/>" % (chr(34) + m + chr(34)) for m in merges)}</mergeCells>' if merges else ""
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = f'<?xml version="1.0"?>{extra}<worksheet {ns}><sheetData>{"".join(body)}{cells or ""}</sheetData>{merged}</worksheet>'
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/workbook.xml", f'<workbook {ns} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
                   '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                   '<Relationship Id="rId1" Type="t" Target="worksheets/sheet1.xml"/></Relationships>')
        z.writestr("xl/styles.xml", f'<styleSheet {ns}><cellXfs count="2"><xf/><xf numFmtId="14"/></cellXfs></styleSheet>')
        z.writestr("xl/worksheets/sheet1.xml", sheet)
    return f.getvalue()


def upload(v, content, name="list.csv"):
    form = v.get("/import").hidden("form")
    return upload_form(v, content, form, name)


def upload_form(v, content, form, name="list.csv"):
    if isinstance(content, str):
        content = content.encode()
    b = uuid.uuid4().hex
    body = (f'--{b}\r\nContent-Disposition: form-data; name="form"\r\n\r\n{form}\r\n--{b}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f'Content-Type: application/octet-stream\r\n\r\n').encode() + content + f"\r\n--{b}--\r\n".encode()
    return v.ask("POST", "/import", body, {"Content-Type": f"multipart/form-data; boundary={b}", "Origin": f"http://{v.host}"})


def settled(v, place, seconds=20):
    """The page when nothing runs any more."""
    until = time.time() + seconds
    while time.time() < until:
        page = v.get(place)
        assert page.status == 200, f"{place}: {page.status}"
        if "<progress" not in page.text:
            return page
        time.sleep(0.1)
    raise AssertionError(f"{place} does not end")


def act(v, place, what, **fields):
    page = v.get(place)
    return v.post(f"{place.split('?')[0]}/{what}", form=page.hidden("form"), **fields)


def fact(page, label):
    found = re.search(r"<dt>%s</dt><dd class=\"big\">([\d,]+)" % re.escape(label), page.text)
    return int(found.group(1).replace(",", "")) if found else None


def registrar():
    return demo.signed_in("registrar", purpose="registration/mandate")


def confirmed(v, place):
    assert act(v, place, "confirm").status == 303
    return settled(v, place)


def total(v, what):
    page = v.get(f"/r/{what}")
    return int(re.search(r'class="foot small"><span>([\d,]+)', page.text).group(1).replace(",", ""))


GOOD = [HEAD,
        ["1", "سعاد كريم جاسم", "نجاة علي", "Female", "1988-03-02", "Head of family", "A-1"],
        ["1", "علي حسن كاظم", "سعاد كريم", "Male", "2015", "Member", ""],
        ["1", "زينب حسن كاظم", "سعاد كريم", "أنثى", "٢٠١٧-٠٥-٠١", "Member", ""],
        ["2", "هدى ناصر محمود", "فاطمة حمد", "2", "1/7/1975", "", "A-2"]]


def a_list_that_follows_the_template_goes_straight_on():
    v = facts["v"] = registrar()
    a = upload(v, csv(GOOD))
    assert a.status == 303 and "/import/" in a.location, (a.status, a.text[-400:])
    facts["good"] = a.location
    page = settled(v, a.location)
    assert fact(page, "Rows that can be taken") == 4 and fact(page, "Families") == 2, page.text
    assert "the year was taken" in page.text and "Year only." in page.text
    assert total(v, "person") == 0, "nothing is visible before the confirmation"


def confirmation_makes_people_families_and_tasks():
    v = facts["v"]
    page = confirmed(v, facts["good"])
    assert fact(page, "People registered") == 4 and fact(page, "Families") == 2, page.text
    assert total(v, "person") == 4 and total(v, "household") == 2
    people = v.get("/r/person").text
    assert "Registered" in people and "هدى ناصر محمود" in people
    p = demo.signed_in("protection", purpose="protection/vital_interest")
    assert total(p, "task") == 2, "an adult waits to be heard, a child does not"


def the_same_file_again_is_recognised():
    v = facts["v"]
    a = upload(v, csv(GOOD))
    assert a.status == 303 and a.location.split("?")[0] == facts["good"]
    assert "was uploaded before" in v.get(a.location).text
    assert total(v, "person") == 4


def the_same_form_again_changes_nothing():
    v = facts["v"]
    form = v.get("/import").hidden("form")
    rows = [HEAD, ["7", "نوال صبري عزيز", "أمينة", "Female", "1990", "", ""]]
    one = upload_form(v, csv(rows), form)
    two = upload_form(v, csv(rows + [["8", "سميرة صبري عزيز", "أمينة", "Female", "1991", "", ""]]), form)
    assert one.location == two.location
    assert fact(settled(v, one.location), "Rows in the file") == 1
    assert act(v, one.location, "cancel").status == 303


def the_same_people_in_another_file_are_shown_side_by_side():
    v = facts["v"]
    rows = GOOD + [["3", "وفاء سالم داود", "رجاء", "Female", "1980", "", "A-3"], ["4", "وفاء سالم داود", "ابتهال", "Female", "1980", "", "A-4"]]
    rows[4] = rows[4][:6] + ["B-9"]
    place = upload(v, csv(rows)).location
    page = settled(v, place)
    assert fact(page, "Look like the same person") >= 4, page.text
    assert "In the register" in page.text and "Decide first" in page.text
    assert act(v, place, "confirm").status == 422, "nothing merges and nothing doubles by itself"
    assert act(v, place, "pairs", all="exact-same").status == 303
    assert act(v, place, "pairs", all="different").status == 303
    before = total(v, "person"), total(v, "household")
    page = confirmed(v, place)
    assert total(v, "person") == before[0] + 2 and total(v, "household") == before[1] + 2, (before, total(v, "person"), total(v, "household"))
    assert fact(page, "In the register already") == 4, page.text


def faults_stand_at_their_cells_in_her_language():
    v = facts["v"]
    rows = [HEAD, ["1", "أمل طارق", "خديجة", "Female", "2031-01-01", "", ""], ["2", "بشرى طارق", "خديجة", "X", "1990", "", ""], ["3", "رنا طارق", "", "Female", "unknown", "", ""],
            ["4", "سلمى طارق", "خديجة", "Female", "", "", ""], ["5", "", "خديجة", "Female", "1990", "", ""], ["5", "كوثر طارق", "خديجة", "Female", "1991", "", ""]]
    place = facts["faulty"] = upload(v, csv(rows)).location
    page = settled(v, place)
    assert fact(page, "Rows that can be taken") == 1 and fact(page, "Rows with errors") == 5, page.text
    for sentence in ("This date is in the future.", "This is none of the values of the list.", "is needed: many people share one name", "This is required.", "a family is taken whole"):
        assert sentence in page.text, sentence
    v.cookies["jisr-lang"] = "ar"
    assert "هذا التاريخ في المستقبل" in v.get(place).text
    v.cookies["jisr-lang"] = "en"
    f = v.get_bytes(f"{place}/faults.xlsx")
    with zipfile.ZipFile(io.BytesIO(f)) as z:
        sheet = z.read("xl/worksheets/sheet1.xml").decode()
    assert "Why it cannot be taken" in sheet and "أمل طارق" in sheet and "This date is in the future." in sheet
    page = confirmed(v, place)
    assert fact(page, "People registered") == 1


def the_template_comes_back_as_a_table():
    v = facts["v"]
    for lang in ("ar", "ckb", "en"):
        v.cookies["jisr-lang"] = lang
        f = v.get_bytes("/import/template.xlsx")
        with zipfile.ZipFile(io.BytesIO(f)) as z:
            sheet = z.read("xl/worksheets/sheet1.xml").decode()
        assert "dataValidation" in sheet and ("rightToLeft" in sheet) == (lang != "en")
        v.cookies["jisr-lang"] = "en"
        a = upload(v, f, "t.xlsx")
        assert a.status == 422 and "there is nobody in this table" in a.text, (lang, a.status, a.text[-300:])


def a_list_of_its_own_kind_gets_a_page_and_is_remembered():
    v = facts["v"]
    rows = [["قائمة العائلات في القطاع الخامس"], ["تاريخ الطباعة", "2026"], ["ت", "رقم العائلة", "اسم الفرد", "اسم الأب", "اسم الجد", "اسم الوالدة", "الجنس", "العمر"],
            ["1", "77", "نهلة", "فؤاد", "رشيد", "سهام", "أنثى", "41"], ["2", "", "ياسر", "جبار", "رشيد", "نهلة", "ذكر", "9"], ["", "المجموع", "2"]]
    a = upload(v, xlsx(rows, merges=["B4:B5"]), "x.xlsx")
    page = settled(v, a.location)
    assert "Which column is what?" in page.text, page.text
    chosen = dict(re.findall(r'<select class="in" id="(c\d+)".*?<option value="([a-z_]*)" selected', page.text, re.S))
    assert chosen.get("c1") == "family" and chosen.get("c2") == chosen.get("c3") == chosen.get("c4") == "name" and chosen.get("c5") == "mother_name", chosen
    assert act(v, a.location, "columns", heading="2", c2="name").status == 422
    assert act(v, a.location, "columns", heading="2", c1="family", c2="name", c3="name", c4="name", c5="mother_name", c6="sex", c7="age").status == 303
    page = settled(v, a.location)
    assert fact(page, "Rows that can be taken") == 2 and fact(page, "Families") == 1 and "نهلة فؤاد رشيد" in page.text, page.text
    rows[3][2] = "ابتسام"
    page = settled(v, upload(v, xlsx(rows), "y.xlsx").location)
    assert fact(page, "Rows that can be taken") == 2, "the next list of the same kind goes straight on"


def any_encoding_and_separator_of_office_programs():
    v = facts["v"]
    head = ["رقم العائلة", "الاسم الكامل", "اسم الأم", "الجنس", "تاريخ الولادة"]
    for n, (encoding, sep) in enumerate((("cp1256", ";"), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-16-le", ","), ("utf-8", "|"))):
        rows = [head, [f"{n}1", f"ميادة {'ابجدهوز'[n]}رقمان", "سناء", "أنثى", "1982/3/4" if encoding == "cp1256" else "١٩٨٢/٣/٤"]]
        a = upload(v, csv(rows, sep).encode(encoding))
        assert a.status == 303, (encoding, a.status)
        page = settled(v, a.location)
        if "Which column is what?" in page.text:
            assert act(v, a.location, "columns", heading="0", c0="family", c1="name", c2="mother_name", c3="sex", c4="birth").status == 303
            page = settled(v, a.location)
        assert fact(page, "Rows that can be taken") == 1 and "ميادة" in page.text, encoding


def formulas_are_never_evaluated():
    v = facts["v"]
    rows = [HEAD, ["1", ("CONCAT(A1,B1)", "ليلى ماجد سلوم"), "نادية", "Female", 32874, "", ""], ["2", ("1+1", ""), "نادية", "Female", "1990", "", ""]]
    page = settled(v, upload(v, xlsx(rows), "f.xlsx").location)
    assert fact(page, "Rows that can be taken") == 1 and "its last value was taken" in page.text and "A formula without a value" in page.text
    assert "1990" in page.text, "a date that is a number with a format"


def hostile_files_are_refused_with_a_sentence():
    v = facts["v"]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/workbook.xml", "<workbook/>")
        with z.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as f:
            for _ in range(100):
                f.write(b" " * (1 << 20))
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as z:
        for i in range(1500):
            z.writestr(f"f{i}", "")
    entities = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    cases = {"bomb": (bomb.getvalue(), "far too large"), "entries": (many.getvalue(), "far too large"), "not zip": (b"PK\x03\x04 nothing", "no XLSX file"),
             "text": (b"\x00\x01\x02\x03\x04", "This is no table"), "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "old Excel"), "empty": (b"", "Choose a file first"),
             "doctype": (xlsx([HEAD], extra=entities), "document type"), "cut": (xlsx(GOOD)[:-400], "no XLSX file"), "pdf": (b"%PDF-1.7 x", "This is a PDF")}
    for name, (content, sentence) in cases.items():
        a = upload(v, content, "x.xlsx")
        assert a.status in (413, 422) and sentence in a.text, (name, a.status, a.text[-400:])
    assert upload(v, b"x" * (17 << 20)).status == 413


def a_million_empty_rows_are_nothing():
    v = facts["v"]
    empty = "".join(f'<row r="{i}"><c r="A{i}" s="1"/></row>' for i in range(10, 1000000, 2))
    rows = [HEAD, ["1", "رابعة نزار عدنان", "بلقيس", "Female", "1979", "", ""]]
    page = settled(v, upload(v, xlsx(rows, cells=empty), "m.xlsx").location)
    assert fact(page, "Rows in the file") == 1, page.text


def missing_and_doubled_columns_are_asked_about():
    v = facts["v"]
    a = upload(v, csv([["Full name", "Sex"], ["صفية", "Female"]]))
    assert "Which column is what?" in settled(v, a.location).text
    b = upload(v, csv([HEAD[:5] + ["Sex"], ["1", "صفية ربيع", "سعدية", "Female", "1990", "Male"]]))
    assert "Which column is what?" in settled(v, b.location).text


def who_may_not_import():
    for user, node in (("protection", "camp.sy"), ("manager", "camp.sy"), ("officer", "momd.iq")):
        x = demo.signed_in(user, node, purpose="registration/mandate")
        assert x.get("/import").status == 403, user
        assert upload_form(x, csv(GOOD), str(uuid.uuid4())).status == 403, user
        assert x.get(facts["good"]).status in (403, 404), user
    assert demo.visitor().get("/import").status == 303
    v = facts["v"]
    b = uuid.uuid4().hex
    assert v.ask("POST", "/import", f"--{b}--\r\n", {"Content-Type": f"multipart/form-data; boundary={b}", "Origin": "http://elsewhere.example"}).status in (400, 403)


def a_crash_in_the_middle_loses_and_doubles_nothing():
    v = facts["v"]
    rows = [HEAD]
    for i in range(400):
        for k in range(3):
            rows.append([f"c{i}", f"فرد{i} ابن{k} حامد{i % 7}", f"والدة{i}", "Female", str(1970 + k * 15), "", f"C-{i}"])
    a = upload(v, csv(rows))
    assert a.status == 303, a.text[-300:]
    page = settled(v, a.location)
    assert fact(page, "Rows that can be taken") == 1200, re.sub(r"<[^>]*>", " ", page.text[page.text.index("<h1"):])[:900]
    before = total(v, "person"), total(v, "household")
    assert act(v, a.location, "confirm").status == 303
    for pause in (0.15, 0.25):
        time.sleep(pause)
        demo.kill()
        demo.start()
    v = facts["v"] = registrar()
    page = settled(v, a.location)
    assert fact(page, "People registered") == 1200 and fact(page, "Families") == 400, re.sub(r"<[^>]*>", " ", page.text[page.text.index("<h1"):])[:900]
    assert total(v, "person") == before[0] + 1200 and total(v, "household") == before[1] + 400


def the_log_tells_of_it_and_verifies():
    rc, out = run("log", "verify", demo.node("camp.sy")["dir"])
    assert rc == 0, out
    lines = facts["v"].get("/log/tile/entries/000").text
    assert '"act":"receive"' in lines and "سعاد" not in lines


class bytes_get:
    """Files are bytes, pages are text."""
    def __init__(self, visitor):
        import http.client
        self.visitor, self.client = visitor, http.client

    def __call__(self, path):
        c = self.client.HTTPConnection(self.visitor.host, timeout=30)
        c.request("GET", path, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in self.visitor.cookies.items())})
        r = c.getresponse()
        assert r.status == 200, f"{path}: {r.status}"
        return r.read()


type(demo.visitor()).get_bytes = lambda self, path: bytes_get(self)(path)

STEPS = [a_list_that_follows_the_template_goes_straight_on, confirmation_makes_people_families_and_tasks, the_same_file_again_is_recognised, the_same_form_again_changes_nothing,
         the_same_people_in_another_file_are_shown_side_by_side, faults_stand_at_their_cells_in_her_language, the_template_comes_back_as_a_table,
         a_list_of_its_own_kind_gets_a_page_and_is_remembered, any_encoding_and_separator_of_office_programs, formulas_are_never_evaluated,
         hostile_files_are_refused_with_a_sentence, a_million_empty_rows_are_nothing, missing_and_doubled_columns_are_asked_about, who_may_not_import,
         a_crash_in_the_middle_loses_and_doubles_nothing, the_log_tells_of_it_and_verifies]
bad = story([s for s in STEPS if len(sys.argv) < 2 or any(a in s.__name__ for a in sys.argv[1:])])
demo.stop()
sys.exit(1 if bad else 0)
