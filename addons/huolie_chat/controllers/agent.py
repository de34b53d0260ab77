"""The agent's token: the one route of the console that needs the session."""

import time

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from ..services import settings, tokens

WIDE = {
    "huolie_base.group_scope_enterprise": "e",
    "huolie_base.group_scope_groups": "g",
}


class AgentController(http.Controller):
    @http.route("/huolie/a/token", type="jsonrpc", auth="user")
    def token(self):
        """Mint the short-lived token that the console sends and polls with.

        :return: ``{"token", "poll", "seat", "expires"}``, ``expires`` in seconds
        :raise AccessError: the role does not include conversations
        :raise UserError: no active seat
        """
        user = request.env.user
        if not user.has_group("huolie_chat.group_chat_see"):
            raise AccessError(
                request.env._("Your role does not include conversations.")
            )
        seat = request.env["huolie.conversation"]._my_seat()
        if seat.enterprise_id._get_allows()["people"] == "none":
            raise UserError(request.env._("This enterprise is not in service."))
        scope = next((w for group, w in WIDE.items() if user.has_group(group)), "o")
        kept = settings.get(request.db, request.env.cr)
        token = tokens.mint(
            kept["secret"],
            "a",
            d=request.db,
            e=seat.enterprise_id.id,
            t=seat.id,
            u=user.id,
            n=seat.name or seat.display_name,
            g=seat.group_member_ids.group_id.ids,
            w=scope,
        )
        return {
            "token": token,
            "poll": kept["poll"],
            "seat": seat.id,
            "expires": int(time.time()) + tokens.AGENT_SECONDS,
        }
