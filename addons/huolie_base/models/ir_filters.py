from odoo import api, models


class IrFilters(models.Model):
    _inherit = "ir.filters"

    @api.model_create_multi
    def create(self, vals_list):
        """Save favourites; people of enterprises save them for themselves alone."""
        filters = super().create(vals_list)
        filters._check_own_favourite()
        return filters

    def write(self, vals):
        """Change favourites; nobody hands one to a colleague, as the default even."""
        res = super().write(vals)
        self._check_own_favourite()
        return res

    def _check_own_favourite(self):
        if self._is_guarded() and self.sudo().user_ids - self.env.user:
            raise self._make_reference_error()
