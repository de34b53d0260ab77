from odoo import models
from odoo.exceptions import UserError

from ..services import money
from .huolie_recharge import OPEN

BATCH = 20


class HuolieRecharge(models.Model):
    """Approving many transfers: batch by batch, so that the page shows progress."""

    _inherit = "huolie.recharge"

    def action_approve_many(self):
        """Open the page that approves the chosen transfers batch by batch (B3).

        :return: client action; it asks one reason for those that are held, then calls
            ``approve_batch`` for 20 at a time
        :raise AccessError: when the user is not finance
        :raise UserError: when none of them waits
        """
        self._check_finance()
        waiting = self.filtered(lambda recharge: recharge.state in OPEN)
        if not waiting:
            raise UserError(self.env._("None of these transfers waits for approval."))
        return {
            "type": "ir.actions.client",
            "tag": "huolie_billing.approve_run",
            "name": self.env._("Approving transfers"),
            "target": "new",
            "params": {
                "ids": waiting.ids,
                "size": BATCH,
                "held": [recharge._prepare_held() for recharge in waiting._get_held()],
            },
        }

    def _get_held(self):
        """Return those that wait for a reason to be approved in spite of something."""
        return self.filtered(
            lambda r: r.hold_reason and not (r.hold_note or "").strip()
        )

    def _prepare_held(self):
        return {
            "id": self.id,
            "code": self.code,
            "enterprise": self.enterprise_id.display_name,
            "payer": self.payer_name or "",
            "amount": money.show(money.to_fen(self.amount_received or self.amount)),
            "why": self.hold_reason,
        }

    def approve_batch(self, note=None):
        """Approve up to 20 transfers; one that cannot be is told, the others go on.

        :param str note: why those that are held are approved in spite of it; kept on
            each of them. Without it they stay.
        :return: list of dicts ``id code enterprise state error``: ``state`` is
            ``approved``, ``done`` (somebody decided before) or ``failed``
        :raise AccessError: when the user is not finance
        :raise UserError: when more than 20 are asked for
        """
        self._check_finance()
        if len(self) > BATCH:
            raise UserError(self.env._("At most %s at a time.", BATCH))
        return [recharge._approve_one(note) for recharge in self]

    def _approve_one(self, note=None):
        if self.state not in OPEN:
            return self._prepare_result("done", self._get_state_label())
        try:
            with self.env.cr.savepoint():
                if (note or "").strip() and self._get_held():
                    self.hold_note = note.strip()
                self.action_approve()
        except UserError as error:
            return self._prepare_result("failed", error.args[0])
        return self._prepare_result("approved")

    def _prepare_result(self, state, error=""):
        return {
            "id": self.id,
            "code": self.code,
            "enterprise": self.enterprise_id.display_name,
            "state": state,
            "error": error,
        }
