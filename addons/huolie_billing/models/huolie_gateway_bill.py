import base64
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..services import gatewaybill, money
from ..services.bankfile import BankFileError
from ..services.dates import china_midnight


class HuolieGatewayBill(models.Model):
    """The gateway's bill of one day against what we credited."""

    _name = "huolie.gateway.bill"
    _description = "Daily bill of a payment gateway"
    _order = "id desc"
    _rec_name = "file_name"

    method = fields.Selection(
        selection=[("wechat", "WeChat Pay"), ("alipay", "Alipay")],
        required=True,
        default="wechat",
    )
    day = fields.Date(
        required=True,
        default=lambda self: (
            self.env["huolie.enterprise"]._get_today() - timedelta(days=1)
        ),
    )
    file = fields.Binary(string="Bill as downloaded", required=True, attachment=True)
    file_name = fields.Char()
    compared = fields.Boolean(readonly=True)
    different = fields.Integer(string="Differences", readonly=True)
    result = fields.Text(readonly=True)

    def action_compare(self):
        """Compare the bill with the recharges credited on that day (China time).

        :raise UserError: when the file cannot be read
        """
        self.env["huolie.recharge"]._check_finance()
        for bill in self:
            content = base64.b64decode(bill.with_context(bin_size=False).file or b"")
            try:
                theirs = gatewaybill.read_bill(content)
            except BankFileError as error:
                raise UserError(
                    self.env._("This is no bill with order numbers and amounts.")
                ) from error
            found = gatewaybill.compare(theirs, bill._get_ours())
            bill.sudo().write(
                {
                    "compared": True,
                    "different": len(found),
                    "result": "\n".join(bill._describe(*row) for row in found),
                }
            )

    def _get_ours(self):
        begin = china_midnight(self.day)
        domain = [
            ("method", "=", self.method),
            ("state", "=", "approved"),
            ("decided_at", ">=", begin),
            ("decided_at", "<", begin + timedelta(days=1)),
        ]
        recharges = self.env["huolie.recharge"].search(domain)
        return {r.code: money.to_fen(r.amount_received) for r in recharges}

    def _describe(self, order, theirs, ours):
        none = self.env._("none")
        return self.env._(
            "%(order)s: gateway %(theirs)s, credited %(ours)s",
            order=order,
            theirs=none if theirs is None else money.show(theirs),
            ours=none if ours is None else money.show(ours),
        )
