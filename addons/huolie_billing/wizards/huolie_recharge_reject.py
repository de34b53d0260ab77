from odoo import fields, models
from odoo.exceptions import UserError


class HuolieRechargeReject(models.TransientModel):
    _name = "huolie.recharge.reject"
    _description = "Reject a transfer"

    recharge_ids = fields.Many2many(comodel_name="huolie.recharge", required=True)
    reason = fields.Char(string="Reason for the enterprise", required=True)

    def action_reject(self):
        """Reject the chosen transfers with the reason.

        :raise AccessError: when the user is not finance
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Please write the reason."))
        self.recharge_ids._reject(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
