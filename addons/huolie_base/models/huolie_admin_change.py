from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..services import checks


class HuolieAdminChange(models.Model):
    """A new admin for an enterprise that lost its own: two operators decide (A13).

    One puts the evidence on file (stamped letter, licence, identity), another decides.
    """

    _name = "huolie.admin.change"
    _inherit = ["huolie.tenant.mixin"]
    _description = "New administrator by the operator"
    _order = "id desc"
    _rec_name = "enterprise_id"

    reason = fields.Text(string="What was proved, and how", required=True)
    evidence = fields.Binary(
        string="Stamped letter", required=True, attachment=True, copy=False
    )
    evidence_name = fields.Char(string="File of the letter")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person with a log-in",
        domain="[('enterprise_id', '=', enterprise_id)]",
        help="Or leave it empty and fill in name and e-mail of a new person.",
    )
    contact = fields.Char(string="Name of the new person")
    email = fields.Char(string="E-mail of the new person")
    state = fields.Selection(
        selection=[
            ("asked", "Waiting for the second person"),
            ("approved", "Done"),
            ("refused", "Refused"),
        ],
        default="asked",
        required=True,
        readonly=True,
        copy=False,
    )
    asked_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        default=lambda self: self.env.uid,
        required=True,
        readonly=True,
        ondelete="restrict",
        copy=False,
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        ondelete="restrict",
        copy=False,
    )

    @api.constrains("user_id", "contact", "email")
    def _check_person(self):
        for change in self:
            if not change.user_id and not (
                change.contact and checks.email(change.email)
            ):
                raise ValidationError(
                    self.env._("Name the person, or its name and a right e-mail.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Ask (operator manager); who asks is never typed."""
        self.env["huolie.enterprise"]._check_manager()
        kept = ("enterprise_id", "reason", "evidence", "evidence_name")
        kept += ("user_id", "contact", "email")
        vals_list = [{k: vals[k] for k in kept if k in vals} for vals in vals_list]
        changes = super().create(vals_list)
        changes._check_person()
        for change in changes:
            change._audit("admin_change.asked", None, change.reason)
        return changes

    def action_approve(self):
        """Make the person the only administrator (another manager than who asked)."""
        self._decide("approved")
        enterprise = self.sudo().enterprise_id
        old = enterprise._get_ready_role("admin").user_ids
        user = self.sudo().user_id or self._create_user()
        enterprise.with_env(self.env)._move_admin(old, user, self.asked_by_id.name)
        user.sudo()._send_reset_link()
        return True

    def action_refuse(self):
        """Refuse (another manager than who asked)."""
        self._decide("refused")
        return True

    def _create_user(self):
        enterprise = self.sudo().enterprise_id
        email = checks.email(self.email)
        users = self.env["res.users"].sudo().with_context(active_test=False)
        if users.search_count([("login", "=", email)], limit=1):
            raise UserError(self.env._("This e-mail cannot be used. Take another."))
        vals = {"contact": self.contact, "email": email}
        return enterprise._create_person(vals, enterprise._get_agent_groups())

    def _decide(self, state):
        """Change the state by one conditional UPDATE: of two deciders one wins."""
        self.ensure_one()
        self.env["huolie.enterprise"]._check_manager()
        if self.asked_by_id == self.env.user:
            raise AccessError(self.env._("Another person than who asked must decide."))
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE huolie_admin_change SET state = %s, decided_by_id = %s"
            " WHERE id = %s AND state = 'asked' RETURNING id",
            (state, self.env.uid, self.id),
            log_exceptions=False,
        )
        if not self.env.cr.fetchone():
            raise UserError(self.env._("This was decided already."))
        self.invalidate_recordset()
        self._audit(f"admin_change.{state}", self.asked_by_id.name, self.reason)
