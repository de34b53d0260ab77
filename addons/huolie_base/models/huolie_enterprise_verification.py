from odoo import fields, models


class HuolieEnterprise(models.Model):
    """What of its verification the enterprise keeps and shows (A4)."""

    _inherit = "huolie.enterprise"

    verified = fields.Boolean(readonly=True, copy=False, tracking=True)
    legal_name = fields.Char(string="Name on the licence", readonly=True, copy=False)
    credit_code = fields.Char(
        string="Unified social credit code", readonly=True, copy=False, index=True
    )
    legal_person = fields.Char(string="Legal representative", readonly=True, copy=False)
    verification_ids = fields.One2many(
        comodel_name="huolie.verification",
        inverse_name="enterprise_id",
        string="Verifications",
    )

    def _prepare_verification(self):
        last = self.verification_ids[:1]
        return {
            "state": last.state if last else "none",
            "label": dict(last._fields["state"]._description_selection(self.env)).get(
                last.state, ""
            ),
            "reason": last._get_reason_sentence() if last.state == "rejected" else "",
            "due": fields.Datetime.to_string(last.due_at) if last.due_at else False,
        }

    def action_verification(self):
        """Open the verification of the enterprise: the last one, or a new draft."""
        enterprise = self.env.user.enterprise_id
        verifications = self.env["huolie.verification"]
        last = verifications.search([("enterprise_id", "=", enterprise.id)], limit=1)
        if last.state == "rejected":
            return last.action_correct()
        return (last or verifications)._open()
