from odoo import fields, models


class HuolieTag(models.Model):
    _name = "huolie.tag"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Summary tag"
    _support_may = "*"
    _order = "sequence, name, id"

    name = fields.Char(string="Tag", required=True, translate=False)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex(
        "(enterprise_id, name)", "There is a tag of that name already."
    )
