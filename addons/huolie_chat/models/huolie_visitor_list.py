from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..services import db, wire

HERE_SECONDS = 90
INVITE_SECONDS = 60


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
    invited_at = fields.Datetime(string="Invited", readonly=True)
    is_here = fields.Boolean(
        string="On the website", compute="_compute_is_here", search="_search_is_here"
    )

    def action_invite(self):
        """Show an invitation to talk on the pages of visitors who are here (C10).

        :raise AccessError: the role lets one look only
        :raise UserError: none of them is on the website, or all were just invited
        """
        if not self.env.user.has_group("huolie_chat.group_visitor_do"):
            raise AccessError(self.env._("Your role does not include this."))
        self.check_access("read")
        if not self.env.user.enterprise_id.sudo()._is_in_service():
            raise UserError(self.env._("The service is not running"))
        limit = fields.Datetime.now() - timedelta(seconds=INVITE_SECONDS)
        chosen = self.filtered(
            lambda v: v.is_here and (not v.invited_at or v.invited_at < limit)
        )
        if not chosen:
            raise UserError(
                self.env._("They have left the website, or were invited a moment ago.")
            )
        # sudo: visitors are written by the server, this mark is one of its own
        chosen.sudo().invited_at = fields.Datetime.now()
        topics = [f"v{visitor}" for visitor in chosen.ids]
        name = self.env["huolie.lead"]._get_my_seat().name or None
        db.notify(self.env.cr, wire.passing_each(topics, e="invite", n=name))
        return self.env["huolie.lead"]._notify_result(
            self.env._("%s invited. Who accepts appears in the console.", len(chosen))
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
