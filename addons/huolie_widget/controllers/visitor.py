from odoo import http

from odoo.addons.huolie_chat.controllers.visitor import OPTIONS, VisitorController


class WidgetVisitor(VisitorController):
    @http.route("/huolie/v/who", **OPTIONS)
    def who(self, **kw):
        """Serve ``services/identity.py`` where the fast path is off."""
        return self.hot(**kw)
