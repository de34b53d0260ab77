import base64
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..services import bankfile
from .common import BillingCase

HEAD = "交易日期,贷方发生额,对方户名,附言\n"


@tagged("post_install", "-at_install")
class TestForeignKeys(BillingCase):
    """A page's key comes from the browser: it is nobody else's movement."""

    def test_no_page_takes_the_key_of_anothers_renewal(self):
        with self._at("2026-01-10 03:00:00"):
            for enterprise in self.a | self.b:
                self._make_formal(enterprise, 100000)
                seats = self._add_seats(enterprise, 1)
                enterprise._open_service(seats, [], 1, f"o{enterprise.id}")
            key = f"{self.b.id}:2026-02-10"
            page = self.env["huolie.renew.wizard"].with_user(self.admin_a[0])
            page.create({"key": key, "months": "1"}).action_confirm()
        with self._at("2026-02-09 16:30:00"):
            self.b._settle_due()
            self.assertEqual(self.b.service_end, date(2026, 3, 10))
            page = self.env["huolie.renew.wizard"].with_user(self.admin_b[0])
            page = page.create({"key": key, "months": "1"})
            before = self._balance(self.b)
            page.action_confirm()
            self.assertEqual(self._balance(self.b), before - 19900)


@tagged("post_install", "-at_install")
class TestNoPrice(BillingCase):
    """A price that is gone stops the renewal, and nothing else."""

    def setUp(self):
        super().setUp()
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 30000)
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
        self.price = self.env["huolie.price"].search([("service", "=", "seat")])

    def test_pages_show_the_rest(self):
        self.price.active = False
        with self._at("2026-02-05 03:00:00"):
            blocks = self.a.with_user(self.admin_a[0])._get_account_blocks()
            self.assertIn("balance", [block["key"] for block in blocks])
            board = self.env["huolie.money.board"].with_user(self.finance)
            self.assertTrue(board.get_board()["groups"])
            self.a._remind(self.a._get_today())

    def test_money_is_credited_and_finance_told_once(self):
        self.price.active = False
        notices = self.env["huolie.notice"]
        mine = [("user_id", "=", self.finance.id), ("enterprise_id", "=", self.a.id)]
        with self._at("2026-02-09 16:30:00"):
            self.env["huolie.enterprise"]._renew_chunk(self.a.ids)
            self.env["huolie.enterprise"]._renew_chunk(self.a.ids)
            self.assertEqual(notices.search_count(mine), 1)
            self._recharge(self.a, 50000)
            self.assertEqual(self._balance(self.a), 30000 - 19900 + 50000)
        self.price.active = True
        with self._at("2026-02-09 17:00:00"):
            self.env["huolie.enterprise"]._renew_chunk(self.a.ids)
            self.assertEqual(self.a.service_end, date(2026, 3, 10))

    def test_ended_without_renewal_says_how_it_goes_on(self):
        self.a.auto_renew = False
        with self._at("2026-02-09 16:30:00"):
            self.a._settle_due()
        self.assertTrue(self.a.service_suspended)
        mine = [("enterprise_id", "=", self.a.id), ("kind", "=", "warning")]
        notice = self.env["huolie.notice"].search(mine, limit=1)
        self.assertIn("Renew it", notice.body)
        self.assertNotIn("0.00", notice.body)

    def test_own_steps_begin_where_the_list_ends(self):
        prices = self.env["huolie.price"]
        self._set_price("seat", 15000, 10, self.a)
        found = [prices._get_price(self.a, "seat", n) for n in (1, 9, 10, 50)]
        self.assertEqual(found, [19900, 19900, 15000, 15000])
        self._set_price("seat", 12000, 20)
        self.assertEqual(prices._get_price(self.a, "seat", 50), 15000)
        told = prices._get_shown_steps(self.a, "seat")
        self.assertEqual((told["own"], len(told["rows"])), (True, 2))


@tagged("post_install", "-at_install")
class TestBooksByHand(BillingCase):
    """What the suite booked is never undone in accounting."""

    def setUp(self):
        super().setUp()
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 100000)
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
        self.invoice = self._invoice(self.a)

    def _invoice(self, enterprises):
        return self.env["huolie.charge"]._invoice(enterprises, date(2026, 2, 1))

    def test_invoice_and_payment_stay(self):
        self.env.flush_all()
        invoice = self.invoice.with_user(self.finance)
        payment = self.env["huolie.recharge"].search(
            [("enterprise_id", "=", self.a.id)]
        )
        payment = payment.payment_id.with_user(self.finance)
        for undo in (
            invoice.button_draft,
            invoice.button_cancel,
            invoice._reverse_moves,
            payment.action_draft,
            payment.action_cancel,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                undo()
        self.assertEqual((self.invoice.state, payment.state), ("posted", "paid"))

    def test_nobody_puts_a_move_into_the_comparison(self):
        moves = self.env["account.move"].with_user(self.finance)
        vals = {"move_type": "entry", "huolie_enterprise_id": self.a.id}
        with self.assertRaises(AccessError), self.cr.savepoint():
            moves.create(vals)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.invoice.with_user(self.finance).huolie_enterprise_id = self.b

    def test_merged_partners_do_not_mix_two_balances(self):
        self.b.partner_id = self.a.partner_id
        with self._at("2026-01-11 03:00:00"):
            for enterprise in self.a | self.b:
                self._make_formal(enterprise, 100000)
                seats = self._add_seats(enterprise, 1)
                enterprise._open_service(seats, [], 1, f"m{enterprise.id}")
        self._invoice(self.a | self.b)
        check = self.env["huolie.books.check"]._run()
        self.assertFalse(check.line_ids.enterprise_id & (self.a | self.b))

    def test_error_goes_when_the_invoice_is_made_by_hand(self):
        with self._at("2026-01-12 03:00:00"):
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o2")
        wallet = self.a._get_wallet()
        wallet.invoice_error = "bad"
        board = self.env["huolie.money.board"].with_user(self.finance)
        keys = [card["key"] for card in board.get_board()["groups"][0]["cards"]]
        self.assertIn("bad_invoice", keys)
        charges = self.env["huolie.charge"].with_user(self.finance)
        mine = [("enterprise_id", "=", self.a.id), ("move_id", "=", False)]
        charges.search(mine).action_invoice_now()
        self.assertFalse(wallet.invoice_error)

    def test_account_of_the_balances_stays(self):
        company = self.env["huolie.enterprise"]._get_billing_company()
        other = company.huolie_advance_account_id.copy({"code": "220399"})
        for account in (other, self.env["account.account"]):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                company.huolie_advance_account_id = account

    def test_locked_period_does_not_stop_money(self):
        company = self.env["huolie.enterprise"]._get_billing_company()
        with self._at("2026-03-10 03:00:00"):
            self.env["huolie.enterprise"]._renew_chunk(self.a.ids)
            company.fiscalyear_lock_date = date(2026, 3, 31)
        with self._at("2026-04-10 03:00:00"):
            recharge = self._recharge(self.a, 50000)
            move = recharge.sudo().payment_id.move_id
            invoice = self.env["huolie.charge"]._invoice(self.a, date(2026, 4, 1))
        for posted in (move, invoice):
            self.assertEqual(posted.state, "posted")
            self.assertGreater(posted.date, company.fiscalyear_lock_date)


@tagged("post_install", "-at_install")
class TestFinanceAlone(BillingCase):
    """What one person of finance can and cannot do about a transfer."""

    def _import(self, *rows):
        file = base64.b64encode((HEAD + "\n".join(rows) + "\n").encode())
        statements = self.env["huolie.bank.import"].with_user(self.finance)
        statement = statements.create({"file": file, "file_name": "a.csv"})
        statement.action_import()
        return statement

    def test_code_of_a_frozen_account_does_not_stop_the_file(self):
        self.a.verified = True
        code = self.a._get_remark_code()
        self.a.state = "frozen"
        statement = self._import(
            f"2026-01-05,100.00,{self.a.name},{code}", "2026-01-06,7.00,x,y"
        )
        self.assertEqual(statement.line_ids.mapped("state"), ["new", "new"])

    def test_paired_amount_is_the_banks(self):
        recharge = self._file(self.a, 100000)
        self._import(f"2026-01-05,1000.00,{self.a.name},{recharge.code}")
        self.assertEqual(recharge.state, "matched")
        with self.assertRaises(AccessError):
            recharge.with_user(self.finance).amount_received = 9000

    def test_more_than_declared_is_held(self):
        recharge = self._file(self.a, 100000).with_user(self.finance)
        self.assertFalse(recharge.hold_reason)
        recharge.amount_received = 9000
        with self.assertRaises(UserError):
            recharge.action_approve()

    def test_day_to_come_is_not_booked_ahead(self):
        today = self.a._get_today()
        recharge = self._file(self.a, 100000, paid_on=today + timedelta(days=400))
        recharge.with_user(self.finance).action_approve()
        self.assertEqual(recharge.payment_id.date, today)

    def test_blanks_in_our_account_number_do_not_count(self):
        line = dict.fromkeys(("date", "balance", "name", "account"), "")
        line |= {"serial": "S1", "credit": 1, "debit": 0}
        self.assertEqual(
            bankfile.fingerprints("6222 0000-11", [line]),
            bankfile.fingerprints("6222000011", [line]),
        )


@tagged("post_install", "-at_install")
class TestCompanyThatSells(BillingCase):
    def _forget_money(self):
        """As in a new database; the demo data have booked something."""
        configs = self.registry["huolie.billing.config"]
        self.patch(configs, "_is_money_booked", lambda _self: False)

    def test_company_of_the_settings_counts(self):
        self._forget_money()
        other = self.env["res.company"].create({"name": "Seller"})
        other.currency_id = self.env.ref("base.USD")
        self.config.company_id = other
        self.assertEqual(self.env["huolie.enterprise"]._get_billing_company(), other)
        self.assertEqual(self.a._get_wallet().currency_id, other.currency_id)

    def test_chart_that_comes_later_changes_the_currency(self):
        self._forget_money()
        company = self.env["res.company"].create({"name": "Seller"})
        self.config.company_id = company
        company.currency_id = self.env.ref("base.EUR")
        self.assertEqual(self.a._get_wallet().currency_id, company.currency_id)
        price = self.env["huolie.price"].search([("service", "=", "seat")], limit=1)
        self.assertEqual(price.currency_id, company.currency_id)

    def test_company_stays_when_money_is_booked(self):
        other = self.env["res.company"].create({"name": "Seller"})
        self._recharge(self.a, 100000)
        with self.assertRaises(ValidationError):
            self.config.company_id = other


@tagged("post_install", "-at_install")
class TestOwnLanguage(BillingCase):
    """Texts that are kept are in the enterprise's language, whoever runs."""

    def test_nightly_run_writes_in_the_language_of_the_enterprise(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.a.partner_id.lang, self.b.partner_id.lang = "zh_CN", "en_US"
        both = self.a | self.b
        with self._at("2026-01-10 03:00:00"):
            for enterprise in both:
                self._make_formal(enterprise, 100000)
                seats = self._add_seats(enterprise, 1)
                enterprise._open_service(seats, [], 1, f"o{enterprise.id}")
        with self._at("2026-02-09 16:30:00"):
            both.with_context(lang=None)._renew_chunk(both.ids)
        charges = self.env["huolie.charge"].with_context(lang=None)
        invoices = charges._invoice(both, date(2026, 3, 1))
        for enterprise, note, ref in (
            (self.a, "工号 × 1，2026-02-10 至 2026-03-10", "服务费 2026-02"),
            (self.b, "Seat × 1, 2026-02-10 to 2026-03-10", "Service 2026-02"),
        ):
            mine = [("enterprise_id", "=", enterprise.id), ("kind", "=", "renew")]
            entry = self.env["huolie.wallet.entry"].search(mine)
            self.assertEqual(entry.note, note)
            invoice = invoices.filtered(
                lambda one, owner=enterprise: one.huolie_enterprise_id == owner
                and one.invoice_date.month == 2
            )
            self.assertEqual(invoice.ref, ref)
            self.assertIn(note.split(" ")[0], invoice.invoice_line_ids.name)
