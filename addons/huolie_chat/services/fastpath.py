"""The WSGI fast path: hot routes answered before Odoo's request pipeline.

``odoo.http.Application.__call__`` is wrapped once. A path that a handler is registered
for is answered here; everything else, and everything while the fast path is off
(parameter ``huolie.fast_path`` = 0, environment ``HUOLIE_FAST_PATH=0``, tests), goes on
to Odoo, where ``controllers/`` serve the same URLs with the same handlers.
"""

import contextlib
import io
import json
import logging
import os
import socket
from urllib.parse import parse_qs

import psycopg2
from psycopg2.pool import PoolError

from odoo import http
from odoo.tools import config

from . import clean, db, hub, limits, settings, tokens, wire
from .errors import Refused

_logger = logging.getLogger(__name__)

STATUS = {
    200: "200 OK",
    204: "204 No Content",
    400: "400 Bad Request",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    408: "408 Request Timeout",
    409: "409 Conflict",
    413: "413 Content Too Large",
    415: "415 Unsupported Media Type",
    422: "422 Unprocessable Content",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}
CORS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]
PREFLIGHT = [
    ("Access-Control-Allow-Methods", "POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "Content-Type"),
    ("Access-Control-Max-Age", "86400"),
]
CONTENT_TYPES = ("", "text/plain", "application/json")
BODY_SECONDS = 10
MAX_WAIT = 55
# Conversations that one poll may follow.
MOST_SEEN = {"v": 20, "a": 200}

HANDLERS = {}
UPLOADS = ("/huolie/v/upload", "/huolie/a/upload")
UPLOAD_SIZE = 10 * 1024 * 1024


class Call:
    """One request of a hot route, as its handler sees it."""

    def __init__(self, dbname, environ, cr):
        self.db = dbname
        self.environ = environ
        self.cr = cr

    @property
    def settings(self):
        """What is kept of the database, see ``settings.get``."""
        return settings.get(self.db, self.cr)

    @property
    def ip(self):
        """Address of the client."""
        return address(self.environ)

    @property
    def origin(self):
        """Website that the browser says it comes from, or an empty text."""
        return self.environ.get("HTTP_ORIGIN", "")

    def claims(self, body, kinds):
        """Return the claims of the token in a body.

        :param str kinds: ``v``, ``a`` or both
        :raise Refused: ``token`` 403
        """
        claims = tokens.check(self.settings["secret"], body.get("token"), kinds)
        if not claims or claims.get("d") != self.db:
            raise Refused("token", 403)
        return claims


def register(path):
    """Register a handler ``(call, body) -> dict`` for a path (decorator).

    :param str path: exact, ``/huolie/…``
    """

    def decorate(handler):
        HANDLERS[path] = handler
        return handler

    return decorate


def address(environ):
    """Return the client's address; the proxy's word counts only in proxy mode."""
    if config["proxy_mode"] and environ.get("HTTP_X_FORWARDED_HOST"):
        hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if hops[-1].strip():
            return hops[-1].strip()[:64]
    return environ.get("REMOTE_ADDR", "")


def host(environ):
    """Return the host that was asked, as Odoo's database filter wants it."""
    if config["proxy_mode"] and environ.get("HTTP_X_FORWARDED_HOST"):
        return environ["HTTP_X_FORWARDED_HOST"].split(",")[-1].strip()
    return environ.get("HTTP_HOST", "")


# === READING === #
def read_body(environ):
    """Return the body's bytes.

    :raise Refused: ``size`` 413, ``type`` 415, ``slow`` 408
    """
    kind = environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
    if kind not in CONTENT_TYPES:
        raise Refused("type", 415)
    length = environ.get("CONTENT_LENGTH") or ""
    chunked = environ.get("wsgi.input_terminated") and not length
    if not chunked and not length.isdecimal():
        raise Refused("length", 400)
    if not chunked and int(length) > clean.MAX_BODY:
        raise Refused("size", 413)
    raw = _read(environ, clean.MAX_BODY + 1 if chunked else int(length))
    if len(raw) > clean.MAX_BODY:
        raise Refused("size", 413)
    return raw


def _read(environ, size):
    sock = environ.get("socket")
    before = sock.gettimeout() if sock else None
    try:
        if sock:
            sock.settimeout(BODY_SECONDS)
        return environ["wsgi.input"].read(size)
    except (OSError, ValueError) as error:
        if sock:
            _hang_up(environ["wsgi.input"], sock)
        raise Refused("slow", 408) from error
    finally:
        if sock:
            sock.settimeout(before)


def _hang_up(stream, sock):
    """Read no more from this client; the server, which reads on, meets the end."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RD)
    for part in (stream, getattr(stream, "_rfile", None)):
        raw = getattr(part, "raw", None)
        if hasattr(raw, "_timeout_occurred"):
            raw._timeout_occurred = False


def find_db(environ, body):
    """Return the database of a request: the token's, the named one or the only one.

    :raise Refused: ``site`` 404
    """
    claims = tokens.peek(body.get("token")) or {}
    name = host(environ)
    for asked in (claims.get("d"), body.get("db")):
        if asked and settings.known(asked, name):
            return asked
    # A token of a database that was renamed since must not hide the widget: hello
    # needs none, everything else refuses it and the page says hello again.
    found = None if body.get("db") else settings.only_database(name)
    if not found:
        raise Refused("token" if claims else "site", 403 if claims else 404)
    return found


# === ANSWERING === #
def answer(start_response, status, content, headers=()):
    """Send a JSON answer."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    start_response(
        STATUS.get(status, f"{status} Error"),
        [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(data))),
            *CORS,
            *headers,
        ],
    )
    return [data]


def refusal(refused):
    """Return ``(status, content)`` of a refusal."""
    return refused.status, {"error": refused.code, **refused.more}


def handle(path, call, body):
    """Call the handler of a path and return ``(status, content)``, never an error."""
    try:
        return 200, HANDLERS[path](call, body)
    except Refused as refused:
        return refusal(refused)
    except psycopg2.DataError:
        return 422, {"error": "value"}


def _serve(path, dbname, environ, body):
    """Run a handler on a kept connection; once more when that connection was lost."""
    for attempt in (1, 2):
        try:
            with db.link(dbname) as link:
                before = link.count
                status, content = handle(path, Call(dbname, environ, link), body)
                environ["huolie.sql"] = link.count - before
                return status, content
        except (*db.LOST, psycopg2.errors.FeatureNotSupported):
            db.pool(dbname).drop()
            if attempt == 2:
                raise
    raise AssertionError


def serve(environ, start_response, path, body, dbname):
    """Answer a hot route without Odoo's pipeline."""
    try:
        limits.take("address", dbname, address(environ))
        if path == "/huolie/poll":
            status, content = poll(dbname, environ, body)
        else:
            status, content = _serve(path, dbname, environ, body)
    except Refused as refused:
        status, content = refusal(refused)
    except psycopg2.errors.UndefinedTable:
        status, content = 404, {"error": "site"}
    except (psycopg2.Error, PoolError) as error:
        _logger.info("huolie %s: database not available: %s", path, error)
        status, content = 503, {"error": "busy"}
    except Exception:
        _logger.exception("huolie %s", path)
        status, content = 503, {"error": "busy"}
    headers = []
    if os.environ.get("HUOLIE_SHOW_SQL"):
        headers = [("X-Huolie-Sql", str(environ.get("huolie.sql", 0)))]
    return answer(start_response, status, content, headers)


# === POLLING === #
def poll_claims(call, body):
    """Check a poll; return its claims, what it has seen and how long it may wait."""
    claims = call.claims(body, "va")
    if claims["k"] == "v":
        limits.take("poll", call.db, claims["v"])
    else:
        limits.take("agent poll", call.db, claims["t"])
    wait = clean.number(body, "wait", 0, 3600, default=25)
    return claims, clean.seen(body, MOST_SEEN[claims["k"]]), min(wait, MAX_WAIT)


def poll(dbname, environ, body):
    """Answer ``/huolie/poll``; holds no connection while it waits."""
    cached = settings.of(dbname)
    claims, seen, wait = poll_claims(_Cached(dbname, environ, cached), body)
    if wait and not hub.may_park(dbname):
        return _peek(dbname, claims, seen, cached)
    _no_delay(environ)
    events = hub.of(dbname).poll(claims, seen, wait)
    return 200, {"events": wire.dress(events, cached, claims["k"])}


class _Cached(Call):
    """A call whose settings were read before and that has no connection."""

    def __init__(self, dbname, environ, cached):
        super().__init__(dbname, environ, None)
        self._cached = cached

    @property
    def settings(self):
        return self._cached


def _peek(dbname, claims, seen, cached):
    with db.link(dbname) as link:
        events = hub.peek(link, claims, seen)
    return 200, {
        "events": wire.dress(events, cached, claims["k"]),
        "retry": hub.RETRY_SECONDS,
    }


def _no_delay(environ):
    """Headers and body go out in two sends: without this the second waits 40 ms."""
    sock = environ.get("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


# === THE WRAPPER === #
def _name_database(environ):
    """Let a foreign page without cookies name the database of ``/huolie`` files."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    asked = query.get("db", [""])[0]
    if asked and "session_id=" not in environ.get("HTTP_COOKIE", ""):
        environ.setdefault("HTTP_X_ODOO_DATABASE", asked)


def before_odoo(environ, start_response):
    """Answer a hot route, or return None to let Odoo go on."""
    path = environ.get("PATH_INFO", "")
    if not path.startswith("/huolie/"):
        return None
    if "\0" in path:
        # Odoo would look for an attachment of that address and fail
        return answer(start_response, 404, {"error": "site"})
    if path not in HANDLERS and path != "/huolie/poll":
        return _before_files(environ, start_response, path)
    if _is_too_big(environ, 0):
        return answer(start_response, 413, {"error": "size", "max": clean.MAX_BODY})
    if settings.in_test() or not settings.fast_path_wanted():
        return None
    return _answer_hot(environ, start_response, path)


def _before_files(environ, start_response, path):
    """Prepare what Odoo answers: uploads, files, scripts, pages."""
    if path in UPLOADS and _is_too_big(environ, UPLOAD_SIZE):
        return answer(start_response, 413, {"error": "size", "max": UPLOAD_SIZE})
    _name_database(environ)
    return None


def _answer_hot(environ, start_response, path):
    """Answer a hot route; None where its database has the fast path switched off."""
    method = environ.get("REQUEST_METHOD")
    if method == "OPTIONS":
        start_response(STATUS[204], [*CORS, *PREFLIGHT, ("Content-Length", "0")])
        return []
    if method != "POST":
        return answer(start_response, 405, {"error": "method"}, [("Allow", "POST")])
    try:
        raw = read_body(environ)
        body = clean.parse(raw)
        dbname = find_db(environ, body)
        if not is_on(dbname):
            environ["wsgi.input"] = io.BytesIO(raw)
            environ["CONTENT_LENGTH"] = str(len(raw))
            environ.setdefault("HTTP_X_ODOO_DATABASE", dbname)
            return None
    except Refused as refused:
        return answer(start_response, *refusal(refused))
    except (psycopg2.Error, PoolError) as error:
        _logger.info("huolie %s: database not available: %s", path, error)
        return answer(start_response, 503, {"error": "busy"})
    except Exception:
        _logger.exception("huolie %s", path)
        return answer(start_response, 503, {"error": "busy"})
    return serve(environ, start_response, path, body, dbname)


def _is_too_big(environ, most):
    """Say so before Odoo reads it all and answers with a page."""
    length = environ.get("CONTENT_LENGTH") or ""
    return length.isdecimal() and int(length) > most + clean.MAX_BODY


def is_on(dbname):
    """Say whether the database has the fast path switched on (kept for a minute)."""
    try:
        return settings.of(dbname)["fast"]
    except (psycopg2.Error, PoolError):
        # serve() answers what is the matter
        return True


def install():
    """Wrap Odoo's WSGI application, once per process."""
    stock = http.Application.__call__
    if getattr(stock, "huolie", False):
        return

    def __call__(self, environ, start_response):
        answered = before_odoo(environ, start_response)
        return stock(self, environ, start_response) if answered is None else answered

    __call__.huolie = True
    http.Application.__call__ = __call__
