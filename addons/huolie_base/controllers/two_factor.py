import base64
import io
from urllib.parse import quote, urlencode

import qrcode

from odoo import http
from odoo.exceptions import AccessDenied
from odoo.http import request

from .public_page import FORM_LIMIT, PublicPage


class TwoFactor(PublicPage):
    @http.route(
        "/huolie/two-factor",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        max_content_length=FORM_LIMIT,
        sitemap=False,
    )
    def two_factor(self, **kwargs):
        """Lead an operator through the set-up of two-factor sign-in (SEC-A4).

        Answers JSON ``{"errors": {field: message}}`` or ``{"redirect": "/odoo"}`` to
        the page's script. The secret stays in the session until the code fits.
        """
        user = request.env.user
        if user.totp_enabled or user._is_tenant():
            return request.redirect("/odoo")
        self._choose_language(kwargs.get("lang"))
        secret = request.session.get("huolie_two_factor")
        if request.httprequest.method == "GET" or not secret:
            secret = secret or user._make_two_factor_secret()
            request.session["huolie_two_factor"] = secret
            picture = self._draw(secret, user.login)
            return self._page("page_two_factor", secret=secret, picture=picture)
        errors = self._set(user, secret, self._texts(("code", "password")))
        if errors:
            return self._answer(errors=errors)
        request.session.pop("huolie_two_factor")
        return self._answer(redirect="/odoo")

    def _set(self, user, secret, values):
        _ = request.env._
        users = request.env["res.users"]
        if not users._may_guess(user.login):
            return {"form": _("Too many tries. Please wait 15 minutes.")}
        try:
            return user._set_two_factor(secret, values["code"], values["password"])
        except AccessDenied:
            users._count_guess(users._get_guess_keys(user.login))
            return {"password": _("This is not your password.")}

    def _draw(self, secret, login):
        """Return the QR code for authenticators as a data address."""
        issuer = request.httprequest.host.split(":", 1)[0]
        words = {"secret": secret.replace(" ", ""), "issuer": issuer}
        address = f"otpauth://totp/{quote(f'{issuer}:{login}')}?{urlencode(words)}"
        out = io.BytesIO()
        qrcode.make(address, box_size=4, border=2).save(out, "PNG")
        return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
