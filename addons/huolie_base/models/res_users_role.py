from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    huolie_role_id = fields.Many2one(
        comodel_name="huolie.role",
        string="Role in the enterprise",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )

    def write(self, vals):
        """Write users; nobody switches off the last administrator (SEC-R9)."""
        if vals.get("active") is False:
            for enterprise in self.sudo().enterprise_id:
                mine = self.sudo().filtered(
                    lambda user, own=enterprise: user.enterprise_id == own
                )
                enterprise._check_admin_besides(mine)
        return super().write(vals)

    def _tell_rights_changed(self):
        """Make the open pages of these people load again, with the new menus."""
        for user in self:
            user.partner_id._bus_send("huolie.rights", {})
