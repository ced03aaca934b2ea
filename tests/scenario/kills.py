#!/usr/bin/env python3
"""kill -9 of any process of two offices at random points, while a batch goes from the camp to the ministry and onto its bus: what was acknowledged is there afterwards, nothing
is there twice, both logs verify. Each form is sent again until it is answered, as a person would; JISR_KILLS says how many processes are killed (short: 20), JISR_SEED
which points."""
import collections
import json
import os
import random
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from jisr import JISR, Demo, run, story

KILLS = int(os.environ.get("JISR_KILLS", "20"))
SEED = int(os.environ.get("JISR_SEED", "0")) or secrets.randbelow(1 << 30)
FAMILIES = 6 if KILLS <= 60 else 24
ADULTS = 17                # of each: questions to the vetting office leave a hundred at a time, so that none is known by its company
random.seed(SEED)
demo = Demo()          # makes the folders, the pins and the agreements
demo.stop()
LIMIT_S = 4 * KILLS + 60


def form_id():
    ms = int(time.time() * 1000).to_bytes(6, "big")
    raw = bytearray(ms + secrets.token_bytes(10))
    raw[6], raw[8] = raw[6] & 15 | 0x70, raw[8] & 63 | 0x80
    h = raw.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class Office:
    """One node under a supervisor that starts it again, as systemd would."""

    def __init__(self, name):
        self.name, self.dir, self.running, self.process = name, demo.node(name)["dir"], True, None
        self.log = open(os.path.join(demo.dir, name + ".stderr"), "w")
        self.serve()

    def serve(self):
        self.process = subprocess.Popen([JISR, "serve", self.dir], stderr=self.log, stdout=subprocess.DEVNULL)

    def watch(self):
        if self.running and self.process.poll() is not None:
            time.sleep(0.1)
            self.serve()

    def pids(self):
        """The parent and all below it."""
        children = collections.defaultdict(list)
        for p in os.listdir("/proc"):
            if p.isdigit():
                try:
                    with open(f"/proc/{p}/stat") as f:
                        children[int(f.read().rsplit(")", 1)[1].split()[1])].append(int(p))
                except OSError:
                    pass
        found, todo = [], [self.process.pid]
        while todo:
            found.append(todo.pop())
            todo += children[found[-1]]
        return found

    def stop(self):
        self.running = False
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


offices = {name: Office(name) for name in ("camp.sy", "momd.iq", "vetting.iq")}
kills = collections.Counter()
done = threading.Event()
outlived = []              # processes of a node whose parent had been killed


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def who_lives(pids, limit_s=3):
    """Those who still live when the parent has been dead for so long."""
    end = time.time() + limit_s
    while time.time() < end and any(lives(p) for p in pids):
        time.sleep(0.02)
    return [p for p in pids if lives(p)]


def killer():
    while not done.is_set():
        for o in offices.values():
            o.watch()
        if sum(kills.values()) < KILLS:
            o = offices[random.choice(("camp.sy", "momd.iq"))]
            all_of_it = o.pids()
            victim = random.choice(all_of_it)
            try:
                os.kill(victim, signal.SIGKILL)
                kills["parent" if victim == o.process.pid else "child"] += 1
            except OSError:
                pass
            if victim == o.process.pid:
                outlived.extend(who_lives(all_of_it[1:]))
        time.sleep(random.uniform(0.2, 1.6))


class Officer:
    """Somebody at a desk who tries again until her node answers; the same form, so that nothing is done twice."""

    def __init__(self, user, node, purpose):
        self.user, self.node, self.purpose = user, node, purpose
        self.v = demo.visitor(node)
        account = next(a for a in demo.facts["accounts"] if a["node"] == node and a["user"] == user)
        assert self.try_again(lambda: self.v.post("/login", user=user, password=account["password"])).status == 303
        assert self.try_again(lambda: self.v.post("/purpose", purpose=purpose)).status == 303

    def try_again(self, ask):
        end = time.time() + LIMIT_S
        while time.time() < end:
            try:
                answer = ask()
                if answer.status not in (503, 500):
                    return answer
            except Exception:      # no answer: refused, reset, cut off
                pass
            time.sleep(0.05)
        raise AssertionError(f"{self.user}: the node does not answer")

    def get(self, path):
        return self.try_again(lambda: self.v.get(path))

    def post(self, path, **form):
        form.setdefault("form", form_id())
        a = self.v_post_any(path, **form)
        if a.status == 200 and 'name="twins"' in a.text:      # invented people are alike: the registrar says that they are two
            a = self.v_post_any(path, **{**form, "form": a.hidden("form"), "twins": a.hidden("twins")})
        assert a.status == 303, f"{path}: {a.status} " + re.sub(r"<[^>]*>", " ", a.text[a.text.find('role="alert"'):][:300])
        return a

    def create(self, kind, **fields):
        made = self.post(f"/r/{kind}/new", **fields).location.split("/")[-1].split("?")[0]
        acknowledged[(self.node, kind)].append(made)
        return made

    def api(self, path):
        a = self.get("/api/1/" + path)
        return json.loads(a.text) if a.status == 200 else {}

    def move(self, kind, record, move, **more):
        self.post(f"/r/{kind}/{record}/move/{move}", version=self.api(f"{kind}/{record}")["version"], reason="test", **more)

    def wait(self, kind, record, state, meanwhile=lambda: None):
        end = time.time() + LIMIT_S
        while time.time() < end:
            if self.api(f"{kind}/{record}").get("state") == state:
                return
            meanwhile()
            time.sleep(0.1)
        raise AssertionError(f"{kind} did not become {state} at {self.node}: {self.api(f'{kind}/{record}').get('state')}")

    def agree(self):
        for p in sorted(set(re.findall(r'href="(/proposals/[0-9a-f-]{36})"', self.get("/today").text))):
            self.v_post_any(p, form=form_id(), answer="yes")

    def v_post_any(self, path, **form):
        return self.try_again(lambda: self.v.post(path, **form))


acknowledged = collections.defaultdict(list)
facts = {"adults": 0}


def families_are_registered():
    r, p = facts["registrar"], facts["protection"]
    for f in range(FAMILIES):
        people = []
        for i in range(ADULTS + 1):
            who = r.create("person", name=f"اسم{f}{i} مختلق كريم", mother_name=f"أم{f}{i} مختلق", sex="2", birth="2018-02-03" if i == ADULTS else "1985-02-03", nationality="IQ")
            r.post(f"/r/person/{who}/move/register", version="1")
            people.append(who)
        family = r.create("household", head=people[0], shelter=f"C-{f}", origin_place="IQG15")
        for i, who in enumerate(people):
            r.create("household_member", parent=family, person=who, role="member" if i else "head", **({"guardian": people[0]} if i == ADULTS else {}))
        for who in people[:ADULTS]:
            p.create("consent", person=who, wish="wants", given_by="self", heard_alone="yes", how="thumb", informed="yes", heard_in="ara")
            facts["adults"] += 1


def list_reaches_the_ministry():
    r, m = facts["registrar"], facts["officer"]
    facts["list"] = r.create("nominal_list", origin="SY-P-HOL")
    r.post(f"/lists/{facts['list']}/families", all="1")
    r.post(f"/lists/{facts['list']}/fit", fit="yes")
    r.move("nominal_list", facts["list"], "submit")
    m.wait("nominal_list", facts["list"], "submitted")
    facts["batch"] = m.create("batch", batch_no="7", origin="SY-P-HOL", destination="IQ-P-JEDDAH1", planned=time.strftime("%Y-%m-%d"))
    facts["convoy"] = m.create("convoy", title="Batch 7", route=["SY-P-HOL", "IQ-X-RABIA"], lead="Invented Lead", escort_body="joint_operations", medical_cover="ambulance",
                               depart_plan=time.strftime("%Y-%m-%dT02:00:00.000Z"))
    m.post(f"/r/nominal_list/{facts['list']}/edit", version=m.api(f"nominal_list/{facts['list']}")["version"], batch=facts["batch"], convoy=facts["convoy"])


def vetting_answers():
    s, v, vs = facts["supervisor"], facts["vetting"], facts["vetting_supervisor"]
    s.post("/vetting/requests")
    answered, end = set(), time.time() + LIMIT_S
    while len(answered) < facts["adults"] and time.time() < end:
        for who, path, said in ((v, "/vetting/answers", {"all": "ready"}), (vs, "/vetting/decisions", {"answer": "yes"})):
            checks = re.findall(r'name="check" value="([0-9a-f-]{36})', who.get("/vetting").text)
            if checks:
                who.post(path, check=checks, **said)
            if who is vs:
                answered.update(checks)
        time.sleep(0.1)
    assert len(answered) == facts["adults"], (len(answered), facts["adults"])
    while time.time() < end and s.api("vetting_request?state=submitted").get("total", 1):
        time.sleep(0.1)


def both_offices_approve():
    s, m = facts["supervisor"], facts["manager"]
    s.move("nominal_list", facts["list"], "approve")
    s.wait("nominal_list", facts["list"], "approved", m.agree)
    s.move("nominal_list", facts["list"], "freeze")
    facts["registrar"].wait("nominal_list", facts["list"], "frozen")


def everybody_boards():
    lead, r = facts["lead"], facts["registrar"]
    legs = [lead.create("vehicle_leg", parent=facts["convoy"], plate=f"TEST-{i}", capacity="80", from_place="SY-P-HOL", to_place="IQ-P-JEDDAH1")
            for i in range(FAMILIES // 4 + 1)]      # four families of 18 fill one
    lead.post(f"/convoys/{facts['convoy']}/plan")
    facts["boarded"] = 0
    for leg in legs:
        path = f"/convoys/{facts['convoy']}/legs/{leg}"
        seats = sorted(set(re.findall(r'name="seat" value="([0-9a-f-]{36})', lead.get(path + "/boarding").text)))
        if seats:
            lead.post(path + "/boarding", seat=seats, all="board")
        lead.post(path + "/seal", head_count=str(len(seats)))
        facts["boarded"] += len(seats)
    for leg in legs:
        lead.wait("vehicle_leg", leg, "sealed", r.agree)
    assert facts["boarded"] == FAMILIES * (ADULTS + 1), facts["boarded"]


def waits(office):
    """Does a message wait for one of the three? Those that do not run here get theirs another day."""
    try:
        db = sqlite3.connect(f"file:{office.dir}/node.db?mode=ro", uri=True, timeout=10)
        names = "','".join(offices)
        found = db.execute(f"SELECT partner, kind FROM outbox WHERE state IN (0, 1) AND partner IN ('{names}')").fetchall()
        db.close()
        return found
    except sqlite3.OperationalError:      # it is being started
        return True


def everything_acknowledged_is_there_once():
    end = time.time() + LIMIT_S
    while sum(kills.values()) < KILLS and time.time() < end:      # while what is left goes over the line
        time.sleep(0.2)
    done.set()
    thread.join()
    for o in offices.values():      # whoever is down comes up once more, and tells the others what waits
        o.watch()
    end = time.time() + 60
    while time.time() < end and any(waits(o) for o in offices.values()):
        time.sleep(0.5)
    r, m = facts["registrar"], facts["officer"]
    for (node, kind), ids in acknowledged.items():
        assert len(ids) == len(set(ids)), f"{kind}: an id twice"
        who = {"consent": facts["protection"], "vehicle_leg": facts["lead"]}.get(kind, r if node == "camp.sy" else m)
        total = who.api(kind)["total"]
        if kind != "household_member":
            assert total == len(ids), f"{kind} at {node}: {total} instead of {len(ids)}"
        for i in ids:
            assert who.get(f"/api/1/{kind}/{i}").status == 200, f"{kind} is lost at {node}"
    people = acknowledged[("camp.sy", "person")]
    assert r.api("nominal_list_row")["total"] == m.api("nominal_list_row")["total"] == len(people), "rows of the list"
    for kind in ("person", "household"):
        assert m.api(kind)["total"] == len(acknowledged[("camp.sy", kind)]), f"{kind} at the ministry"


def no_step_is_doubled_in_the_logs():
    for o in offices.values():
        o.stop()
    for (node, kind), ids in acknowledged.items():
        db = sqlite3.connect(os.path.join(offices[node].dir, "node.db"))
        lines = [json.loads(x) for (x,) in db.execute("SELECT line FROM log_entry")]
        db.close()
        made = sum(1 for e in lines if e["act"] == "create" and e.get("type") == kind)
        assert made == len(ids), f"{kind} at {node}: {made} entries for {len(ids)} records"
        if kind == "person":
            moved = sum(1 for e in lines if e["act"] == "move" and e.get("move") == "register")
            assert moved == len(ids), f"{moved} registrations for {len(ids)} people"


def both_logs_verify():
    for name in offices:
        code, said = run("log", "verify", offices[name].dir)
        assert code == 0 and said.endswith("ok"), (name, said)


def processes_were_killed():
    assert sum(kills.values()) >= KILLS, dict(kills)


def none_outlives_its_parent():
    assert kills["parent"] and not outlived, (dict(kills), len(outlived))


thread = threading.Thread(target=killer)
try:
    for key, who in {"registrar": ("registrar", "camp.sy", "registration/mandate"), "protection": ("protection", "camp.sy", "registration/consent"),
                     "manager": ("manager", "camp.sy", "transfer/agreement"), "officer": ("officer", "momd.iq", "transfer/agreement"),
                     "supervisor": ("supervisor", "momd.iq", "transfer/agreement"), "lead": ("lead", "momd.iq", "transfer/agreement"),
                     "vetting": ("vetting", "vetting.iq", "vetting/statute"), "vetting_supervisor": ("supervisor", "vetting.iq", "vetting/statute")}.items():
        facts[key] = Officer(*who)
    thread.start()
    bad = story([families_are_registered, list_reaches_the_ministry, vetting_answers, both_offices_approve, everybody_boards, everything_acknowledged_is_there_once,
                 no_step_is_doubled_in_the_logs, both_logs_verify, processes_were_killed, none_outlives_its_parent])
finally:
    done.set()
    if thread.ident:
        thread.join()
    for o in offices.values():
        if o.process.poll() is None:
            o.stop()
if bad:
    print(f"seed {SEED}, killed {dict(kills)}", file=sys.stderr)
sys.exit(1 if bad else 0)
