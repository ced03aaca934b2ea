#!/usr/bin/env python3
"""Two offices in two networks, and between them a wire that loses a third of all packets, repeats, mixes up, damages and delays them, carries small ones only, or is down for a
while (wire.py). After each: nothing acknowledged is lost, nothing is applied twice, both say the same about what was disclosed, both logs verify.
Skipped where networks of one's own cannot be made. JISR_SEED: which weather; JISR_LONG=1: more of it."""
import os
import re
import secrets
import sys
import time

from jisr import story
from wire import Network, Weather, Wire

LONG = os.environ.get("JISR_LONG") == "1"
SEED = int(os.environ.get("JISR_SEED", "0")) or secrets.randbelow(1 << 30)
try:
    here, there = Network("line", "10.77.0.1"), Network("line", "10.77.0.2")
except (OSError, AttributeError) as e:
    print(f"skipped: no networks of our own ({e}): it wants root, /dev/net/tun and iproute2")
    sys.exit(0)

from pair import Pair      # noqa: E402: no demo where it would be for nothing

pair = Pair(SEED)
camp, ministry, wait = pair.camp, pair.ministry, pair.wait
pair.demo.networks = {"camp.sy": here, "momd.iq": there}
wire = Wire(SEED, here, there)


def listen(office, network):
    """The partners' listener is on the wire, the people's where it was."""
    path = os.path.join(office.dir, "jisr.yaml")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(re.sub(r'^partner_address: .*$', f'partner_address: "{network.address}"', text, flags=re.M))


def work(times):
    for i in range(times):
        pair.hand_over(pair.new_list())
        pair.edits(3, 0.05)
        time.sleep(0.3)


def under(weather, times=2, limit_s=150):
    before = dict(wire.count)
    wire.weather = weather
    work(times * (10 if LONG else 1))
    wait("all in spite of it", pair.drained, limit_s)
    wire.weather = Weather()
    pair.both_agree()
    return {k: wire.count[k] - before[k] for k in before}


# ---- stories ----

def offices_meet_on_the_wire():
    seen = under(Weather(), 1)
    assert seen["carried"] > 40 and seen["lost"] == 0, seen


def third_of_the_packets_is_lost():
    seen = under(Weather(lost=0.3))
    assert seen["lost"] > seen["carried"] / 6, seen


def packets_come_twice_late_and_in_any_order():
    seen = under(Weather(twice=0.3, delay=0.005, uneven=0.05))
    assert seen["twice"] > 3, seen


def all_of_it_at_once_and_damaged():
    seen = under(Weather(lost=0.1, twice=0.1, damaged=0.15, delay=0.01, uneven=0.02))
    assert seen["damaged"] and seen["lost"], seen


def only_small_packets_pass():
    for n in (here, there):
        n.mtu(576)
    under(Weather(largest=576))
    for n in (here, there):
        n.mtu(1500)


def line_is_down_in_the_middle():
    """No answer, no refusal: what was sent is nowhere. Long enough for calls to be given up."""
    made = pair.new_list()
    wire.weather = Weather(delay=0.03)
    before = wire.count["carried"]
    pair.hand_over(made)
    wait("a call has begun", lambda: wire.count["carried"] >= before + 6)
    wire.weather = Weather(down=True)
    pair.edits(2)
    time.sleep(40 if LONG else 12)
    assert camp.health("messages_waiting") > 0 and pair.demo.signed_in("admin").get("/partners").status == 200
    wire.weather = Weather()
    wait("the line is up again", pair.drained, 100)
    pair.both_agree()


def either_office_is_killed_on_a_bad_wire():
    wire.weather = Weather(lost=0.15, uneven=0.03)
    for o in (ministry, camp, ministry):
        pair.edits(2)
        time.sleep(wire.dice.uniform(0, 0.5))
        o.process.kill()
        o.process.wait(20)
        o.start()
    wait("all in spite of it", pair.drained, 150)
    wire.weather = Weather()
    pair.both_agree()


try:
    listen(camp, here)
    listen(ministry, there)
    for of, by, network in ((ministry, camp, there), (camp, ministry, here)):
        pair.invite(of, by, f"https://{network.address}:{int(of.url.split(':')[-1]) + 100}")
    camp.start()
    ministry.start()
    bad = story([offices_meet_on_the_wire, third_of_the_packets_is_lost, packets_come_twice_late_and_in_any_order, all_of_it_at_once_and_damaged, only_small_packets_pass,
                 line_is_down_in_the_middle, either_office_is_killed_on_a_bad_wire])
finally:
    pair.stop()
    wire.stop()
if bad:
    print(f"seed {SEED}: {wire.count}", file=sys.stderr)
sys.exit(1 if bad else 0)
