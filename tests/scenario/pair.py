"""Two offices of a demo, camp and ministry, whose line is at its worst: what their stories do (somebody is registered, a list is handed over, a record is changed) and what
has to be true afterwards, whatever happened in between."""
import os
import re
import signal
import sqlite3
import subprocess
import time

from jisr import JISR, Demo, run


class Office:
    """A node of the demo, started by itself."""

    def __init__(self, demo, name):
        self.demo, self.name, self.dir, self.url, self.process = demo, name, demo.node(name)["dir"], demo.node(name)["url"], None

    def start(self):
        with self.network:
            self.process = subprocess.Popen([JISR, "serve", self.dir], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        end = time.time() + 20
        while time.time() < end:
            try:
                return self.health("messages_waiting")
            except (OSError, AttributeError):
                time.sleep(0.05)
        raise AssertionError(f"{self.name} does not start")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    @property
    def network(self):
        return self.demo.network(self.name)

    def health(self, name):
        return int(re.search(rf"^{name} (\d+)$", self.demo.visitor(self.name).get("/health").text, re.M).group(1))

    def rows(self, query):
        db = sqlite3.connect(f"file:{self.dir}/node.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()


class Pair:
    def __init__(self, seed):
        self.seed, self.demo, self.people, self.edited, self.desks = seed, Demo(), [], 0, {}
        self.demo.stop()
        self.camp, self.ministry = Office(self.demo, "camp.sy"), Office(self.demo, "momd.iq")

    def stop(self):
        for o in (self.camp, self.ministry):
            o.stop()

    def invite(self, of, by, url):
        """The invitation of one office, with the address of whatever is in between, goes to the other one: the same key, so no code."""
        code, note = run("partner", "invite", of.dir, "--url", url)
        assert code == 0, (of.name, url)
        path = os.path.join(self.demo.dir, of.name + ".invite")
        with open(path, "w") as f:
            f.write(note + "\n")
        code, said = run("partner", "accept", by.dir, path)
        assert code == 0, said

    def wait(self, what, true, limit_s=40):
        end = time.time() + limit_s
        while time.time() < end:
            if true():
                return
            time.sleep(0.03)
        raise AssertionError(f"{what}: not within {limit_s} s; waiting {self.camp.health('messages_waiting')}, trouble {self.trouble()!r} (seed {self.seed})")

    def trouble(self):
        return self.camp.rows("SELECT trouble FROM partner_line WHERE partner='momd.iq'")[0][0]

    def drained(self):
        return self.camp.health("messages_waiting") == 0 and not self.camp.rows("SELECT 1 FROM record_due LIMIT 1")

    def both_agree(self, limit_s=40):
        """What the camp says was delivered is what the ministry applied; each once; what people see is the same; both logs verify."""
        self.wait("all messages are there", self.drained, limit_s)
        sent = [r[0] for r in self.camp.rows("SELECT hex(id) FROM outbox WHERE partner='momd.iq'")]
        told = {r[0] for r in self.camp.rows("SELECT hex(id) FROM outbox WHERE partner='momd.iq' AND state=2")}
        applied = [r[0] for r in self.ministry.rows("SELECT hex(id) FROM inbox WHERE partner='camp.sy' AND verdict='applied'")]
        assert len(sent) == len(told) == len(applied) and set(sent) == told == set(applied), (len(sent), len(told), len(applied))
        lines = self.ministry.rows("SELECT count(*) FROM log_entry WHERE line LIKE '%\"act\":\"receive\"%\"move\":\"applied\"%'")[0][0]
        assert lines == len(applied), f"{lines} entries for {len(applied)} messages"
        receipts = self.camp.rows("SELECT count(*) FROM log_entry WHERE line LIKE '%\"act\":\"receipt\"%'")[0][0]
        assert receipts == len(told), f"{receipts} receipts for {len(told)} messages"
        query = "SELECT hex(r.id), r.type, r.state, r.version, hex(v.digest) FROM record r JOIN record_version v ON v.record=r.id AND v.version=r.version" \
                " WHERE r.type IN ('person', 'nominal_list') ORDER BY 1"
        ours, theirs = self.camp.rows(query), self.ministry.rows(query)
        known = {r[0] for r in theirs}
        assert [r for r in ours if r[0] in known] == theirs and len(theirs) >= len(self.people), "the two offices show different versions"
        for o in (self.camp, self.ministry):
            with o.network:
                code, said = run("log", "verify", o.url, "--key", self.demo.node(o.name)["log_key"])
            assert code == 0 and said.endswith("ok"), (o.name, said)

    def registrar(self):
        if "registrar" not in self.desks:
            self.desks["registrar"] = self.demo.signed_in("registrar", purpose="registration/mandate")
        return self.desks["registrar"]

    def create(self, kind, by=None, **fields):
        a = (by or self.registrar()).create(kind, **fields)
        assert a.status == 303, (kind, a.status, re.sub(r"<[^>]*>", " ", a.text[a.text.find('role="alert"'):][:300]))
        return a.location.split("/")[-1].split("?")[0]

    def new_list(self):
        """A family of one, on a list that is ready to be handed over."""
        r = self.registrar()
        who = self.create("person", name="اسم مختلق كريم", mother_name="أم مختلقة", sex="2", birth="1985-02-03", nationality="IQ")
        assert r.move(f"/r/person/{who}", "register").status == 303
        family = self.create("household", head=who, shelter="C-1", origin_place="IQG15")
        self.create("household_member", parent=family, person=who, role="head")
        if "protection" not in self.desks:
            self.desks["protection"] = self.demo.signed_in("protection", purpose="registration/consent")
        self.create("consent", by=self.desks["protection"], person=who, wish="wants", given_by="self", heard_alone="yes", how="thumb", informed="yes", heard_in="ara")
        made = self.create("nominal_list", origin="SY-P-HOL")
        page = r.get(f"/lists/{made}")
        a = r.post(f"/lists/{made}/families", form=page.hidden("form"), family=family)
        assert a.status == 303, a.status
        self.people.append(who)
        return made

    def hand_over(self, made):
        a = self.registrar().move(f"/r/nominal_list/{made}", "submit")
        assert a.status == 303, (a.status, re.sub(r"<[^>]*>", " ", a.text[a.text.find('role="alert"'):][:300]))

    def edit(self, who=None):
        """One change of a person whom the ministry has a copy of: one message."""
        self.edited += 1
        r, who = self.registrar(), who or self.people[0]
        page = r.get(f"/r/person/{who}/edit")
        a = r.post(f"/r/person/{who}/edit", form=page.hidden("form"), version=page.hidden("version"), name=f"اسم مختلق {self.edited}", mother_name="أم مختلقة", sex="2", birth="1985-02-03",
                   nationality="IQ")
        assert a.status == 303, a.status

    def edits(self, n, pause=0.0):
        for _ in range(n):
            self.edit()
            time.sleep(pause)
