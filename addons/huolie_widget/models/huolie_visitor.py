from odoo import api, fields, models


class HuolieVisitor(models.Model):
    _inherit = "huolie.visitor"

    external_id = fields.Char(
        string="Customer number on the website",
        readonly=True,
        help="Told by the website and proved by its signature.",
    )
    attrs = fields.Json(string="Facts told by the website", readonly=True)
    attrs_text = fields.Text(
        string="Told by the website", compute="_compute_attrs_text"
    )

    @api.depends("attrs")
    def _compute_attrs_text(self):
        for visitor in self:
            facts = (visitor.attrs or {}).items()
            visitor.attrs_text = "\n".join(f"{name}: {value}" for name, value in facts)
