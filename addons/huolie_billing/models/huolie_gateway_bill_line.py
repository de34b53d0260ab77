from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.gateway import GatewayError

VERDICTS = [
    ("same", "Agrees"),
    ("uncredited", "Paid, but not credited"),
    ("unknown", "Paid, but no order of ours"),
    ("amount", "Another amount"),
    ("twice", "Twice in the bill"),
    ("absent", "Credited, but not in the bill"),
    ("refund_unknown", "Paid back, but not by us"),
    ("refund_amount", "Another amount paid back"),
    ("refund_absent", "Paid back here, but not in the bill"),
]


class HuolieGatewayBillLine(models.Model):
    """One payment or refund of a gateway's bill, and how it agrees with ours."""

    _name = "huolie.gateway.bill.line"
    _description = "Line of a payment gateway's bill"
    _order = "bill_id desc, id"
    _rec_name = "order"

    bill_id = fields.Many2one(
        comodel_name="huolie.gateway.bill",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    verdict = fields.Selection(
        selection=VERDICTS, string="What is different", required=True, readonly=True
    )
    order = fields.Char(string="Order number", index=True, readonly=True)
    refund = fields.Char(string="Number of the refund", index=True, readonly=True)
    currency_id = fields.Many2one(related="bill_id.currency_id")
    theirs = fields.Monetary(string="At the gateway", readonly=True)
    ours = fields.Monetary(string="Here", readonly=True)
    fee = fields.Monetary(readonly=True)
    recharge_id = fields.Many2one(
        comodel_name="huolie.recharge", readonly=True, index="btree_not_null"
    )
    enterprise_id = fields.Many2one(related="recharge_id.enterprise_id")
    next_step = fields.Char(string="Next step", compute="_compute_next_step")

    @api.depends("verdict")
    @api.depends_context("lang")
    def _compute_next_step(self):
        steps = self._get_next_steps()
        for line in self:
            line.next_step = steps.get(line.verdict, "")

    @api.model
    def _get_next_steps(self):
        _ = self.env._
        return {
            "uncredited": _("Ask the gateway: what is paid is then credited."),
            "unknown": _(
                "Find out at the gateway who used this merchant account elsewhere."
            ),
            "amount": _(
                "Compare at the gateway's merchant page; pay the payment back there, or"
                " ask for a correction under Refunds and corrections."
            ),
            "twice": _("Look at the merchant page whether the payer paid twice."),
            "absent": _(
                "Upload the bills of the days before and after. When none has it, ask"
                " for a correction under Refunds and corrections."
            ),
            "refund_unknown": _(
                "Somebody paid back on the merchant page: ask for a correction of the"
                " balance under Refunds and corrections."
            ),
            "refund_amount": _(
                "Compare at the merchant page; correct the balance under Refunds and"
                " corrections."
            ),
            "refund_absent": _(
                "Upload the bill of the next day. When it has none, look at the"
                " merchant page."
            ),
        }

    def action_ask(self):
        """Ask the gateway about an order of the bill; credit it when it is paid.

        :raise UserError: when the gateway does not answer or says something else
        """
        self.env["huolie.recharge"]._check_finance()
        for line in self.filtered(lambda one: one.verdict == "uncredited"):
            try:
                line.recharge_id.sudo()._ask_gateway()
            except GatewayError as error:
                raise UserError(
                    self.env._(
                        "The gateway gave no answer to trust (%s). Please try again"
                        " later.",
                        error.code,
                    )
                ) from error
            if line.recharge_id.state != "approved":
                raise UserError(
                    self.env._("The gateway says that this order is not paid.")
                )
        self.bill_id._compare()
