from odoo import api, fields, models

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
    amount = fields.Char(
        string="Column of the amount",
        help="Only where money in and money out share one column.",
    )
    direction = fields.Char(
        string="Column of the direction",
        help="Says 贷, 收, C … for money in. Without it the sign of the amount counts.",
    )

    @api.model
    def _get_names(self):
        """Return column kind of ``bankfile`` → field of the template."""
        return {kind: kind for kind in bankfile.COLUMNS} | {"name": "payer"}

    def _get_columns(self):
        """Return column kind → header text, as ``bankfile`` takes it."""
        names = self._get_names()
        return {kind: self[name] for kind, name in names.items() if self[name]}
