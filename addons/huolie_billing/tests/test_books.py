import base64
from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..services import money
from .common import BillingCase

NUMBER = "25112000000012345678"


@tagged("post_install", "-at_install")
class TestBooks(BillingCase):
    def setUp(self):
        super().setUp()
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 1000000)
            self.seats = self._add_seats(self.a, 3)
            self.a._open_service(self.seats, [], 1, "o1")

    def _assert_agree(self):
        check = self.env["huolie.books.check"]._run()
        mine = check.line_ids.filtered(lambda r: r.enterprise_id in self.a | self.b)
        self.assertFalse(mine, mine.read())
        return check

    def _invoice(self, enterprise, day="2026-02-01"):
        return self.env["huolie.charge"]._invoice(enterprise, date.fromisoformat(day))

    def test_books_agree_all_the_way(self):
        self._assert_agree()
        invoice = self._invoice(self.a)
        self.assertEqual(invoice.amount_total, 597.0)
        self.assertEqual(invoice.payment_state, "paid")
        self._assert_agree()

    def test_tax_is_inside(self):
        invoice = self._invoice(self.a)
        if invoice.company_id.chart_template == "cn":
            self.assertEqual(
                (invoice.amount_untaxed, invoice.amount_tax), (563.21, 33.79)
            )

    def test_one_invoice_for_a_period_and_none_twice(self):
        with self._at("2026-01-20 03:00:00"):
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o2")
        invoice = self._invoice(self.a)
        self.assertEqual(len(invoice.invoice_line_ids), 2)
        self.assertFalse(self._invoice(self.a))
        self.assertFalse(self.env["huolie.charge"]._find_to_invoice(date(2026, 2, 1)))

    def test_bad_enterprise_does_not_stop_the_others(self):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.b, 100000)
            self.b._open_service(self._add_seats(self.b, 1), [], 1, "o3")
        self.b.partner_id.company_id = self.env["res.company"].create({"name": "Other"})
        both = (self.a | self.b).ids
        self.env["huolie.charge"]._invoice_chunk(both, date(2026, 2, 1))
        moves = self.env["account.move"]
        domain = [("move_type", "=", "out_invoice")]
        self.assertEqual(
            moves.search_count(domain + [("huolie_enterprise_id", "=", self.a.id)]), 1
        )
        self.assertTrue(self.b._get_wallet().invoice_error)
        self.b.partner_id.company_id = False
        self.env["huolie.charge"]._invoice_chunk(both, date(2026, 2, 1))
        self.assertFalse(self.b._get_wallet().invoice_error)
        self._assert_agree()

    def test_check_finds_a_difference_and_tells(self):
        self.a._get_wallet()._credit(1, "wrong", "correction")
        check = self.env["huolie.books.check"]._run()
        self.assertEqual(check.line_ids.enterprise_id & self.a, self.a)
        notices = self.env["huolie.notice"].search([("user_id", "=", self.finance.id)])
        self.assertTrue(notices)

    # === refunds === #
    def _refund(self, kind, amount, **vals):
        return (
            self.env["huolie.refund"]
            .with_user(self.finance)
            .create(
                {
                    "enterprise_id": self.a.id,
                    "kind": kind,
                    "amount": amount,
                    "reason": "because",
                    **vals,
                }
            )
        )

    def test_refund_by_two_persons(self):
        refund = self._refund("payout", 1000)
        with self.assertRaises(UserError):
            refund.action_approve()
        with self.assertRaises(AccessError):
            refund.with_user(self.manager).action_approve()
        second = refund.with_user(self.finance2)
        second.action_approve()
        self.assertEqual(refund.state, "held")
        self.assertEqual(self._balance(self.a), 1000000 - 59700 - 100000)
        self._assert_agree()
        with self.assertRaises(UserError):
            second.action_approve()
        refund.action_settle()
        with self.assertRaises(UserError):
            refund.action_settle()
        self.assertEqual(refund.payment_id.amount, 1000)
        self._assert_agree()

    def test_nothing_is_closed_while_money_moves(self):
        closing = self.a.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "still has a balance"):
            closing.action_close()
        refund = self._refund("payout", money.from_fen(self._balance(self.a)))
        refund.with_user(self.finance2).action_approve()
        self.assertEqual(self._balance(self.a), 0)
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "not decided"):
            closing.action_close()
        refund.with_user(self.finance2).action_settle()
        recharge = self._file(self.a, 1000)
        with self.assertRaisesRegex(UserError, "not decided"):
            closing.action_close()
        recharge.with_user(self.finance)._reject("closing")
        closing.action_close()
        self.assertEqual(self.a.state, "closed")

    def test_failed_payout_goes_back(self):
        refund = self._refund("payout", 1000)
        refund.with_user(self.finance2).action_approve()
        refund.action_release()
        self.assertEqual(self._balance(self.a), 1000000 - 59700)
        with self.assertRaises(UserError):
            refund.action_settle()
        self._assert_agree()

    def test_w9_never_more_than_there_is(self):
        refund = self._refund("payout", 1e6)
        with self.assertRaises(UserError):
            refund.with_user(self.finance2).action_approve()
        charge = self.env["huolie.charge"].search([("enterprise_id", "=", self.a.id)])
        with self.assertRaises(UserError):
            self._refund("charge", 600, charge_id=charge.id)
        self._refund("charge", 500, charge_id=charge.id)
        with self.assertRaises(UserError):
            self._refund("charge", 100, charge_id=charge.id)

    def test_give_a_charge_back_nets_in_the_invoice(self):
        charge = self.env["huolie.charge"].search([("enterprise_id", "=", self.a.id)])
        with self._at("2026-01-12 03:00:00"):
            refund = self._refund("charge", 199, charge_id=charge.id)
            refund.with_user(self.finance2).action_approve()
        self.assertEqual(self._balance(self.a), 1000000 - 59700 + 19900)
        self._assert_agree()
        self.assertEqual(self._invoice(self.a).amount_total, 398.0)
        self._assert_agree()

    def test_give_back_after_the_invoice_is_a_credit_note(self):
        charge = self.env["huolie.charge"].search([("enterprise_id", "=", self.a.id)])
        self._invoice(self.a)
        with self._at("2026-02-12 03:00:00"):
            refund = self._refund("charge", 199, charge_id=charge.id)
            refund.with_user(self.finance2).action_approve()
        note = self._invoice(self.a, "2026-03-01")
        self.assertEqual((note.move_type, note.amount_total), ("out_refund", 199.0))
        self._assert_agree()

    def test_wrong_recharge_is_taken_back(self):
        with self._at("2026-01-20 03:00:00"):
            recharge = self._recharge(self.a, 50000)
        refund = self._refund("recharge", 500, recharge_id=recharge.id)
        refund.with_user(self.finance2).action_approve()
        self.assertEqual(self._balance(self.a), 1000000 - 59700)
        self._assert_agree()

    def test_foreign_source_is_refused(self):
        recharge = self._recharge(self.b, 50000)
        with self.assertRaises(UserError):
            self._refund("recharge", 500, recharge_id=recharge.id)

    def test_request_shows_the_balance(self):
        page = Form(self.env["huolie.refund"].with_user(self.finance))
        page.enterprise_id = self.a
        self.assertEqual(money.to_fen(page.balance), self._balance(self.a))
        page.enterprise_id = self.b
        self.assertEqual(page.balance, 0)

    # === fapiao === #
    def _ask(self, **vals):
        page = Form(self.env["huolie.fapiao.wizard"].with_user(self.admin_a))
        page.tax_number = "91110000600037341L"
        for name, value in vals.items():
            page[name] = value
        page.save().action_confirm()
        return self.env["huolie.fapiao"].search([], limit=1)

    def test_fapiao_flow(self):
        fapiao = self._ask()
        self.assertEqual(money.to_fen(fapiao.amount), 59700)
        with self.assertRaises(UserError):
            self._ask()
        mine = fapiao.with_user(self.finance)
        mine.action_accept()
        with self.assertRaises(UserError):
            mine.action_issue()
        mine.write({"number": NUMBER, "file": base64.b64encode(b"%PDF-1.7 x")})
        mine.action_issue()
        mine.action_deliver()
        charge = fapiao.charge_ids
        refund = self._refund("charge", 199, charge_id=charge.id)
        with self.assertRaises(UserError):
            refund.with_user(self.finance2).action_approve()
        mine.red_number = "25112000000087654321"
        mine.action_red()
        self.assertFalse(charge.fapiao_id)
        refund.with_user(self.finance2).action_approve()

    def test_fapiao_needs_right_data(self):
        with self.assertRaises(UserError):
            self._ask(tax_number="123")
        # The page asks for the four fields; without the page the server does.
        pages = self.env["huolie.fapiao.wizard"].with_user(self.admin_a)
        with self.assertRaises(UserError):
            pages.create({"kind": "special"}).action_confirm()
        with self.assertRaises(UserError):
            self._ask(email="nobody")

    def test_fapiao_is_private_and_fixed(self):
        fapiao = self._ask()
        self.assertFalse(fapiao.with_user(self.admin_b).search([]))
        with self.assertRaises(AccessError):
            fapiao.with_user(self.finance).title = "Other"
        with self.assertRaises(AccessError):
            fapiao.with_user(self.admin_a).write({"number": NUMBER})

    def test_fapiao_on_recharge_by_policy(self):
        self.config.fapiao_policy = "recharge"
        fapiao = self._ask()
        self.assertEqual(money.to_fen(fapiao.amount), 1000000)

    def test_rejected_when_accepted_frees_the_amounts(self):
        fapiao = self._ask().with_user(self.finance)
        charge = fapiao.charge_ids
        fapiao.action_accept()
        refund = self._refund("charge", 199, charge_id=charge.id)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            refund.with_user(self.finance2).action_approve()
        fapiao.answer = "the charge is given back"
        fapiao.action_reject()
        self.assertFalse(charge.fapiao_id)
        refund.with_user(self.finance2).action_approve()

    def test_what_was_issued_is_not_changed(self):
        fapiao = self._ask().with_user(self.finance)
        fapiao.action_accept()
        fapiao.write({"number": NUMBER, "file": base64.b64encode(b"%PDF-1.7 x")})
        fapiao.action_issue()
        for vals in ({"number": "1" * 20}, {"file": False}, {"issued_on": False}):
            with self.assertRaises(AccessError):
                fapiao.write(vals)
        fapiao.answer = "sent by post"

    def test_no_money_is_on_two_fapiao(self):
        self._ask()
        self.config.fapiao_policy = "recharge"
        # 10,000 came, 597 are on a fapiao on consumption: the recharge is too much.
        with self.assertRaises(UserError):
            self._ask()

    def test_money_that_went_back_gets_no_fapiao(self):
        self._refund("payout", 9000).with_user(self.finance2).action_approve()
        self.config.fapiao_policy = "recharge"
        with self.assertRaises(UserError):
            self._ask()

    def test_money_on_a_fapiao_does_not_go_back(self):
        self.config.fapiao_policy = "recharge"
        fapiao = self._ask().with_user(self.finance)
        refund = self._refund("payout", 100).with_user(self.finance2)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            refund.action_approve()
        fapiao.answer = "asked for its money"
        fapiao.action_reject()
        refund.action_approve()
        self._assert_agree()

    def test_w9_two_requests_that_did_not_see_each_other(self):
        charge = self.env["huolie.charge"].search([("enterprise_id", "=", self.a.id)])
        first = self._refund("charge", 500, charge_id=charge.id)
        blind = patch.object(type(first), "_check_one_source", lambda _refund: None)
        with blind:
            second = self._refund("charge", 500, charge_id=charge.id)
        for refund in (first, second):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                refund.with_user(self.finance2).action_approve()
        second.with_user(self.finance2).action_refuse()
        first.with_user(self.finance2).action_approve()
        self._assert_agree()

    def test_one_invoice_for_each_month(self):
        with self._at("2026-02-09 16:00:00"):
            self.a._renew_chunk(self.a.ids)
        with self._at("2026-03-02 03:00:00"):
            invoices = self.env["huolie.charge"]._invoice(self.a, date(2026, 3, 1))
        self.assertEqual(
            sorted(map(str, invoices.mapped("invoice_date"))),
            ["2026-01-10", "2026-02-10"],
        )
        self._assert_agree()

    def test_charge_given_back_whole_in_its_month(self):
        charge = self.env["huolie.charge"].search([("enterprise_id", "=", self.a.id)])
        with self._at("2026-01-12 03:00:00"):
            refund = self._refund("charge", 597, charge_id=charge.id)
            refund.with_user(self.finance2).action_approve()
        invoice = self._invoice(self.a)
        self.assertEqual((invoice.amount_total, invoice.state), (0.0, "posted"))
        self._assert_agree()

    # === reminders and forecast === #
    def test_reminder_names_the_exact_shortfall_once(self):
        self._refund("payout", 9000).with_user(self.finance2).action_approve()
        notices = self.env["huolie.notice"]
        mine = [("user_id", "=", self.admin_a.id), ("body", "ilike", "194.00")]
        counts = []
        for day in (
            "2026-02-02",
            "2026-02-03",
            "2026-02-04",
            "2026-02-07",
            "2026-02-09",
        ):
            with self._at(f"{day} 01:00:00"):
                for enterprise in self.a._find_to_remind() & self.a:
                    enterprise._remind_safely()
                counts.append(notices.search_count(mine))
        # 10,000 − 597 − 9,000 = 403; renewal 597; missing 194: T-8, T-7, T-6, T-3, T-1
        self.assertEqual(counts, [0, 1, 1, 2, 3])
        last = notices.search(mine, order="id desc", limit=1)
        self.assertIn("24:00", last.subject)

    def test_reminder_is_silent_when_covered(self):
        before = self.env["huolie.notice"].search_count([])
        with self._at("2026-02-07 01:00:00"):
            self.assertIn(self.a, self.a._find_to_remind())
            self.a._remind_safely()
        self.assertEqual(self.env["huolie.notice"].search_count([]), before)

    def test_forecast(self):
        with self._at("2026-01-11 01:00:00"):
            # 9,403.00 pays 15 more months of 597.00
            self.assertEqual(str(self.a._get_lasts_until()), "2027-05-10")

    # === statement === #
    def test_statement_adds_up(self):
        wallet = self.a._get_wallet()
        data = wallet._get_statement("2026-01")
        self.assertEqual((data["begin"], data["end"]), ("0.00", "9,403.00"))
        self.assertEqual([r["amount"] for r in data["rows"]], ["10,000.00", "-597.00"])
        self.assertEqual(wallet._get_statement("2026-02")["begin"], "9,403.00")
        self.assertTrue(wallet._make_xlsx("2026-01").startswith(b"PK"))
        with self.assertRaises(UserError):
            wallet._get_statement("2026-13")
