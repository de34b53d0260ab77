from odoo import api, fields, models
from odoo.exceptions import AccessError


class HuolieQuickReply(models.Model):
    _name = "huolie.quick.reply"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Quick reply"
    _support_may = "*"
    _order = "folder, sequence, name, id"

    name = fields.Char(string="Title", required=True)
    folder = fields.Char(help="Like Sales / Prices: replies are shown by folder.")
    shortcut = fields.Char(help="Type / and this in the answer box.")
    body = fields.Text(string="Answer", required=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Only for",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    is_personal = fields.Boolean(
        string="Personal",
        compute="_compute_is_personal",
        inverse="_inverse_is_personal",
        search="_search_is_personal",
        help="Only you see it. Otherwise all colleagues do.",
    )

    @api.depends("user_id")
    def _compute_is_personal(self):
        for reply in self:
            reply.is_personal = bool(reply.user_id)

    def _inverse_is_personal(self):
        for reply in self:
            reply.sudo().user_id = self.env.user if reply.is_personal else False

    def _search_is_personal(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("user_id", "!=" if True in value else "=", False)]

    @api.model_create_multi
    def create(self, vals_list):
        """Create replies; who may not edit shared ones gets a personal one (C8)."""
        if not self._may_share():
            for vals in vals_list:
                vals.update(user_id=self.env.uid, is_personal=True)
        return super().create(vals_list)

    def write(self, vals):
        """Write replies; shared ones belong to those who may edit settings."""
        if not self._may_share() and (
            any(not reply.user_id for reply in self)
            or vals.get("is_personal", True) is False
        ):
            raise AccessError(self.env._("Shared replies are edited by supervisors."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_allowed(self):
        if not self._may_share() and any(not reply.user_id for reply in self):
            raise AccessError(self.env._("Shared replies are edited by supervisors."))

    @api.model
    def _may_share(self):
        return self.env.su or self.env.user.has_group("huolie_chat.group_settings_do")
