from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


OPERATORS = (
    "huolie_base.group_operator_finance",
    "huolie_base.group_operator_manager",
)
# PostgreSQL's integer; a larger id is no row
MAX_ID = 2**31 - 1


class Statement(http.Controller):
    @http.route("/huolie/statement/<string:month>.xlsx", type="http", auth="user")
    def statement_xlsx(self, month, enterprise=None):
        """Download the statement of a month as xlsx (B4, SEC-T13).

        :param str month: ``YYYY-MM``
        :param str enterprise: code of the enterprise, for finance of the operator;
            people of an enterprise get their own, whatever they name
        """
        wallet = self._get_wallet(month, enterprise)
        wallet._audit("list.export", None, f"{month}.xlsx")
        name = f"{wallet._get_statement_name(month)}.xlsx"
        return self._answer(wallet._make_xlsx(month), XLSX, name)

    @http.route("/huolie/statement/<string:month>.pdf", type="http", auth="user")
    def statement_pdf(self, month, enterprise=None):
        """Download the statement of a month as PDF (B4, SEC-T13).

        :param str month: ``YYYY-MM``
        :param str enterprise: as for the xlsx
        """
        wallet = self._get_wallet(month, enterprise)
        wallet._audit("list.export", None, f"{month}.pdf")
        return self._answer_report(
            "huolie_billing.statement_report",
            wallet.ids,
            wallet._get_statement_name(month),
            {"month": month},
        )

    @http.route("/huolie/invoice/<int:charge_id>.pdf", type="http", auth="user")
    def invoice_pdf(self, charge_id):
        """Download the invoice that holds one of the own charges (B8, SEC-T13).

        :param int charge_id: id of a huolie.charge of the user's enterprise
        """
        enterprise = self._get_own_enterprise()
        if not enterprise or charge_id > MAX_ID:
            raise NotFound()
        domain = [("id", "=", charge_id), ("enterprise_id", "=", enterprise.id)]
        move = request.env["huolie.charge"].search(domain).sudo().move_id
        if not move:
            raise NotFound()
        return self._answer_report("account.account_invoices", move.ids, charge_id)

    def _get_own_enterprise(self):
        """Return the user's enterprise, when the user may see its account."""
        user = request.env.user
        may_see = user.has_group("huolie_base.group_account_see")
        return user.enterprise_id if may_see else user.enterprise_id.browse()

    def _get_wallet(self, month, code):
        enterprise = self._get_own_enterprise() or self._find_enterprise(code)
        if not enterprise:
            raise NotFound()
        wallet = enterprise._get_wallet()
        try:
            wallet._get_month_range(month)
        except UserError as error:
            raise NotFound() from error
        return wallet

    def _find_enterprise(self, code):
        """Return the enterprise that finance of the operator asks about."""
        enterprises = request.env["huolie.enterprise"]
        if not code or not any(map(request.env.user.has_group, OPERATORS)):
            return enterprises
        return enterprises.sudo().search([("code", "=", code)])

    def _answer_report(self, report, ids, name, data=None):
        """Answer a PDF; where the machine cannot make one, a page to print."""
        reports = request.env["ir.actions.report"].sudo()
        if reports.get_wkhtmltopdf_state() in ("install", "broken"):
            content, _kind = reports._render_qweb_html(report, ids, data)
            return request.make_response(content)
        content, kind = reports._render_qweb_pdf(report, ids, data)
        if kind != "pdf":
            return request.make_response(content)
        return self._answer(content, "application/pdf", f"{name}.pdf")

    def _answer(self, content, mime, name):
        return request.make_response(
            content,
            [
                ("Content-Type", mime),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
