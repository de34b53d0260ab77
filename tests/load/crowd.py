"""Thousands of visitors in one process: asyncio, one connection for each request."""

import asyncio
import json
import random
import time


async def post(port, path, body, host="127.0.0.1", sent=None):
    """Return ``(status, content)``; the event ``sent`` is set when it was asked."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
            f"Connection: close\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        writer.write(head.encode() + data)
        if sent:
            sent.set()
        raw = await reader.readuntil(b"\r\n\r\n")
        status = int(raw.split(b" ", 2)[1])
        length = 0
        for line in raw.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        # hang up at Content-Length, as nginx does
        return status, json.loads(await reader.readexactly(length) or b"{}")
    finally:
        writer.close()


class Sleeper:
    """A visitor who only polls; notes when each event came."""

    def __init__(self, port, token, conversation=None, last=0):
        self.port, self.token = port, token
        self.seen = {str(conversation): last} if conversation else {}
        self.got = {}
        self.errors = self.doubles = 0
        self.running = True
        self.asked = asyncio.Event()

    async def live(self, wait=50):
        """Poll until told to stop."""
        while self.running:
            body = {"token": self.token, "seen": self.seen, "wait": wait}
            try:
                status, content = await post(
                    self.port, "/huolie/poll", body, sent=self.asked
                )
            except (OSError, EOFError, ValueError):
                self.errors += 1
                await asyncio.sleep(1 + random.random())
                continue
            if status != 200:
                self.errors += 1
                await asyncio.sleep(1)
                continue
            self._take(content["events"])
            await asyncio.sleep(content.get("retry", 0))

    def _take(self, events):
        now = time.perf_counter()
        for event in events:
            if "s" not in event:
                continue
            if event["s"] in self.got:
                self.doubles += 1
            self.got[event["s"]] = now
            self.seen[str(event["c"])] = event["s"]
