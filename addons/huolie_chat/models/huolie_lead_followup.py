from odoo import api, fields, models


class HuolieLeadFollowup(models.Model):
    _name = "huolie.lead.followup"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Follow-up of a lead"
    _order = "create_date desc, id desc"
    _rec_name = "body"

    lead_id = fields.Many2one(
        comodel_name="huolie.lead", required=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(
        selection=[
            ("phone", "Phone"),
            ("wechat", "WeChat"),
            ("mail", "E-mail"),
            ("visit", "Visit"),
            ("other", "Other"),
        ],
        string="By",
        default="phone",
        required=True,
    )
    body = fields.Text(string="What was said", required=True)
    next_date = fields.Date(string="Next date")

    @api.model_create_multi
    def create(self, vals_list):
        """Log follow-ups; each moves its lead on (C13)."""
        rows = super().create(vals_list)
        for row in rows:
            row._move_lead_on()
        return rows

    def _move_lead_on(self):
        vals = {"last_followup_at": fields.Datetime.now(), "next_date": self.next_date}
        if self.lead_id.state == "unread":
            vals["state"] = "doing"
        # sudo: last_followup_at is the log's to set
        self.lead_id.sudo().write(vals)
