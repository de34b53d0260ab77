"""The hot routes as ordinary controllers, and the visitor's files.

Used where the fast path is off; the handlers are the same (``services/visitor.py``).
"""

import json
import logging

import psycopg2
from werkzeug.exceptions import RequestEntityTooLarge

from odoo import http
from odoo.http import request

from ..services import agent, clean, fastpath, limits, visitor  # noqa: F401
from ..services.errors import Refused

_logger = logging.getLogger(__name__)

OPTIONS = {
    "type": "http",
    "auth": "none",
    "csrf": False,
    "save_session": False,
    "readonly": False,
    "methods": ["POST", "OPTIONS"],
    "max_content_length": clean.MAX_BODY,
}


def respond(status, content):
    """Return a JSON answer that any website may read."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    headers = [("Content-Type", "application/json; charset=utf-8"), *fastpath.CORS]
    return request.make_response(data, headers=headers, status=status)


def preflight():
    """Return the answer to a browser that asks first."""
    return request.make_response(
        "", headers=[*fastpath.CORS, *fastpath.PREFLIGHT], status=204
    )


def read_committed():
    """Let a second writer of a row wait instead of failing; before any statement."""
    cr = request.env.cr
    if hasattr(cr, "_savepoint"):
        return  # a test's cursor lives inside the test's transaction
    cr.rollback()
    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


class VisitorController(http.Controller):
    @http.route(sorted(fastpath.HANDLERS), **OPTIONS)
    def hot(self, **_kw):
        """Serve a hot route through Odoo's pipeline, as ``fastpath.serve`` does."""
        if request.httprequest.method == "OPTIONS":
            return preflight()
        environ = request.httprequest.environ
        try:
            limits.take("address", request.db, fastpath.address(environ))
            body = clean.parse(self._read())
            read_committed()
            call = fastpath.Call(request.db, environ, request.env.cr)
            # Odoo's routing forgives a slash at the end
            path = request.httprequest.path.rstrip("/")
            return respond(*fastpath.handle(path, call, body))
        except Refused as refused:
            return respond(*fastpath.refusal(refused))
        except RequestEntityTooLarge:
            return respond(413, {"error": "size"})
        except (psycopg2.OperationalError, psycopg2.IntegrityError):
            raise  # Odoo runs the request again
        except Exception:
            _logger.exception("huolie %s", request.httprequest.path)
            request.env.cr.rollback()
            return respond(503, {"error": "busy"})

    def _read(self):
        kind = (request.httprequest.mimetype or "").lower()
        if kind not in fastpath.CONTENT_TYPES:
            raise Refused("type", 415)
        return request.httprequest.get_data(cache=False)
