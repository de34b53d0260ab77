from odoo import api, fields, models


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    wallet_ids = fields.One2many(
        comodel_name="huolie.wallet",
        inverse_name="enterprise_id",
        readonly=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Every enterprise has a wallet from its first day."""
        enterprises = super().create(vals_list)
        enterprises._create_wallets()
        return enterprises

    def _create_wallets(self):
        wallets = self.env["huolie.wallet"].sudo()
        found = wallets.search([("enterprise_id", "in", self.ids)])
        missing = self - found.enterprise_id
        currency = self._get_billing_company().currency_id
        return wallets.create(
            [
                {"enterprise_id": enterprise.id, "currency_id": currency.id}
                for enterprise in missing
            ]
        )

    def _get_wallet(self):
        """Return the wallet of the enterprise (sudo)."""
        self.ensure_one()
        return self.sudo().wallet_ids or self._create_wallets()

    @api.model
    def _get_billing_company(self):
        """Return the operator's company that sells the service (sudo).

        Asked for every line of a run: the parameter is cached, and the settings, which
        write it, keep the company from being deleted.
        """
        param = self.env["ir.config_parameter"].sudo()
        chosen = param.get_param("huolie_billing.company_id")
        if not chosen:
            return self.env.ref("base.main_company").sudo()
        return self.env["res.company"].sudo().browse(int(chosen))

    def _with_own_lang(self):
        """Return the enterprise in the language that its people read.

        For texts that are kept (movements, invoices): the nightly run has no language.
        """
        self.ensure_one()
        own = self.sudo().partner_id.lang
        code = own or self._get_billing_company().partner_id.lang
        return self.with_context(lang=self.env["res.lang"]._get_code(code) or None)

    @api.model
    def _is_billed(self):
        return True

    def _has_recharged(self):
        self.ensure_one()
        domain = [("enterprise_id", "=", self.id), ("kind", "=", "recharge")]
        return bool(
            self.env["huolie.wallet.entry"].sudo().search_count(domain, limit=1)
        )

    def _get_advance_account(self):
        """Return the enterprise's account in the books; its receivable from now on."""
        self.ensure_one()
        company = self._get_billing_company()
        account = company._get_huolie_advance_account()
        partner = self.partner_id.sudo().with_company(company)
        if partner.property_account_receivable_id != account:
            partner.property_account_receivable_id = account
        return account
