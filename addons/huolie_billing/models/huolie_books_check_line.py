from odoo import fields, models


class HuolieBooksCheckLine(models.Model):
    _name = "huolie.books.check.line"
    _description = "Enterprise whose books differ"

    check_id = fields.Many2one(
        comodel_name="huolie.books.check",
        required=True,
        index=True,
        ondelete="cascade",
    )
    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="check_id.currency_id")
    balance = fields.Monetary()
    entries = fields.Monetary(string="Sum of movements")
    held = fields.Monetary(string="On hold")
    advance = fields.Monetary(string="Accounting book")
    uninvoiced = fields.Monetary(string="Not invoiced")
