from odoo import fields, models


class HuolieEnterpriseFreeze(models.TransientModel):
    _name = "huolie.enterprise.freeze"
    _description = "Freezing of an enterprise"

    enterprise_id = fields.Many2one(
        comodel_name="huolie.enterprise", required=True, ondelete="cascade"
    )
    reason = fields.Selection(
        selection=lambda self: self.env["huolie.enterprise"]._get_freeze_reasons(),
        required=True,
    )
    text = fields.Text(string="Explanation for its people")

    def action_freeze(self):
        """Freeze the enterprise with this reason (operator manager)."""
        self.ensure_one()
        self.enterprise_id._freeze(self.reason, self.text)
        return {"type": "ir.actions.act_window_close"}
