"""What the enterprise sees of its money: texts, ways on, and ways back (B1, B5, B8)."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from ..services import money
from .common import BillingCase
from .test_pay import PayCase

ACCOUNT_SEE = "huolie_base.group_account_see"


@tagged("post_install", "-at_install")
class TestMoneyTexts(BillingCase):
    def test_amounts_carry_their_symbol_after_the_sign(self):
        self.assertEqual(money.show(-9630, "¥"), "-¥96.30")
        self.assertEqual(money.show(123456, "¥"), "¥1,234.56")
        self.assertEqual(money.plain(123456), "1234.56")
        symbol = self.a._get_wallet().currency_id.symbol
        self.assertEqual(self.a._show_money(100), f"{symbol}1.00")

    def test_typed_amounts(self):
        right = {
            "１００": 10000,
            "1,000": 100000,
            "１，０００．５": 100050,
            " ￥500 ": 50000,
            "500元": 50000,
        }
        for text, fen in right.items():
            self.assertEqual(money.parse(text), fen, text)
        wrong = {
            "": "empty",
            "0": "not_positive",
            "-5": "not_positive",
            "0.001": "too_fine",
            "1e5": "not_number",
            "10,00": "not_number",
            "一百": "not_number",
            "99999999999": "too_big",
            "9" * 400: "too_big",
        }
        for text, code in wrong.items():
            with self.assertRaises(money.AmountError) as found:
                money.parse(text)
            self.assertEqual(found.exception.code, code, text)

    def test_minimum_reason_is_about_transfers_only(self):
        self.a.verified = True
        page = self.env["huolie.recharge.wizard"].with_user(self.admin_a).new({})
        for method, reason in (("transfer", "by hand"), ("wechat", "")):
            told = self.config._get_minimum_reason(method)
            self.assertEqual("by hand" in told, bool(reason))
        page.method = "transfer"
        self.assertIn("500.00", page.minimum)
        self.assertIn("by hand", page.minimum)

    def test_account_page_offers_only_what_one_may_do(self):
        self._make_formal(self.a)
        seer = new_test_user(self.env, "t_seer", ACCOUNT_SEE)
        seer.enterprise_id = self.a

        def actions(user):
            blocks = self.a.with_user(user)._get_account_blocks()
            ours = [b for b in blocks if b["key"] in ("balance", "service", "fapiao")]
            buttons = [one for b in ours for one in b["values"]["buttons"]]
            return {one["action"].rsplit(".", 1)[1] for one in buttons}

        doing = {
            "huolie_recharge_wizard_action",
            "huolie_open_wizard_action",
            "huolie_renew_wizard_action",
            "huolie_fapiao_wizard_action",
        }
        self.assertTrue(doing <= actions(self.admin_a))
        self.assertFalse(doing & actions(seer))
        self.assertIn("huolie_wallet_entry_action_mine", actions(seer))


@tagged("post_install", "-at_install")
class TestGoingOn(BillingCase):
    """Not enough money → recharge that much → go on with what was being bought."""

    def setUp(self):
        super().setUp()
        self._make_formal(self.a, 50000)
        self.seats = self._add_seats(self.a, 4)

    def _open_page(self, **values):
        page = self.env["huolie.open.wizard"].with_user(self.admin_a).create(values)
        return page

    def _recharge_page(self, action):
        pages = self.env["huolie.recharge.wizard"].with_user(self.admin_a)
        return Form(pages.with_context(**action["context"]))

    def test_short_page_leads_to_recharge_and_back(self):
        page = self._open_page(seat_ids=self.seats.ids, months="3")
        self.assertTrue(page.short)
        self.assertFalse(page.covered)
        missing = 4 * 3 * 19900 - 50000
        form = self._recharge_page(page.action_recharge())
        form.method = "transfer"
        self.assertEqual(form.amount, money.plain(missing))
        filed = form.save()
        back = filed.action_back()["context"]
        self.assertEqual(back["default_months"], "3")
        recharge = self.env["huolie.recharge"].browse(filed.action_confirm()["res_id"])
        self.assertEqual(recharge.amount, money.from_fen(missing))
        recharge.with_user(self.finance).action_approve()
        action = recharge.with_user(self.admin_a).action_resume()
        self.assertEqual(action["res_model"], "huolie.open.wizard")
        pages = self.env["huolie.open.wizard"].with_user(self.admin_a)
        again = Form(pages.with_context(**action["context"])).save()
        self.assertEqual(again.seat_ids, self.seats)
        self.assertEqual(again.months, "3")
        self.assertTrue(again.covered)
        again.action_confirm()
        self.assertEqual(self._balance(self.a), 0)
        # bought: the same recharge does not offer to buy it again
        self.assertFalse(recharge.resume)

    def test_amount_is_raised_to_the_minimum_of_the_way_of_paying(self):
        self._set_price("seat", 60000, enterprise=self.a)
        page = self._open_page(seat_ids=self.seats[:1].ids)
        form = self._recharge_page(page.action_recharge())
        form.method = "transfer"
        self.assertEqual(form.amount, "500.00")

    def test_forged_purchase_is_taken_as_nothing(self):
        recharges = self.env["huolie.recharge"]
        foreign = self._add_seats(self._make_formal(self.b), 1)
        for text in ("", "[]", "{", '{"page": "users"}', "1", '"open"'):
            self.assertEqual(recharges._read_resume(text), {})
        forged = {"page": "open", "seats": foreign.ids, "robot": 1, "months": "99"}
        recharge = self._file(self.a, 50000, resume=json.dumps(forged))
        action = recharge.with_user(self.admin_a).action_resume()
        self.assertEqual(action["context"]["default_seat_ids"], [(6, 0, [])])
        self.assertEqual(action["context"]["default_months"], "1")
        with self.assertRaises(AccessError):
            recharge.with_user(self.admin_b).action_resume()

    def test_renew_page_keeps_the_choice_when_the_switch_is_turned(self):
        page = self._open_page(seat_ids=self.seats[:2].ids)
        page.action_confirm()
        renew = (
            self.env["huolie.renew.wizard"]
            .with_user(self.admin_a)
            .create({"seat_ids": self.seats[:1].ids, "months": "6"})
        )
        action = renew.action_toggle_auto()
        self.assertFalse(self.a.auto_renew)
        self.assertEqual(action["res_model"], "huolie.renew.wizard")
        kept = action["context"]
        self.assertEqual(kept["default_seat_ids"], [(6, 0, self.seats[:1].ids)])
        self.assertEqual(kept["default_months"], "6")

    def test_price_steps_and_own_price_are_told(self):
        prices = self.env["huolie.price"]
        self.assertEqual(
            prices._get_shown_steps(self.a, "seat"), {"own": False, "rows": []}
        )
        self._set_price("seat", 17900, quantity=5)
        told = prices._get_shown_steps(self.a, "seat")
        self.assertEqual(len(told["rows"]), 2)
        self.assertIn("179.00", told["rows"][1])
        page = self._open_page(seat_ids=self.seats.ids)
        self.assertIn("179.00", page.preview)
        self._set_price("seat", 15000, enterprise=self.a)
        page = self._open_page(seat_ids=self.seats.ids)
        self.assertIn("your own price", page.preview)
        self.assertNotIn("179.00", page.preview)


@tagged("post_install", "-at_install")
class TestRechargePage(BillingCase):
    def test_page_can_be_reloaded(self):
        recharge = self._file(self.a, 50000).with_user(self.admin_a)
        action = recharge._get_action_mine()
        self.assertEqual(action["xml_id"], "huolie_billing.huolie_recharge_action_mine")
        self.assertEqual(action["res_id"], recharge.id)
        self.assertTrue(recharge._get_url().endswith(f"_mine/{recharge.id}"))

    def test_bare_address_shows_each_side_its_own_page(self):
        for user, mine in ((self.admin_a, True), (self.finance, False)) * 2:
            recharges = self.env["huolie.recharge"].with_user(user)
            arch = recharges.get_view(view_type="form")["arch"]
            self.assertEqual("huolie_pay_watch" in arch, mine)
            self.assertEqual("action_approve" in arch, not mine)

    def test_filed_transfer_still_says_where_to_pay(self):
        recharge = self._file(self.a, 50000).with_user(self.admin_a)
        self.assertIn("0200001", recharge.transfer_help)
        self.assertIn(recharge.code, recharge.transfer_help)
        recharge.action_withdraw()
        recharge.invalidate_recordset()
        self.assertFalse(recharge.transfer_help)

    def test_again_keeps_amount_payer_and_purchase(self):
        resume = {"page": "renew", "seats": [], "robot": False, "months": "6"}
        recharge = self._file(self.a, 61234, resume=json.dumps(resume))
        recharge.with_user(self.finance)._reject("wrong account")
        context = recharge.with_user(self.admin_a).action_again()["context"]
        self.assertEqual(context["default_amount"], "612.34")
        self.assertEqual(context["default_payer_name"], self.a.name)
        self.assertEqual(json.loads(context["default_resume"]), resume)


@tagged("post_install", "-at_install")
class TestFapiaoPage(BillingCase):
    def test_page_opens_with_what_has_no_fapiao(self):
        self._make_formal(self.a, 100000)
        seats = self._add_seats(self.a, 2)
        entry = self.a.with_user(self.admin_a)._open_service(seats, [], 1, "k")
        pages = self.env["huolie.fapiao.wizard"].with_user(self.admin_a)
        values = pages.default_get(["charge_ids"])
        # as commands: the web client's first question fails on bare ids
        self.assertEqual(values["charge_ids"][0][0], 6)
        page = Form(pages)
        self.assertEqual(page.amount, -entry.amount)


@tagged("post_install", "-at_install")
class TestPayCheck(PayCase):
    """[I have paid] and the end of the countdown."""

    def test_paid_without_a_notice(self):
        recharge = self._order()
        self.gateway.pay(recharge.code)
        found = recharge.with_user(self.admin_a).check_payment()
        self.assertEqual((found["state"], found["answered"]), ("approved", True))
        self._assert_paid(recharge)

    def test_time_over_is_expired_at_once(self):
        recharge = self._order()
        mine = recharge.with_user(self.admin_a)
        self.assertEqual(mine.check_payment()["state"], "waiting")
        recharge.sudo().expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(mine.check_payment()["state"], "expired")
        self.assertFalse(mine.qr)
        self.assertEqual(self.gateway.orders[recharge.code]["state"], "CLOSED")

    def test_silent_gateway_is_said_and_nothing_is_closed(self):
        recharge = self._order()
        recharge.sudo().expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.gateway.faults["query"] = "timeout"
        found = recharge.with_user(self.admin_a).check_payment()
        self.assertEqual((found["state"], found["answered"]), ("waiting", False))

    def test_gateway_is_not_asked_without_end(self):
        recharge = self._order().with_user(self.admin_a)
        answers = [recharge.check_payment()["answered"] for _time in range(5)]
        self.assertEqual(answers, [True] * 3 + [None] * 2)

    def test_stranger_is_refused(self):
        recharge = self._order()
        with self.assertRaises(AccessError):
            recharge.with_user(self.admin_b).check_payment()

    def test_online_minimum_is_refused_without_the_reason_of_transfers(self):
        page = Form(self.env["huolie.recharge.wizard"].with_user(self.admin_a))
        page.amount = "1"
        with self.assertRaises(UserError) as found:
            page.save().action_confirm()
        self.assertNotIn("by hand", found.exception.args[0])


@tagged("post_install", "-at_install")
class TestPayBack(HttpCase, PayCase):
    def _log_in(self, login, password):
        self.authenticate(None, None)
        page = self.url_open("/huolie/login").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        data = {"login": login, "password": password, "csrf_token": token}
        self.url_open("/huolie/login", data=data)

    def test_way_back_from_alipay(self):
        mine, url = self._order("alipay"), f"{self.base_url()}/huolie/pay/back"
        theirs = "HLNOTMINE"
        self._log_in(self.admin_a.login, "Abcd1234!")
        for code, end in ((mine.code, f"_mine/{mine.id}"), (theirs, "_mine")):
            answer = self.url_open(
                f"{url}?out_trade_no={code}&total_amount=9", allow_redirects=False
            )
            self.assertTrue(answer.headers["Location"].endswith(end))
        self._assert_unpaid(mine)
