from werkzeug.exceptions import NotFound, abort

from odoo import models
from odoo.exceptions import AccessError
from odoo.http import SessionExpiredException, request

from ..services import fence

# What stays open to people of frozen and closed enterprises.
OPEN_WHEN_FROZEN = (
    "/huolie/stopped",
    "/huolie/export",
    "/web/session/logout",
    "/web/assets/",
    "/web/static/",
)


class IrHttp(models.AbstractModel):
    """People of a frozen enterprise are told why, whatever they open (A6)."""

    _inherit = "ir.http"

    @classmethod
    def _authenticate(cls, endpoint):
        res = super()._authenticate(endpoint)
        if cls._is_tenant_request():
            cls._fence_support()
            cls._stop_frozen(endpoint)
        return res

    @classmethod
    def _fence_support(cls):
        """End a visit of the operator's staff in time, and keep it to looking."""
        visit = request.session.get("huolie_support")
        if not visit:
            return
        grant = request.env["huolie.support.grant"].sudo().browse(visit["grant"])
        if not grant._is_open_to(visit.get("user")):
            raise SessionExpiredException("Session expired")
        if not fence.is_visit_route_open(request.httprequest.path):
            raise NotFound()

    def _prepare_tenant_session(self):
        info = super()._prepare_tenant_session()
        visit = request.session.get("huolie_support")
        if visit:
            info["support_name"] = visit["name"]
        return info

    @classmethod
    def _stop_frozen(cls, endpoint):
        enterprise = request.env["res.users"].browse(request.session.uid).sudo()
        enterprise = enterprise.enterprise_id
        if enterprise._get_allows()["people"] != "none":
            return
        path = request.httprequest.path
        if any(path.startswith(start) for start in OPEN_WHEN_FROZEN):
            return
        if path.startswith("/huolie/") and endpoint.routing["auth"] != "user":
            return
        if endpoint.routing["type"] == "http":
            abort(request.redirect("/huolie/stopped", 303))
        raise AccessError(enterprise._get_stopped_text())
