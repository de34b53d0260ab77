from odoo import api, fields, models
from odoo.exceptions import UserError


class HuolieTenantMixin(models.AbstractModel):
    _name = "huolie.tenant.mixin"
    _description = "Belongs to an enterprise"

    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        default=lambda self: self.env.user.enterprise_id,
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create rows; a tenant's rows always belong to the tenant's enterprise."""
        return super().create(vals_list)

    def write(self, vals):
        """Write rows; the enterprise of a row never changes (SECURITY.md T11).

        :raise UserError: when vals would move a row to another enterprise
        """
        if "enterprise_id" in vals and any(
            rec.enterprise_id.id != vals["enterprise_id"] for rec in self
        ):
            raise UserError(self.env._("The enterprise of a record cannot change."))
        return super().write(vals)
