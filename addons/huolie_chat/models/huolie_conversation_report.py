from odoo import fields, models
from odoo.tools import SQL


class HuolieConversationReport(models.Model):
    """One row per conversation with what reports count (C15)."""

    _name = "huolie.conversation.report"
    _description = "Conversations report"
    _auto = False
    _order = "opened_at desc"
    _rec_name = "conversation_id"

    conversation_id = fields.Many2one(comodel_name="huolie.conversation", readonly=True)
    enterprise_id = fields.Many2one(comodel_name="huolie.enterprise", readonly=True)
    site_id = fields.Many2one(
        comodel_name="huolie.site", string="Website", readonly=True
    )
    group_id = fields.Many2one(
        comodel_name="huolie.group", string="Agent group", readonly=True
    )
    seat_id = fields.Many2one(comodel_name="huolie.seat", string="Agent", readonly=True)
    source = fields.Char(readonly=True)
    state = fields.Selection(
        selection=lambda self: self.env["huolie.conversation"]
        ._fields["state"]
        ._description_selection(self.env),
        readonly=True,
    )
    outcome = fields.Selection(
        selection=[
            ("answered", "Answered by an agent"),
            ("robot", "Robot alone"),
            ("lost", "Lost"),
            ("running", "Running"),
        ],
        readonly=True,
    )
    opened_at = fields.Datetime(string="Opened at", readonly=True)
    hour = fields.Integer(string="Hour of the day", readonly=True, aggregator=None)
    first_answer_seconds = fields.Float(
        string="First answer (seconds)", readonly=True, aggregator="avg"
    )
    duration_minutes = fields.Float(
        string="Duration (minutes)", readonly=True, aggregator="avg"
    )
    visitor_messages = fields.Integer(string="Visitor messages", readonly=True)
    agent_messages = fields.Integer(string="Agent messages", readonly=True)
    score = fields.Float(string="Satisfaction", readonly=True, aggregator="avg")
    rated = fields.Integer(string="Ratings", readonly=True)
    solved = fields.Integer(readonly=True)
    lost = fields.Integer(string="Lost visitors", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT c.id, c.id AS conversation_id, c.enterprise_id, c.site_id,
                   c.group_id, c.seat_id, v.source, c.state, c.opened_at,
                   extract(hour FROM c.opened_at AT TIME ZONE 'UTC'
                           AT TIME ZONE %(tz)s)::int AS hour,
                   CASE WHEN c.state <> 'closed' THEN 'running'
                        WHEN c.first_answer_at IS NOT NULL THEN 'answered'
                        WHEN c.close_reason IN ('wait', 'left', 'full', 'nobody')
                        THEN 'lost' ELSE 'robot' END AS outcome,
                   extract(epoch FROM c.first_answer_at
                           - COALESCE(c.waiting_since, c.opened_at))
                       AS first_answer_seconds,
                   extract(epoch FROM c.closed_at - c.opened_at) / 60
                       AS duration_minutes,
                   m.visitor AS visitor_messages, m.agent AS agent_messages,
                   NULLIF(c.score, 0) AS score,
                   (COALESCE(c.score, 0) > 0)::int AS rated,
                   (c.solved = 'yes')::int AS solved,
                   (c.close_reason IN ('wait', 'left', 'full', 'nobody'))::int AS lost
              FROM huolie_conversation c
              JOIN huolie_visitor v ON v.id = c.visitor_id
              LEFT JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE author = 'visitor') AS visitor,
                          count(*) FILTER (WHERE author = 'agent') AS agent
                     FROM huolie_message m
                    WHERE m.conversation_id = c.id
                      AND m.kind IN ('text', 'image', 'file', 'pick', 'card')
              ) m ON true
            """,
            tz=self.env.context.get("tz") or "Asia/Shanghai",
        )
