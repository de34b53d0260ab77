from werkzeug.exceptions import NotFound, abort

import odoo
from odoo import models
from odoo.exceptions import AccessError
from odoo.http import request
from odoo.service import security
from odoo.tools.misc import hmac

from ..services import fence


class IrHttp(models.AbstractModel):
    """Opens the web client to people of enterprises, and closes all other routes."""

    _inherit = "ir.http"

    # === WHO === #
    @classmethod
    def _is_tenant_request(cls):
        """Whether the session belongs to a person of an enterprise."""
        uid = request.session.uid
        return bool(uid) and request.env["res.users"].browse(uid)._is_tenant()

    @classmethod
    def _get_tenant_routes(cls):
        """Return prefixes of more stock routes open to people of enterprises."""
        return ()

    # === FENCE === #
    @classmethod
    def _authenticate(cls, endpoint):
        super()._authenticate(endpoint)
        if cls._is_tenant_request():
            cls._fence_tenant(endpoint)

    @classmethod
    def _fence_tenant(cls, endpoint):
        """Let a person of an enterprise pass, make a stranger of it, or turn it back.

        On the ERP's own website it is a visitor like any other.
        """
        routing = endpoint.routing
        module = endpoint.func.__module__
        extra = cls._get_tenant_routes()
        if cls._is_client_path() or fence.is_route_open(
            routing["routes"], module, extra
        ):
            return
        if routing["auth"] == "public" and routing.get("website"):
            cls._become_public()
        elif routing["type"] == "http" and request.httprequest.method == "GET":
            abort(request.redirect("/odoo", 303))
        else:
            raise NotFound()

    @classmethod
    def _become_public(cls):
        public_user = request.env.ref("base.public_user")
        request.update_env(user=public_user.id)

    @classmethod
    def _serve_fallback(cls):
        if cls._is_tenant_request():
            cls._become_public()
        return super()._serve_fallback()

    # === THE WEB CLIENT === #
    @classmethod
    def _is_client_path(cls):
        path = request.httprequest.path.rstrip("/")
        return not path or any(
            path == client or path.startswith(client + "/")
            for client in fence.CLIENT_PATHS
            if client != "/web" or path == "/web"
        )

    @classmethod
    def _dispatch(cls, endpoint):
        # Here, not in the controller: portal and website turn outside users away in
        # their own controllers, and whoever is loaded last would win.
        if (
            cls._is_client_path()
            and endpoint.routing["auth"] == "none"
            and cls._is_tenant_request()
        ):
            return cls._open_tenant_client()
        return super()._dispatch(endpoint)

    @classmethod
    def _open_tenant_client(cls):
        if request.httprequest.path == "/":
            return request.redirect_query("/odoo", query=request.params)
        if not security.check_session(request.session, request.env, request):
            raise odoo.http.SessionExpiredException("Session expired")
        request.session.touch()
        request.update_env(user=request.session.uid)
        try:
            return request.env["ir.http"]._render_tenant_client()
        except AccessError:
            return request.redirect("/web/login?error=access")

    def _render_tenant_client(self):
        """Render the page of the web client, as Odoo does for its employees."""
        user = self.env.user
        user._on_webclient_bootstrap()
        context = self.webclient_rendering_context()
        context["session_info"]["browser_cache_secret"] = hmac(
            self.env(su=True), "browser_cache_key", user._session_token_get_values()
        )
        response = request.render("web.webclient_bootstrap", qcontext=context)
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cache-Control"] = "no-store"
        response.flatten()
        return response

    def session_info(self):
        """Tell the web client who is there: it starts only with a company."""
        info = super().session_info()
        user = self.env.user
        if request.session.uid and user._is_tenant():
            info.update(self._prepare_tenant_session())
        if request.session.uid and user._has_notices():
            notices = self.env["huolie.notice"]
            info["huolie_unread_notices"] = notices._count_unread(user)
        return info

    def _prepare_tenant_session(self):
        user = self.env.user
        company = user.company_id.sudo()
        return {
            "is_tenant": True,
            "enterprise_name": user.enterprise_id.name,
            "show_effect": False,
            "home_action_id": False,
            "user_companies": {
                "current_company": company.id,
                "allowed_companies": {
                    company.id: {
                        "id": company.id,
                        "name": company.name,
                        "sequence": company.sequence,
                        "child_ids": [],
                        "parent_id": False,
                        "currency_id": company.currency_id.id,
                    }
                },
                "disallowed_ancestor_companies": {},
            },
        }
