from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services import checks

TEXTS = ("name", "street", "city")


class HuolieAccountData(models.TransientModel):
    """The enterprise's own data that its admin may change by hand (A13).

    The name stands with the licence: once verified, it changes by a new submission.
    """

    _name = "huolie.account.data"
    _description = "Data of the account"

    name = fields.Char(string="Enterprise name", required=True)
    email = fields.Char(string="Contact e-mail", required=True)
    phone = fields.Char(string="Contact mobile")
    street = fields.Char()
    city = fields.Char()
    verified = fields.Boolean(readonly=True)

    @api.model
    def default_get(self, fields_list):
        """Show the data as they are (account module, do)."""
        values = super().default_get(fields_list)
        enterprise = self._get_enterprise()
        for name in ("name", "email", "phone", "street", "city", "verified"):
            values[name] = enterprise[name]
        return values

    @api.model
    def _get_enterprise(self):
        if not self.env.user.has_group("huolie_base.group_account_do"):
            raise AccessError(self.env._("Your role does not include the account."))
        return self.env.user.sudo().enterprise_id

    def action_save(self):
        """Check and keep the data."""
        self.ensure_one()
        enterprise = self._get_enterprise()
        values = self._prepare_values(enterprise)
        changed = {key: new for key, new in values.items() if enterprise[key] != new}
        if changed:
            enterprise.write(changed)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_values(self, enterprise):
        messages = self.env["huolie.registration"]._get_messages()
        email = checks.email(self.email)
        if not email:
            raise UserError(messages["email"])
        phone = checks.mobile(self.phone) if self.phone else False
        if self.phone and not phone:
            raise UserError(messages["phone"])
        values = {name: checks.text(self[name], 100) or False for name in TEXTS}
        if not values["name"]:
            raise UserError(messages["name"])
        if enterprise.verified:
            values.pop("name")
        return {**values, "email": email, "phone": phone}
