from odoo import api, fields, models


class HuolieService(models.Model):
    _name = "huolie.service"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Service bought besides seats"
    _rec_name = "code"

    enterprise_id = fields.Many2one(ondelete="restrict")
    code = fields.Char(required=True, readonly=True)
    label = fields.Char(string="Service", compute="_compute_label")
    until = fields.Datetime(string="Bought until", readonly=True)
    renew = fields.Boolean(string="Goes on at renewal", default=True)

    _code_uniq = models.UniqueIndex("(enterprise_id, code)")

    def _is_on(self):
        """Whether it works now: bought, or its renewal is still to be decided."""
        self.ensure_one()
        until = self.until
        if self.renew:
            until = self.enterprise_id._with_leeway(until)
        return bool(until and until > fields.Datetime.now())

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_label(self):
        labels = dict(self.env["huolie.price"]._selection_service())
        for service in self:
            service.label = labels.get(service.code, service.code)
