from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HuolieGroup(models.Model):
    _name = "huolie.group"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Agent group"
    _support_may = "*"
    _order = "name, id"

    name = fields.Char(string="Group name", required=True)
    active = fields.Boolean(default=True)
    member_ids = fields.One2many(
        comodel_name="huolie.group.member", inverse_name="group_id", string="Members"
    )
    seat_ids = fields.Many2many(
        comodel_name="huolie.seat",
        string="Seats",
        compute="_compute_seat_ids",
        inverse="_inverse_seat_ids",
        search="_search_seat_ids",
    )
    overflow_group_id = fields.Many2one(
        string="Overflow group",
        comodel_name="huolie.group",
        index="btree_not_null",
        ondelete="set null",
        help="Takes the visitors when nobody of this group is online.",
    )
    site_ids = fields.One2many(
        comodel_name="huolie.site", inverse_name="group_id", string="Websites"
    )
    # Updating this number holds the group's row: whoever assigns waits for it.
    drain_no = fields.Integer(default=0, readonly=True, copy=False, aggregator=None)

    @api.depends("member_ids.seat_id")
    def _compute_seat_ids(self):
        for group in self:
            group.seat_ids = group.member_ids.seat_id

    def _inverse_seat_ids(self):
        for group in self:
            gone = group.member_ids.filtered(
                lambda m, g=group: m.seat_id not in g.seat_ids
            )
            new = group.seat_ids - group.member_ids.seat_id
            gone.unlink()
            self.env["huolie.group.member"].create(
                [
                    {
                        "group_id": group.id,
                        "seat_id": seat.id,
                        "enterprise_id": group.enterprise_id.id,
                    }
                    for seat in new
                ]
            )

    @api.model
    def _search_seat_ids(self, operator, value):
        return [("member_ids.seat_id", operator, value)]

    @api.constrains("overflow_group_id")
    def _check_overflow(self):
        if self._has_cycle("overflow_group_id"):
            raise ValidationError(
                self.env._("A group cannot overflow into itself, also not by a detour.")
            )
