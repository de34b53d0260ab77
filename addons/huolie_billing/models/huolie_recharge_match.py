from odoo import fields, models
from odoo.exceptions import AccessError

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

    def write(self, vals):
        """Write; what arrived is what the bank says, once it is paired.

        :raise AccessError: when a person writes another amount
        """
        if not self.env.su and "amount_received" in vals and self.sudo().line_ids:
            raise AccessError(
                self.env._(
                    "The bank says what arrived. Undo the pairing first if it is wrong."
                )
            )
        return super().write(vals)

    def _get_hold_reasons(self):
        reasons = super()._get_hold_reasons()
        if self.amount_received > self.amount and not self.sudo().line_ids:
            reasons.append(
                self.env._(
                    "More arrived than declared, but no line of the bank says so."
                )
            )
        return reasons

    def _prepare_wanted(self):
        """Return transfer → what a line is compared with (``services/matching.py``)."""
        seen = self._get_seen_accounts()
        return {one: one._prepare_one_wanted(seen) for one in self}

    def _get_seen_accounts(self):
        """Return enterprise → accounts that it paid from before."""
        groups = self.sudo()._read_group(
            [
                ("enterprise_id", "in", self.enterprise_id.ids),
                ("state", "=", "approved"),
                ("payer_account", "!=", False),
            ],
            ["enterprise_id"],
            ["payer_account:array_agg"],
        )
        return {enterprise: set(accounts) for enterprise, accounts in groups}

    def _prepare_one_wanted(self, seen):
        credited = self.state == "approved"
        return {
            "code": self.code,
            "fen": money.to_fen(self.amount_received if credited else self.amount),
            "exact": credited,
            "name": self.enterprise_id._get_verified_name(),
            "payer": self.payer_name,
            "accounts": seen.get(self.enterprise_id, set()),
            "date": self.paid_on,
        }

    def _decide(self, state, from_states, reason=None):
        """Free the line of a transfer that is not credited: its money did arrive."""
        result = super()._decide(state, from_states, reason)
        if state in ("rejected", "withdrawn"):
            self.sudo().line_ids._free()
        return result
