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
        domain=[
            ("method", "=", "transfer"),
            "|",
            ("state", "=", "filed"),
            "&",
            ("state", "=", "approved"),
            ("line_ids", "=", False),
        ],
        ondelete="cascade",
    )

    def action_pair(self):
        """Pair them; a person approves afterwards, never the machine.

        A transfer that was credited by hand before is only tied to its line.

        :raise AccessError: when the user is not finance
        :raise UserError: when one of the two is taken by now
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        line, recharge = self.line_id, self.recharge_id
        if line.state != "new":
            raise UserError(self.env._("This line is not free any more."))
        if recharge.method != "transfer" or not self._is_free(recharge):
            raise UserError(self.env._("This transfer does not wait any more."))
        line._pair(recharge, 0, set())
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _is_free(self, recharge):
        if recharge.state != "approved":
            return recharge.state == "filed"
        same = recharge.amount_received == self.amount
        return same and not recharge.sudo().line_ids
