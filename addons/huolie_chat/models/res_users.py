from odoo import models

# A change of these takes the person's console along at once (SECURITY.md T17).
REVOKING = {"active", "group_ids", "password", "login"}


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Write; agents' tokens of changed people become void."""
        res = super().write(vals)
        if REVOKING & vals.keys():
            seats = self.env["huolie.seat"].sudo().search([("user_id", "in", self.ids)])
            self.env["huolie.conversation"]._revoke(seats)
        return res
