from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Statement(http.Controller):
    @http.route("/huolie/statement/<string:month>.xlsx", type="http", auth="user")
    def statement_xlsx(self, month):
        """Download the own statement of a month as xlsx (SEC-T13).

        :param str month: ``YYYY-MM``
        """
        wallet = self._get_wallet(month)
        wallet._audit("list.export", None, f"{month}.xlsx")
        return self._answer(wallet._make_xlsx(month), XLSX, f"{month}.xlsx")

    @http.route("/huolie/statement/<string:month>.pdf", type="http", auth="user")
    def statement_pdf(self, month):
        """Download the own statement of a month as PDF (SEC-T13).

        :param str month: ``YYYY-MM``
        """
        wallet = self._get_wallet(month)
        wallet._audit("list.export", None, f"{month}.pdf")
        reports = request.env["ir.actions.report"].sudo()
        content, _kind = reports._render_qweb_pdf(
            "huolie_billing.statement_report", wallet.ids, {"month": month}
        )
        return self._answer(content, "application/pdf", f"{month}.pdf")

    @http.route("/huolie/invoice/<int:charge_id>.pdf", type="http", auth="user")
    def invoice_pdf(self, charge_id):
        """Download the invoice that holds one of the own charges (SEC-T13).

        :param int charge_id: id of a huolie.charge of the user's enterprise
        """
        self._check_right()
        charge = request.env["huolie.charge"].search([("id", "=", charge_id)])
        move = charge.sudo().move_id
        if not move or charge.enterprise_id != request.env.user.enterprise_id:
            raise NotFound()
        reports = request.env["ir.actions.report"].sudo()
        content, _kind = reports._render_qweb_pdf("account.account_invoices", move.ids)
        return self._answer(content, "application/pdf", f"{charge_id}.pdf")

    def _check_right(self):
        user = request.env.user
        if (
            not user.has_group("huolie_base.group_account_see")
            or not user.enterprise_id
        ):
            raise NotFound()

    def _get_wallet(self, month):
        self._check_right()
        wallet = request.env.user.enterprise_id._get_wallet()
        try:
            wallet._get_month_range(month)
        except UserError as error:
            raise NotFound() from error
        return wallet

    def _answer(self, content, mime, name):
        return request.make_response(
            content,
            [
                ("Content-Type", mime),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
