from odoo import fields, models


class HuolieAgentState(models.Model):
    """One narrow row per seat: what the assignment looks at and counts in.

    Written by ``services/engine.py`` only.
    """

    _name = "huolie.agent.state"
    _inherit = ["huolie.tenant.mixin"]
    _description = "State of an agent"
    _rec_name = "seat_id"
    _log_access = False

    seat_id = fields.Many2one(
        comodel_name="huolie.seat", required=True, readonly=True, ondelete="cascade"
    )
    # True only while the status is online and the console is connected.
    online = fields.Boolean(default=False, readonly=True)
    status = fields.Selection(
        selection=[
            ("online", "Online"),
            ("busy", "Busy"),
            ("rest", "Resting"),
            ("offline", "Offline"),
        ],
        default="offline",
        required=True,
        readonly=True,
    )
    load = fields.Integer(default=0, required=True, readonly=True, aggregator=None)
    cap = fields.Integer(
        string="Limit", default=5, required=True, readonly=True, aggregator=None
    )
    # A limit lowered below the load takes effect as conversations end.
    cap_wished = fields.Integer(
        string="Wished limit", default=5, required=True, readonly=True, aggregator=None
    )
    last_assigned = fields.Datetime(
        string="Last assigned",
        required=True,
        readonly=True,
        default="2000-01-01 00:00:00",
    )
    seen_at = fields.Datetime(string="Seen at", readonly=True)
    # End of service of an active seat; empty while the seat may not receive.
    serve_until = fields.Datetime(string="Serve until", readonly=True)
    # Agents' tokens minted before this moment are void.
    token_from = fields.Datetime(
        required=True, readonly=True, default="2000-01-01 00:00:00"
    )

    _seat_uniq = models.UniqueIndex("(seat_id)", "A seat has one state.")
    _free_idx = models.Index(
        "(enterprise_id, load, last_assigned) WHERE online AND load < cap"
    )
    _load_in_cap = models.Constraint(
        "CHECK (load >= 0 AND load <= cap)", "The limit of conversations is reached."
    )
