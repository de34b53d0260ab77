from odoo import fields, models
from odoo.exceptions import UserError

from ..models.huolie_recharge import OPEN


class HuolieRechargeReject(models.TransientModel):
    _name = "huolie.recharge.reject"
    _description = "Reject a transfer"

    recharge_ids = fields.Many2many(
        comodel_name="huolie.recharge",
        required=True,
        default=lambda self: self._default_recharge_ids(),
    )
    reason = fields.Char(string="Reason for the enterprise", required=True)

    def _default_recharge_ids(self):
        """Take those chosen in the list that still wait."""
        if self.env.context.get("active_model") != "huolie.recharge":
            return self.env["huolie.recharge"]
        ids = self.env.context.get("active_ids") or []
        return (
            self.env["huolie.recharge"]
            .browse(ids)
            .filtered(lambda recharge: recharge.state in OPEN)
        )

    def action_reject(self):
        """Reject the chosen transfers with the reason.

        :raise AccessError: when the user is not finance
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Please write the reason."))
        self.recharge_ids._reject(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
