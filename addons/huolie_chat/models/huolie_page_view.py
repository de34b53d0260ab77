from datetime import timedelta

from odoo import api, fields, models

KEEP_DAYS = 90


class HuoliePageView(models.Model):
    """One page that a visitor looked at (C10); written by ``hello``."""

    _name = "huolie.page.view"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Page seen by a visitor"
    _order = "id desc"
    _rec_name = "title"
    _log_access = False

    visitor_id = fields.Many2one(
        comodel_name="huolie.visitor", required=True, index=True, ondelete="cascade"
    )
    url = fields.Char(string="Address", readonly=True)
    title = fields.Char(readonly=True)
    create_date = fields.Datetime(string="Seen at", readonly=True, index=True)

    @api.autovacuum
    def _gc_old(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.env.cr.execute(
            "DELETE FROM huolie_page_view WHERE create_date < %s"
            # a legal hold keeps everything (A6)
            " AND enterprise_id NOT IN"
            " (SELECT id FROM huolie_enterprise WHERE legal_hold)",
            (limit,),
        )
