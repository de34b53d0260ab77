from odoo import fields, models


class HuolieAgentLog(models.Model):
    """Each change of an agent's status (C1); reports read it."""

    _name = "huolie.agent.log"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Change of an agent's status"
    _order = "id desc"
    _rec_name = "seat_id"
    _log_access = False

    seat_id = fields.Many2one(
        comodel_name="huolie.seat", required=True, index=True, ondelete="cascade"
    )
    status = fields.Selection(
        selection=[
            ("online", "Online"),
            ("busy", "Busy"),
            ("rest", "Resting"),
            ("offline", "Offline"),
            ("lost", "Connection lost"),
            ("back", "Connection back"),
        ],
        required=True,
    )
    create_date = fields.Datetime(string="At", readonly=True)
