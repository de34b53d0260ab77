from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# sub-accounts of 预收账款 (small enterprises) and 合同负债 (large ones)
ADVANCE_CODES = {"cn": "220301", "cn_common": "220301", "cn_large_bis": "220401"}


class ResCompany(models.Model):
    _inherit = "res.company"

    huolie_advance_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Account for customers' balances",
        help="Typed receivable, so that payments and invoices meet on it; it is a debt"
        " to customers and belongs under liabilities in reports.",
    )
    huolie_tax_id = fields.Many2one(
        comodel_name="account.tax", string="Tax in the service prices"
    )
    huolie_sale_journal_id = fields.Many2one(
        comodel_name="account.journal", string="Journal of the service invoices"
    )

    def write(self, vals):
        """Write companies; balances without movements follow the currency."""
        res = super().write(vals)
        if "currency_id" in vals:
            self.env["huolie.billing.config"]._take_currency()
        return res

    @api.constrains("huolie_advance_account_id")
    def _check_huolie_advance_account(self):
        """Keep the account on which balances are booked: the books would differ."""
        for company in self:
            domain = [
                ("company_id", "=", company.id),
                ("move_id.huolie_enterprise_id", "!=", False),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id", "!=", company.huolie_advance_account_id.id),
            ]
            line = self.env["account.move.line"].search(domain, limit=1)
            if line:
                raise ValidationError(
                    self.env._(
                        "Customers' balances are booked on %s already: the account"
                        " stays.",
                        line.account_id.display_name,
                    )
                )

    def _get_huolie_advance_account(self):
        """Return the account that holds customers' balances, made when missing.

        :raise UserError: when the company has no chart of accounts yet
        """
        self.ensure_one()
        company = self.sudo()
        if not company.huolie_advance_account_id:
            company._check_huolie_chart()
            vals = company._prepare_huolie_advance_account()
            account = self.env["account.account"].sudo().with_company(company)
            company.huolie_advance_account_id = account.create(vals)
            company._name_huolie_advance_account()
        return company.huolie_advance_account_id

    def _name_huolie_advance_account(self):
        """Call the account what people who keep the books call it, in each language."""
        for code, _name in self.env["res.lang"].get_installed():
            account = self.huolie_advance_account_id.with_context(lang=code)
            account.name = account.env._("Customers' balances")

    def _check_huolie_chart(self):
        if not self.root_id.sudo().chart_template:
            raise UserError(
                self.env._(
                    "%(company)s has no chart of accounts yet."
                    " Install one in the accounting settings first.",
                    company=self.name,
                )
            )

    def _get_huolie_advance_code(self):
        """Return the first code to try for the advance account; for other charts."""
        code = ADVANCE_CODES.get(self.chart_template)
        if code:
            return code
        domain = [
            ("account_type", "=", "asset_receivable"),
            ("company_ids", "in", self.ids),
        ]
        like = self.env["account.account"].with_company(self).search(domain, limit=1)
        return like.code or "121900"

    def _prepare_huolie_advance_account(self):
        accounts = self.env["account.account"].sudo().with_company(self)
        vals = {
            "name": "Customers' balances",
            "code": accounts._search_new_account_code(self._get_huolie_advance_code()),
            "account_type": "asset_receivable",
            "reconcile": True,
            "non_trade": False,
            "company_ids": [(4, self.id)],
        }
        return vals

    def _get_huolie_tax(self):
        """Return the tax-included sale tax of the services, made when missing.

        In China 6 % (modern services); elsewhere the company's own sale tax.
        """
        self.ensure_one()
        company = self.sudo()
        if not company.huolie_tax_id:
            like = company._find_huolie_tax_to_copy()
            if like and not like.price_include:
                like = like.copy(company._prepare_huolie_tax(like))
            company.huolie_tax_id = like
        return company.huolie_tax_id

    def _find_huolie_tax_to_copy(self):
        taxes = self.env["account.tax"].sudo().with_context(active_test=False)
        if self.account_fiscal_country_id.code != "CN":
            return self.account_sale_tax_id
        domain = [
            ("company_id", "=", self.id),
            ("type_tax_use", "=", "sale"),
            ("amount_type", "=", "percent"),
            ("amount", "=", 6),
        ]
        found = taxes.search(domain)
        return found.filtered("price_include")[:1] or found[:1]

    def _prepare_huolie_tax(self, like):
        return {
            "name": self.env._("%(tax)s in the price", tax=like.name),
            "price_include_override": "tax_included",
            "active": True,
        }

    def _get_huolie_sale_journal(self):
        """Return the journal of the service invoices.

        :raise UserError: when the company has no sale journal
        """
        self.ensure_one()
        company = self.sudo()
        if company.huolie_sale_journal_id:
            return company.huolie_sale_journal_id
        company._check_huolie_chart()
        domain = [("type", "=", "sale"), ("company_id", "=", company.id)]
        journal = self.env["account.journal"].sudo().search(domain, limit=1)
        if not journal:
            raise UserError(self.env._("There is no sale journal."))
        return journal
