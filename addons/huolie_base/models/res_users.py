from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_invalidation_fields(self):
        return super()._get_invalidation_fields() | {"enterprise_id"}

    def _is_tenant(self):
        """Whether this user is a person of an enterprise and not an internal user."""
        self.ensure_one()
        return bool(self.share and self.enterprise_id)
