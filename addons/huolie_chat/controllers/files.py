"""Files of conversations: sent as a form, fetched by a signed link."""

import base64

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import SUPERUSER_ID, http
from odoo.http import request

from ..services import (
    agent,
    clean,
    engine,
    fastpath,
    files,
    limits,
    settings,
    tokens,
    visitor,
    wire,
)
from ..services.errors import Refused
from .visitor import OPTIONS, preflight, read_committed, respond

UPLOAD = {**OPTIONS, "max_content_length": files.MAX_SIZE + 64 * 1024}


class FileController(http.Controller):
    @http.route("/huolie/v/upload", **UPLOAD)
    def visitor_upload(self, **_kw):
        """Store a visitor's picture or file as a message, once per ``u``.

        Form fields ``token``, ``c``, ``u``, ``file`` (10 MB at most).

        :return: ``{"s", "t"}``
        """
        return self._upload("v")

    @http.route("/huolie/a/upload", **UPLOAD)
    def agent_upload(self, **_kw):
        """Store an agent's picture or file as a message, see ``visitor_upload``."""
        return self._upload("a")

    def _upload(self, kind):
        if request.httprequest.method == "OPTIONS":
            return preflight()
        try:
            form, sent = request.httprequest.form, request.httprequest.files
            read_committed()
            call = fastpath.Call(
                request.db, request.httprequest.environ, request.env.cr
            )
            body = {"token": form.get("token"), "c": self._number(form.get("c"))}
            claims = call.claims(body, kind)
            uid = clean.text({"u": form.get("u")}, "u", 64, required=True)
            if kind == "v":
                limits.take("upload", call.db, claims["v"])
            else:
                limits.take("agent upload", call.db, claims["t"])
            conversation = clean.identifier(body, "c")
            if "file" not in sent:
                raise Refused("empty", 422)
            data = sent["file"].stream.read(files.MAX_SIZE + 1)
            found = files.look_at(clean.sane(sent["file"].filename or ""), data)
            stored = self._store(call, claims, conversation, uid, found, data)
            return respond(200, {"s": stored.seq, "t": wire.millis(stored.at)})
        except Refused as refused:
            request.env.cr.rollback()
            return respond(*fastpath.refusal(refused))
        except RequestEntityTooLarge:
            return respond(413, {"error": "size", "max": files.MAX_SIZE})

    def _number(self, text):
        if not text or not text.isascii() or not text.isdecimal() or len(text) > 12:
            raise Refused("type", 400, field="c")
        return int(text)

    def _store(self, call, claims, conversation, uid, found, data):
        """Store file and message in one transaction."""
        enterprise = self._check(call, claims, conversation)
        env = request.env(user=SUPERUSER_ID)
        known = env["huolie.file"].search(
            [("conversation_id", "=", conversation), ("client_uid", "=", uid)], limit=1
        )
        record = known or env["huolie.file"].create(
            {
                "enterprise_id": enterprise,
                "conversation_id": conversation,
                "client_uid": uid,
                "name": found["name"],
                "mime": found["mime"],
                "size": found["size"],
                "width": found["w"],
                "height": found["h"],
                "data": base64.b64encode(data),
            }
        )
        env.flush_all()
        payload = {"id": record.id, **{k: v for k, v in found.items() if k != "kind"}}
        return self._say(call, claims, conversation, uid, found["kind"], payload)

    def _check(self, call, claims, conversation):
        """Return the enterprise of a conversation that is the sender's.

        Holds the conversation's row, so that the same file sent twice at once is
        found by the second one.

        :raise Refused: ``conversation`` 404
        """
        request.env.cr.execute(
            "SELECT visitor_id, seat_id, enterprise_id FROM huolie_conversation"
            " WHERE id = %s FOR NO KEY UPDATE",
            (conversation,),
        )
        row = request.env.cr.fetchone()
        mine = row and (
            row[0] == claims["v"] if claims["k"] == "v" else row[1] == claims["t"]
        )
        if not mine:
            raise Refused("conversation", 404)
        return row[2]

    def _say(self, call, claims, conversation, uid, kind, payload):
        who = (
            {"author": "visitor", "visitor": claims["v"]}
            if claims["k"] == "v"
            else {
                "author": "agent",
                "seat": claims["t"],
                "name": claims["n"],
                "issued": agent._issued(claims),
            }
        )
        author = who.pop("author")
        stored = engine.store(
            call.cr, conversation, author, kind, None, payload, uid, **who
        )
        if stored.state == "robot":
            event = {"k": kind, "b": None, "p": payload, "u": uid, "s": stored.seq}
            visitor._auto_reply(
                call, conversation, {"c": conversation, "a": "visitor", **event}
            )
        return stored

    @http.route(
        "/huolie/f/<int:file_id>",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
    )
    def fetch(self, file_id, s="", **_kw):
        """Return a file for a link signed within the last minutes, else 404."""
        kept = settings.get(request.db, request.env.cr)
        record = request.env(user=SUPERUSER_ID)["huolie.file"].browse(file_id)
        if not tokens.check_file(kept["secret"], file_id, s) or not record.exists():
            return request.make_response("", status=404)
        inline = record.mime in files.PICTURES.values()
        disposition = http.content_disposition(
            record.name, "inline" if inline else "attachment"
        )
        return request.make_response(
            base64.b64decode(record.data or b""),
            headers=[
                ("Content-Type", record.mime),
                ("Content-Disposition", disposition),
                ("Content-Security-Policy", "default-src 'none'; sandbox"),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, max-age=600"),
                ("Cross-Origin-Resource-Policy", "cross-origin"),
            ],
        )
