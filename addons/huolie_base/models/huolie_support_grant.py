from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.service import security

LENGTHS = [("1", "1 hour"), ("4", "4 hours"), ("24", "1 day"), ("72", "3 days")]


class HuolieSupportGrant(models.Model):
    """An admin lets the operator's staff look in, for a limited time."""

    _name = "huolie.support.grant"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Support grant"
    _order = "id desc"
    _rec_name = "granted_until"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Granted by",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="cascade",
    )
    # No default: a row left half typed must not let anybody in.
    hours = fields.Selection(selection=LENGTHS, string="For", required=True)
    granted_until = fields.Datetime(string="Valid until", readonly=True)
    revoked = fields.Boolean(string="Withdrawn", readonly=True)
    is_running = fields.Boolean(string="Running", compute="_compute_is_running")

    @api.depends("granted_until", "revoked")
    def _compute_is_running(self):
        now = fields.Datetime.now()
        for grant in self:
            until = grant.granted_until
            grant.is_running = bool(until and until > now and not grant.revoked)

    @api.model_create_multi
    def create(self, vals_list):
        """Grant; who grants and until when is set by the server."""
        typed = ("hours", "enterprise_id")
        vals_list = [{k: vals[k] for k in typed if k in vals} for vals in vals_list]
        grants = super().create(vals_list)
        for grant in grants.sudo():
            hours = timedelta(hours=int(grant.hours))
            grant.granted_until = fields.Datetime.now() + hours
            grant.with_user(self.env.user)._audit(
                "support.grant", None, grant.granted_until, grant.enterprise_id
            )
        return grants

    def write(self, vals):
        """Refuse changes by hand: a grant is given or withdrawn."""
        if not self.env.su and vals:
            raise AccessError(self.env._("This cannot be set by hand."))
        return super().write(vals)

    def action_revoke(self):
        """Withdraw the grant; running visits end with their next request."""
        self.check_access("write")
        self.sudo().write({"revoked": True})
        for grant in self:
            grant._audit("support.revoke", None, None, grant.enterprise_id)
        return True

    def _is_open_to(self, user_id):
        """Whether this grant still lets this member of the operator's staff in."""
        visitor = self.env["res.users"].sudo().browse(user_id or ()).exists()
        return bool(
            self.exists()
            and self.is_running
            and self.user_id.active
            and visitor.active
            and visitor._is_operator()
        )

    def _enter(self):
        """Note the visit on both sides and return the admin that is visited.

        :raise UserError: when the grant ran out or was withdrawn
        """
        self.ensure_one()
        if not self.env.user._is_operator():
            raise AccessError(self.env._("Only operator staff may do this."))
        grant = self.sudo()
        if not grant.is_running or not grant.user_id.active:
            raise UserError(self.env._("This grant is not valid any more."))
        self._audit("support.enter", None, self.env.user.name, grant.enterprise_id)
        name = self.env.user.name
        grant.enterprise_id._notify(
            lambda env: env._("Support is looking in"),
            lambda env: env._("%s entered your enterprise with your grant.", name),
        )
        return grant.user_id

    def action_enter(self):
        """Look in: the session becomes that of the admin who granted it."""
        admin = self._enter()
        if request:
            self._switch_session(admin)
        return {"type": "ir.actions.act_url", "url": "/odoo", "target": "self"}

    def _switch_session(self, admin):
        session = request.session
        visitor = self.env.user
        session["huolie_support"] = {
            "grant": self.id,
            "name": visitor.name,
            "user": visitor.id,
        }
        session.update({"uid": admin.id, "login": admin.login})
        session.context = dict(self.with_user(admin).env["res.users"].context_get())
        session.session_token = security.compute_session_token(session, self.env)
        session.should_rotate = True
