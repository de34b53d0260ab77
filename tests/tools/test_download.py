"""A download that was interrupted goes on where it stopped."""

import http.server
import threading

import pytest

from huolie_tools import download
from huolie_tools.errors import Halt

CONTENT = bytes(range(256)) * 4096  # 1 MB


class Archive(http.server.BaseHTTPRequestHandler):
    """Sends at most `most` bytes an answer, then hangs up."""

    most, ranges = len(CONTENT), True
    asked = []

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and self.ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : start + self.most])
        self.close_connection = True

    def log_message(self, *_args):
        pass


@pytest.fixture
def archive(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    kind = type("Archive", (Archive,), {"asked": []})
    server = http.server.HTTPServer(("127.0.0.1", 0), kind)
    kind.address = f"http://127.0.0.1:{server.server_port}/odoo.deb"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kind
    server.shutdown()
    server.server_close()


def test_cut_connection_is_taken_up_again(archive, tmp_path):
    archive.most = len(CONTENT) // 2 + 1
    part = tmp_path / "odoo.deb.part"
    download.fetch(archive.address, part, len(CONTENT))
    assert part.read_bytes() == CONTENT
    assert archive.asked == [None, f"bytes={archive.most}-"]


def test_next_start_fetches_only_the_rest(archive, tmp_path):
    part = tmp_path / "odoo.deb.part"
    part.write_bytes(CONTENT[:300_000])
    download.fetch(archive.address, part, len(CONTENT))
    assert part.read_bytes() == CONTENT
    assert archive.asked == ["bytes=300000-"]


def test_server_without_ranges_sends_it_all_again(archive, tmp_path):
    archive.ranges = False
    part = tmp_path / "odoo.deb.part"
    part.write_bytes(b"something else")
    download.fetch(archive.address, part, len(CONTENT))
    assert part.read_bytes() == CONTENT


def test_dead_network_says_so_and_keeps_what_came(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "_proxies", dict)
    part = tmp_path / "odoo.deb.part"
    part.write_bytes(CONTENT[:1000])
    with pytest.raises(Halt, match="mend the network"):
        download.fetch("http://127.0.0.1:9/odoo.deb", part, len(CONTENT))
    assert part.read_bytes() == CONTENT[:1000]
