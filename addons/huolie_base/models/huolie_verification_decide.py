from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class HuolieVerification(models.Model):
    """A reviewer of the operator decides."""

    _inherit = "huolie.verification"

    decided_at = fields.Datetime(string="Decided at", readonly=True, copy=False)
    reviewer_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    reason = fields.Selection(selection="_get_reasons", readonly=True, copy=False)
    reason_text = fields.Text(string="Explanation", readonly=True, copy=False)
    same_code = fields.Char(
        string="Same code elsewhere",
        compute="_compute_same_code",
        compute_sudo=True,
        groups="huolie_base.group_operator_reviewer",
    )

    @api.model
    def _get_reasons(self):
        return [
            ("unreadable", self.env._("The picture of the licence is not readable")),
            ("name", self.env._("The name is not the one on the licence")),
            ("code", self.env._("The credit code is not the one on the licence")),
            ("person", self.env._("The legal representative is not the one on it")),
            ("expired", self.env._("The licence has expired or was revoked")),
            ("document", self.env._("The file is not a business licence")),
            ("business", self.env._("The business is not allowed by the terms")),
            ("other", self.env._("Other")),
        ]

    def _get_reason_sentence(self):
        """Say in words why it was rejected."""
        label = dict(self._get_reasons()).get(self.reason, "")
        return self.env._(
            "%(reason)s. %(text)s", reason=label, text=self.reason_text or ""
        ).strip()

    @api.depends("credit_code")
    def _compute_same_code(self):
        for record in self:
            others = record._find_same_code()
            record.same_code = ", ".join(
                f"{other.name} ({other.code})" for other in others
            )

    def _find_same_code(self):
        """Return other enterprises that use or submitted the same code."""
        self.ensure_one()
        enterprises = self.env["huolie.enterprise"].sudo()
        if not self.credit_code:
            return enterprises
        same = Domain("credit_code", "=", self.credit_code)
        submitted = same & Domain("state", "in", ("submitted", "approved"))
        found = self.sudo().search(submitted).enterprise_id
        return (found | enterprises.search(same)) - self.sudo().enterprise_id

    def action_approve(self):
        """Approve (reviewer, never a member of the enterprise)."""
        self._check_reviewer()
        for record in self:
            record._check_may_approve()
            record._decide("approved", {})
            record._apply()
            record._tell_enterprise(
                lambda env: env._("Your enterprise is verified"),
                lambda env: env._("Next step: recharge, and you are a formal account."),
            )
        return True

    def _reject(self, reason, text):
        """Reject with a reason (wizard of the reviewer)."""
        self._check_reviewer()
        self._decide("rejected", {"reason": reason, "reason_text": text})
        self._tell_enterprise(
            lambda env: env._("Your verification was rejected"),
            lambda env: env._(
                "%s Please correct it and submit again.",
                self.with_env(env)._get_reason_sentence(),
            ),
        )

    def _check_reviewer(self):
        if not self.env.user.has_group("huolie_base.group_operator_reviewer"):
            raise AccessError(self.env._("Only reviewers decide on verifications."))
        user = self.env.user
        for record in self.sudo():
            if user.enterprise_id == record.enterprise_id or (
                user == record.submitted_by_id
            ):
                raise UserError(
                    self.env._("You belong to this enterprise: somebody else decides.")
                )

    def _check_may_approve(self):
        bad = self._find_same_code().filtered(lambda e: e.state in ("frozen", "closed"))
        manager = self.env.user.has_group("huolie_base.group_operator_manager")
        if bad and not manager:
            raise UserError(
                self.env._(
                    "The same code belongs to the frozen or closed enterprise %s: only"
                    " an operator manager may approve it.",
                    bad[0].name,
                )
            )

    def _decide(self, state, vals):
        """Close a submission; of two people at once, one wins."""
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE huolie_verification SET state = %s"
            " WHERE id = %s AND state = 'submitted' RETURNING id",
            (state, self.id),
            log_exceptions=False,
        )
        if not self.env.cr.fetchone():
            raise UserError(self.env._("This submission was decided already."))
        self.invalidate_recordset(["state"])
        decided = {"decided_at": fields.Datetime.now(), **vals}
        if state != "withdrawn":
            decided["reviewer_id"] = self.env.uid
        self.sudo().write(decided)
        self._audit(f"verification.{state}", "submitted", self.credit_code)

    def _apply(self):
        """Put the approved data on the enterprise, and see whether it is formal."""
        enterprise = self.sudo().enterprise_id
        enterprise.write(
            {
                "verified": True,
                "legal_name": self.legal_name,
                "credit_code": self.credit_code,
                "legal_person": self.legal_person,
                "vat": self.credit_code,
            }
        )
        enterprise._try_become_formal()

    def _tell_enterprise(self, subject, body):
        self.sudo().enterprise_id._notify(
            subject,
            body,
            url="/odoo/action-huolie_base.huolie_enterprise_account_action",
        )
