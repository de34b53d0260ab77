from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import workday

DUE_DAYS = 3


class HuolieVerification(models.Model):
    """The enterprise hands a draft in, takes it back, or corrects it."""

    _inherit = "huolie.verification"

    submitted_at = fields.Datetime(string="Submitted at", readonly=True, copy=False)
    submitted_by_id = fields.Many2one(
        comodel_name="res.users", string="Submitted by", readonly=True, copy=False
    )

    def action_submit(self):
        """Hand the draft to the reviewers (account module, do)."""
        self.check_access("write")
        for record in self:
            if record.state != "draft":
                raise UserError(self.env._("This was submitted already."))
            record._check_complete()
            record._submit()
        return True

    def _check_complete(self):
        _ = self.env._
        if not (self.legal_name or "").strip():
            raise UserError(_("Please enter the name on the licence."))
        fault = self._get_code_fault(self.credit_code)
        if fault:
            raise UserError(fault)
        if not (self.legal_person or "").strip():
            raise UserError(_("Please enter the legal representative."))
        if not self.licence_mime:
            raise UserError(_("Please add a picture or PDF of the business licence."))

    @api.model
    def _get_code_fault(self, code):
        """Say what is wrong with a credit code, or None."""
        _ = self.env._
        if not code:
            return _("Please enter the unified social credit code.")
        try:
            uscc.validate(code)
        except InvalidLength:
            return _(
                "The credit code has 18 characters; this one has %s.",
                len(uscc.compact(code)),
            )
        except InvalidChecksum:
            return _("The credit code has a typing error: its check digit is wrong.")
        except ValidationError:
            return _("The credit code has characters that cannot be in it.")
        return None

    def _submit(self):
        now = fields.Datetime.now()
        overrides = self.env["huolie.workday.override"]._get_overrides()
        due = workday.due(now, DUE_DAYS, overrides)
        self.sudo().write(
            {
                "state": "submitted",
                "submitted_at": now,
                "submitted_by_id": self.env.uid,
                "due_at": due,
                "due_uncertain": not workday.has_official_list(due.year, overrides),
            }
        )
        self._tell_reviewers()

    def _tell_reviewers(self):
        group = self.env.ref("huolie_base.group_operator_reviewer")
        reviewers = group.sudo().all_user_ids.filtered(lambda u: u.active and u.id > 1)
        name = self.sudo().enterprise_id.name
        self.sudo().enterprise_id._notify(
            lambda env: env._("Verification to review: %s", name),
            lambda env: env._("%s submitted its business licence.", name),
            users=reviewers,
            url="/odoo/action-huolie_base.huolie_verification_action",
        )

    def action_withdraw(self):
        """Take a submission back (account module, do)."""
        self.check_access("write")
        self._decide("withdrawn", {})
        return True

    def action_correct(self):
        """Open a new draft with what was typed before."""
        self.ensure_one()
        self.check_access("write")
        draft = self.search([("state", "=", "draft")], limit=1)
        if not draft:
            draft = self.create(
                {
                    "legal_name": self.legal_name,
                    "credit_code": self.credit_code,
                    "legal_person": self.legal_person,
                }
            )
            self._copy_licence(draft)
        return draft._open()
