"""The scripts that visitors load: read once, packed once, kept in memory.

``/huolie/w/<site key>.js`` is loader and configuration in one body. What a process
keeps is good for ``KEEP`` seconds and dropped at once when a style, a site or the
stage of an enterprise changes in it.
"""

import gzip
import hashlib
import json
import pathlib
import re
import time
from typing import NamedTuple

DIST = pathlib.Path(__file__).parents[1] / "static" / "dist"
MANIFEST = json.loads((DIST / "manifest.json").read_text())
WINDOW_PATH = f"/huolie/w/window.{MANIFEST['window']['hash']}.js"
KEY = re.compile(r"[0-9a-zA-Z_-]{1,64}")
KEEP = 30
MOST = 5000
HEADERS = (
    ("Content-Type", "application/javascript; charset=utf-8"),
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Vary", "Accept-Encoding"),
)


class Script(NamedTuple):
    """One body in both forms, with its fingerprint and the end of its time here."""

    plain: bytes
    packed: bytes
    etag: str
    until: float


def make(text, seconds=KEEP):
    """Pack a script.

    :param str text: the script
    :param int seconds: how long this process may keep it
    """
    plain = text.encode()
    packed = gzip.compress(plain, 9, mtime=0)
    etag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
    return Script(plain, packed, etag, time.monotonic() + seconds)


LOADER = (DIST / "loader.js").read_text()
WINDOW = make((DIST / "window.js").read_text(), 10**9)
_kept = {}


def loader(config):
    """Return the loader with its configuration; `<` and line separators escaped."""
    window = {"w": WINDOW_PATH, "i": MANIFEST["window"]["integrity"]}
    text = json.dumps({**config, **window}, ensure_ascii=False, separators=(",", ":"))
    for sign in ("<", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return LOADER.replace('"__CONFIG__"', text)


def find(dbname, key):
    """Return the kept script of a site key, or None when it must be made anew."""
    script = _kept.get((dbname, key))
    return script if script and script.until > time.monotonic() else None


def keep(dbname, key, text):
    """Keep the script of a site key (also an empty one) and return it."""
    if len(_kept) >= MOST:
        _kept.clear()
    script = _kept[dbname, key] = make(text)
    return script


def forget(dbname):
    """Drop what is kept of a database."""
    for known in [k for k in _kept if k[0] == dbname]:
        _kept.pop(known, None)


def answer(script, environ, cache="public, max-age=60"):
    """Return ``(status, headers, body)`` for a script, as its reader can take it.

    :param dict environ: WSGI environment, for ``If-None-Match`` and gzip
    """
    headers = [*HEADERS, ("Cache-Control", cache), ("ETag", script.etag)]
    if script.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        return 304, headers, b""
    body = script.plain
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        headers.append(("Content-Encoding", "gzip"))
        body = script.packed
    return 200, [*headers, ("Content-Length", str(len(body)))], body


def window(environ):
    """Return the answer for the window's file: its name is its content, kept a year."""
    return answer(WINDOW, environ, "public, max-age=31536000, immutable")
