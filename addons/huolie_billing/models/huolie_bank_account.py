from odoo import api, fields, models


class HuolieBankAccount(models.Model):
    _name = "huolie.bank.account"
    _inherit = ["mail.thread", "huolie.audited"]
    _description = "Bank account that receives transfers"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    name = fields.Char(string="Account holder", required=True, tracking=True)
    bank = fields.Char(string="Bank and branch", required=True, tracking=True)
    number = fields.Char(string="Account number", required=True, tracking=True)
    note = fields.Char(string="Note for payers", translate=True)
    journal_id = fields.Many2one(
        comodel_name="account.journal",
        domain=[("type", "=", "bank")],
        ondelete="restrict",
        tracking=True,
        help="Transfers to this account are booked in this journal.",
    )

    @api.depends("name", "bank", "number")
    def _compute_display_name(self):
        """Tell accounts of one holder apart by bank and last digits."""
        for account in self:
            tail = "".join((account.number or "").split())[-4:]
            account.display_name = f"{account.bank or ''} {tail}".strip()

    def _get_journal(self):
        """Return the journal for money that arrives here, or the first bank's."""
        if self.journal_id:
            return self.journal_id.sudo()
        company = self.env["huolie.enterprise"]._get_billing_company()
        domain = [("type", "=", "bank"), ("company_id", "=", company.id)]
        return self.env["account.journal"].sudo().search(domain, limit=1)
