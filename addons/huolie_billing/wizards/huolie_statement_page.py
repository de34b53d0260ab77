from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.dates import add_months, china_day

MONTHS = 36
OPERATOR = "huolie_base.group_operator_finance,huolie_base.group_operator_manager"


class HuolieStatementPage(models.TransientModel):
    """Choose the month of a statement, as PDF or Excel (B4)."""

    _name = "huolie.statement.page"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Monthly statement"

    enterprise_id = fields.Many2one(readonly=False)
    month = fields.Selection(
        selection="_selection_month",
        required=True,
        default=lambda self: self._selection_month()[0][0],
    )

    @api.model
    def _selection_month(self):
        """Offer the months since the first movement, the newest first."""
        entries = self.env["huolie.wallet.entry"]
        today = self.env["huolie.enterprise"]._get_today()
        first = today
        if self.env.user.has_group("huolie_base.group_account_see") or (
            self.env.user.has_groups(OPERATOR)
        ):
            oldest = entries.search([], order="id", limit=1)
            first = china_day(oldest.create_date) if oldest else today
        months = [add_months(today, -back, 1) for back in range(MONTHS)]
        return [
            (month.strftime("%Y-%m"),) * 2
            for month in months
            if month >= first.replace(day=1)
        ]

    def action_pdf(self):
        """Download the statement of the chosen month as PDF."""
        return self._download("pdf")

    def action_xlsx(self):
        """Download the statement of the chosen month as Excel file."""
        return self._download("xlsx")

    def _download(self, kind):
        self.ensure_one()
        if not self.enterprise_id:
            raise UserError(self.env._("Choose the enterprise first."))
        url = f"/huolie/statement/{self.month}.{kind}"
        if self.env.user.enterprise_id != self.enterprise_id:
            url += f"?enterprise={self.enterprise_id.code}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}
