from odoo import api, fields, models
from odoo.exceptions import AccessDenied, UserError


class HuolieAdminTransfer(models.TransientModel):
    """An administrator hands the administration to another person (A13)."""

    _name = "huolie.admin.transfer"
    _description = "Hand over the administration"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="New administrator",
        help="A person of the enterprise whose seat is activated.",
    )
    candidate_ids = fields.Many2many(
        comodel_name="res.users", compute="_compute_candidate_ids"
    )
    # Never stored: the button passes it on in the context.
    password = fields.Char(string="Your password", store=False)

    @api.depends_context("uid")
    def _compute_candidate_ids(self):
        seats = self.env.user.sudo().enterprise_id.seat_ids
        active = seats.filtered(lambda seat: seat.state == "active")
        self.candidate_ids = active.user_id.filtered("active") - self.env.user

    def action_transfer(self):
        """Check the password again, hand over, and load the page again.

        :raise UserError: no person, no activated seat, or a wrong password
        """
        self.ensure_one()
        enterprise = self.env.user.enterprise_id
        enterprise._check_is_admin()
        if not self.user_id or self.user_id not in self.candidate_ids:
            raise UserError(
                self.env._("Choose a person of the enterprise whose seat is activated.")
            )
        self._check_password(self.env.context.get("password"))
        enterprise._move_admin(self.env.user, self.user_id, self.env.user.name)
        return {"type": "ir.actions.client", "tag": "reload"}

    def _check_password(self, password):
        user = self.env.user
        if not user._may_guess(user.login):
            raise UserError(self.env._("Too many tries. Please wait 15 minutes."))
        credential = {"type": "password", "login": user.login}
        credential["password"] = password if isinstance(password, str) else ""
        try:
            if not credential["password"]:
                raise AccessDenied()
            user._check_credentials(credential, {"interactive": True})
        except AccessDenied as error:
            user._count_guess(user._get_guess_keys(user.login))
            raise UserError(self.env._("This is not your password.")) from error
