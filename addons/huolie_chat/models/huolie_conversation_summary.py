from odoo import api, fields, models


class HuolieConversation(models.Model):
    """What agents add to a conversation, and what records and reports show of it."""

    _inherit = "huolie.conversation"

    tag_ids = fields.Many2many(comodel_name="huolie.tag", string="Summary tags")
    summary = fields.Text()
    stars = fields.Char(string="Rating", compute="_compute_stars")
    lead_ids = fields.One2many(
        comodel_name="huolie.lead", inverse_name="conversation_id", readonly=True
    )
    visitor_phone = fields.Char(
        string="Visitor's phone", related="visitor_id.phone", related_sudo=True
    )
    visitor_source = fields.Char(
        string="Source", related="visitor_id.source", related_sudo=True
    )
    text_search = fields.Char(
        string="Words said",
        compute="_compute_text_search",
        search="_search_text_search",
    )

    @api.depends("score")
    def _compute_stars(self):
        for conversation in self:
            conversation.stars = "★" * (conversation.score or 0)

    def _compute_text_search(self):
        self.text_search = False

    @api.model
    def _search_text_search(self, operator, value):
        """Find conversations in which words were said (C11)."""
        if operator not in ("ilike", "like", "=ilike") or not value:
            return NotImplemented
        return [("message_ids.body", "ilike", value)]

    def action_open_console(self):
        """Open this conversation in the console."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "huolie_chat.console",
            "name": self.env._("Conversations"),
            "params": {"conversation_id": self.id},
        }
