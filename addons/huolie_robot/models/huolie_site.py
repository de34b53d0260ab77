from odoo import api, models


class HuolieSite(models.Model):
    _inherit = "huolie.site"

    @api.model_create_multi
    def create(self, vals_list):
        """Create sites, each with its robot."""
        sites = super().create(vals_list)
        self.env["huolie.robot"]._ensure_for(sites)
        return sites
