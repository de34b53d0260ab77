import base64
import binascii

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..services import licence, workday

DUE_DAYS = 3
TYPED = {"legal_name", "credit_code", "legal_person", "licence_upload", "licence_name"}


class HuolieVerification(models.Model):
    """Verification of an enterprise by its licence (A4).

    A correction or a change of verified data is a new row: what was approved or
    rejected before stays as it was.
    """

    _name = "huolie.verification"
    _inherit = ["huolie.tenant.mixin", "mail.thread"]
    _description = "Verification"
    _order = "id desc"
    _open_when_over = True

    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    legal_name = fields.Char(string="Name on the licence")
    credit_code = fields.Char(
        string="Unified social credit code",
        index=True,
        help="18 characters, printed on the licence",
    )
    legal_person = fields.Char(string="Legal representative")
    licence_upload = fields.Binary(
        string="Business licence",
        compute="_compute_licence_upload",
        inverse="_inverse_licence_upload",
        help="JPG, PNG or PDF, at most 10 MB",
    )
    licence_name = fields.Char(string="File of the licence", copy=False)
    # Read by /huolie/licence alone, which logs every viewing.
    licence_data = fields.Binary(
        attachment=True, groups=fields.NO_ACCESS, copy=False, readonly=True
    )
    licence_mime = fields.Char(string="Licence", readonly=True, copy=False)
    submitted_at = fields.Datetime(readonly=True, copy=False)
    submitted_by_id = fields.Many2one(
        comodel_name="res.users", string="Submitted by", readonly=True, copy=False
    )
    due_at = fields.Datetime(string="Due", readonly=True, copy=False, index=True)
    due_uncertain = fields.Boolean(
        string="Holidays not confirmed",
        readonly=True,
        copy=False,
        help="The official list of holidays of that year is not known yet.",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    decided_at = fields.Datetime(readonly=True, copy=False)
    reviewer_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    reason = fields.Selection(selection="_get_reasons", readonly=True, copy=False)
    reason_text = fields.Text(string="Explanation", readonly=True, copy=False)
    same_code = fields.Char(
        string="Same code elsewhere",
        compute="_compute_same_code",
        compute_sudo=True,
        groups="huolie_base.group_operator_reviewer",
    )
    view_ids = fields.One2many(
        comodel_name="huolie.licence.view",
        inverse_name="verification_id",
        string="Viewings of the licence",
        groups="huolie_base.group_operator_reviewer",
    )

    _submitted_uniq = models.UniqueIndex(
        "(enterprise_id) WHERE state = 'submitted'",
        "There is a submission waiting already.",
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

    # === COMPUTE === #
    @api.depends("enterprise_id", "legal_name")
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.legal_name or record.enterprise_id.name

    def _compute_licence_upload(self):
        self.licence_upload = False

    def _inverse_licence_upload(self):
        for record in self:
            if record.licence_upload:
                record._store_licence(record.licence_upload)

    @api.depends("state", "due_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for record in self:
            waiting = record.state == "submitted" and record.due_at
            record.is_overdue = bool(waiting and record.due_at < now)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "submitted") & Domain(
            "due_at", "<", fields.Datetime.now()
        )
        return late if True in value else ~late

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

    # === CRUD: the enterprise writes a draft, the server the rest === #
    @api.model_create_multi
    def create(self, vals_list):
        """Create drafts; what was decided is never typed."""
        for vals in vals_list:
            self._check_typed(vals)
            self._tidy(vals)
        return super().create(vals_list)

    def write(self, vals):
        """Write; a submitted row is changed by its actions only.

        :raise UserError: when it is not a draft any more
        """
        self._check_typed(vals)
        if TYPED & vals.keys() and not self.env.su:
            if any(record.state != "draft" for record in self):
                raise UserError(
                    self.env._(
                        "This was submitted already. Withdraw it, or correct it in"
                        " a new submission."
                    )
                )
        self._tidy(vals)
        return super().write(vals)

    def _check_typed(self, vals):
        unknown = vals.keys() - TYPED - {"enterprise_id"}
        if not self.env.su and unknown & self._fields.keys():
            raise AccessError(self.env._("This cannot be set by hand."))

    @api.model
    def _tidy(self, vals):
        if vals.get("credit_code"):
            vals["credit_code"] = uscc.compact(vals["credit_code"])[:40]
        for name in ("legal_name", "legal_person"):
            if vals.get(name):
                vals[name] = " ".join(vals[name].split())[:120]

    # === LICENCE FILE === #
    def _store_licence(self, encoded):
        """Check a file by its content and keep it, cleaned and private.

        :raise UserError: says what is wrong with the file
        """
        self.ensure_one()
        try:
            mime, data = licence.clean(base64.b64decode(encoded))
            self._scan_file(data)
        except (licence.LicenceError, binascii.Error) as error:
            raise UserError(self._get_licence_fault(str(error))) from error
        self.sudo().write(
            {"licence_data": base64.b64encode(data), "licence_mime": mime}
        )

    def _scan_file(self, data):
        """Hook for a virus scanner.

        :param bytes data: the cleaned file
        :raise licence.LicenceError: ``active`` when the file is dangerous
        """

    def _get_licence_fault(self, fault):
        _ = self.env._
        texts = {
            "empty": _("The file of the licence is empty. Please choose another."),
            "big": _("The file of the licence is larger than 10 MB."),
            "kind": _("The licence must be a JPG or PNG picture or a PDF document."),
            "cut": _(
                "The picture is incomplete: it was cut off while it was copied. Please"
                " save it again and choose it anew."
            ),
            "active": _(
                "The PDF contains scripts or attachments. Print it to a new PDF."
            ),
        }
        broken = _("The file of the licence cannot be opened. Please choose another.")
        return texts.get(fault, broken)

    # === SUBMIT === #
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

    def _copy_licence(self, draft):
        source = self.sudo()
        draft.sudo().write(
            {
                "licence_data": source.licence_data,
                "licence_mime": source.licence_mime,
                "licence_name": source.licence_name,
            }
        )

    def _open(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "huolie_base.huolie_verification_action_mine"
        )
        view = self.env.ref("huolie_base.huolie_verification_view_form_mine")
        action.update(res_id=self.id, views=[(view.id, "form")], view_mode="form")
        return action

    # === DECIDE (operator) === #
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

    # === NOTICES === #
    def _tell_enterprise(self, subject, body):
        self.sudo().enterprise_id._notify(
            subject,
            body,
            url="/odoo/action-huolie_base.huolie_enterprise_account_action",
        )

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
