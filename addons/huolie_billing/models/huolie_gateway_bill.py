import base64
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import gatewaybill, money
from ..services.bankfile import BankFileError
from ..services.dates import china_midnight


class HuolieGatewayBill(models.Model):
    """The gateway's bill of one day against what we credited and paid back."""

    _name = "huolie.gateway.bill"
    _description = "Daily bill of a payment gateway"
    _order = "day desc, id desc"
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
    file_name = fields.Char(string="File name")
    compared = fields.Boolean(readonly=True)
    different = fields.Integer(string="Differences", readonly=True)
    line_ids = fields.One2many(
        comodel_name="huolie.gateway.bill.line",
        inverse_name="bill_id",
        readonly=True,
        domain=[("verdict", "!=", "same")],
        string="What differs",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_currency_id"
    )
    paid_count = fields.Integer(string="Payments", readonly=True)
    paid = fields.Monetary(string="Sum of payments", readonly=True)
    refund_count = fields.Integer(string="Refunds", readonly=True)
    refunded = fields.Monetary(string="Sum of refunds", readonly=True)
    fees = fields.Monetary(readonly=True)
    arriving = fields.Monetary(
        string="Left for our account",
        readonly=True,
        help="Payments less refunds less fees: what the gateway pays out for the day.",
    )

    def _compute_currency_id(self):
        company = self.env["huolie.enterprise"]._get_billing_company()
        self.currency_id = company.currency_id

    @api.onchange("file")
    def _onchange_file(self):
        """Fill in gateway and day from the file, when it can be read."""
        try:
            bill = self._read_file()
        except BankFileError:
            return
        self.method = bill.method
        if len(bill.days) == 1:
            self.day = next(iter(bill.days))

    def action_compare(self):
        """Compare the bill with what was credited and paid back (China time).

        :raise UserError: when the file cannot be read, or is another day's, another
            gateway's or another merchant's
        """
        self.env["huolie.recharge"]._check_finance()
        self._compare()

    def _compare(self):
        for bill in self:
            data = bill._read_checked()
            lines = [*bill._compare_paid(data), *bill._compare_refunds(data)]
            own = [("bill_id", "=", bill.id)]
            all_lines = self.env["huolie.gateway.bill.line"].sudo()
            all_lines.search(own).unlink()
            all_lines.create([{"bill_id": bill.id, **line} for line in lines])
            different = sum(line["verdict"] != "same" for line in lines)
            bill.sudo().write({**bill._prepare_sums(data.rows), "different": different})

    def _prepare_sums(self, rows):
        fees = sum(row.fee for row in rows)
        paid, back = ([r.fen for r in rows if r.kind == k] for k in ("paid", "refund"))
        return {
            "compared": True,
            "paid_count": len(paid),
            "paid": money.from_fen(sum(paid)),
            "refund_count": len(back),
            "refunded": money.from_fen(sum(back)),
            "fees": money.from_fen(fees),
            "arriving": money.from_fen(sum(paid) - sum(back) - fees),
        }

    # === THE FILE === #
    def _read_file(self):
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        return gatewaybill.read_bill(content)

    def _read_checked(self):
        try:
            data = self._read_file()
        except BankFileError as error:
            raise UserError(self._get_fault(error)) from error
        if data.method != self.method:
            raise UserError(self.env._("This is a bill of the other gateway."))
        if data.days - {self.day}:
            days = ", ".join(sorted(str(day) for day in data.days))
            raise UserError(self.env._("This bill is of another day: %s.", days))
        provider = self.env["payment.provider"]._get_huolie_provider(self.method)
        if provider.huolie_merchant and data.merchant - {provider.huolie_merchant}:
            raise UserError(self.env._("This bill is of another merchant account."))
        return data

    def _get_fault(self, error):
        if error.code == "cut_off":
            return self.env._(
                "This bill has no sums at its end: it was cut off. Please download it"
                " again and upload it as it is."
            )
        if error.code == "bad_row":
            return self.env._("Line %s of this bill cannot be read.", error.detail)
        return self.env._(
            "This is no trade bill of WeChat Pay or Alipay. Upload the file as it was"
            " downloaded (csv, gz or zip)."
        )

    # === PAYMENTS === #
    def _compare_paid(self, data):
        rows = [row for row in data.rows if row.kind == "paid"]
        times = Counter(row.order for row in rows)
        orders = self._find_orders(list(times))
        for row in rows:
            recharge = orders.get(row.order)
            yield {
                **self._prepare_line(row, recharge),
                "verdict": self._judge_paid(row, recharge, times[row.order]),
                "ours": recharge.amount_received if recharge else 0,
            }
        for recharge in self._find_absent(times):
            yield {
                "verdict": "absent",
                "order": recharge.code,
                "recharge_id": recharge.id,
                "ours": recharge.amount_received,
            }

    def _find_orders(self, codes):
        found = self.env["huolie.recharge"].search(
            [("code", "in", codes), ("method", "=", self.method)]
        )
        return {recharge.code: recharge for recharge in found}

    def _prepare_line(self, row, recharge):
        return {
            "order": row.order,
            "refund": row.refund,
            "theirs": money.from_fen(row.fen),
            "fee": money.from_fen(row.fee),
            "recharge_id": recharge.id if recharge else False,
        }

    def _judge_paid(self, row, recharge, times):
        if not recharge:
            return "unknown"
        if times > 1:
            return "twice"
        if recharge.state != "approved":
            ordered = money.to_fen(recharge.amount)
            return "uncredited" if row.fen == ordered else "amount"
        return "same" if row.fen == money.to_fen(recharge.amount_received) else "amount"

    def _find_absent(self, orders):
        """Return what was credited on the day and is in no bill.

        Paid before midnight and credited after it stands in the bill of another day.
        """
        begin = china_midnight(self.day)
        recharges = self.env["huolie.recharge"].search(
            [
                ("method", "=", self.method),
                ("state", "=", "approved"),
                ("decided_at", ">=", begin),
                ("decided_at", "<", begin + timedelta(days=1)),
                ("code", "not in", list(orders)),
            ]
        )
        elsewhere = self._find_elsewhere("order", recharges.mapped("code"))
        return recharges.filtered(lambda one: one.code not in elsewhere)

    def _find_elsewhere(self, field, numbers):
        lines = self.env["huolie.gateway.bill.line"].search(
            [
                (field, "in", numbers),
                ("bill_id", "!=", self.id),
                ("bill_id.method", "=", self.method),
                ("verdict", "not in", ("absent", "refund_absent")),
            ]
        )
        return set(lines.mapped(field))

    # === REFUNDS === #
    def _compare_refunds(self, data):
        rows = [row for row in data.rows if row.kind == "refund"]
        numbers = [row.refund for row in rows]
        found = self._find_refunds([("gateway_number", "in", numbers)])
        known = {refund.gateway_number: refund for refund in found}
        orders = self._find_orders([row.order for row in rows])
        for row in rows:
            refund = known.get(row.refund)
            yield {
                **self._prepare_line(row, orders.get(row.order)),
                "verdict": self._judge_refund(row, refund),
                "ours": refund.amount if refund else 0,
            }
        yield from self._list_refunds_absent(numbers)

    def _find_refunds(self, domain):
        mine = [("recharge_id.method", "=", self.method)]
        return self.env["huolie.refund"].search(mine + domain)

    def _judge_refund(self, row, refund):
        if not refund or refund.recharge_id.code != row.order:
            return "refund_unknown"
        same = row.fen == money.to_fen(refund.amount)
        return "same" if same else "refund_amount"

    def _list_refunds_absent(self, numbers):
        begin = china_midnight(self.day)
        refunds = self._find_refunds(
            [
                ("gateway_state", "=", "done"),
                ("gateway_number", "not in", numbers),
                ("sent_at", ">=", begin),
                ("sent_at", "<", begin + timedelta(days=1)),
            ]
        )
        known = self._find_elsewhere("refund", refunds.mapped("gateway_number"))
        for refund in refunds.filtered(lambda one: one.gateway_number not in known):
            yield {
                "verdict": "refund_absent",
                "order": refund.recharge_id.code,
                "refund": refund.gateway_number,
                "recharge_id": refund.recharge_id.id,
                "ours": refund.amount,
            }
