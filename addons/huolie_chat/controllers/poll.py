"""``/huolie/poll`` as a controller: the cursor is given back before the wait begins."""

import json

from odoo import http
from odoo.http import Response, request

from ..services import clean, fastpath, hub, settings, wire
from ..services.errors import Refused
from .visitor import OPTIONS, preflight, respond


class PollController(http.Controller):
    @http.route("/huolie/poll", **OPTIONS)
    def poll(self, **_kw):
        """Wait for events, see ``fastpath.poll``.

        The body of the answer is produced after Odoo has closed this request's
        cursor: nothing is held while it waits.
        """
        if request.httprequest.method == "OPTIONS":
            return preflight()
        environ = request.httprequest.environ
        try:
            body = clean.parse(request.httprequest.get_data(cache=False))
            call = fastpath.Call(request.db, environ, request.env.cr)
            claims, seen, wait = fastpath.poll_claims(call, body)
        except Refused as refused:
            return respond(*fastpath.refusal(refused))
        kept = call.settings
        may_park = not settings.in_test() and hub.may_park(request.db)
        if not wait or not may_park:
            return self._peek(claims, seen, kept)
        headers = [("Content-Type", "application/json; charset=utf-8"), *fastpath.CORS]
        waiting = self._wait(request.db, claims, seen, wait, kept)
        return Response(waiting, status=200, headers=headers)

    def _peek(self, claims, seen, kept):
        try:
            events = hub.peek(request.env.cr, claims, seen)
        except Refused as refused:
            return respond(*fastpath.refusal(refused))
        events = wire.dress(events, kept, claims["k"])
        return respond(200, {"events": events, "retry": hub.RETRY_SECONDS})

    def _wait(self, dbname, claims, seen, wait, kept):
        try:
            events = hub.of(dbname).poll(claims, seen, wait)
            content = {"events": wire.dress(events, kept, claims["k"])}
        except Refused as refused:
            # the status is sent already
            content = {"events": [], **fastpath.refusal(refused)[1]}
        yield json.dumps(content, ensure_ascii=False).encode()
