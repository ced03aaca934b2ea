"""Two networks with a wire between them that loses, delays, repeats, mixes up and damages real IP packets: a TUN device in each, and a thread that carries packets from one to the
other. Made of what every kernel has (netem is a module that many lack), with dice of its own, so that a seed gives the same weather again."""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time

CLONE_NEWNET, TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x40000000, 0x400454CA, 1, 0x1000
libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)


class Network:
    """A network namespace. `with network:` what this thread opens and starts is in it."""

    def __init__(self, device, address):
        self.device, self.address, self.left = device, address, []
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        call("unshare", CLONE_NEWNET)
        try:
            self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
            for command in (["link", "set", "lo", "up"], ["addr", "add", f"{address}/24", "dev", device], ["link", "set", device, "up"]):
                subprocess.run(["ip", *command], check=True, stdout=subprocess.DEVNULL)
        finally:
            call("setns", home, CLONE_NEWNET)
            os.close(home)

    def __enter__(self):
        self.left.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))
        call("setns", self.fd, CLONE_NEWNET)

    def __exit__(self, *ignored):
        home = self.left.pop()
        call("setns", home, CLONE_NEWNET)
        os.close(home)

    def mtu(self, size):
        with self:
            subprocess.run(["ip", "link", "set", self.device, "mtu", str(size)], check=True)


class Weather:
    """Shares of packets (0 to 1) and seconds. delay: each packet waits that long; uneven: up to that much longer, so that packets overtake each other. largest: longer ones vanish."""

    def __init__(self, lost=0.0, twice=0.0, damaged=0.0, delay=0.0, uneven=0.0, largest=65535, down=False):
        self.lost, self.twice, self.damaged, self.delay, self.uneven, self.largest, self.down = lost, twice, damaged, delay, uneven, largest, down


class Wire(threading.Thread):
    def __init__(self, seed, a, b):
        super().__init__(daemon=True)
        self.ends, self.dice, self.weather, self.count = (a.tun, b.tun), random.Random(seed), Weather(), {"carried": 0, "lost": 0, "twice": 0, "damaged": 0}
        self.ending, self.waiting, self.n = False, [], 0
        self.start()

    def run(self):
        while not self.ending:
            now = time.monotonic()
            while self.waiting and self.waiting[0][0] <= now:
                _, _, to, packet = heapq.heappop(self.waiting)
                try:
                    if self.weather.down:
                        raise OSError
                    os.write(to, packet)
                    self.count["carried"] += 1
                except OSError:
                    self.count["lost"] += 1      # the device is down, or its queue is full: as on any wire
            ready, _, _ = select.select(self.ends, [], [], min(0.05, max(0, self.waiting[0][0] - now)) if self.waiting else 0.05)
            for end in ready:
                self.take(os.read(end, 65536), self.ends[1 - self.ends.index(end)])

    def take(self, packet, to):
        w = self.weather
        if w.down or len(packet) > w.largest or self.dice.random() < w.lost:
            self.count["lost"] += 1
            return
        times = 1
        if self.dice.random() < w.twice:
            times = 2
            self.count["twice"] += 1
        for _ in range(times):
            sent = packet
            if self.dice.random() < w.damaged:
                at = self.dice.randrange(len(packet))
                sent = packet[:at] + bytes([packet[at] ^ 1 << self.dice.randrange(8)]) + packet[at + 1:]
                self.count["damaged"] += 1
            self.n += 1
            heapq.heappush(self.waiting, (time.monotonic() + w.delay + self.dice.random() * w.uneven, self.n, to, sent))

    def stop(self):
        self.ending = True
        self.join(5)
