from odoo import fields, models

from ..services import bankfile


class HuolieBankTemplate(models.Model):
    _name = "huolie.bank.template"
    _description = "Columns of a bank's statements"

    name = fields.Char(string="Bank", required=True)
    date = fields.Char(string="Column of the date")
    credit = fields.Char(string="Column of money in")
    debit = fields.Char(string="Column of money out")
    balance = fields.Char(string="Column of the balance")
    payer = fields.Char(string="Column of the payer")
    account = fields.Char(string="Column of the payer's account")
    remark = fields.Char(string="Column of the remark")
    serial = fields.Char(string="Column of the bank's serial")

    def _get_columns(self):
        """Return column kind → header text, as ``bankfile`` takes it."""
        names = {kind: kind for kind in bankfile.COLUMNS} | {"name": "payer"}
        return {kind: self[name] for kind, name in names.items() if self[name]}
