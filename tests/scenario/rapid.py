#!/usr/bin/env python3
"""Story: the rapid channel. A notice of the border post Rabia reaches the camp and the centre in seconds without a reload, is read there, and both sides see it; names, children of
other rules, suspension, recall."""
import http.client
import json
import re
import sys
import threading
import time

from jisr import CARRIED, PLAIN, Demo, log_lines, story

demo = Demo()
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
        self.heard, self.lines, self.status, self.ended = None, [], None, False
        self.c = http.client.HTTPConnection(v[who].host, timeout=40)
        self.c.request("GET", "/live", headers={"Cookie": "; ".join(f"{k}={x}" for k, x in v[who].cookies.items())})
        self.r = self.c.getresponse()
        self.status = self.r.status
        self.start()

    def run(self):
        try:
            while True:
                line = self.r.readline().decode()
                if not line:
                    self.ended = True
                    return
                line = line.strip()
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


def streams_are_few_and_say_one_thing():
    ears = [Ear("desk") for _ in range(8)]
    wait(lambda: sum(e.ended for e in ears) == 2)
    assert ears[0].ended and ears[1].ended, "the oldest of a session end"
    wait(lambda: all(e.lines == ["retry: 3000"] for e in ears))
    for e in ears:
        e.c.close()


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
    assert send("rabia", "papers").status == 303
    wait(lambda: "to be read" in v["desk"].get("/notices/alarm").text, 30)
    assert time.time() - at >= 9.5, "not before the ten seconds"
    wait(lambda: all(e.heard for e in ears.values()))
    for e in ears.values():
        assert set(e.lines) <= {"retry: 3000", "data: ask again", ":"}, e.lines
    text = wait(lambda: (t := v["desk"].get("/notices/desk").text).count("/ack") == 3 and t)
    assert "Road closed" in text and "جسر مغلق" in text and "momd.iq" in text and "حسين" not in text, "the withdrawn one never left"
    wait(lambda: v["camp"].get("/notices/desk").text.count("/ack") == 3)
    assert v["lead"].get("/notices/desk").text.count("/ack") == 3, "the other desk of the office"
    assert "/ack" not in v["rabia"].get("/notices/desk").text, "not her own"


def of(who, label):
    t = v[who].get("/notices").text
    return re.search(r'href="/notices/([0-9a-f-]{36})">' + label, t).group(1)


def it_is_acknowledged_and_both_sides_see_it():
    f["road"], f["child"] = of("desk", "Road closed"), of("desk", "Child alone or separated")
    page = v["desk"].get("/notices")
    for n in (f["road"], f["child"], of("desk", "Papers missing")):
        assert v["desk"].post(f"/notices/{n}/ack", form=v["desk"].get("/notices").hidden("form")).status == 303
    assert "/ack" not in v["desk"].get("/notices/desk").text and "to be read" not in v["desk"].get("/notices/alarm").text
    text = wait(lambda: (t := v["rabia"].get(f"/notices/{f['road']}").text).count("Received by their node, with proof") == 2 and "Read by:" in t and t)
    assert "centre.iq" in text and "Centre registrar" in text and "Acknowledged" in text, "ticks with words"
    wait(lambda: "Acknowledged" in v["desk"].get(f"/notices/{f['road']}").text)
    assert v["desk"].post(f"/notices/{f['road']}/move", form="01a20b73-d07f-7883-91ec-000000000002", move="recall").status in (403, 422), "only its office recalls it"


def photo(notice, content, desks):
    return v["rabia"].upload(f"/notices/{notice}/photo", "photo", content, form=v["rabia"].get(f"/notices/{notice}").hidden("form"), desk=desks)


def a_photograph_goes_to_named_desks_without_what_the_camera_wrote():
    papers = of("rabia", "Papers missing")
    assert "image/jpeg" not in v["rabia"].get(f"/notices/{f['road']}").text, "only with papers and doubtful documents"
    assert photo(papers, b"<svg>", ["CENTRE_REG@centre.iq"]).status == 422
    assert photo(papers, CARRIED, []).status == 422
    assert photo(papers, CARRIED, ["CENTRE_REG@centre.iq", "CAMP_MGR@camp.sy", "CONVOY_LEAD@momd.iq"]).status == 422, "two desks at most"
    assert photo(papers, CARRIED, ["CENTRE_REG@centre.iq"]).status == 303
    where = wait(lambda: re.search(r'href="(/photos/[0-9a-f-]{36})"', v["desk"].get(f"/notices/{papers}").text)).group(1)
    assert v["desk"].picture(where) == (200, "image/jpeg", PLAIN), "the picture, and nothing of the camera"
    manager = demo.signed_in("manager", node="centre.iq", purpose="reception/mandate")
    assert manager.get(where).status == 403 and v["camp"].get(where).status == 404 and v["rabia"].get(where).status == 403, "named desks only"
    assert "A photograph was sent" in v["rabia"].get(f"/notices/{papers}").text


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


def it_is_linked_to_a_request_that_there_is():
    papers = f"/notices/{of('rabia', 'Papers missing')}"
    lia, sup, camp = [demo.signed_in(u, node=n, purpose="coordination/agreement") for u, n in (("liaison", "momd.iq"), ("liaison-supervisor", "momd.iq"), ("liaison", "camp.sy"))]
    page = v["rabia"].get(papers)
    assert v["rabia"].post(papers + "/ground", form=page.hidden("form"), ground="best_interest_of_child").status == 303
    link = lambda number: v["rabia"].post(papers + "/request", form=v["rabia"].get(papers).hidden("form"), request=number)
    a = link("2026-99")
    assert a.status == 422 and "No request of this number" in a.text and 'value="2026-99"' in a.text, a.status
    form = dict(recipient="camp.sy", question="papers", asked=["case_exists"], for_purpose="coordination", basis="agreement", ground="Papers are missing.", urgency="d3", handling="green", reply_days="30")
    rfi = lia.post("/channel", form=lia.get("/channel/new").hidden("form"), **form).location
    assert lia.post(rfi + "/persons", form=lia.get(rfi).hidden("form"), asked_as="applicant", name="سلمى مختلقة", birth="1985").status == 303
    assert link("2026-1").status == 422, "a draft has no number and carries nothing"
    assert lia.post(rfi + "/move", form=lia.get(rfi).hidden("form"), move="send").status == 303
    p = re.search(r'/proposals/[0-9a-f-]{36}', sup.get("/today").text).group(0)
    assert sup.post(p, form=sup.get(p).hidden("form"), answer="yes").status == 303
    number = re.search(r"\b20\d\d-1\b", lia.get(rfi).text).group(0)
    assert link(number + " camp.sy").status == 422, "the camp gave none"
    assert link("".join(chr(0x660 + int(c)) if c.isdigit() else c for c in number)).status == 303, "in Arabic digits too"
    assert f"{number} momd.iq" in v["rabia"].get(papers).text and f'href="{rfi}"' not in v["rabia"].get(papers).text, "who may not read it sees the number"
    lia.post("/purpose", purpose="transfer/agreement")
    assert f'href="{rfi}"' in lia.get(papers).text, "a link for who may"
    camp.post("/purpose", purpose="transfer/agreement")
    wait(lambda: f'href="{rfi}"' in camp.get(papers).text)


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


def a_room_is_opened_by_two_offices():
    page = v["camp"].get("/agreements")
    ours = re.search(r'href="(/agreements/[0-9a-f]{64})">[^<]*Ministry', page.text).group(1)
    assert v["camp"].post(ours, form=v["camp"].get(ours).hidden("form"), do="resume").status == 303
    for key, user, node in (("lia", "liaison", "momd.iq"), ("campsup", "liaison-supervisor", "camp.sy"), ("camplia", "liaison", "camp.sy"), ("liasup", "liaison-supervisor", "momd.iq"), ("cenlia", "liaison", "centre.iq")):
        v[key] = demo.signed_in(user, node=node, purpose="coordination/agreement")
    v["eye"].post("/purpose", purpose="oversight/mandate")
    wait(lambda: "momd.iq" in v["lia"].get("/rooms/new").text and "camp.sy" in v["lia"].get("/rooms/new").text)
    page = v["lia"].get("/rooms/new")
    form = dict(title="Crossing on Monday", purpose="Convoy 7 on the road and at the crossing", agreement="Return of families, 2026", convoys=f["convoy"], places="IQ-X-RABIA",
                member=["LIAISON@camp.sy", "LIAISON@centre.iq", "BORDER_OFF@momd.iq"])
    a = v["lia"].post("/rooms", form=page.hidden("form"), days="15", **form)
    assert a.status == 422 and "14 days" in a.text, "not longer"
    a = v["lia"].post("/rooms", form=page.hidden("form"), days="7", **form)
    assert a.status == 303, a.text[-300:]
    f["room"] = a.location
    assert "is not open" in note("lia", "situation", "x", source_grade="B", info_grade="2").text, "proposed is not open"
    p = wait(lambda: re.search(r'href="/proposals/([0-9a-f-]{36})"', v["campsup"].get("/today").text)).group(1)
    assert v["campsup"].post(f"/proposals/{p}", form=v["campsup"].get(f"/proposals/{p}").hidden("form"), answer="yes").status == 303
    wait(lambda: "Opened" in v["lia"].get(f["room"]).text)
    wait(lambda: "Opened" in v["cenlia"].get(f["room"]).text)
    assert v["sup"].get(f["room"]).status == 403 and v["desk"].get(f["room"]).status == 403, "members only"


def note(who, kind, text, **more):
    page = v[who].get(f["room"])
    form = page.hidden("form") or "01a20b73-d07f-7883-91ec-0000000000%02x" % len(f)
    return v[who].post(f["room"] + "/notes", form=form, note_kind=kind, text=text, **more)


def it_is_reviewed_by_another():
    at = wait(lambda: re.search(r'href="(/r/act_review/[0-9a-f-]{36})">Review this note', v["liasup"].get(f["room"]).text)).group(1)
    assert "Review this note" not in v["cenlia"].get(f["room"]).text + v["lia"].get(f["room"]).text, "by the supervisor of who wrote it"
    assert "Mr Hasan Street" in v["liasup"].get(v["liasup"].get(at).text.split('href="/r/operation_note/', 1)[1].split('"', 1)[0].join(("/r/operation_note/", ""))).text
    assert v["liasup"].move(at, "review").status == 422, "a finding is wanted"
    page = v["liasup"].get(at + "/edit")
    assert v["liasup"].post(at + "/edit", form=page.hidden("form"), version=page.hidden("version"), finding="not_justified").status == 303
    assert v["liasup"].move(at, "review").status == 303
    assert "Review this note" not in v["liasup"].get(f["room"]).text


def notes_reach_every_office_and_are_corrected_by_new_ones():
    assert note("lia", "situation", "Road wet").status == 422, "a situation is graded"
    assert note("lia", "situation", "علي حسن عند المنفذ", source_grade="B", info_grade="2").status == 422, "no names"
    ear = Ear("cenlia")
    assert note("lia", "situation", "The road is closed at the bridge", source_grade="B", info_grade="2").status == 303
    assert note("camplia", "map_mark", "", place="SY-X-YARUB", mark="meeting_point", source_grade="A", info_grade="1").status == 303
    for who in ("lia", "camplia", "cenlia", "rabia"):
        wait(lambda: "closed at the bridge" in (t := v[who].get(f["room"]).text) and "Meeting point" in t)
    wait(lambda: ear.heard)
    text = v["cenlia"].get(f["room"]).text
    assert "<svg" in text and "Convoy 7" in v["lia"].get(f["room"]).text and "camp.sy" in text
    assert note("lia", "decision", "Mr Hasan Street is closed", confirmed="yes").status == 303
    wait(lambda: "Sent after the question about names" in v["cenlia"].get(f["room"]).text)
    it_is_reviewed_by_another()
    own = re.search(r"\?correct=([0-9a-f-]{36})#note", v["cenlia"].get(f["room"]).text).group(1)
    assert note("cenlia", "decision", "The convoy waits one hour", corrects=own).status == 303
    wait(lambda: "Corrected by a later note" in v["lia"].get(f["room"]).text)
    page = v["lia"].get(f["room"] + "/incidents")
    assert v["lia"].post(f["room"] + "/incidents", form=page.hidden("form"), incident_kind="explosive", place="IQ-X-RABIA", source_grade="C", info_grade="3").status == 303
    inc = re.search(r'/incidents/([0-9a-f-]{36})/handover', v["lia"].get(f["room"]).text).group(1)
    page = v["lia"].get(f"/incidents/{inc}/handover")
    assert v["lia"].post(f"/incidents/{inc}/handover", form=page.hidden("form"), body="mine_action", receipt="114, 2026-11-25").status == 303
    wait(lambda: "114, 2026-11-25" in v["camplia"].get(f["room"]).text)


def a_room_that_ended_is_sealed_and_oversight_replays_it():
    page = v["lia"].get(f["room"])
    assert v["lia"].post(f["room"] + "/move", form=page.hidden("form"), move="close").status == 303
    text = wait(lambda: "those that were sealed, in their order" in (t := v["lia"].get(f["room"]).text) and t)
    assert note("lia", "decision", "too late").status == 409
    text = wait(lambda: "those that were sealed, in their order" in (t := v["eye"].get(f["room"]).text) and t)
    order = [text.index(word) for word in ("Situation", "Mark on the map", "Decision")]
    assert order == sorted(order) and "closed at the bridge" not in text and "Meeting point" not in text, "when, of which kind, by whom; not what"
    wait(lambda: "those that were sealed" in v["cenlia"].get(f["room"]).text)


if __name__ == "__main__":
    bad = story([a_convoy_is_known_to_all, nobody_else_writes_or_listens, streams_are_few_and_say_one_thing, a_name_needs_a_second_tap, it_waits_ten_seconds_and_can_be_withdrawn,
                 it_arrives_at_the_open_pages_of_both_desks, it_is_acknowledged_and_both_sides_see_it,
                 a_photograph_goes_to_named_desks_without_what_the_camera_wrote, a_notice_about_a_person_owes_its_ground, it_is_linked_to_a_request_that_there_is,
                 vital_interest_passes_a_suspended_agreement_and_oversight_is_told, a_room_is_opened_by_two_offices,
                 notes_reach_every_office_and_are_corrected_by_new_ones, a_room_that_ended_is_sealed_and_oversight_replays_it])
    demo.stop()
    sys.exit(1 if bad else 0)
