#!/usr/bin/env python3
"""Slow, cut and half-open clients: each is left in time, and nobody else waits for them."""
import socket
import ssl
import sys
import threading
import time
from jisr import PORT, Demo, story

demo = Demo()
LATE = 25          # a header must be there after 15 s, a body that comes in drops after 30 s


def connect(port=PORT):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def until_closed(s):
    """Seconds until the other side closes."""
    began = time.time()
    try:
        while s.recv(4096):
            pass
    except OSError:
        pass
    return time.time() - began


def dribble(s, one, stop):
    """Sends `one` byte again and again until the other side has closed or `stop` seconds are over."""
    began = time.time()
    s.settimeout(0.2)
    while time.time() - began < stop:
        try:
            s.send(one)
        except OSError:
            return time.time() - began
        try:
            if s.recv(4096) == b"":
                return time.time() - began
        except socket.timeout:
            pass
        except OSError:
            return time.time() - began
        time.sleep(0.3)
    return None


slow = {}


def silent():
    s = connect()
    slow["silent"] = until_closed(s)


def header_in_drops():
    s = connect()
    s.send(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ")
    slow["header"] = dribble(s, b"a", 40)


def body_in_drops():
    s = connect()
    s.send(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\nuser=")
    slow["body"] = dribble(s, b"a", 60)


def handshake_never():
    s = connect(PORT + 100)
    s.send(b"\x16\x03")
    slow["handshake"] = dribble(s, b"\x01", 40)


THREADS = [threading.Thread(target=f) for f in (silent, header_in_drops, body_in_drops, handshake_never)]
for t in THREADS:
    t.start()


def others_do_not_wait():
    crowd = [connect() for _ in range(200)]
    for s in crowd[:100]:
        s.send(b"GET /health HT")
    began = time.time()
    for _ in range(50):
        assert demo.visitor().get("/health").status == 200
    assert time.time() - began < 5, f"{time.time() - began:.1f} s for 50 pages"
    for s in crowd:
        s.close()


def half_closed_client_is_not_kept():
    """RFC 9112 9.6: a close may be taken for one of both directions. Answered or not, it must not hang."""
    s = connect()
    s.send(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    s.shutdown(socket.SHUT_WR)
    s.settimeout(10)
    text = b""
    while True:
        part = s.recv(4096)
        if not part:
            break
        text += part
    assert text == b"" or text.startswith(b"HTTP/1.1 200"), text[:80]


def client_that_is_gone_harms_nobody():
    for _ in range(100):
        s = connect()
        s.send(b"GET /log/checkpoint HTTP/1.1\r\nHost: x\r\n\r\n")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        s.close()
    assert demo.visitor().get("/health").status == 200


def old_tls_is_refused():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        c.wrap_socket(connect(PORT + 100))
    except ssl.SSLError:
        return
    raise AssertionError("TLS 1.2 was spoken")


def slow_ones_were_left_in_time():
    for t in THREADS:
        t.join(70)
    assert slow["silent"] is not None and slow["silent"] < 35, slow
    assert slow["header"] is not None and slow["header"] < LATE, slow
    assert slow["handshake"] is not None and slow["handshake"] < LATE, slow
    assert slow["body"] is not None and 25 < slow["body"] < 45, slow


bad = story([others_do_not_wait, half_closed_client_is_not_kept, client_that_is_gone_harms_nobody, old_tls_is_refused, slow_ones_were_left_in_time])
demo.stop()
sys.exit(1 if bad else 0)
