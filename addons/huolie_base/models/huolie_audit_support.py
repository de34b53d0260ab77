from odoo import api, models
from odoo.http import request


class HuolieAudit(models.Model):
    _inherit = "huolie.audit"

    @api.model
    def _prepare_audit_vals(self, record, action, old, new, enterprise):
        """Name the operator who acts with a support grant, besides the admin."""
        vals = super()._prepare_audit_vals(record, action, old, new, enterprise)
        visit = request.session.get("huolie_support") if request else None
        if visit:
            vals["user_name"] = f"{vals['user_name']} ← {visit['name']}"
        return vals
