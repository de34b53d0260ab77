from odoo import fields, models


class HuolieBankPairLine(models.TransientModel):
    """A transfer that may belong to a line of the bank."""

    _name = "huolie.bank.pair.line"
    _description = "Transfer that may belong to a line of the bank"

    page_id = fields.Many2one(
        comodel_name="huolie.bank.pair",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    recharge_id = fields.Many2one(
        comodel_name="huolie.recharge",
        string="Transfer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    code = fields.Char(related="recharge_id.code")
    enterprise_id = fields.Many2one(related="recharge_id.enterprise_id")
    payer_name = fields.Char(related="recharge_id.payer_name")
    currency_id = fields.Many2one(related="recharge_id.currency_id")
    amount = fields.Monetary(related="recharge_id.amount")
    paid_on = fields.Date(related="recharge_id.paid_on")
    state = fields.Selection(related="recharge_id.state")
    same_amount = fields.Boolean(string="Same amount", compute="_compute_same_amount")

    def _compute_same_amount(self):
        for choice in self:
            choice.same_amount = choice.amount == choice.page_id.amount

    def action_pair(self):
        """Pair the line of the page with this transfer.

        :raise AccessError: when the user is not finance
        :raise UserError: when one of the two is taken by now
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        self.page_id._pair(self.recharge_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
