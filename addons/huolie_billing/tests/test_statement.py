import io
from datetime import date

import openpyxl

from odoo.tests import HttpCase, tagged

from .common import BillingCase

MONTH = "2026-01"


@tagged("post_install", "-at_install")
class TestStatement(HttpCase, BillingCase):
    """Statements and invoices by address (SEC-T13): the own ones, nobody else's."""

    def setUp(self):
        super().setUp()
        for enterprise in (self.a, self.b):
            with self._at("2026-01-10 03:00:00"):
                self._make_formal(enterprise, 100000)
                seats = self._add_seats(enterprise, 1)
                enterprise._open_service(seats, [], 1, f"open:{enterprise.id}")
            self.env["huolie.charge"]._invoice(enterprise, date(2026, 2, 1))
        charges = self.env["huolie.charge"]
        self.charge_a = charges.search([("enterprise_id", "=", self.a.id)])
        self.charge_b = charges.search([("enterprise_id", "=", self.b.id)])

    def _open(self, user, path):
        self.authenticate(None, None)
        if user.share:
            self._log_in(user)
        else:
            self.authenticate(user.login, user.login)
        return self.url_open(path, allow_redirects=False)

    def _log_in(self, user):
        page = self.url_open("/huolie/login").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        data = {"login": user.login, "password": "Abcd1234!", "csrf_token": token}
        self.url_open("/huolie/login", data=data)

    def _rows(self, answer):
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return list(book.active.iter_rows(min_row=2, values_only=True))

    def test_own_statement_as_xlsx(self):
        answer = self._open(self.admin_a, f"/huolie/statement/{MONTH}.xlsx")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        rows = self._rows(answer)
        self.assertEqual([row[3] for row in rows], [1000, -199])
        self.assertEqual(rows[-1][4], 801)

    def test_own_statement_and_invoice_to_print(self):
        for path in (
            f"/huolie/statement/{MONTH}.pdf",
            f"/huolie/invoice/{self.charge_a.id}.pdf",
        ):
            answer = self._open(self.admin_a, path)
            self.assertEqual(answer.status_code, 200)
            # Odoo makes no PDF within tests: the page that would be printed.
            self.assertIn("199.00", answer.text)
            self.assertIn("（A）", answer.text)
            self.assertNotIn("（B）", answer.text)

    def test_another_enterprise_is_as_if_not_there(self):
        gone = self.charge_b.search([], order="id desc", limit=1).id + 1000
        answers = [
            self._open(self.admin_a, f"/huolie/invoice/{number}.pdf")
            for number in (self.charge_b.id, gone, 2**31, 10**30)
        ]
        self.assertEqual({a.status_code for a in answers}, {404})
        self.assertEqual(len({a.text for a in answers[:2]}), 1)

    def test_named_enterprise_is_for_the_operator_only(self):
        path = f"/huolie/statement/{MONTH}.xlsx?enterprise={self.b.code}"
        own = self._open(self.admin_a, path)
        self.assertEqual(self._rows(own)[0][4], 1000)
        theirs = self._open(self.finance, path)
        self.assertEqual(theirs.status_code, 200)
        self.assertEqual([row[3] for row in self._rows(theirs)], [1000, -199])
        unnamed = self._open(self.finance, f"/huolie/statement/{MONTH}.xlsx")
        unknown = self._open(self.finance, path + "0")
        self.assertEqual((unnamed.status_code, unknown.status_code), (404, 404))

    def test_wrong_months_and_strangers(self):
        for month in ("2026-13", "1999-01", "x", "2026-1"):
            answer = self._open(self.admin_a, f"/huolie/statement/{month}.xlsx")
            self.assertEqual(answer.status_code, 404)
        self.authenticate(None, None)
        path = f"/huolie/statement/{MONTH}.xlsx"
        answer = self.url_open(path, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.admin_a.group_ids = self.a._get_agent_groups()
        self.assertFalse(self.admin_a.has_group("huolie_base.group_account_see"))
        answer = self._open(self.admin_a, path)
        self.assertEqual(answer.status_code, 404)

    def test_real_pdf_where_the_machine_can(self):
        reports = self.env["ir.actions.report"].with_context(
            force_report_rendering=True, lang="zh_CN"
        )
        if reports.get_wkhtmltopdf_state() not in ("ok", "upgrade"):
            self.skipTest("no wkhtmltopdf: the route answers a page to print")
        wallet = self.a._get_wallet()
        content, kind = reports._render_qweb_pdf(
            "huolie_billing.statement_report", wallet.ids, {"month": MONTH}
        )
        self.assertEqual((kind, content[:5]), ("pdf", b"%PDF-"))
        self.assertGreater(len(content), 5000)
