from odoo import fields, models


class HuolieSeat(models.Model):
    _name = "huolie.seat"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Seat"

    number = fields.Integer(required=True)
    name = fields.Char()
    user_id = fields.Many2one(comodel_name="res.users", index="btree_not_null")
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("invited", "Invited"),
            ("accepted", "Accepted"),
            ("active", "Active"),
            ("stopped", "Stopped"),
        ],
        default="draft",
        required=True,
    )
    is_trial_seat = fields.Boolean()
    serve_until = fields.Datetime()
