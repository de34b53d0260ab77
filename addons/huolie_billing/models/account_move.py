from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    huolie_enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise",
        string="Huolie enterprise",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Set on what the suite booked; the nightly comparison counts these.",
    )
