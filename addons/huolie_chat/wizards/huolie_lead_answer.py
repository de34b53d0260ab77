from odoo import api, fields, models
from odoo.tools import plaintext2html


class HuolieLeadAnswer(models.TransientModel):
    _name = "huolie.lead.answer"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Answer a message left"

    lead_id = fields.Many2one(
        comodel_name="huolie.lead", required=True, ondelete="cascade"
    )
    email = fields.Char(related="lead_id.email", string="To")
    question = fields.Text(related="lead_id.body", string="Their message")
    subject = fields.Char(
        required=True,
        compute="_compute_subject",
        store=True,
        readonly=False,
        precompute=True,
    )
    body = fields.Text(string="Your answer", required=True)

    @api.depends("lead_id")
    def _compute_subject(self):
        for wizard in self:
            wizard.subject = self.env._(
                "Your message to %(name)s", name=wizard.enterprise_id.sudo().name
            )

    def action_send(self):
        """Mail the answer and log it as a follow-up (C12)."""
        self.ensure_one()
        self.lead_id._check_may_do()
        self.lead_id.check_access("write")
        # sudo: mail.mail belongs to the system; the receiver is the lead's own
        # address and the sender the ERP's, so nobody can mail anyone else
        self.env["mail.mail"].sudo().create(self._prepare_mail_vals())
        self.env["huolie.lead.followup"].create(self._prepare_followup_vals())
        self.lead_id.sudo().write({"answered_at": fields.Datetime.now()})
        return {"type": "ir.actions.act_window_close"}

    def _prepare_mail_vals(self):
        text = f"{self.body}\n\n> " + (self.question or "").replace("\n", "\n> ")
        return {
            "subject": self.subject,
            "body_html": plaintext2html(text),
            "email_to": self.email,
            "auto_delete": False,
        }

    def _prepare_followup_vals(self):
        return {
            "lead_id": self.lead_id.id,
            "channel": "mail",
            "body": self.body,
            "next_date": self.lead_id.next_date,
        }
