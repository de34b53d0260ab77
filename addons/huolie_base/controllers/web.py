import json
from contextlib import contextmanager

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.web.controllers.action import Action
from odoo.addons.web.controllers.dataset import DataSet
from odoo.addons.web.controllers.export import CSVExport, ExcelExport
from odoo.addons.web.controllers.home import Home
from odoo.addons.web.controllers.pivot import TableExporter

from ..services import fence

# Where Odoo and its portal send people who are no employees.
OUTSIDE_PAGES = ("/my", "/web/login_successful")


def is_tenant(uid):
    return bool(uid) and request.env["res.users"].browse(uid)._is_tenant()


@contextmanager
def absent_as_foreign():
    """Tell people of enterprises of a missing record what a foreign one would."""
    try:
        yield
    except MissingError:
        if not is_tenant(request.session.uid):
            raise
        raise request.env["ir.rule"]._make_absent_error() from None


class TenantHome(Home):
    def _login_redirect(self, uid, redirect=None):
        # Also called between password and code, when the session has no user yet.
        if is_tenant(uid) and (not redirect or redirect in OUTSIDE_PAGES):
            redirect = "/odoo"
        return super()._login_redirect(uid, redirect=redirect)


class TenantAction(Action):
    @http.route()
    def load(self, action_id, context=None):
        """Load an action; people of enterprises get their own home for others'."""
        if is_tenant(request.session.uid):
            action_id = self._fence_action(action_id)
        return super().load(action_id, context=context)

    @http.route()
    def load_breadcrumbs(self, actions):
        """Name the records of a breadcrumb, for people of enterprises only theirs.

        Odoo asks a record for its name without asking for the right to read it, and
        names of users and enterprises are their partners', read by the server.
        """
        names = super().load_breadcrumbs(actions)
        if not is_tenant(request.session.uid):
            return names
        absent = {"error": str(request.env["ir.rule"]._make_absent_error())}
        return [
            name if "error" not in name and self._may_name(action) else absent
            for name, action in zip(names, actions, strict=True)
        ]

    def _may_name(self, action):
        """Say whether the current user may read the record of a breadcrumb's step."""
        record_id = action.get("resId")
        if not isinstance(record_id, int):
            return True
        model = action.get("model") or self.load(action["action"]).get("res_model")
        if not model:
            return True
        # a search, which finds no missing record either
        return bool(request.env[model].search_count([("id", "=", record_id)], limit=1))

    def _fence_action(self, action_id):
        actions = request.env["ir.actions.actions"].sudo()
        action = actions._find_by_reference(action_id)
        if action and action._is_open_to_tenants():
            return action.id
        return request.env["ir.ui.menu"]._get_tenant_home_action().id


class TenantDataSet(DataSet):
    @http.route()
    def call_kw(self, model, method, args, kwargs, path=None):
        """Call a method; people of enterprises only those on the reviewed list."""
        self._fence_call(model, method, args, kwargs)
        with absent_as_foreign():
            result = super().call_kw(model, method, args, kwargs, path=path)
            if self._is_silently_absent(method, args, result):
                raise MissingError(method)
        return result

    @http.route()
    def call_button(self, model, method, args, kwargs, path=None):
        """Press a button; people of enterprises only those on the reviewed list."""
        self._fence_call(model, method, args, kwargs)
        with absent_as_foreign():
            return super().call_button(model, method, args, kwargs, path=path)

    def _is_silently_absent(self, method, args, result):
        """Say whether Odoo left a missing record out without a word."""
        return (
            method in ("read", "web_read")
            and not result
            and bool(args and args[0])
            and is_tenant(request.session.uid)
        )

    def _fence_call(self, model, method, args, kwargs):
        """Refuse what is not on the lists; takes from the context what must not come.

        :raise NotFound: the method is not there for people of enterprises
        :raise AccessError: it is not there for visits, or sets what the server sets
        """
        if not is_tenant(request.session.uid):
            return
        model_class = request.registry.get(model)
        if model_class is None or not fence.is_method_open(model_class, method):
            raise NotFound()
        if request.session.get("huolie_support"):
            self._fence_visit(model_class, method)
        if isinstance(kwargs.get("context"), dict):
            kwargs["context"] = fence.clean_context(kwargs["context"], method)
        for vals in fence.sent_values(method, args, kwargs):
            request.env[model]._check_client_values(vals)

    def _fence_visit(self, model_class, method):
        if not fence.is_visit_open(model_class, method):
            raise AccessError(
                request.env._("During a visit, support looks but changes nothing here.")
            )


def audit_export(data):
    """Note who takes which list out of the house (A10), people and operators.

    :param str data: what the dialog sent
    """
    user = request.env.user
    if not (user._is_tenant() or user._is_operator()):
        return
    try:
        asked = json.loads(data)
        fields = asked.get("fields") or asked.get("measure_headers") or ()
        names = [str(f.get("label") or f.get("title") or "") for f in fields]
        model, count = asked["model"], len(asked.get("ids") or ())
    except (ValueError, TypeError, KeyError, AttributeError):
        return  # the export itself will refuse it
    if model in request.env:
        request.env["huolie.audit"]._log_export(model, names, count)


class AuditedCsvExport(CSVExport):
    @http.route()
    def web_export_csv(self, data, token=None):
        """Export a list; it is noted who did (``token``: Odoo's client sends it)."""
        audit_export(data)
        return super().web_export_csv(data)


class AuditedExcelExport(ExcelExport):
    @http.route()
    def web_export_xlsx(self, data, token=None):
        """Export a list; it is noted who did (``token``: Odoo's client sends it)."""
        audit_export(data)
        return super().web_export_xlsx(data)


class AuditedPivotExport(TableExporter):
    @http.route(readonly=lambda self, rule, args: False)
    def export_xlsx(self, data, **kw):
        """Export a pivot; it is noted who did."""
        if not isinstance(data, str):
            data = data.read()
        audit_export(data)
        return super().export_xlsx(data, **kw)
