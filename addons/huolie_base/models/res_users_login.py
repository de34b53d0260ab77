import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessDenied, UserError
from odoo.fields import Domain
from odoo.http import request

from ..services import checks, throttle

_logger = logging.getLogger(__name__)
GUESS_TIME = timedelta(minutes=15)


class ResUsers(models.Model):
    _inherit = "res.users"

    # Only for people of enterprises: log-in by mobile (A13).
    mobile_login = fields.Char(
        string="Mobile for log-in",
        readonly=True,
        copy=False,
        groups="base.group_system",
    )

    _mobile_login_uniq = models.UniqueIndex(
        "(mobile_login) WHERE mobile_login IS NOT NULL"
    )

    @api.model
    def _get_login_domain(self, login):
        domain = super()._get_login_domain(login)
        mobile = checks.mobile(login)
        if mobile:
            domain = Domain(domain) | Domain("mobile_login", "=", mobile)
        return domain

    @api.model
    def _get_free_mobile(self, phone):
        """Return a mobile number in the form of log-ins, if nobody else uses it.

        A taken number is not an error: saying so would tell who is with us.
        """
        mobile = checks.mobile(phone)
        users = self.sudo().with_context(active_test=False)
        taken = [("mobile_login", "=", mobile)]
        return mobile if mobile and not users.search_count(taken, limit=1) else False

    def _inverse_notification_type(self):
        """Leave out people whose groups need no change: a write clears all caches."""
        inbox = self.env.ref("mail.group_mail_notification_type_inbox")
        plain = self.filtered(
            lambda user: user.notification_type != "inbox"
            and inbox not in user.group_ids
        )
        others = self - plain
        if others:  # a write on nobody clears them, too
            super(ResUsers, others)._inverse_notification_type()

    # === GUESSING (SECURITY A1): over all processes, per log-in and address === #
    def _login(self, credential, user_agent_env):
        keys = self._get_guess_keys(credential.get("login"))
        if not self._may_guess(credential.get("login")):
            _logger.info("Log-in not tried, too many failures: %s", list(keys))
            raise AccessDenied()
        try:
            auth_info = super()._login(credential, user_agent_env)
        except AccessDenied:
            self._count_guess(keys)
            raise
        for key in keys:
            if not key.startswith("guess-at:"):
                throttle.clear(self.env.cr, key)
        return auth_info

    @api.model
    def _may_guess(self, login):
        """Say whether this log-in may be tried from this address now."""
        keys = self._get_guess_keys(login)
        hits = {key: throttle.hits(self.env.cr, key, GUESS_TIME) for key in keys}
        return all(hits[key] < most for key, most in keys.items())

    @api.model
    def _get_guess_keys(self, login):
        """Return the limits that a failed log-in counts for: ``key -> most``."""
        if not request:
            return {}
        login = checks.mobile(login) or (login or "").strip().lower()[:120]
        address = request.httprequest.remote_addr
        return {
            f"guess:{login}:{address}": 10,
            f"guess-all:{login}": 50,
            f"guess-at:{address}": 200,
        }

    def _count_guess(self, keys):
        # An own transaction: the one of the request is rolled back by the refusal.
        with self.env.registry.cursor() as cr:
            for key, most in keys.items():
                throttle.hit(cr, key, most, GUESS_TIME)

    # === PASSWORDS === #
    @api.model
    def _get_password_fault(self, password, personal=()):
        """Say in the user's language what is wrong with a password, or None."""
        _ = self.env._
        return {
            None: None,
            "short": _(
                "The password needs at least %s characters.", checks.PASSWORD_MIN
            ),
            "long": _(
                "The password may have at most %s characters.", checks.PASSWORD_MAX
            ),
            "signs": _("The password has characters that cannot be used."),
            "digits": _("The password needs at least one digit."),
            "letters": _("The password needs at least one letter."),
            "common": _("This password is used by too many people. Choose another."),
            "personal": _("The password must not contain your e-mail or mobile."),
        }[checks.password_fault(password, personal)]

    def write(self, vals):
        """Write users; people of enterprises keep to the rules for passwords.

        :raise UserError: says what is wrong with the password
        """
        if vals.get("password"):
            for user in self.sudo().filtered(lambda u: u.share and u.enterprise_id):
                personal = (user.login.split("@")[0], user.phone)
                fault = self._get_password_fault(vals["password"], personal)
                if fault:
                    raise UserError(fault)
        res = super().write(vals)
        if "phone" in vals and "mobile_login" not in vals:
            self._follow_mobile(vals["phone"])
        return res

    def _follow_mobile(self, phone):
        """Let people of enterprises log in by their new mobile number."""
        for user in self.sudo().filtered("mobile_login"):
            if user.mobile_login != checks.mobile(phone):
                user.mobile_login = self._get_free_mobile(phone)
