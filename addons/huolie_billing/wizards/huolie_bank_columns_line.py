from odoo import api, fields, models


class HuolieBankColumnsLine(models.TransientModel):
    _name = "huolie.bank.columns.line"
    _description = "Column of a statement"

    page_id = fields.Many2one(
        comodel_name="huolie.bank.columns", required=True, ondelete="cascade"
    )
    header = fields.Char(string="Column in the file")
    samples = fields.Char(string="What stands in it")
    kind = fields.Selection(
        selection=lambda self: list(self._get_kinds().items()),
        string="What it is",
        required=True,
        default="none",
    )

    @api.model
    def _get_kinds(self, short=False):
        """Return column kind of ``bankfile`` → how it is called."""
        _ = self.env._
        kinds = {
            "date": _("Date"),
            "credit": _("Money in"),
            "debit": _("Money out"),
            "amount": _("Amount in one column"),
            "direction": _("In or out"),
            "balance": _("Balance"),
            "name": _("Payer"),
            "account": _("Payer's account"),
            "remark": _("Remark"),
            "serial": _("Serial of the bank"),
        }
        return kinds if short else {"none": _("Not needed"), **kinds}
