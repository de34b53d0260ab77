from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

HERE_SECONDS = 90


class HuolieVisitor(models.Model):
    """What the list of visitors shows (C10)."""

    _inherit = "huolie.visitor"

    conversation_ids = fields.One2many(
        comodel_name="huolie.conversation", inverse_name="visitor_id", readonly=True
    )
    page_view_ids = fields.One2many(
        comodel_name="huolie.page.view",
        inverse_name="visitor_id",
        string="Pages",
        readonly=True,
    )
    is_here = fields.Boolean(
        string="On the website", compute="_compute_is_here", search="_search_is_here"
    )

    @api.depends("seen_at")
    def _compute_is_here(self):
        limit = self._get_here_limit()
        for visitor in self:
            visitor.is_here = bool(visitor.seen_at and visitor.seen_at >= limit)

    def _search_is_here(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("seen_at", ">=", self._get_here_limit())

    @api.model
    def _get_here_limit(self):
        return fields.Datetime.now() - timedelta(seconds=HERE_SECONDS)
