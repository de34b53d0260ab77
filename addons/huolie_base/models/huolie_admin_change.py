from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..services import checks


class HuolieAdminChange(models.Model):
    """A new admin for an enterprise that lost its own: two operators decide (A13).

    One puts the evidence on file (stamped letter, licence, identity), another decides.
    """

    _name = "huolie.admin.change"
    _inherit = ["huolie.two.persons"]
    _description = "New administrator by the operator"
    _order = "id desc"
    _rec_name = "enterprise_id"
    _audit_word = "admin_change"
    _asked_fields = (
        *("enterprise_id", "reason", "evidence", "evidence_name"),
        *("user_id", "contact", "email"),
    )

    reason = fields.Text(string="What was proved, and how")
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
        ]
    )

    # the enterprise too: it is given where a new row names nobody
    @api.constrains("enterprise_id", "user_id", "contact", "email")
    def _check_person(self):
        for change in self:
            if not change.user_id and not (
                change.contact and checks.email(change.email)
            ):
                raise ValidationError(
                    self.env._("Name the person, or its name and a right e-mail.")
                )

    def action_approve(self):
        """Make the person the only administrator (another manager than who asked)."""
        res = super().action_approve()
        enterprise = self.sudo().enterprise_id
        old = enterprise._get_ready_role("admin").user_ids
        user = self.sudo().user_id or self._create_user()
        enterprise.with_env(self.env)._move_admin(old, user, self.asked_by_id.name)
        user.sudo()._send_reset_link()
        return res

    def _create_user(self):
        enterprise = self.sudo().enterprise_id
        email = checks.email(self.email)
        users = self.env["res.users"].sudo().with_context(active_test=False)
        if users.search_count([("login", "=", email)], limit=1):
            raise UserError(self.env._("This e-mail cannot be used. Take another."))
        vals = {"contact": self.contact, "email": email}
        return enterprise._create_person(vals, enterprise._get_agent_groups())
