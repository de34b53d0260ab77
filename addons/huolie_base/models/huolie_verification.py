from stdnum.cn import uscc

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

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

    _submitted_uniq = models.UniqueIndex(
        "(enterprise_id) WHERE state = 'submitted'",
        "There is a submission waiting already.",
    )

    @api.depends("enterprise_id", "legal_name")
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.legal_name or record.enterprise_id.name

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

    def _open(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "huolie_base.huolie_verification_action_mine"
        )
        view = self.env.ref("huolie_base.huolie_verification_view_form_mine")
        action.update(res_id=self.id, views=[(view.id, "form")], view_mode="form")
        return action
