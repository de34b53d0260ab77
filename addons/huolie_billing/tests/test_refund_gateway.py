from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..services import alipay
from .gateway import ALGORITHM, API_KEY, APPID, MCHID, PLATFORM, SERIAL
from .test_pay import PayCase


class RefundCase(PayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bank = cls.wechat.journal_id
        for provider in (cls.wechat, cls.alipay):
            account = bank.default_account_id.copy()
            vals = {"code": f"T{provider.id}", "default_account_id": account.id}
            provider.journal_id = bank.copy(vals)

    def setUp(self):
        super().setUp()
        self.gateway.refund_status = "PROCESSING"

    def _paid(self, method="wechat", fen=50000):
        recharge = self._order(method, fen)
        self.gateway.pay(recharge.code)
        recharge.sudo()._ask_gateway()
        return recharge

    def _held(self, recharge=None, fen=20000):
        """A refund of an online recharge that two persons agreed on."""
        recharge = recharge or self._paid()
        refund = self._ask(recharge_id=recharge.id, amount=fen / 100)
        refund.with_user(self.finance2).action_approve()
        return refund

    def _ask(self, **vals):
        vals = {"enterprise_id": self.a.id, "kind": "payout", "reason": "back", **vals}
        return self.env["huolie.refund"].with_user(self.finance).create(vals)

    def _send(self, refund):
        """Press the button, and do what follows its commit."""
        refund.action_gateway()
        refund.sudo()._drive_safely()

    def _sweep(self, minutes=5):
        with self._at(str(fields.Datetime.now() + timedelta(minutes=minutes))):
            self.env["huolie.refund"]._find_to_ask()._drive_safely()

    def _set(self, refund, status):
        self.gateway.refunds[refund.gateway_number]["status"] = status

    def _assert_books(self, state, refund, balance):
        self.assertEqual(refund.state, state)
        self.assertEqual(self._balance(self.a), balance)
        check = self.env["huolie.books.check"]._run()
        self.assertNotIn(self.a, check.line_ids.enterprise_id)

    def _told(self):
        return self.env["huolie.notice"].search(
            [("user_id", "=", self.finance.id), ("kind", "=", "danger")]
        )


@tagged("post_install", "-at_install")
class TestRefundGateway(RefundCase):
    def test_on_its_way_until_the_gateway_has_paid(self):
        refund = self._held()
        self._send(refund)
        self._assert_books("sent", refund, 30000)
        self.assertFalse(refund.payment_id)
        self._sweep()
        self._assert_books("sent", refund, 30000)
        self._set(refund, "SUCCESS")
        self._sweep(30)
        self._assert_books("done", refund, 30000)
        self.assertEqual(refund.payment_id.journal_id, self.wechat.journal_id)
        self.assertEqual(self.gateway.paid_back(refund.recharge_id.code), 20000)
        self.assertFalse(self._told())

    def test_paid_but_not_booked_is_told_once(self):
        refund = self._held()
        self._send(refund)
        self._set(refund, "SUCCESS")
        self.wechat.journal_id.active = False
        for minutes in (30, 60):
            self._sweep(minutes)
        self._assert_books("sent", refund, 30000)
        self.assertIn(refund.gateway_number, self._told().subject)
        self.wechat.journal_id.active = True
        self._sweep(90)
        self._assert_books("done", refund, 30000)

    def test_paid_at_once(self):
        self.gateway.refund_status = "SUCCESS"
        refund = self._held()
        self._send(refund)
        self._assert_books("done", refund, 30000)

    def test_nobody_decides_while_it_is_on_its_way(self):
        refund = self._held()
        self._send(refund)
        for step in ("settle", "release", "gateway", "approve", "refuse"):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                getattr(refund.with_user(self.finance2), f"action_{step}")()
        self._assert_books("sent", refund, 30000)

    def test_refused_comes_back_with_the_reason(self):
        for method in ("wechat", "alipay"):
            self.gateway.faults["refund"] = "refuse"
            refund = self._held(self._paid(method))
            before, told = self._balance(self.a), len(self._told())
            self._send(refund)
            self._assert_books("held", refund, before)
            self.assertIn("NOT_ENOUGH", refund.gateway_help)
            self.assertEqual(len(self._told()), told + 1)
            number = refund.gateway_number
            self.gateway.faults.clear()
            self.gateway.refund_status = "SUCCESS"
            self._send(refund)
            self._assert_books("done", refund, before)
            self.assertEqual(refund.gateway_number, number)
            self.assertEqual(refund.payment_id.journal_id, self[method].journal_id)

    def __getitem__(self, name):
        return getattr(self, name)

    def test_abnormal_goes_back_to_the_balance_once(self):
        refund = self._held()
        self._send(refund)
        self._set(refund, "ABNORMAL")
        self._sweep()
        self._assert_books("held", refund, 30000)
        self.assertEqual(refund.gateway_state, "abnormal")
        self.assertEqual(len(self._told()), 1)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            refund.action_gateway()
        refund.action_release()
        self._assert_books("released", refund, 50000)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            refund.action_release()
        self._assert_books("released", refund, 50000)

    def test_abnormal_is_paid_by_bank(self):
        refund = self._held()
        self._send(refund)
        self._set(refund, "ABNORMAL")
        self._sweep()
        refund.action_settle()
        self._assert_books("done", refund, 30000)
        self.assertNotEqual(refund.payment_id.journal_id, self.wechat.journal_id)

    def test_finished_on_the_merchant_page_meanwhile(self):
        """Neither given back nor paid by bank when the gateway did pay."""
        for step in ("release", "settle", "gateway"):
            refund = self._held(self._paid(fen=20000))
            before = self._balance(self.a)
            self._send(refund)
            self._set(refund, "ABNORMAL")
            self._sweep()
            self._set(refund, "SUCCESS")
            getattr(refund, f"action_{step}")()
            self._assert_books("done", refund, before)
            self.assertEqual(refund.payment_id.journal_id, self.wechat.journal_id)

    def test_without_an_answer_nothing_is_given_back(self):
        refund = self._held()
        self._send(refund)
        self._set(refund, "ABNORMAL")
        self._sweep()
        for fault in ("timeout", 500):
            self.gateway.faults["ask_refund"] = fault
            for step in ("release", "settle"):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    getattr(refund, f"action_{step}")()
        self._set(refund, "PROCESSING")
        self.gateway.faults.clear()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            refund.action_release()
        self._assert_books("held", refund, 30000)

    def test_closed_is_tried_again_with_a_new_number(self):
        refund = self._held()
        self._send(refund)
        first = refund.gateway_number
        self._set(refund, "CLOSED")
        self._sweep()
        self._assert_books("held", refund, 30000)
        self._send(refund)
        self.assertEqual(refund.gateway_number, f"{first}-2")
        self._set(refund, "SUCCESS")
        self._sweep(30)
        self._assert_books("done", refund, 30000)
        self.assertEqual(self.gateway.paid_back(refund.recharge_id.code), 20000)

    def test_lost_answers_pay_once(self):
        for fault in ("timeout", "lost_answer", 500, 429):
            self.gateway.faults["refund"] = fault
            refund = self._held(self._paid(fen=20000))
            before = self._balance(self.a)
            self._send(refund)
            self._assert_books("sent", refund, before)
            self.gateway.faults.clear()
            self._sweep()
            self._set(refund, "SUCCESS")
            self._sweep(30)
            self._assert_books("done", refund, before)
            self.assertEqual(self.gateway.paid_back(refund.recharge_id.code), 20000)
        self.assertFalse(self._told())

    def test_killed_before_sending_is_sent_by_the_sweeper(self):
        refund = self._held()
        refund.action_gateway()
        self.assertEqual(refund.state, "sent")
        self.assertNotIn(refund.gateway_number, self.gateway.refunds)
        self._sweep()
        self.assertEqual(self.gateway.refunds[refund.gateway_number]["fen"], 20000)

    def test_asked_less_often_the_longer_it_takes(self):
        refund = self._held()
        self._send(refund)
        calls = len(self.gateway.calls)
        self.env["huolie.refund"]._find_to_ask()._drive_safely()
        self.assertEqual(len(self.gateway.calls), calls)
        self._sweep()
        self.assertEqual(len(self.gateway.calls), calls + 1)
        refund.sudo().sent_at -= timedelta(days=9)
        self._sweep(100)
        self.assertEqual(len(self.gateway.calls), calls + 1)
        self._sweep(130)
        self.assertEqual(len(self.gateway.calls), calls + 2)

    def test_answers_about_something_else_are_not_believed(self):
        refund = self._held()
        self._send(refund)
        number = refund.gateway_number
        for wrong in ({"fen": 19999}, {"reference": self._paid().code}):
            right = dict(self.gateway.refunds[number])
            self.gateway.refunds[number].update(wrong, status="SUCCESS")
            self._sweep()
            self.gateway.refunds[number] = right
            self.assertEqual(refund.state, "sent")
            self.assertEqual(refund.gateway_note, "other_refund")

    def test_alipay(self):
        refund = self._held(self._paid("alipay"))
        self._send(refund)
        self._assert_books("done", refund, 30000)
        self.assertEqual(refund.payment_id.journal_id, self.alipay.journal_id)

    def test_alipay_that_does_not_know_yet_is_asked(self):
        refund = self._held(self._paid("alipay"))
        self.gateway.faults["refund"] = "later"
        self._send(refund)
        self._assert_books("sent", refund, 30000)
        self._sweep()
        self._assert_books("sent", refund, 30000)
        self._set(refund, "SUCCESS")
        self._sweep(30)
        self._assert_books("done", refund, 30000)
        self.assertEqual(self.gateway.paid_back(refund.recharge_id.code), 20000)

    def test_only_online_recharges_go_back_by_the_gateway(self):
        self._recharge(self.a, 50000)
        refund = self._ask(amount=100)
        refund.with_user(self.finance2).action_approve()
        with self.assertRaises(UserError):
            refund.action_gateway()

    def test_w7_who_asked_and_what_was_decided_is_not_sent_in(self):
        recharge = self._paid()
        good = {"amount": 100, "recharge_id": recharge.id}
        for wrong in (
            {"state": "held"},
            {"requester_id": self.finance2.id},
            {"approver_id": self.finance2.id},
            {"gateway_state": "done"},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._ask(**good, **wrong)
        refunds = self.env["huolie.refund"].with_user(self.finance)
        refunds = refunds.with_context(
            default_requester_id=self.finance2.id, default_state="held"
        )
        refund = refunds.create(
            {"enterprise_id": self.a.id, "kind": "payout", "reason": "x", **good}
        )
        self.assertEqual(refund.requester_id, self.finance)
        self.assertEqual(refund.state, "requested")
        with self.assertRaises(AccessError):
            refund.write({"requester_id": self.finance2.id})
        # Who changes the amount is not the second person.
        refund.with_user(self.finance2).write({"amount": 200})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            refund.with_user(self.finance2).action_approve()
        refund.with_user(self.finance).action_approve()
        self.assertEqual(refund.state, "held")


@tagged("post_install", "-at_install")
class TestRefundNotices(HttpCase, RefundCase):
    def _tell(self, refund, status, code=204, **wrong):
        self._set(refund, status)
        headers, body = self.gateway.wechat_refund_notice(
            refund.gateway_number, **wrong
        )
        self._post(self.wechat, headers, body, code)
        return headers, body

    def _post(self, provider, headers, body, code):
        kind = provider.code.removeprefix("huolie_")
        self.env.flush_all()
        answer = self.url_open(
            f"/huolie/pay/{kind}/{provider.id}", data=body, headers=headers
        )
        self.assertEqual(answer.status_code, code, answer.text)
        self.env.invalidate_all()

    def test_a_notice_settles_it_once(self):
        refund = self._held()
        self._send(refund)
        headers, body = self._tell(refund, "SUCCESS")
        self._assert_books("done", refund, 30000)
        for _ in range(5):
            self._post(self.wechat, headers, body, 204)
        self._tell(refund, "SUCCESS")
        self._assert_books("done", refund, 30000)
        self.assertFalse(self._told())

    def test_a_notice_of_failure_brings_it_back(self):
        for status in ("ABNORMAL", "CLOSED"):
            refund = self._held(self._paid(fen=20000))
            before, told = self._balance(self.a), len(self._told())
            self._send(refund)
            headers, body = self._tell(refund, status)
            self._post(self.wechat, headers, body, 204)
            self._assert_books("held", refund, before)
            self.assertEqual(refund.gateway_state, status.lower())
            self.assertEqual(len(self._told()), told + 1)

    def test_paid_after_it_was_given_back_is_told_once(self):
        refund = self._held()
        self._send(refund)
        self._tell(refund, "ABNORMAL")
        refund.action_release()
        told = len(self._told())
        self._tell(refund, "SUCCESS")
        self._tell(refund, "SUCCESS")
        self._assert_books("released", refund, 50000)
        self.assertEqual(len(self._told()), told + 1)

    def test_a_refund_is_no_payment(self):
        """Of an order whose payment we never heard of nothing is credited (SEC-P8)."""
        recharge = self._order()
        self.gateway.pay(recharge.code)
        self.gateway.refunds["OUTSIDE1"] = {
            "fen": 50000,
            "reference": recharge.code,
            "status": "SUCCESS",
        }
        headers, body = self.gateway.wechat_refund_notice("OUTSIDE1")
        self._post(self.wechat, headers, body, 204)
        self._assert_unpaid(recharge)
        self.assertEqual(len(self._told()), 1)

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_notices_that_are_not_ours(self):
        refund = self._held()
        self._send(refund)
        self._tell(refund, "SUCCESS", 401, mchid="1900000002")
        self._tell(refund, "SUCCESS", 401, out_trade_no="HL00000000")
        wrong = {"total": 50000, "refund": 20001, "currency": "CNY"}
        self._tell(refund, "SUCCESS", 401, amount=wrong)
        self._tell(refund, "SUCCESS", 401, amount="20000")
        self._assert_books("sent", refund, 30000)
        self._tell(refund, "SUCCESS")
        self._assert_books("done", refund, 30000)

    def test_late_notice_of_the_first_turn(self):
        refund = self._held()
        self._send(refund)
        first = refund.gateway_number
        self._tell(refund, "CLOSED")
        self._send(refund)
        headers, body = self.gateway.wechat_refund_notice(first)
        self._post(self.wechat, headers, body, 204)
        self._assert_books("sent", refund, 30000)

    def test_alipay_notice_makes_us_ask(self):
        refund = self._held(self._paid("alipay"))
        self.gateway.faults["refund"] = "later"
        self._send(refund)
        self._set(refund, "SUCCESS")
        code = refund.recharge_id.code
        body = self.gateway.alipay_notice(
            code,
            out_biz_no=refund.gateway_number,
            refund_fee="200.00",
            gmt_refund="2026-01-01 10:00:00.000",
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        self._post(self.alipay, headers, body, 200)
        self._assert_books("sent", refund, 30000)
        self.env["huolie.refund"]._find_to_ask()._drive_safely()
        self._assert_books("done", refund, 30000)

    def test_alipay_refund_of_an_unknown_payment_credits_nothing(self):
        recharge = self._order("alipay")
        self.gateway.pay(recharge.code)
        body = self.gateway.alipay_notice(
            recharge.code, refund_fee="500.00", trade_status="TRADE_SUCCESS"
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        self._post(self.alipay, headers, body, 200)
        self._assert_unpaid(recharge)


@tagged("post_install", "-at_install")
class TestRefundPeers(RefundCase):
    """Independent clients pay back and ask at our simulator; we read what they do."""

    def test_wechatpayv3(self):
        from wechatpayv3 import WeChatPay, WeChatPayType

        peer = WeChatPay(
            wechatpay_type=WeChatPayType.NATIVE,
            mchid=MCHID,
            private_key=self.gateway.our_private,
            cert_serial_no=SERIAL,
            apiv3_key=API_KEY,
            appid=APPID,
            public_key=self.gateway.their_public,
            public_key_id=PLATFORM,
        )
        peer._core._gate_way = self.gateway.base
        refund = self._held()
        self._send(refund)
        code, text = peer.query_refund(refund.gateway_number)
        self.assertEqual(code, 200, text)
        self.assertIn(b"PROCESSING", text)
        # The peer sends our number again: the gateway knows it, nothing is paid twice.
        code, text = peer.refund(
            out_refund_no=refund.gateway_number,
            amount={"refund": 20000, "total": 50000, "currency": "CNY"},
            out_trade_no=refund.recharge_id.code,
            notify_url=self.wechat._get_huolie_notify_url(),
        )
        self.assertEqual(code, 200, text)
        self.assertEqual(len(self.gateway.refunds), 1)
        self._set(refund, "SUCCESS")
        headers, body = self.gateway.wechat_refund_notice(refund.gateway_number)
        read = peer.callback(
            {**headers, "Wechatpay-Signature-Type": ALGORITHM}, body.encode()
        )
        self.assertEqual(read["event_type"], "REFUND.SUCCESS")
        self.assertEqual(read["resource"]["out_refund_no"], refund.gateway_number)

    def test_python_alipay_sdk_checks_our_questions(self):
        from alipay import AliPay

        plays = AliPay(
            appid="x",
            app_notify_url=None,
            app_private_key_string=self.gateway.their_private,
            alipay_public_key_string=self.gateway.our_public,
            sign_type="RSA2",
        )
        biz = {"out_trade_no": "HLPEER04", "out_request_no": "HLPEER04R1"}
        params = alipay.request_params(
            "app", self.gateway.our_private, "alipay.trade.fastpay.refund.query", biz
        )
        signature = params.pop("sign")
        self.assertTrue(plays._verify(alipay.signed_text(params), signature))
        notice = {"out_trade_no": "HLPEER04", "refund_fee": "1.00", "notify_id": "n"}
        notice["sign"] = plays._sign(alipay.signed_text(notice))
        notice["sign_type"] = "RSA2"
        read = alipay.read_notice(urlencode(notice).encode(), self.gateway.their_public)
        self.assertEqual(alipay.read_refund_notice(read)["state"], "ask")
