import base64
import re
import secrets

from odoo import api, models

from odoo.addons.auth_totp.models.totp import TOTP_SECRET_SIZE

PARAMETER = "huolie.operator_two_factor"


class ResUsers(models.Model):
    """Two-factor sign-in is a duty of the operator's people (SECURITY.md A4)."""

    _inherit = "res.users"

    def _needs_two_factor(self):
        """Say whether this person may work only with two-factor sign-in.

        The parameter ``huolie.operator_two_factor`` = ``off`` ends the duty: it is
        for demos; the pages of operators then carry a banner. Until the settings were
        saved once (``on``), the administrators of an ERP that had people before us
        sign in as they did.
        """
        self.ensure_one()
        duty = self._get_two_factor_duty()
        if duty == "off" or not self._is_operator():
            return False
        return duty == "on" or not self.has_group("base.group_system")

    @api.model
    def _get_two_factor_duty(self):
        """Return ``on``, ``off``, or False while nobody has decided."""
        # sudo: everybody is bound by the parameter, few may read it
        return self.env["ir.config_parameter"].sudo().get_param(PARAMETER)

    def _rpc_api_keys_only(self):
        """Refuse operators' passwords by RPC: they would go round the second factor."""
        mine = self == self.env.user
        user = self if mine else self.with_user(self)
        return super()._rpc_api_keys_only() or user._needs_two_factor()

    @api.model
    def _make_two_factor_secret(self):
        """Return a new secret for an authenticator, in groups of four letters."""
        secret = base64.b32encode(secrets.token_bytes(TOTP_SECRET_SIZE // 8)).decode()
        return " ".join(re.findall("....", secret))

    def _set_two_factor(self, secret, code, password):
        """Switch two-factor sign-in on for oneself.

        :param str secret: as made before, shown to the person as a QR code
        :param str code: six digits that the authenticator shows
        :param str password: of the person, asked again
        :return: ``{field: what is wrong}``, empty when it is on
        :raise AccessDenied: when the password is wrong
        """
        self.ensure_one()
        credential = {"type": "password", "login": self.login, "password": password}
        self._check_credentials(credential, {"interactive": True})
        digits = re.sub(r"\s", "", code)
        if re.fullmatch("[0-9]{6}", digits) and self._totp_try_setting(
            secret, int(digits)
        ):
            return {}
        return {"code": self.env._("This is not the code that is shown now.")}
