from odoo import fields, models
from odoo.exceptions import UserError


class HuolieBankPair(models.TransientModel):
    """Pair a line of the bank with a waiting transfer by hand."""

    _name = "huolie.bank.pair"
    _description = "Pair with a transfer"

    line_id = fields.Many2one(
        comodel_name="huolie.bank.line",
        string="Line of the bank",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="line_id.currency_id")
    amount = fields.Monetary(related="line_id.amount", string="Amount arrived")
    payer_name = fields.Char(related="line_id.payer_name")
    remark = fields.Char(related="line_id.remark")
    recharge_id = fields.Many2one(
        comodel_name="huolie.recharge",
        string="Waiting transfer",
        required=True,
        domain=[("state", "=", "filed"), ("method", "=", "transfer")],
        ondelete="cascade",
    )

    def action_pair(self):
        """Pair them; a person approves afterwards, never the machine.

        :raise AccessError: when the user is not finance
        :raise UserError: when one of the two is taken by now
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        line, recharge = self.line_id, self.recharge_id
        if line.state != "new":
            raise UserError(self.env._("This line is not free any more."))
        if recharge.state != "filed" or recharge.method != "transfer":
            raise UserError(self.env._("This transfer does not wait any more."))
        line._pair(recharge, 0, set())
        return {"type": "ir.actions.client", "tag": "soft_reload"}
