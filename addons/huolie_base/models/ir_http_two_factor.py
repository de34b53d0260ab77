from werkzeug.exceptions import abort

from odoo import models
from odoo.exceptions import AccessError
from odoo.http import request

# What operators may open before their two-factor sign-in is set up.
OPEN_WITHOUT = (
    "/huolie/two-factor",
    "/web/session/logout",
    "/web/assets/",
    "/web/static/",
)
# Public pages of the ERP itself stay what they are.
PAGES = ("/odoo", "/web", "/scoped_app")


class IrHttp(models.AbstractModel):
    """Operators work with two-factor sign-in only (SECURITY.md A4)."""

    _inherit = "ir.http"

    @classmethod
    def _authenticate(cls, endpoint):
        res = super()._authenticate(endpoint)
        if request.session.uid and cls._lacks_two_factor():
            cls._stop_without_two_factor(endpoint)
        return res

    @classmethod
    def _lacks_two_factor(cls):
        """Say whether the session is one of an operator who must set it up first."""
        uid = request.session.uid
        user = request.env(user=uid)["res.users"].browse(uid)
        return user._needs_two_factor() and not user.totp_enabled

    @classmethod
    def _stop_without_two_factor(cls, endpoint):
        path, routing = request.httprequest.path, endpoint.routing
        if any(path.startswith(start) for start in OPEN_WITHOUT):
            return
        is_client = path == "/" or path.startswith(PAGES)
        if routing["auth"] not in ("user", "bearer") and not is_client:
            return
        if routing["type"] == "http" and request.httprequest.method == "GET":
            abort(request.redirect("/huolie/two-factor", 303))
        raise AccessError(
            request.env._("Set up two-factor sign-in first: load the page again.")
        )

    def session_info(self):
        """Tell operators' pages when this rule is off: that is for demos only."""
        info = super().session_info()
        if request.session.uid and self.env.user._is_operator():
            duty = self.env.user._get_two_factor_duty()
            info["huolie_two_factor_off"] = duty == "off"
        return info
