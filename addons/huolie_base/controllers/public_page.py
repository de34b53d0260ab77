from markupsafe import Markup

from odoo import http
from odoo.exceptions import AccessDenied
from odoo.http import request

DOCTYPE = Markup("<!DOCTYPE html>\n")
FORM_LIMIT = 64 * 1024
HEADERS = [
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
]


def form_route(path, methods=("GET", "POST")):
    """Declare the route of a public page with a small form."""
    return http.route(
        path,
        type="http",
        auth="public",
        methods=[*methods],
        max_content_length=FORM_LIMIT,
        sitemap=False,
    )


class PublicPage(http.Controller):
    """What the suite's own public pages share; they need neither website nor portal."""

    def _page(self, template, **values):
        """Render a public page in the visitor's language."""
        lang = self._choose_language(request.params.get("lang"))
        html = (
            request.env["ir.ui.view"]
            .with_context(lang=lang)
            ._render_template(
                f"huolie_base.{template}", self._prepare_page_values(lang, values)
            )
        )
        return request.make_response(DOCTYPE + html, HEADERS)

    def _prepare_page_values(self, lang, values):
        languages = request.env["res.lang"].sudo().get_installed()
        return {
            "request": request,
            "page_lang": lang,
            "languages": languages,
            "values": {},
            "errors": {},
            "version": "3",
            "contact_url": request.env["huolie.enterprise"].sudo()._get_contact_url(),
            **values,
        }

    def _begin(self, lang=None):
        """Serve everybody as a stranger, also who is logged in; choose a language."""
        request.update_env(user=request.env.ref("base.public_user").id)
        return self._choose_language(lang)

    def _choose_language(self, wanted=None):
        """Pick an installed language: asked for, the session's, a relative, English."""
        installed = [code for code, _name in request.env["res.lang"].get_installed()]
        known = request.session.context.get("lang") or request.env.lang or ""
        if wanted in installed:
            request.session.context = {**request.session.context, "lang": wanted}
        else:
            related = [code for code in installed if code[:2] == known[:2]]
            wanted = known if known in installed else (related or installed)[0]
        request.update_context(lang=wanted)
        return wanted

    def _texts(self, names):
        """Take the named texts of the form; files and surprises become empty."""
        values = {name: request.params.get(name) for name in names}
        return {
            name: value if isinstance(value, str) else ""
            for name, value in values.items()
        }

    def _answer(self, **data):
        """Answer the page's script."""
        return request.make_json_response(data, HEADERS)

    def _wants_json(self):
        return "application/json" in request.httprequest.headers.get("Accept", "")

    def _log_in(self, login, password):
        """Log in and say where to go.

        :return: an address, or None when it was refused
        """
        credential = {"type": "password", "login": login, "password": password}
        try:
            request.session.authenticate(request.env, credential)
        except AccessDenied:
            return None
        return "/odoo" if request.session.uid else "/web/login/totp"
