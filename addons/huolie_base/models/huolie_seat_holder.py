from odoo import fields, models


class HuolieSeatHolder(models.Model):
    _name = "huolie.seat.holder"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Person who held a seat"
    _order = "id desc"
    _rec_name = "name"

    seat_id = fields.Many2one(
        comodel_name="huolie.seat", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(comodel_name="res.users", string="Account", index=True)
    name = fields.Char(required=True)
    held_from = fields.Datetime(string="From")
    held_until = fields.Datetime(string="Until")
