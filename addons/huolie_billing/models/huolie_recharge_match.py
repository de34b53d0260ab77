from odoo import fields, models

from ..services import money


class HuolieRecharge(models.Model):
    """A transfer and its line of the bank."""

    _inherit = "huolie.recharge"

    line_ids = fields.One2many(
        comodel_name="huolie.bank.line",
        inverse_name="recharge_id",
        string="Line of the bank",
        readonly=True,
        groups="huolie_base.group_operator_finance",
    )

    def _prepare_wanted(self):
        """Return what a bank line is compared with, see ``services/matching.py``."""
        done = self.sudo().search(
            [
                ("enterprise_id", "=", self.enterprise_id.id),
                ("state", "=", "approved"),
                ("payer_account", "!=", False),
            ]
        )
        credited = self.state == "approved"
        return {
            "code": self.code,
            "fen": money.to_fen(self.amount_received if credited else self.amount),
            "exact": credited,
            "name": self.enterprise_id._get_verified_name(),
            "accounts": set(done.mapped("payer_account")),
            "date": self.paid_on,
        }

    def _decide(self, state, from_states, reason=None):
        """Free the line of a transfer that is not credited: its money did arrive."""
        result = super()._decide(state, from_states, reason)
        if state in ("rejected", "withdrawn"):
            self.sudo().line_ids._free()
        return result
