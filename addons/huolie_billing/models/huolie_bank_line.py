from odoo import api, fields, models


class HuolieBankLine(models.Model):
    """One line of money that came in; it funds one recharge at most."""

    _name = "huolie.bank.line"
    _description = "Line of a bank statement"
    _order = "date desc, id desc"
    _rec_name = "serial"

    import_id = fields.Many2one(
        comodel_name="huolie.bank.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    bank_account_id = fields.Many2one(
        string="Bank account",
        comodel_name="huolie.bank.account",
        readonly=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        default=lambda self: (
            self.env["huolie.enterprise"]._get_billing_company().currency_id
        ),
    )
    fingerprint = fields.Char(required=True, readonly=True)
    date = fields.Date(readonly=True)
    amount = fields.Monetary(readonly=True)
    payer_name = fields.Char(string="Payer", readonly=True)
    payer_account = fields.Char(string="Payer account", readonly=True)
    remark = fields.Char(readonly=True)
    serial = fields.Char(readonly=True)
    recharge_id = fields.Many2one(
        comodel_name="huolie.recharge", string="Transfer", ondelete="restrict"
    )
    enterprise_id = fields.Many2one(related="recharge_id.enterprise_id")
    recharge_state = fields.Selection(
        related="recharge_id.state", string="State of the transfer"
    )
    rule_id = fields.Many2one(
        comodel_name="huolie.bank.rule",
        string="Ignored by the rule",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    points = fields.Integer(readonly=True)
    fits = fields.Char(string="What fits", readonly=True)
    fits_text = fields.Char(string="It fits", compute="_compute_fits_text")
    sure = fields.Boolean(readonly=True)
    state = fields.Selection(
        selection=[
            ("new", "Not matched"),
            ("matched", "Matched"),
            ("ignored", "Ignored"),
        ],
        default="new",
        required=True,
        readonly=True,
        index=True,
    )

    _fingerprint_uniq = models.UniqueIndex("(fingerprint)")
    _recharge_uniq = models.UniqueIndex(
        "(recharge_id) WHERE recharge_id IS NOT NULL",
        "This transfer is paired with another line.",
    )

    @api.depends("fits")
    @api.depends_context("lang")
    def _compute_fits_text(self):
        labels = {
            "code": self.env._("remark code"),
            "name": self.env._("payer"),
            "account": self.env._("known account"),
            "amount": self.env._("amount"),
            "date": self.env._("date"),
        }
        for line in self:
            parts = (line.fits or "").split(", ")
            found = [label for code, label in labels.items() if code in parts]
            line.fits_text = " + ".join(found)
