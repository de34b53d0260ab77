from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..services import money


class HuolieBillingConfig(models.Model):
    _name = "huolie.billing.config"
    _inherit = ["mail.thread", "huolie.audited"]
    _description = "Billing settings"
    # The accounts of the company, which this form shows.
    _audit_fields = ("advance_account_id", "tax_id", "sale_journal_id")

    name = fields.Char(
        string="Settings name", default="Billing", required=True, translate=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        string="Company that sells",
        required=True,
        default=lambda self: self.env.ref("base.main_company"),
        ondelete="restrict",
        tracking=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    minimum_transfer = fields.Monetary(
        string="Minimum transfer", default=500.0, tracking=True
    )
    minimum_online = fields.Monetary(
        string="Minimum online", default=100.0, tracking=True
    )
    minimum_reason = fields.Char(
        string="Reason shown for the minimum",
        default="Finance checks every transfer by hand.",
        translate=True,
    )
    grace_days = fields.Integer(string="Days of grace", default=0, tracking=True)
    fapiao_policy = fields.Selection(
        selection=[("consumption", "On consumption"), ("recharge", "On recharge")],
        string="Fapiao is issued",
        default="consumption",
        required=True,
        tracking=True,
    )
    auto_approve_below = fields.Monetary(
        string="Approve sure transfers by themselves up to",
        default=0.0,
        tracking=True,
        help="0: never. Sure means remark code, payer name and amount all fit.",
    )
    advance_account_id = fields.Many2one(
        related="company_id.huolie_advance_account_id", readonly=False
    )
    tax_id = fields.Many2one(related="company_id.huolie_tax_id", readonly=False)
    sale_journal_id = fields.Many2one(
        related="company_id.huolie_sale_journal_id", readonly=False
    )

    _grace_not_negative = models.Constraint(
        "CHECK(grace_days BETWEEN 0 AND 60)", "The days of grace are 0 to 60."
    )
    _minimum_positive = models.Constraint(
        "CHECK(minimum_transfer >= 0 AND minimum_online >= 0)",
        "A minimum cannot be negative.",
    )

    @api.model
    def _get(self):
        """Return the one row of settings (sudo)."""
        return self.sudo().search([], limit=1) or self.sudo().create({})

    def _get_minimum(self, method):
        """Return the smallest recharge in fen for a way of paying."""
        amount = self.minimum_transfer if method == "transfer" else self.minimum_online
        return max(1, money.to_fen(amount))

    def _get_minimum_reason(self, method):
        """Return why there is a minimum: transfers are checked by hand, others not."""
        return (self.minimum_reason or "") if method == "transfer" else ""

    @api.constrains("company_id")
    def _check_company(self):
        used = self.env["huolie.enterprise"]._get_billing_company()
        for config in self:
            if config.company_id != used and self._is_money_booked():
                raise ValidationError(
                    self.env._(
                        "Money was booked in %s already: the company stays.", used.name
                    )
                )

    @api.model
    def _is_money_booked(self):
        entries = self.env["huolie.wallet.entry"].sudo()
        return bool(entries.search_count([], limit=1))

    @api.model_create_multi
    def create(self, vals_list):
        """Create the settings; the company that sells is taken over."""
        configs = super().create(vals_list)
        configs._take_company()
        return configs

    def write(self, vals):
        """Write the settings; the company that sells is taken over."""
        res = super().write(vals)
        if "company_id" in vals:
            self._take_company()
        return res

    def _take_company(self):
        """Keep the company where it is read often: a parameter is cached."""
        for config in self:
            self.env["ir.config_parameter"].sudo().set_param(
                "huolie_billing.company_id", config.company_id.id
            )
        self._take_currency()

    @api.model
    def _take_currency(self):
        """Let balances and prices have the company's currency, while nothing is booked.

        A chart of accounts that is chosen after the installation changes it.
        """
        currency = self.env["huolie.enterprise"]._get_billing_company().currency_id
        if self._is_money_booked():
            return
        for name in ("huolie.wallet", "huolie.price"):
            rows = self.env[name].sudo().with_context(active_test=False)
            rows.search([("currency_id", "!=", currency.id)]).currency_id = currency

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The settings cannot be deleted."))
