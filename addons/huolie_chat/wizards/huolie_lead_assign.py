from odoo import fields, models


class HuolieLeadAssign(models.TransientModel):
    _name = "huolie.lead.assign"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Assign leads"

    lead_ids = fields.Many2many(comodel_name="huolie.lead")
    seat_id = fields.Many2one(
        comodel_name="huolie.seat",
        string="Colleague",
        required=True,
        domain=[("state", "=", "active"), ("user_id", "!=", False)],
        ondelete="cascade",
    )

    def action_apply(self):
        """Hand the chosen leads to the chosen colleague (C13)."""
        self.lead_ids._check_may_assign()
        self.lead_ids.check_access("write")
        self.seat_id.check_access("read")
        self.lead_ids._assign(self.seat_id)
        return {"type": "ir.actions.act_window_close"}
