from markupsafe import Markup
from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request
from odoo.tools import file_open

from .public_page import PublicPage


class Account(PublicPage):
    @http.route("/huolie/stopped", type="http", auth="public", sitemap=False)
    def stopped(self, **kwargs):
        """Tell people of a frozen or closed enterprise why they are here (A6)."""
        user = request.env["res.users"].sudo().browse(request.session.uid or 0).exists()
        enterprise = user.enterprise_id
        lang = self._begin(kwargs.get("lang"))
        if not enterprise or enterprise._get_allows()["people"] != "none":
            return request.redirect("/odoo")
        enterprise = enterprise.with_context(lang=lang)
        return self._page(
            "page_stopped",
            text=enterprise._get_stopped_text(),
            may_export=user in enterprise._get_admins(),
            contact=request.env.company.sudo(),
        )

    @http.route("/huolie/help", type="http", auth="public", sitemap=False)
    def guide(self, **kwargs):
        """Show the guide with its FAQ; each screen links to its chapter (A12)."""
        lang = self._begin(kwargs.get("lang"))
        name = "zh_CN" if lang.startswith("zh") else "en_US"
        with file_open(f"huolie_base/static/help/guide.{name}.html") as guide:
            return self._page("page_guide", body=Markup(guide.read()))

    @http.route("/huolie/export", type="http", auth="user", methods=["POST"])
    def export(self, **kwargs):
        """Send an admin all data of the own enterprise as a ZIP, also when frozen."""
        enterprise = request.env.user.sudo().enterprise_id
        try:
            enterprise.with_user(request.env.user)._check_may_export()
        except AccessError:
            return request.redirect("/odoo")
        data = enterprise._make_export()
        enterprise.with_user(request.env.user)._audit("enterprise.export")
        return self._send_zip(data, f"huolie-{enterprise.code}.zip")

    @http.route("/huolie/evidence/<int:evidence_id>", type="http", auth="user")
    def evidence(self, evidence_id, **kwargs):
        """Send an approved evidence export to an operator manager; logged (A6)."""
        record = request.env["huolie.evidence"].browse(evidence_id).exists()
        try:
            record.check_access("read")
            record.ensure_one()._check_may_download()
        except (AccessError, ValueError) as error:
            raise NotFound() from error
        record._audit("evidence.download", None, None, record.enterprise_id)
        return self._send_zip(record._make_file(), f"evidence-{record.id}.zip")

    def _send_zip(self, data, name):
        return request.make_response(
            data,
            [
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ],
        )
