from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Create customers, unless the enterprise may only read."""
        if self._is_guarded():
            self.env.user.enterprise_id.sudo()._check_people_may_write()
        return super().create(vals_list)

    def write(self, vals):
        """Write customers, unless the enterprise may only read."""
        if self._is_guarded() and self != self.env.user.partner_id:
            self.env.user.enterprise_id.sudo()._check_people_may_write()
        return super().write(vals)
