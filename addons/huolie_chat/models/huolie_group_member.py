from odoo import api, fields, models


class HuolieGroupMember(models.Model):
    _name = "huolie.group.member"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Seat in a group"
    _support_may = "*"
    _rec_name = "seat_id"

    group_id = fields.Many2one(
        comodel_name="huolie.group", required=True, index=True, ondelete="cascade"
    )
    seat_id = fields.Many2one(
        comodel_name="huolie.seat", required=True, index=True, ondelete="cascade"
    )

    _member_uniq = models.UniqueIndex(
        "(group_id, seat_id)", "This seat is in the group already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Add members; visitors who wait may now have an agent."""
        members = super().create(vals_list)
        self.env["huolie.conversation"]._drain_later(members.group_id.ids)
        return members
