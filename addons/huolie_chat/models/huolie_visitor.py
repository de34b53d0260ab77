from odoo import api, fields, models
from odoo.tools import sql


class HuolieVisitor(models.Model):
    _name = "huolie.visitor"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Visitor"
    _order = "id desc"
    _log_access = False

    site_id = fields.Many2one(
        comodel_name="huolie.site",
        string="Website",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    # The browser's secret: never shown and never in a link.
    uid = fields.Char(
        string="Cookie",
        required=True,
        readonly=True,
        copy=False,
        groups="base.group_system",
    )
    name = fields.Char()
    phone = fields.Char()
    email = fields.Char()
    wechat = fields.Char(string="WeChat")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="set null",
    )
    last_page = fields.Char(string="Last page", readonly=True)
    last_title = fields.Char(string="Title of the last page", readonly=True)
    source = fields.Char(readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    device = fields.Selection(
        selection=[("desktop", "Computer"), ("mobile", "Mobile phone")], readonly=True
    )
    browser = fields.Char(readonly=True)
    ip = fields.Char(string="IP address", readonly=True)
    first_seen_at = fields.Datetime(string="First seen", readonly=True)
    seen_at = fields.Datetime(string="Last seen", readonly=True)
    visits = fields.Integer(default=1, readonly=True)

    _uid_uniq = models.UniqueIndex("(site_id, uid)", "This visitor is known already.")

    @api.depends("name")
    def _compute_display_name(self):
        for visitor in self:
            visitor.display_name = visitor.name or self.env._(
                "Visitor %s", f"{visitor.id or 0:06d}"
            )

    def init(self):
        """Leave room in the pages: presence is written often and never indexed."""
        if sql.table_exists(self.env.cr, self._table):
            self.env.cr.execute("ALTER TABLE huolie_visitor SET (fillfactor = 70)")
