#!/usr/bin/env python3
"""names: the command line as an office uses it: files in, files out, bad lines named, the same answers with one job and with two."""
import os
import subprocess
import tempfile

JISR = os.environ.get("JISR", "build/jisr")
GALLERY = """id\tname_ar\tmother_ar\tbirth_year\tsex\tgovernorate
A\tعبد الرحمن محمد صالح الجبوري\tفاطمة\t1980\tM\tNinewa
B\tزينب كاظم جواد\tخديجة\t1990\tF\tBaghdad
C\tحسين علي كريم\t\t\t\t
D\tحسن خلف جاسم العبيدي\tمريم\t1990\tM\tAnbar
"""
QUERIES = """query_id\tname\tmother\tbirth_year\tsex\tgovernorate
q1\tEvdirehman Mihemed Salih\t\t1980\tM\t
q2\tZainab Kadhim Jawad\tKhadija\t\tF\t
q3\tحسێن عەلی کەریم\t\t\t\t
q4\tHussein Khalaf Jassim al-Obeidi\tMaryam\t1990\tM\tAnbar
"""


def run(*args):
    p = subprocess.run([JISR, "names", *args], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def check(name, good, why=""):
    print(f"ok {name}" if good else f"not ok {name}: {why}")


with tempfile.TemporaryDirectory() as tmp:
    def file(name, text, mode="w"):
        path = os.path.join(tmp, name)
        with open(path, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as f:
            f.write(text)
        return path

    g, q = file("g.tsv", GALLERY), file("q.tsv", QUERIES)
    status, out, err = run("match", "--gallery", g, "--queries", q, "--top", "2")
    rows = [line.split("\t") for line in out.splitlines()]
    check("the answer has its header", rows[0] == ["query_id", "gallery_id", "score", "rank"], rows[:1])
    first = {r[0]: (r[1], float(r[2])) for r in rows[1:] if r[3] == "1"}
    check("each is found in another script", all(first.get(k, ("",))[0] == v for k, v in (("q1", "A"), ("q2", "B"), ("q3", "C"))) and status == 0 and err == "", (first, err))
    check("a twin is no likely match", first.get("q4", ("", -9))[1] < 0, first.get("q4"))
    ranks = {k: [int(r[3]) for r in rows[1:] if r[0] == k] for k in first}
    check("ranks count from 1 and stop at the top that was asked", all(r == list(range(1, len(r) + 1)) and len(r) <= 2 for r in ranks.values()), ranks)
    check("two jobs answer the same", run("match", "--gallery", g, "--queries", q, "--top", "2", "--jobs", "2")[:2] == (status, out))

    bad = file("bad.tsv", GALLERY.encode() + b"E\tonly a name\nF\tAli \xff Hasan\t\t\t\t\nH\tAli Hasan\t\tsoon\t\t\n\tnobody\t\t\t\t\n", "wb")
    status, out2, err = run("match", "--gallery", bad, "--queries", q, "--top", "2")
    named = [f"line {n}:" in err for n in (6, 7, 8, 9)]
    check("bad lines are named, skipped, and the exit status says so", status == 1 and all(named) and out2 == out, (status, err))
    check("no value of a bad line is repeated", "only a name" not in err and "nobody" not in err, err)
    check("what is not there is wrong use", run("match", "--gallery", os.path.join(tmp, "none"), "--queries", q, "--top", "2")[0] == 2 and run("match", "--gallery", g, "--queries", q, "--top", "0")[0] == 2)
    check("a file without its columns is refused", run("match", "--gallery", file("h.tsv", "a\tb\n1\t2\n"), "--queries", q, "--top", "2")[0] == 2)

    status, out, _ = run("explain", "عبد الرحمن محمد صالح||1980||", "Abdurrahman Mohammed Salih||1981||")
    lines = [line.split("\t") for line in out.splitlines()]
    total = sum(float(r[-1]) for r in lines[1:-1])
    check("an explanation adds up to its score", status == 0 and abs(total - float(lines[-1][-1])) < 0.001, out)
    check("the answer no is status 1", run("explain", "حسن خلف جاسم", "حسين خلف جاسم")[0] == 1 and run("explain", "Владимир", "Владимир")[0] == 1)
    check("fold shows what is compared", run("fold", "أَحْمَد")[1] == "احمد\n" and run("fold", "Şêrko")[1] == "sherko\n")
