from odoo import api, models


class HuolieAudit(models.Model):
    _inherit = "huolie.audit"

    @api.model
    def _get_action_names(self):
        """Add what is kept by the engine."""
        names = {"seat.cap": self.env._("Limit of conversations at once")}
        return super()._get_action_names() | names
