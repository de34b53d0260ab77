import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..services import money
from .common import BillingCase


@tagged("post_install", "-at_install")
class TestRecharge(BillingCase):
    def test_approve_credits_both_books_and_makes_formal(self):
        recharge = self._recharge(self.a, 100000)
        self.assertEqual(recharge.state, "approved")
        self.assertEqual(self._balance(self.a), 100000)
        self.assertEqual(self.a.state, "formal")
        payment = recharge.sudo().payment_id
        self.assertEqual((payment.state, payment.amount), ("paid", 1000.0))
        lines = payment.move_id.line_ids
        advance = lines.filtered(
            lambda x: x.account_id == self.a._get_advance_account()
        )
        self.assertEqual(advance.balance, -1000.0)
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(payment.move_id.huolie_enterprise_id, self.a)

    def test_approving_twice_credits_once(self):
        recharge = self._recharge(self.a, 100000)
        with self.assertRaises(UserError):
            recharge.with_user(self.finance2).action_approve()
        self.assertEqual(self._balance(self.a), 100000)
        self.assertEqual(
            self.env["account.payment"].search_count(
                [("partner_id", "=", self.a.partner_id.id)]
            ),
            1,
        )

    def test_credits_what_arrived(self):
        recharge = self._file(self.a, 100000).with_user(self.finance)
        recharge.amount_received = 900
        recharge.action_approve()
        self.assertEqual(self._balance(self.a), 90000)

    def test_w3_only_an_amount_that_can_arrive(self):
        for amount in (-1, -0.01, 1e11):
            recharge = self._file(self.a, 50000).with_user(self.finance)
            recharge.write({"amount_received": amount, "hold_note": "seen"})
            with self.assertRaises(UserError), self.env.cr.savepoint():
                recharge.action_approve()
            self.assertEqual(recharge.state, "filed")
        self.assertEqual(self._balance(self.a), 0)

    def test_w7_four_eyes(self):
        recharge = self._file(self.a, 100000)
        with self.assertRaises(AccessError):
            recharge.with_user(self.admin_a).action_approve()
        with self.assertRaises(AccessError):
            recharge.with_user(self.manager).action_approve()
        recharge.sudo().filer_id = self.finance
        with self.assertRaises(UserError):
            recharge.with_user(self.finance).action_approve()
        with self.assertRaises(UserError):
            recharge.with_user(self.finance).sudo().action_approve()
        twin = new_test_user(
            self.env, "twin", "huolie_base.group_operator_finance", email="x@y.com"
        )
        self.finance.email = "x@y.com"
        with self.assertRaises(UserError):
            recharge.with_user(twin).action_approve()
        member = self.finance2
        member.enterprise_id = self.a
        with self.assertRaises(UserError):
            recharge.with_user(member).action_approve()
        self.assertEqual(self._balance(self.a), 0)

    def test_reject_with_reason(self):
        recharge = self._file(self.a, 100000).with_user(self.finance)
        wizard = self.env["huolie.recharge.reject"].with_user(self.finance)
        wizard.create({"recharge_ids": recharge.ids, "reason": "Nothing arrived."})
        wizard.search([]).action_reject()
        self.assertEqual(recharge.state, "rejected")
        self.assertEqual(recharge.reject_reason, "Nothing arrived.")
        with self.assertRaises(UserError):
            recharge.action_approve()
        self.assertEqual(self._balance(self.a), 0)

    def test_other_payer_or_little_money_is_held(self):
        recharge = self._file(self.a, 100000, payer_name="Someone").with_user(
            self.finance
        )
        self.assertIn("Someone", recharge.hold_reason)
        with self.assertRaises(UserError):
            recharge.action_approve()
        recharge.hold_note = "The mother company, contract seen."
        recharge.action_approve()
        self.assertEqual(self._balance(self.a), 100000)
        small = self._file(self.a, 100000).with_user(self.finance)
        small.amount_received = 1
        self.assertTrue(small.hold_reason)

    def test_payer_name_is_compared_by_meaning(self):
        recharge = self._file(self.a, 100000, payer_name="测试企业(A) 有限公司")
        self.assertFalse(recharge.hold_reason)

    def test_withdraw(self):
        recharge = self._file(self.a, 100000)
        with self.assertRaises(AccessError):
            recharge.with_user(self.admin_b).action_withdraw()
        recharge.with_user(self.admin_a).action_withdraw()
        self.assertEqual(recharge.state, "withdrawn")
        with self.assertRaises(UserError):
            recharge.with_user(self.finance).action_approve()

    def test_code_stays_until_filed(self):
        code = self.a._get_remark_code()
        self.assertEqual(self.a._get_remark_code(), code)
        self.assertEqual(self._file(self.a, 100000).code, code)
        self.assertNotEqual(self.a._get_remark_code(), code)

    # === the page === #
    def _page(self):
        return Form(self.env["huolie.recharge.wizard"].with_user(self.admin_a))

    def test_page_only_for_verified(self):
        with self.assertRaises(UserError):
            self._page()
        self.a.verified = True
        page = self._page()
        self.assertIn(self.bank_account.number, page.help)
        self.assertIn(self.a.next_remark_code, page.help)
        self.assertEqual(page.payer_name, self.a.name)

    def test_page_answers_wrong_amounts_and_keeps_them(self):
        self.a.verified = True
        for text, word in [
            ("", "write the amount"),
            ("0", "more than 0"),
            ("abc", "“abc” is not an amount"),
            ("499.99", "500.00"),
            ("1.005", "two decimals"),
            ("9" * 30, "too big"),
        ]:
            page = self._page()
            page.amount = text
            wizard = page.save()
            with self.subTest(text=text), self.assertRaises(UserError) as found:
                wizard.action_confirm()
            self.assertIn(word, found.exception.args[0])
            self.assertEqual(wizard.amount or "", text)
        mine = [("enterprise_id", "=", self.a.id)]
        self.assertFalse(self.env["huolie.recharge"].search(mine))

    def test_page_files_with_slip(self):
        self.a.verified = True
        page = self._page()
        page.amount = "1,000"
        wizard = page.save()
        wizard.slip = base64.b64encode(b"MZ not a picture")
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.slip = base64.b64encode(b"%PDF-1.4 slip")
        action = wizard.action_confirm()
        recharge = self.env["huolie.recharge"].browse(action["res_id"])
        self.assertEqual(money.to_fen(recharge.amount), 100000)
        self.assertEqual(recharge.filer_id, self.admin_a)
        self.assertEqual(recharge.with_user(self.admin_a).slip, wizard.slip)
        self.assertFalse(recharge.with_user(self.admin_b).search([]))

    def test_r5_tenant_writes_nothing_of_it(self):
        recharge = self._file(self.a, 100000)
        for vals in ({"state": "approved"}, {"amount_received": 1e6}):
            with self.assertRaises(AccessError):
                recharge.with_user(self.admin_a).write(vals)
        with self.assertRaises(AccessError):
            recharge.with_user(self.admin_a).create({"amount": 5})
        for name in ("service_end", "service_until", "auto_renew"):
            with self.assertRaises(AccessError):
                self.a.with_user(self.admin_a).write({name: False})

    def test_finance_cannot_write_state(self):
        recharge = self._file(self.a, 100000).with_user(self.finance)
        with self.assertRaises(AccessError):
            recharge.write({"state": "approved"})
        recharge.action_approve()
        with self.assertRaises(AccessError):
            recharge.amount_received = 5
