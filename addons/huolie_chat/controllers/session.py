"""Signing out takes the console along."""

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.session import Session

from ..services import assign


def _writes(*_args):
    """Say that this route is not read-only, though the stock one is."""
    return False


class ChatSession(Session):
    @http.route(readonly=_writes)
    def logout(self, redirect="/odoo"):
        """Sign out; the agent's tokens become void within seconds (T17)."""
        if request.db and request.session.uid:
            env = request.env(user=request.session.uid, su=True)
            seats = env["huolie.seat"].search([("user_id", "=", env.uid)])
            with env["huolie.conversation"]._engine() as cr:
                assign.revoke(cr, seats.ids)
        return super().logout(redirect)
