import base64

from markupsafe import Markup

from odoo import SUPERUSER_ID, http
from odoo.http import request
from odoo.tools.mimetypes import guess_mimetype

from ..services import scripts

# said in both languages: who comes here may speak either
NOTHING = "此页面不存在 · This page is not here"
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
PAGE = Markup(
    '<!doctype html><html lang="%(lang)s"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="robots" content="noindex"><title>%(title)s</title></head>'
    "<body>%(body)s</body></html>"
)
PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "origin"),
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; connect-src 'self' %s; img-src 'self' "
        "https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]
OPTIONS = {
    "type": "http",
    "auth": "none",
    "methods": ["GET"],
    "csrf": False,
    "save_session": False,
    "readonly": True,
}


class Widget(http.Controller):
    """What visitors' browsers fetch; all of it is public and read-only."""

    @http.route("/huolie/w/<name>.js", **OPTIONS)
    def script(self, name, **_ignored):
        """Answer loader and configuration of a site key, or the window's file.

        Manual: D1. An unknown key, an archived site and a frozen enterprise get the
        same empty script, so that nothing is shown, nothing fails, nothing is told.
        """
        environ = request.httprequest.environ
        if f"/huolie/w/{name}.js" == scripts.WINDOW_PATH:
            return self._respond(*scripts.window(environ))
        return self._respond(*scripts.answer(self._find_script(name), environ))

    def _find_script(self, key):
        dbname = request.env.cr.dbname
        script = scripts.find(dbname, key)
        if script is None and scripts.KEY.fullmatch(key):
            text = self._sites()._get_script(key)
            script = scripts.keep(dbname, key, text)
        return script or scripts.make("")

    def _sites(self):
        # sudo: huolie.site - visitors have no user; the key is what they know
        return request.env(user=SUPERUSER_ID, su=True)["huolie.site"]

    def _find_site(self, key):
        """Return the site of a key; none for what cannot be one (NUL, too long)."""
        if not scripts.KEY.fullmatch(key):
            return self._sites()
        return self._sites().search([("key", "=", key)], limit=1)

    def _respond(self, status, headers, body):
        return request.make_response(body, headers, status=status)

    @http.route("/huolie/w/logo/<key>", **OPTIONS)
    def logo(self, key, **_ignored):
        """Answer the logo of a site, if it is a plain picture."""
        site = self._find_site(key)
        data = site.with_context(bin_size=False).logo
        content = data and base64.b64decode(data)
        kind = guess_mimetype(content) if content else ""
        if kind not in PICTURES:
            return self._respond(404, [("Content-Type", "text/plain")], "")
        headers = [
            ("Content-Type", kind),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
            ("Cache-Control", "public, max-age=604800"),
        ]
        return self._respond(200, headers, content)

    @http.route("/huolie/chat/<key>", **OPTIONS)
    def chat_page(self, key, **_ignored):
        """Answer the stand-alone chat page of a site (D5), for links and QR codes."""
        script = self._find_script(key)
        headers = self._page_headers()
        if not script.plain:
            page = PAGE % {"lang": "zh-CN", "title": "404", "body": NOTHING}
            return self._respond(404, headers, page)
        site = self._find_site(key)
        body = Markup('<script src="/huolie/w/%s.js" data-page="1"></script>') % key
        title = site.widget_title or site.enterprise_id.name
        lang = site.widget_lang or "zh-CN"
        page = PAGE % {"lang": lang, "title": title, "body": body}
        return self._respond(200, headers, page)

    def _page_headers(self):
        # sudo: ir.config_parameter - where polls go is no secret
        params = request.env(user=SUPERUSER_ID, su=True)["ir.config_parameter"]
        poll = params.get_param("huolie.poll_url") or ""
        return [(name, value.replace("%s", poll)) for name, value in PAGE_HEADERS]
