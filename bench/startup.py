"""How fast a second `./huolie run` answers, and that it downloads nothing."""

import contextlib
import os
import signal
import socketserver
import subprocess
import threading
import time
import urllib.request

from bench.support import result
from huolie_tools import database, places
from huolie_tools.ports import choose

DATABASE = "huolie_bench_startup"
PASSWORD = "bench"
LIMIT_SECONDS = 300


def results():
    """Start twice on one database; the second start is measured."""
    database.drop(DATABASE)
    try:
        _start_and_stop()
        before = _cache_bytes()
        with _counting_proxy() as proxy:
            seconds = _start_and_stop(proxy.environment())
        downloaded = proxy.bytes + max(0, _cache_bytes() - before)
    finally:
        database.drop(DATABASE)
    return [
        result("startup.second_start_s", seconds, "s", 15),
        result("startup.downloaded_bytes_second", downloaded, "bytes", 0),
    ]


def _start_and_stop(extra=None):
    """Seconds from the command to the answer of the log-in page."""
    port = choose(8110, "Odoo")
    command = [str(places.PROJECT / "huolie"), "run", "--port", str(port)]
    command += ["--database", DATABASE, "--demo-password", PASSWORD]
    environment = {
        name: value
        for name, value in {**os.environ, **(extra or {})}.items()
        if not name.startswith(("PG", "HUOLIE_AS_ROOT", "HUOLIE_TEMPLATE"))
    }
    since = time.monotonic()
    log = places.make_folder(places.ARTEFACTS / "logs") / "bench-startup.log"
    with log.open("a") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output
        )
    try:
        _wait_for(process, f"http://localhost:{port}/web/login", since)
        return time.monotonic() - since
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait_for(process, address, since):
    while time.monotonic() - since < LIMIT_SECONDS:
        if process.poll() is not None:
            raise RuntimeError("./huolie run ended; see artefacts/logs")
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(address, timeout=10) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.05)
    raise RuntimeError(f"{address} does not answer")


def _cache_bytes():
    """Bytes of what is fetched: packages, environments, unpacked Odoo."""
    total = 0
    for folder, _folders, files in os.walk(places.cache()):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total


class _Proxy(socketserver.ThreadingTCPServer):
    """Stands in for the network: whoever asks gets nothing and is counted."""

    allow_reuse_address = True
    daemon_threads = True
    bytes = 0

    def environment(self):
        address = f"http://127.0.0.1:{self.server_address[1]}"
        names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        return {**dict.fromkeys(names, address), "no_proxy": "localhost,127.0.0.1"}


class _Refuse(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.bytes += len(self.rfile.readline()) or 1
        self.wfile.write(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")


@contextlib.contextmanager
def _counting_proxy():
    with _Proxy(("127.0.0.1", 0), _Refuse) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()
