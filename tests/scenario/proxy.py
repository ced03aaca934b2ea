"""A proxy that stands for a bad line. It is told its faults by a function that is asked for each connection; bytes go through as they are (TLS from end to end). And two
partners that lie: with the other office's own key, what a taken over machine would do; with another key, what anybody could."""
import asyncio
import os
import random
import ssl
import threading


class Fault:
    """What happens to one connection. up and down: bytes from the caller, and to it, after which it is cut off; None: never. half: only that direction is closed.
    delay: seconds before a byte goes on; rate: bytes a second, each way."""

    def __init__(self, up=None, down=None, half=False, delay=0.0, rate=None, refuse=False):
        self.up, self.down, self.half, self.delay, self.rate, self.refuse = up, down, half, delay, rate, refuse


class Service:
    """An asyncio server in a thread of its own."""

    def __init__(self, port, context=None):
        self.port, self.context, self.loop, self.tasks = port, context, asyncio.new_event_loop(), set()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(10)

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self.accept, "127.0.0.1", self.port, ssl=self.context, reuse_address=True))
        ready.set()
        self.loop.run_forever()

    async def accept(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await self.serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            self.tasks.discard(task)
            writer.transport.abort()

    def drop(self):
        """Every connection that is open ends."""
        def all_of_them():
            for t in list(self.tasks):
                t.cancel()
        self.loop.call_soon_threadsafe(all_of_them)

    def stop(self):
        async def end():
            self.server.close()
            for t in list(self.tasks):
                t.cancel()
            await asyncio.sleep(0)
        asyncio.run_coroutine_threadsafe(end(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


class Proxy(Service):
    """faults: a function without arguments, asked for each connection, that gives a Fault or None."""

    def __init__(self, port, to):
        self.to, self.faults, self.connections, self.cuts, self.carried = to, None, 0, 0, []
        super().__init__(port)

    async def serve(self, reader, writer):
        fault = (self.faults() if self.faults else None) or Fault()
        self.connections += 1
        if fault.refuse:
            return
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self.to)
        count = [0, 0]
        self.carried.append(count)
        try:
            ways = [asyncio.ensure_future(self.carry(reader, other_writer, fault, count, 0, fault.up)), asyncio.ensure_future(self.carry(other_reader, writer, fault, count, 1, fault.down))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                if fault.half:      # the other way goes on
                    await asyncio.wait(ways, timeout=3)
            finally:
                for w in ways:
                    w.cancel()
        finally:
            other_writer.transport.abort()

    async def carry(self, reader, writer, fault, count, way, most):
        while True:
            data = await reader.read(65536 if not fault.rate else max(1, int(fault.rate / 20)))
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.rate:
                await asyncio.sleep(len(data) / fault.rate)
            left = len(data) if most is None else max(0, most - count[way])
            writer.write(data[:left])
            await writer.drain()
            count[way] += min(left, len(data))
            if not data or (most is not None and count[way] >= most):
                self.cuts += bool(data)
                if fault.half:
                    writer.write_eof()
                return


def cut_once(**where):
    """The next connection is cut off there, those after it are not."""
    todo = [Fault(**where)]
    return lambda: todo.pop() if todo else None


def lossy(share, seed):
    """That share of connections is lost, somewhere."""
    dice = random.Random(seed)
    return lambda: Fault(**{dice.choice(("up", "down")): dice.randrange(0, 6000)}) if dice.random() < share else None


class Liar(Service):
    """Answers POSTs with TLS under the key of `folder`. answer(request bytes) gives the bytes of a whole HTTP answer, or None to hang up."""

    def __init__(self, port, folder, answer):
        self.answer, self.asked = answer, 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "tls.crt"), os.path.join(folder, "tls.key"))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        super().__init__(port, context)

    async def serve(self, reader, writer):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            if b"expect: 100" in head.lower():
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await reader.readexactly(length)
            self.asked += 1
            answer = await self.loop.run_in_executor(None, self.answer, head + body)
            if answer is None:
                return
            writer.write(answer)
            await writer.drain()


def http(status, body, kind="application/vnd.jisr.receipts"):
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def forward(request, port, folder):
    """The same call made under the key of `folder`: the answer's bytes, or None."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(os.path.join(folder, "tls.crt"), os.path.join(folder, "tls.key"))
    import http.client
    head, body = request.split(b"\r\n\r\n", 1)
    c = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    c.request("POST", head.split(b" ")[1].decode(), body, {"Content-Type": "application/vnd.jisr.envelopes"})
    r = c.getresponse()
    answer = r.read()
    c.close()
    return r.status, answer
