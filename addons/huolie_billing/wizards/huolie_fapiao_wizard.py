from odoo import Command, api, fields, models
from odoo.exceptions import AccessError

KEPT = ("title", "tax_number", "address", "phone", "bank", "bank_number", "email")


class HuolieFapiaoWizard(models.TransientModel):
    """The page 申请发票; the data of the last request are proposed."""

    _name = "huolie.fapiao.wizard"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Ask for a fapiao"

    kind = fields.Selection(
        selection=[("normal", "Normal fapiao"), ("special", "Special VAT fapiao")],
        required=True,
        default="normal",
    )
    title = fields.Char()
    tax_number = fields.Char(string="Tax number")
    address = fields.Char(string="Registered address")
    phone = fields.Char()
    bank = fields.Char()
    bank_number = fields.Char(string="Bank account number")
    email = fields.Char(string="Deliver to")
    note = fields.Char()
    policy = fields.Char(compute="_compute_policy")
    charge_ids = fields.Many2many(comodel_name="huolie.charge", string="Charges")
    recharge_ids = fields.Many2many(comodel_name="huolie.recharge", string="Recharges")
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_policy"
    )
    amount = fields.Monetary(compute="_compute_amount")

    @api.model
    def _get_enterprise(self):
        user = self.env.user
        if not user.has_group("huolie_base.group_account_do") or not user.enterprise_id:
            raise AccessError(self.env._("You may not ask for a fapiao."))
        return user.enterprise_id

    @api.model
    def default_get(self, fields):
        """Propose the last request's data and every amount without a fapiao."""
        enterprise = self._get_enterprise()
        values = super().default_get(fields)
        domain = [("enterprise_id", "=", enterprise.id)]
        last = self.env["huolie.fapiao"].search(domain, limit=1)
        values.update({key: last[key] for key in KEPT if last[key]})
        values.setdefault("title", enterprise._get_verified_name())
        values.setdefault("tax_number", enterprise.credit_code or "")
        values.setdefault("email", self.env.user.email)
        free = domain + [("fapiao_id", "=", False)]
        if self._get_policy() == "consumption":
            charges = self.env["huolie.charge"].search(free)
            values["charge_ids"] = [Command.set(charges.ids)]
        else:
            free += [("state", "=", "approved")]
            recharges = self.env["huolie.recharge"].search(free)
            values["recharge_ids"] = [Command.set(recharges.ids)]
        return values

    @api.model
    def _get_policy(self):
        return self.env["huolie.billing.config"]._get().fapiao_policy

    @api.depends("kind")
    def _compute_policy(self):
        policy = self._get_policy()
        currency = self.env["huolie.enterprise"]._get_billing_company().currency_id
        for wizard in self:
            wizard.policy = policy
            wizard.currency_id = currency

    @api.depends("charge_ids", "recharge_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.charge_ids.mapped("amount")) + sum(
                wizard.recharge_ids.mapped("amount_received")
            )

    def action_confirm(self):
        """Send the request to finance.

        :raise UserError: says which value is wrong; the typed values stay
        """
        self.ensure_one()
        enterprise = self._get_enterprise()
        by_charge = self._get_policy() == "consumption"
        sources = self.charge_ids if by_charge else self.recharge_ids
        vals = {key: self[key] for key in (*KEPT, "kind", "note")}
        self.env["huolie.fapiao"]._request(enterprise, sources, vals)
        return self.env["ir.actions.actions"]._for_xml_id(
            "huolie_billing.huolie_fapiao_action_mine"
        )
