#!/usr/bin/env python3
"""Story: the rapid channel. A notice of the border post Rabia reaches the camp and the centre in seconds without a reload, is read there, and both sides see it; names, children of
other rules, suspension, recall."""
import http.client
import json
import re
import sys
import threading
import time

from jisr import Demo, log_lines, story

demo = Demo(int(sys.argv[1]) if len(sys.argv) > 1 else 19801)
v, f = {}, {}


def officers():
    for key, user, node, purpose in (("mig", "officer", "momd.iq", "transfer/agreement"), ("rabia", "border", "momd.iq", "transfer/agreement"), ("sup", "supervisor", "momd.iq", "transfer/agreement"),
                                     ("lead", "lead", "momd.iq", "transfer/agreement"), ("camp", "manager", "camp.sy", "transfer/agreement"),
                                     ("desk", "registrar", "centre.iq", "reception/mandate"), ("eye", "oversight", "oversight", None)):
        v[key] = demo.signed_in(user, node=node, purpose=purpose)


def wait(what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        got = what()
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError("it did not come")


def send(who, what, text="", **more):
    page = v[who].get(f"/notices/new?convoy={f['convoy']}")
    assert page.status == 200, page.status
    place = re.search(r'name="place" value="([A-Z0-9-]+)" required checked', page.text).group(1)
    return v[who].post("/notices", form=page.hidden("form"), convoy=f["convoy"], what=what, place=place, text=text, **more)


class Ear(threading.Thread):
    """An open page: the stream of hints, and when it heard the first."""

    def __init__(self, who):
        super().__init__(daemon=True)
        self.heard, self.lines, self.status = None, [], None
        self.c = http.client.HTTPConnection(v[who].host, timeout=40)
        self.c.request("GET", "/live", headers={"Cookie": "; ".join(f"{k}={x}" for k, x in v[who].cookies.items())})
        self.r = self.c.getresponse()
        self.status = self.r.status
        self.start()

    def run(self):
        try:
            while True:
                line = self.r.readline().decode().strip()
                if line:
                    self.lines.append(line)
                if line.startswith("data:") and not self.heard:
                    self.heard = time.time()
        except Exception:
            pass


def a_convoy_is_known_to_all():
    officers()
    f["convoy"] = v["mig"].create("convoy", title="Convoy 7", route=["SY-P-HOL", "IQ-X-RABIA", "IQ-P-JEDDAH1"], lead="Lead", lead_phone="+9647700000000",
                                  depart_plan="2026-11-20T05:00").location.split("/")[-1]


def nobody_else_writes_or_listens():
    assert v["sup"].get(f"/notices/new?convoy={f['convoy']}").status == 403, "a supervisor sends no notice"
    assert demo.visitor("centre.iq").get("/live").status in (303, 401), "a stranger hears nothing"
    vetter = demo.signed_in("vetting", node="vetting.iq", purpose="vetting/statute")
    assert vetter.get("/live").status == 403 and "data-live" not in vetter.get("/today").text, "no role of the vetting office reads notices"


def a_name_needs_a_second_tap():
    a = send("rabia", "delay", "علي حسن ينتظر")
    assert a.status == 422 and "علي حسن" in a.text and "reads like a person" in a.text, a.status
    a = send("rabia", "delay", "حسين جاسم", confirmed="yes")
    assert a.status == 303, "she says that it is none"
    assert v["rabia"].post("/notices", form="01a20b73-d07f-7883-91ec-000000000001", convoy=f["convoy"], what="nothing", place="IQ-X-RABIA").status == 422


def it_waits_ten_seconds_and_can_be_withdrawn():
    page = v["rabia"].get("/notices")
    assert "Goes out in" in page.text and 'http-equiv="refresh" content="5"' in page.text
    own = re.search(r'/notices/([0-9a-f-]{36})/move', page.text).group(1)
    assert v["rabia"].post(f"/notices/{own}/move", form=page.hidden("form"), move="withdraw").status == 303
    assert "Goes out in" not in v["rabia"].get("/notices").text


def it_arrives_at_the_open_pages_of_both_desks():
    ears = {who: Ear(who) for who in ("desk", "camp", "lead")}
    assert all(e.status == 200 for e in ears.values())
    before = v["desk"].get("/notices/alarm").text
    assert "to be read" not in before, before
    at = time.time()
    assert send("rabia", "road_closed", "جسر مغلق قرب المنفذ").status == 303
    assert send("rabia", "child_alone").status == 303
    wait(lambda: "to be read" in v["desk"].get("/notices/alarm").text, 30)
    assert time.time() - at >= 9.5, "not before the ten seconds"
    wait(lambda: all(e.heard for e in ears.values()))
    for e in ears.values():
        assert all(line in ("retry: 3000", "data: ask again", ":") or ":" not in line or len(line) < 8 for line in e.lines), e.lines
    text = wait(lambda: (t := v["desk"].get("/notices/desk").text).count("/ack") == 2 and t)
    assert "Road closed" in text and "جسر مغلق" in text and "momd.iq" in text and "حسين" not in text, "the withdrawn one never left"
    wait(lambda: v["camp"].get("/notices/desk").text.count("/ack") == 2)
    assert v["lead"].get("/notices/desk").text.count("/ack") == 2, "the other desk of the office"
    assert "/ack" not in v["rabia"].get("/notices/desk").text, "not her own"


def of(who, label):
    t = v[who].get("/notices").text
    return re.search(r'href="/notices/([0-9a-f-]{36})">' + label, t).group(1)


def it_is_acknowledged_and_both_sides_see_it():
    f["road"], f["child"] = of("desk", "Road closed"), of("desk", "Child alone or separated")
    page = v["desk"].get("/notices")
    for n in ("road", "child"):
        assert v["desk"].post(f"/notices/{f[n]}/ack", form=v["desk"].get("/notices").hidden("form")).status == 303
    assert "/ack" not in v["desk"].get("/notices/desk").text and "to be read" not in v["desk"].get("/notices/alarm").text
    text = wait(lambda: (t := v["rabia"].get(f"/notices/{f['road']}").text).count("Received by") == 2 and "Read by:" in t and t)
    assert "centre.iq" in text and "Centre registrar" in text and "Acknowledged" in text, "ticks with words"
    wait(lambda: "Acknowledged" in v["desk"].get(f"/notices/{f['road']}").text)
    assert v["desk"].post(f"/notices/{f['road']}/move", form="01a20b73-d07f-7883-91ec-000000000002", move="recall").status in (403, 422), "only its office recalls it"


def a_notice_about_a_person_owes_its_ground():
    def move(n, m):
        return v["rabia"].post(f"/notices/{f[n]}/move", form=v["rabia"].get("/r/rapid_notice/new").hidden("form"), move=m)
    assert move("child", "end").status == 422, "first the ground"
    page = v["rabia"].get(f"/notices/{f['child']}")
    assert v["rabia"].post(f"/notices/{f['child']}/ground", form=page.hidden("form"), ground="best_interest_of_child").status == 303
    assert move("child", "end").status == 303
    page = v["rabia"].get(f"/notices/{f['road']}")
    assert "Legal ground" not in page.text, "the first family is never asked for more"
    assert move("road", "recall").status == 303
    wait(lambda: v["desk"].get(f"/notices/{f['road']}").status == 404)
    wait(lambda: v["camp"].get(f"/notices/{f['road']}").status == 404)
    assert v["desk"].get(f"/notices/{f['child']}").status == 200


def vital_interest_passes_a_suspended_agreement_and_oversight_is_told():
    page = v["camp"].get("/agreements")
    ours = re.search(r'href="(/agreements/[0-9a-f]{64})">[^<]*Ministry', page.text).group(1)
    assert v["camp"].post(ours, form=v["camp"].get(ours).hidden("form"), do="suspend").status == 303
    wait(lambda: "Suspended" in v["sup"].get("/agreements").text)
    page = v["rabia"].get(f"/notices/new?convoy={f['convoy']}")
    text = re.sub("[\u2068\u2069]", "", page.text)
    assert "only a threat" in text and "Send (offices: 1)" in text and "do not receive it: 2" in text, "who receives it now"
    seen = v["camp"].get("/r/rapid_notice").text.count("/r/rapid_notice/")
    assert send("rabia", "breakdown").status == 303 and send("rabia", "medical").status == 303
    wait(lambda: "Medical emergency" in v["camp"].get("/notices/desk").text, 30)
    wait(lambda: "Breakdown" in v["desk"].get("/notices/desk").text and "Medical emergency" in v["desk"].get("/notices/desk").text)
    assert "Breakdown" not in v["camp"].get("/notices/desk").text, "the other kinds wait for an agreement"
    f["medical"] = of("camp", "Medical emergency")
    assert v["camp"].post(f"/notices/{f['medical']}/ack", form=v["camp"].get("/notices").hidden("form")).status == 303
    wait(lambda: "Camp manager" in v["rabia"].get(f"/notices/{f['medical']}").text)
    told = wait(lambda: (t := v["eye"].get("/notices/told").text).count("Medical emergency") == 2 and t)
    assert "camp.sy" in told and "momd.iq" in told, "both sides told it"
    assert '"basis":"vital_interest"' in log_lines(v["rabia"]), "and it stands in the log"


if __name__ == "__main__":
    bad = story([a_convoy_is_known_to_all, nobody_else_writes_or_listens, a_name_needs_a_second_tap, it_waits_ten_seconds_and_can_be_withdrawn,
                 it_arrives_at_the_open_pages_of_both_desks, it_is_acknowledged_and_both_sides_see_it, a_notice_about_a_person_owes_its_ground,
                 vital_interest_passes_a_suspended_agreement_and_oversight_is_told])
    demo.stop()
    sys.exit(1 if bad else 0)
