from odoo import models
from odoo.exceptions import AccessError


class ResUsersApikeys(models.Model):
    _inherit = "res.users.apikeys"

    def _check_credentials(self, *, scope, key):
        """Accept no key of a person of an enterprise (SECURITY.md T16)."""
        uid = super()._check_credentials(scope=scope, key=key)
        if uid and self.env["res.users"].browse(uid)._is_tenant():
            return None
        return uid

    def _generate(self, scope, name, expiration_date):
        if self.env.user._is_tenant() and not self._is_trusted_device():
            raise AccessError(self.env._("API keys are not available here."))
        return super()._generate(scope, name, expiration_date)

    def _is_trusted_device(self):
        return self._name == "auth_totp.device"
