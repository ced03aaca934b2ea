"""What scenario tests share: a demo in a temporary folder, a browser without a screen, the line protocol of tools/run-tests."""
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

JISR = os.environ.get("JISR", "build/jisr")


def ports():
    """The first of 200 ports that are this story's alone, by its place in the folder: nodes from here, their partner lines 100 above, the rest as it likes. Two stories never meet."""
    stories = sorted(f for f in os.listdir(os.path.dirname(os.path.abspath(__file__))) if f.endswith(".py"))
    name = os.path.basename(sys.argv[0])      # of a bench: none of the stories
    return 20000 + 200 * (stories.index(name) if name in stories else len(stories))


PORT = ports()


# The smallest picture, and the same as a camera leaves it, with its place.
_BODY = b"\xff\xdb\x00\x43\x00" + b"\x10" * 64 + b"\xff\xc4\x00\x14\x00\x01" + b"\0" * 16 + b"\xff\xc4\x00\x14\x10\x01" + b"\0" * 16 + \
    b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\xd9"
PLAIN, CARRIED = b"\xff\xd8" + _BODY, b"\xff\xd8\xff\xe1\x00\x12Exif\0\0LAT36.8123" + _BODY


class Demo:
    """`jisr demo` on free ports; stops it and removes the folder at the end."""

    def __init__(self, port=PORT):
        self.folder = tempfile.TemporaryDirectory()
        self.dir, self.port, self.networks = os.path.join(self.folder.name, "d"), port, {}
        self.start()

    def start(self):
        said = os.path.join(self.folder.name, "stderr")
        with open(said, "a") as errors:
            self.process = subprocess.Popen([JISR, "demo", "--empty", "--dir", self.dir, "--port", str(self.port)], stdout=subprocess.PIPE, stderr=errors, text=True,
                                            start_new_session=True)
        for line in self.process.stdout:
            if line.startswith("ready"):
                break
        else:
            with open(said) as f:
                raise SystemExit(f"not ok demo: it does not start: {f.read()[-2000:]}")
        with open(os.path.join(self.dir, "demo.json")) as f:
            self.facts = json.load(f)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        time.sleep(0.3)

    def node(self, name):
        return next(n for n in self.facts["nodes"] if n["name"] == name)

    def network(self, node):
        """Where that node runs: a context (wire.py), or here."""
        return self.networks.get(node, contextlib.nullcontext())

    def visitor(self, node="camp.sy"):
        return Visitor(self.node(node)["url"], self.network(node))

    def signed_in(self, user, node="camp.sy", purpose=None):
        v = self.visitor(node)
        a = next(a for a in self.facts["accounts"] if a["node"] == node and a["user"] == user)
        assert v.post("/login", user=a["user"], password=a["password"]).status == 303, "sign-in"
        if purpose:
            assert v.post("/purpose", purpose=purpose).status == 303, "purpose"
        return v


class Answer:
    def __init__(self, status, location, text, refresh=None):
        self.status, self.location, self.text, self.refresh = status, location, text, refresh

    def hidden(self, name):
        found = re.search(r'name="%s" value="([^"]*)"' % name, self.text)
        return found.group(1) if found else None


class Visitor:
    def __init__(self, url, network=contextlib.nullcontext()):
        self.network = network
        self.host = urllib.parse.urlparse(url).netloc
        self.cookies = {"jisr-lang": "en"}

    def ask(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection(self.host, timeout=30)
        h = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        h.update(headers or {})
        with self.network:
            c.request(method, path, body, h)
        r = c.getresponse()
        text = r.read().decode("utf-8", "replace")
        for k, v in r.getheaders():
            if k == "Set-Cookie":
                name, value = v.split(";")[0].split("=", 1)
                self.cookies[name] = value
        return Answer(r.status, r.getheader("Location"), text, r.getheader("Refresh"))

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, sent_from=None, **form):
        return self.ask("POST", path, urllib.parse.urlencode(form, doseq=True),
                        {"Content-Type": "application/x-www-form-urlencoded", "Origin": sent_from or f"http://{self.host}"})

    def upload(self, path, name, content, **form):
        """A form with a file, as a browser sends it; content None: none was chosen."""
        def part(head, data):
            return b"--xx\r\nContent-Disposition: form-data; name=" + head + b"\r\n\r\n" + data + b"\r\n"
        body = b"".join(part(b'"%s"' % k.encode(), x.encode()) for k, values in form.items() for x in (values if isinstance(values, list) else [values]))
        if content is not None:
            body += part(b'"%s"; filename="p.jpg"\r\nContent-Type: image/jpeg' % name.encode(), content)
        return self.ask("POST", path, body + b"--xx--\r\n", {"Content-Type": "multipart/form-data; boundary=xx", "Origin": f"http://{self.host}"})

    def picture(self, path):
        """Status, type and bytes of what is no page."""
        c = http.client.HTTPConnection(self.host, timeout=20)
        c.request("GET", path, headers={"Cookie": "; ".join(f"{k}={x}" for k, x in self.cookies.items())})
        r = c.getresponse()
        return r.status, r.getheader("Content-Type"), r.read()

    def typed(self, type_name, parent=None, **fields):
        """What the form of a new record answers at first."""
        page = self.get(f"/r/{type_name}/new" + (f"?parent={parent}" if parent else ""))
        assert page.status == 200, f"form of {type_name}: {page.status}"
        if parent:
            fields["parent"] = parent
        return self.post(f"/r/{type_name}/new", form=page.hidden("form"), **fields)

    def create(self, type_name, parent=None, **fields):
        """Invented people are alike: asked whether somebody is registered already, the registrar says that they are two."""
        answer = self.typed(type_name, parent, **fields)
        if parent:
            fields["parent"] = parent
        if answer.status == 200 and 'name="twins"' in answer.text:
            return self.post(f"/r/{type_name}/new", form=answer.hidden("form"), twins=answer.hidden("twins"), **fields)
        return answer

    def stick(self, to):
        """What the page of sticks writes for an office; a browser saves it."""
        c = http.client.HTTPConnection(self.host, timeout=30)
        c.request("POST", "/bundles/write", urllib.parse.urlencode({"to": to, "form": self.get("/bundles").hidden("form")}),
                  {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.host}", "Cookie": "; ".join(f"{k}={x}" for k, x in self.cookies.items())})
        content = c.getresponse().read()
        assert content.startswith(b"age-encryption.org/v1\n"), content[:300]
        return content

    def read_stick(self, content):
        edge = "stick"
        body = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.age"\r\n\r\n'.encode() + content + f"\r\n--{edge}--\r\n".encode()
        a = self.ask("POST", "/bundles/read", body, {"Content-Type": f"multipart/form-data; boundary={edge}", "Origin": f"http://{self.host}"})
        assert a.status == 200, (a.status, re.sub("<[^>]*>", " ", a.text)[-500:])
        return a.text

    def move(self, record, move, **form):
        page = self.get(f"{record}/move/{move}")
        assert page.status == 200, f"move {move}: {page.status}"
        return self.post(f"{record}/move/{move}", form=page.hidden("form"), version=page.hidden("version"), **form)


def run(*args):
    p = subprocess.run([JISR, *args], capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout.strip()


def log_lines(visitor):
    """All entries of a log whose lines anybody may read, as one text."""
    size, text = int(visitor.get("/log/checkpoint").text.split("\n")[1]), ""
    for tile in range((size + 255) // 256):
        width = min(256, size - tile * 256)
        text += visitor.get(f"/log/tile/entries/{tile:03}" + (f".p/{width}" if width < 256 else "")).text
    return text


def story(steps):
    """Runs functions in order; each is one test; one that fails does not stop those after it."""
    bad = 0
    for step in steps:
        try:
            step()
            print("ok", step.__name__)
        except Exception as e:
            bad += 1
            line = next((x.lineno for x in traceback.extract_tb(e.__traceback__)[1:]), 0)
            print(f"not ok {step.__name__}: line {line}: {type(e).__name__} {e}")
        sys.stdout.flush()
        if bad and os.environ.get("JISR_FIRST"):      # for whoever mends it
            break
    return bad
