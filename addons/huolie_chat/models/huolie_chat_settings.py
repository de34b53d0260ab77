from odoo import api, fields, models


class HuolieChatSettings(models.Model):
    """基础设置: one row per enterprise, read by ``services/engine.py``."""

    _name = "huolie.chat.settings"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Settings of conversations"
    _support_may = "*"
    _rec_name = "enterprise_id"

    agent_cap = fields.Integer(
        string="Conversations per agent",
        default=5,
        required=True,
        aggregator=None,
        help="The limit that a new seat begins with.",
    )
    queue_max = fields.Integer(
        string="Longest queue",
        default=50,
        required=True,
        aggregator=None,
        help="Further visitors get the message form.",
    )
    queue_minutes = fields.Integer(
        string="Longest wait (minutes)",
        default=10,
        required=True,
        aggregator=None,
        help="Then the visitor is asked to leave a message.",
    )
    sticky = fields.Boolean(string="Returning visitor to the same agent", default=True)
    lost_seconds = fields.Integer(
        string="Hand over after connection lost (seconds)",
        default=60,
        required=True,
        aggregator=None,
    )
    close_minutes = fields.Integer(
        string="Close after silence of the visitor (minutes)",
        default=30,
        required=True,
        aggregator=None,
        help="0 never closes. Not while the visitor waits for an answer.",
    )
    warn_minutes = fields.Integer(
        string="Warn the visitor before (minutes)",
        default=2,
        required=True,
        aggregator=None,
    )

    _enterprise_uniq = models.UniqueIndex(
        "(enterprise_id)", "An enterprise has one row of settings."
    )
    _positive = models.Constraint(
        "CHECK (agent_cap BETWEEN 1 AND 100 AND queue_max BETWEEN 0 AND 10000"
        " AND queue_minutes BETWEEN 1 AND 1440 AND lost_seconds BETWEEN 15 AND 3600"
        " AND close_minutes BETWEEN 0 AND 1440"
        " AND warn_minutes BETWEEN 0 AND 60)",
        "A value is out of its range: 1-100 conversations, queue up to 10000, wait"
        " 1-1440 minutes, connection 15-3600 seconds, closing 0-1440, warning 0-60.",
    )

    @api.depends_context("lang")
    def _compute_display_name(self):
        """Call the only row what its menu is called."""
        self.display_name = self.env._("Reception and queue")
