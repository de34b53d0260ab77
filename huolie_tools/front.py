"""A small HTTP front for `--workers`: one public port before Odoo's two.

`/websocket` and the polling route go to the evented process, all else to the
workers. It sets the X-Forwarded headers (and drops those a client sent), and ends
each answer exactly where its Content-Length says. For a demonstration and tests;
`deploy/` has the nginx configuration for real use.
"""

import asyncio
import contextlib
import threading

EVENTED = ("/websocket", "/huolie/poll")
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "upgrade"}
FORWARDED = ("x-forwarded-", "forwarded", "x-real-ip")
HEAD_LIMIT = 64 * 1024
CHUNK = 64 * 1024


class Front:
    """The front on `host:port`; runs in a thread of its own."""

    def __init__(self, host, port, http_port, evented_port):
        self.host, self.port = host, port
        self.http_port, self.evented_port = http_port, evented_port
        self.loop = self.stopping = None
        # asyncio holds its tasks weakly: one that waits for Odoo when its client has
        # gone would be collected in the middle
        self.clients = set()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.ready = threading.Event()

    def start(self):
        self.thread.start()
        self.ready.wait(10)

    def stop(self):
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(5)

    def _run(self):
        asyncio.run(self._serve())

    async def _serve(self):
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(
            self._client, self.host, self.port, limit=HEAD_LIMIT, backlog=1024
        )
        self.ready.set()
        await self.stopping.wait()
        server.close()
        # asyncio.run cancels the clients still connected and waits for them

    async def _client(self, reader, writer):
        """Serve one connection until either side ends it."""
        self.clients.add(asyncio.current_task())
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass  # a client that went away or sent no HTTP
        except asyncio.CancelledError:
            pass  # the front stops: asyncio's streams log a cancelled client
        finally:
            self.clients.discard(asyncio.current_task())
            writer.close()

    async def _exchange(self, reader, writer):
        """One request and its answer; whether the connection stays open."""
        head = await _read_head(reader)
        if head is None:
            return False
        method, target, version = head.start.split(" ", 2)
        if "chunked" in head.get("transfer-encoding"):
            await _refuse(writer, "411 Length Required")
            return False
        try:
            up_reader, up_writer = await asyncio.open_connection(
                "127.0.0.1", self._port_of(target), limit=HEAD_LIMIT
            )
        except OSError:
            await _refuse(writer, "502 Bad Gateway")
            return False
        upgrade = head.get("upgrade")
        up_writer.write(self._forwarded(head, writer, upgrade))
        length = 0 if upgrade else int(head.get("content-length") or 0)
        sending = asyncio.ensure_future(_copy(reader, up_writer, length))
        try:
            answer = await _read_head(up_reader)
            while answer and answer.status() == 100:
                answer = await _read_head(up_reader)
            if answer is None:
                await _refuse(writer, "502 Bad Gateway")
                return False
            if answer.status() == 101:
                await _splice(answer, reader, writer, up_reader, up_writer)
                return False
            stays = version == "HTTP/1.1" and "close" not in head.get("connection")
            stays = await _answer(answer, method, up_reader, writer, stays)
            return stays and sending.done()
        finally:
            sending.cancel()
            up_writer.close()

    def _port_of(self, target):
        path = target.split("?", 1)[0]
        evented = any(path == p or path.startswith(p + "/") for p in EVENTED)
        return self.evented_port if evented else self.http_port

    def _forwarded(self, head, writer, upgrade):
        client = writer.get_extra_info("peername")[0]
        lines = [head.start]
        for name, value in head.fields:
            low = name.lower()
            if low not in HOP_BY_HOP and not low.startswith(FORWARDED):
                lines.append(f"{name}: {value}")
        lines += [
            f"X-Forwarded-For: {client}",
            f"X-Real-IP: {client}",
            f"X-Forwarded-Host: {head.get('host')}",
            "X-Forwarded-Proto: http",
        ]
        if upgrade:
            lines += [f"Upgrade: {upgrade}", "Connection: Upgrade"]
        else:
            lines.append("Connection: close")
        return _bytes(lines)


class Head:
    """Start line and fields of a request or an answer."""

    def __init__(self, raw):
        lines = raw.decode("latin-1").split("\r\n")
        self.start = lines[0]
        self.fields = [
            tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]
        ]

    def get(self, name):
        for key, value in self.fields:
            if key.lower() == name:
                return value
        return ""

    def status(self):
        return int(self.start.split(" ", 2)[1])


def _bytes(lines):
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read_head(reader):
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    return Head(raw[:-4])


async def _refuse(writer, status):
    text = f"{status}\n"
    writer.write(
        _bytes(
            [
                f"HTTP/1.1 {status}",
                "Content-Type: text/plain",
                f"Content-Length: {len(text)}",
                "Connection: close",
            ]
        )
        + text.encode()
    )
    await writer.drain()


async def _copy(reader, writer, length=None):
    """Copy `length` bytes, or all until the end when it is None."""
    left = length
    while left is None or left > 0:
        data = await reader.read(CHUNK if left is None else min(CHUNK, left))
        if not data:
            break
        writer.write(data)
        await writer.drain()
        if left is not None:
            left -= len(data)


async def _answer(answer, method, reader, writer, stays):
    length = answer.get("content-length")
    if method == "HEAD" or answer.status() in (204, 304):
        length = "0"
    stays = stays and length.isdigit()
    lines = ["HTTP/1.1 " + answer.start.split(" ", 1)[1]]
    lines += [
        f"{name}: {value}"
        for name, value in answer.fields
        if name.lower() not in HOP_BY_HOP
    ]
    lines.append("Connection: keep-alive" if stays else "Connection: close")
    writer.write(_bytes(lines))
    await _copy(reader, writer, int(length) if length.isdigit() else None)
    await writer.drain()
    return stays


async def _splice(answer, reader, writer, up_reader, up_writer):
    """Pass bytes both ways until one side ends (WebSocket)."""
    writer.write(
        _bytes([answer.start, *(f"{name}: {value}" for name, value in answer.fields)])
    )
    both = [
        asyncio.ensure_future(_copy(reader, up_writer)),
        asyncio.ensure_future(_copy(up_reader, writer)),
    ]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for task in both:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await task
