from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

CHINA = pytz.timezone("Asia/Shanghai")


class HuolieVerification(models.Model):
    """The reviewers' desk: what is overdue, due today, later (A4)."""

    _inherit = "huolie.verification"

    due_at = fields.Datetime(string="Due", readonly=True, copy=False, index=True)
    due_uncertain = fields.Boolean(
        string="Holidays not confirmed",
        readonly=True,
        copy=False,
        help="The official list of holidays of that year is not known yet.",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    due_group = fields.Selection(
        selection=[
            ("overdue", "Overdue"),
            ("today", "Due today"),
            ("later", "Due later"),
        ],
        string="When due",
        compute="_compute_due_group",
        store=True,
        index="btree_not_null",
        group_expand=True,
    )

    @api.depends("state", "due_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for record in self:
            waiting = record.state == "submitted" and record.due_at
            record.is_overdue = bool(waiting and record.due_at < now)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "submitted") & Domain(
            "due_at", "<", fields.Datetime.now()
        )
        return late if True in value else ~late

    @api.depends("state", "due_at", "decided_at")
    def _compute_due_group(self):
        now = fields.Datetime.now()
        for record in self:
            waiting = record.state == "submitted" and record.due_at
            record.due_group = waiting and self._get_due_group(record.due_at, now)

    @api.model
    def _get_due_group(self, due, now):
        """Say in which group a due moment is, by the Chinese day.

        :param datetime due: UTC
        :param datetime now: UTC
        """
        if due < now:
            return "overdue"
        today = pytz.utc.localize(now).astimezone(CHINA).date()
        day = pytz.utc.localize(due).astimezone(CHINA).date()
        return "today" if day == today else "later"

    @api.model
    def _cron_refresh_due_groups(self):
        """Move on what became due by time alone."""
        soon = fields.Datetime.now() + timedelta(days=1)
        waiting = [("state", "=", "submitted"), ("due_at", "<=", soon)]
        self.env.add_to_compute(self._fields["due_group"], self.search(waiting))
