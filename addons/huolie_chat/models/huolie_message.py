from odoo import fields, models


class HuolieMessage(models.Model):
    """Append-only; written by ``services/engine.py`` only."""

    _name = "huolie.message"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Message of a conversation"
    _order = "conversation_id, seq"
    _rec_name = "body"
    _log_access = False

    conversation_id = fields.Many2one(
        comodel_name="huolie.conversation",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    seq = fields.Integer(string="No.", required=True, readonly=True, aggregator=None)
    kind = fields.Char(required=True, readonly=True)
    author = fields.Selection(
        selection=[
            ("visitor", "Visitor"),
            ("agent", "Agent"),
            ("robot", "Robot"),
            ("system", "System"),
        ],
        required=True,
        readonly=True,
    )
    author_name = fields.Char(string="Shown name", readonly=True)
    seat_id = fields.Many2one(
        comodel_name="huolie.seat",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    body = fields.Text(readonly=True)
    payload = fields.Json(readonly=True)
    client_uid = fields.Char(string="Client's id", readonly=True)
    create_date = fields.Datetime(string="Sent at", readonly=True)
    recalled = fields.Boolean(readonly=True)

    _seq_uniq = models.UniqueIndex("(conversation_id, seq)", "One message per number.")
    _client_uniq = models.UniqueIndex(
        "(conversation_id, client_uid) WHERE client_uid IS NOT NULL",
        "This message is stored already.",
    )
