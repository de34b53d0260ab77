from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    is_enterprise_customer = fields.Boolean(index=True, copy=False)
