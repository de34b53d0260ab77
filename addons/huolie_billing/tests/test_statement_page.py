import io

from openpyxl import load_workbook

from odoo.tests import HttpCase, tagged

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestStatementPage(HttpCase, BillingCase):
    def _page(self, user, **vals):
        return self.env["huolie.statement.page"].with_user(user).create(vals)

    def test_months_begin_with_the_first_movement(self):
        self._recharge(self.a, 100000)
        months = self._page(self.admin_a)._selection_month()
        self.assertEqual(len(months), 1)
        self.assertEqual(months[0][0], self.a._get_today().strftime("%Y-%m"))

    def test_tenant_gets_the_own_one(self):
        page = self._page(self.admin_a)
        self.assertEqual(page.enterprise_id, self.a)
        action = page.action_xlsx()
        self.assertEqual(action["url"], f"/huolie/statement/{page.month}.xlsx")

    def test_finance_chooses_the_enterprise(self):
        self._recharge(self.a, 100000)
        page = self._page(self.finance, enterprise_id=self.a.id)
        url = page.action_xlsx()["url"]
        self.authenticate("t_finance", "t_finance")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        sheet = load_workbook(io.BytesIO(answer.content)).active
        self.assertEqual(sheet.cell(2, 4).value, 1000)
