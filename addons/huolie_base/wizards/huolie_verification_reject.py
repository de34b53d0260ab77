from odoo import fields, models


class HuolieVerificationReject(models.TransientModel):
    _name = "huolie.verification.reject"
    _description = "Rejection of a verification"

    verification_id = fields.Many2one(
        comodel_name="huolie.verification", required=True, ondelete="cascade"
    )
    reason = fields.Selection(
        selection=lambda self: self.env["huolie.verification"]._get_reasons(),
        required=True,
    )
    text = fields.Text(string="Explanation for the enterprise")

    def action_reject(self):
        """Reject the submission with this reason (reviewer)."""
        self.ensure_one()
        self.verification_id._reject(self.reason, self.text)
        return {"type": "ir.actions.act_window_close"}
