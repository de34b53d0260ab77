from datetime import timedelta

from odoo import api, fields, models

from ..services import checks, secret_link, throttle

LINK_HOURS = 4
PER_HOUR = 5


class ResUsers(models.Model):
    """A forgotten password: a link that works once; nobody learns who is with us."""

    _inherit = "res.users"

    reset_hash = fields.Char(groups=fields.NO_ACCESS, copy=False)
    reset_until = fields.Datetime(groups=fields.NO_ACCESS, copy=False)

    _reset_uniq = models.UniqueIndex("(reset_hash) WHERE reset_hash IS NOT NULL")

    @api.model
    def _ask_reset(self, login, address):
        """Mail a link to a person of an enterprise; unknown people get the same answer.

        :param str login: e-mail or mobile as typed
        :param str address: IP address of who asks
        :return: whether it is still within the limits
        """
        cr, hour = self.env.cr, timedelta(hours=1)
        key = checks.mobile(login) or (login or "").strip().lower()
        by_address = throttle.hit(cr, f"reset:{address}", PER_HOUR * 2, hour)
        if not throttle.hit(cr, f"reset:{key}", PER_HOUR, hour) or not by_address:
            return False
        user = self.sudo().search(self._get_login_domain(key), limit=1)
        if user and user._is_tenant():
            user._send_reset_link()
        return True

    def _make_reset_link(self):
        self.ensure_one()
        token = secret_link.make()
        self.sudo().write(
            {
                "reset_hash": secret_link.digest(token),
                "reset_until": fields.Datetime.now() + timedelta(hours=LINK_HOURS),
            }
        )
        return f"{self.get_base_url()}/huolie/reset/new#{token}"

    def _send_reset_link(self):
        template = self.env.ref("huolie_base.mail_template_reset").sudo()
        template = template.with_context(link=self._make_reset_link(), lang=self.lang)
        # Later, by the cron: at once would take longer than for unknown people.
        self.env["huolie.enterprise"]._send_template(template, self, at_once=False)

    @api.model
    def _use_reset_link(self, token, password):
        """Set a new password; all sessions of the person end with the old one.

        :return: ``(user or None, text of what is wrong or None)``
        """
        users = self.sudo().search(
            [
                ("reset_hash", "=", secret_link.digest(token)),
                ("reset_until", ">", fields.Datetime.now()),
            ]
        )
        if not users:
            return None, None
        personal = (users.login.split("@")[0], users.phone)
        fault = self._get_password_fault(password, personal)
        if fault:
            return users, fault
        self.env.cr.execute(
            "UPDATE res_users SET reset_hash = NULL WHERE id = %s"
            " AND reset_hash = %s RETURNING id",
            (users.id, secret_link.digest(token)),
            log_exceptions=False,
        )
        if not self.env.cr.fetchone():
            return None, None
        users.invalidate_recordset()
        users.password = password
        return users, None

    @api.model
    def reset_password(self, login):
        """Reset from the stock page: people of enterprises get our link instead.

        Unknown people are not told that they are unknown.
        """
        user = self.search(self._get_login_domain(login), limit=1)
        user = user or self.search(self._get_email_domain(login), limit=1)
        if user and not user._is_tenant():
            return super().reset_password(login)
        self._ask_reset(login, "stock page")
        return True
