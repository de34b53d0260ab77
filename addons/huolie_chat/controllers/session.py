"""Signing out takes the console along."""

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.session import Session

from ..services import assign


class ChatSession(Session):
    @http.route()
    def logout(self, redirect="/odoo"):
        """Sign out; the agent's tokens become void within seconds (T17)."""
        if request.db and request.session.uid:
            self._revoke_tokens(request.session.uid)
        return super().logout(redirect)

    def _revoke_tokens(self, uid):
        # A cursor of its own: this route's may be read-only.
        with request.env.registry.cursor() as cr:
            env = request.env(cr=cr, user=uid, su=True)
            seats = env["huolie.seat"].search([("user_id", "=", uid)])
            with env["huolie.conversation"]._engine() as link:
                assign.revoke(link, seats.ids)
