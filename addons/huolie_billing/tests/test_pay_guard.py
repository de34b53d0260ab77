import json
import logging
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import file_open, mute_logger

from odoo.addons.payment.utils import generate_access_token

from ..services import flood, gateway, outbound, wechat
from .gateway import new_keys
from .test_pay import NoticeCase, PayCase

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ROUTES = "odoo.addons.huolie_billing.controllers.pay"


class Trap:
    """A server that answers as it is told and keeps what it was sent."""

    def __init__(self, answer):
        trap, self.heard = self, []

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                trap.heard.append((self.path, dict(self.headers)))
                with suppress(OSError):  # the caller went away
                    answer(self)

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def say(http, status, body=b"", **headers):
    http.send_response(status)
    for name, value in headers.items():
        http.send_header(name, value)
    http.send_header("Content-Length", str(len(body)))
    http.end_headers()
    http.wfile.write(body)


@tagged("post_install", "-at_install")
class TestOutbound(PayCase):
    """What we send is signed: it goes to the gateway alone, and does not wait long."""

    def _trap(self, answer):
        trap = Trap(answer)
        self.addCleanup(trap.stop)
        return trap

    def _point_to(self, url):
        self.wechat.huolie_base_url = url
        self.alipay.huolie_base_url = f"{url}/gateway.do"

    def _calls(self, code):
        """Every kind of call: create, query, close, refund, query of a refund."""
        recharge = self._order()
        tx = recharge.sudo().tx_id
        for provider in (self.wechat, self.alipay):
            yield lambda p=provider: p._huolie_query(recharge.code)
            yield lambda p=provider: p._huolie_close(recharge.code)
            yield lambda p=provider: p._huolie_refund(tx, 100, "HLR1", "back")
            yield lambda p=provider: p._huolie_query_refund(tx, "HLR1")

    def test_redirects_are_not_followed(self):
        calls = list(self._calls("x"))
        for status in (301, 302, 303, 307, 308):
            other = self._trap(lambda http: say(http, 200, b"{}"))
            first = self._trap(
                lambda http, s=status, o=other: say(http, s, Location=f"{o.url}/x")
            )
            self._point_to(first.url)
            for call in calls:
                with self.assertRaises(gateway.GatewayError) as found:
                    call()
                self.assertFalse(found.exception.refused)
            with self.assertRaises(UserError):
                self._order()
            self.assertEqual(len(first.heard), len(calls) + 1)
            self.assertEqual(other.heard, [])

    def test_netrc_does_not_replace_our_signature(self):
        trap = self._trap(lambda http: say(http, 500))
        self._point_to(trap.url)
        with (
            patch("requests.sessions.get_netrc_auth", return_value=("eve", "pw")),
            self.assertRaises(gateway.GatewayError),
        ):
            self.wechat._huolie_query("HL0000001")
        header = trap.heard[0][1]["Authorization"]
        self.assertTrue(header.startswith("WECHATPAY2-SHA256-RSA2048 "))

    def test_answers_that_never_end(self):
        def flood_body(http):
            http.send_response(200)
            http.send_header("Content-Length", str(10**9))
            http.end_headers()
            for _ in range(10**5):
                http.wfile.write(b"x" * 65536)

        trap = self._trap(flood_body)
        self._point_to(trap.url)
        for provider in (self.wechat, self.alipay):
            with self.assertRaises(gateway.GatewayError) as found:
                provider._huolie_query("HL0000001")
            self.assertEqual(found.exception.code, "too_large")

    def test_answers_in_drops(self):
        def drip(http):
            http.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(100):
                time.sleep(0.1)
                http.wfile.write(b"x")

        trap = self._trap(drip)
        self._point_to(trap.url)
        for provider in (self.wechat, self.alipay):
            begin = time.monotonic()
            with (
                patch.object(outbound, "DEADLINE", 0.5),
                self.assertRaises(gateway.GatewayError) as found,
            ):
                provider._huolie_query("HL0000001")
            self.assertEqual(found.exception.code, "unreachable")
            self.assertLess(time.monotonic() - begin, 3)

    def test_deep_answers_are_no_error(self):
        for body in (b"[" * 100_000, b"5", b"null", b"\xff"):
            trap = self._trap(lambda http, b=body: say(http, 400, b))
            self._point_to(trap.url)
            for provider in (self.wechat, self.alipay):
                with self.assertRaises(gateway.GatewayError):
                    provider._huolie_query("HL0000001")

    def test_other_address_whatever_the_database_says(self):
        """Where the rule of the model was gone round, the official address holds."""
        trap = self._trap(lambda http: say(http, 200, b"{}"))
        self._point_to(trap.url)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_provider SET state = 'enabled' WHERE id IN %s",
            [(self.wechat.id, self.alipay.id)],
        )
        self.env.invalidate_all()
        asked = []

        def send(method, url, data, headers):
            asked.append(url)
            raise gateway.GatewayError("unreachable")

        with patch.object(outbound, "send", send):
            for provider in (self.wechat, self.alipay):
                with self.assertRaises(gateway.GatewayError):
                    provider._huolie_query("HL0000001")
        self.assertTrue(asked[0].startswith(f"{wechat.BASE}/v3/"))
        self.assertEqual(asked[1], "https://openapi.alipay.com/gateway.do")
        self.assertEqual(trap.heard, [])

    def test_address_must_be_one(self):
        for url in ("file:///etc/passwd", "gopher://x", "x", "http://"):
            with self.assertRaises(ValidationError):
                self.wechat.huolie_base_url = url

    def test_a_copied_database_has_no_keys(self):
        self.env.flush_all()
        with file_open("huolie_billing/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        recharge = self.env["huolie.recharge"]
        for provider in (self.wechat, self.alipay):
            before = len(self.gateway.calls)
            with self.assertRaises(gateway.GatewayError) as found:
                provider._huolie_close("HL0000001")
            self.assertEqual(found.exception.code, "bad_key")
            self.assertEqual(len(self.gateway.calls), before)
        self.assertFalse(recharge)


@tagged("post_install", "-at_install")
class TestFlood(NoticeCase):
    """Rubbish is limited before it costs anything; what is signed is always taken."""

    def setUp(self):
        super().setUp()
        flood.reset()
        self.addCleanup(flood.reset)

    def _rubbish(self, times):
        key = new_keys()[0]
        headers, body = self.gateway.wechat_notice("HLRUBBISH", key=key)
        return [self._send(self.wechat, headers, body) for _ in range(times)]

    def test_signed_notices_pass_whatever_came_from_the_address(self):
        recharge, ali = self._order(), self._order("alipay")
        for one in (recharge, ali):
            self.gateway.pay(one.code)
        with (
            patch.dict(flood.LIMITS, notice=(5, 60)),
            self.assertLogs(ROUTES, logging.INFO) as logs,
        ):
            answers = self._rubbish(12)
            self.assertEqual([a.status_code for a in answers], [401] * 5 + [429] * 7)
            self.assertEqual(answers[-1].json()["code"], "FAIL")
            wrong = self.gateway.alipay_notice(ali.code, key=new_keys()[0])
            answer = self._send(self.alipay, FORM, wrong)
            self.assertEqual((answer.status_code, answer.text), (429, "fail"))
            self._wechat(recharge)
            self._alipay(ali)
        self.assertEqual((recharge.state, ali.state), ("approved", "approved"))
        self.assertEqual(len(logs.output), 6, logs.output)  # 5 and a warning, not 13

    def test_rubbish_costs_no_statement(self):
        providers = self.env["payment.provider"]
        headers, body = self.gateway.wechat_notice("HLRUBBISH", key=new_keys()[0])
        self.gateway.pay("HLRUBBISH", 100)
        ali = self.gateway.alipay_notice("HLRUBBISH", key=new_keys()[0])
        self.env.flush_all()
        providers._get_huolie_notice_keys()
        with self.assertQueryCount(0):
            for code, provider, sent in (
                ("huolie_wechat", self.wechat, body.encode()),
                ("huolie_alipay", self.alipay, ali.encode()),
                ("huolie_wechat", self.alipay, body.encode()),
            ):
                # assertRaises would make savepoints: statements, too
                try:
                    providers._huolie_check_notice(code, provider.id, headers, sent)
                except gateway.GatewayError:
                    continue
                self.fail("rubbish was taken")

    def test_rubbish_is_not_read(self):
        provider = type(self.wechat)
        with patch.object(provider, "_huolie_read_notice") as read:
            self._rubbish(1)
            headers, body = self.gateway.wechat_notice("HLRUBBISH")
            self._send(self.wechat, headers, body + " ")
            read.assert_not_called()

    def test_keys_known_to_a_process_follow_changes(self):
        one, two = self._order(), self._order()
        for order in (one, two):
            self.gateway.pay(order.code)
        self._wechat(one)
        keys = self.wechat.huolie_public_keys
        self.wechat.huolie_public_keys = json.dumps({"OTHER": new_keys()[2]})
        self._wechat(two, 401)
        self.wechat.huolie_public_keys = keys
        self.wechat.state = "disabled"
        self._wechat(two, 401)
        self.wechat.state = "test"
        self._wechat(two)
        self.assertEqual((one.state, two.state), ("approved", "approved"))

    def test_counts_do_not_grow(self):
        with patch.object(flood.FLOOD, "most", 50):
            for number in range(500):
                flood.take("notice", "db", f"2001:db8::{number:x}")
                self.assertLessEqual(len(flood.FLOOD.counts), 51)

    def test_a_new_window_forgets(self):
        now = time.monotonic()
        times, seconds = flood.LIMITS["notice"]
        for _ in range(times):
            self.assertEqual(flood.take("notice", "db", "a"), 0)
        self.assertEqual(flood.take("notice", "db", "a"), 1)
        self.assertEqual(flood.take("notice", "db", "b"), 0)
        with patch.object(time, "monotonic", return_value=now + seconds + 1):
            self.assertEqual(flood.take("notice", "db", "a"), 0)

    def test_large_bodies_are_not_even_checked(self):
        for kind in ("application/json", "text/plain", "", FORM["Content-Type"]):
            for provider in (self.wechat, self.alipay):
                with patch.object(type(self.wechat), "_huolie_check_notice") as check:
                    sent = {"Content-Type": kind}
                    answer = self._send(provider, sent, b"a=" + b"x" * 70_000)
                    self.assertEqual(answer.status_code, 413)
                    self.assertLess(len(answer.content), 2000)
                    check.assert_not_called()

    def test_people_are_told_in_words(self):
        chinese = self.admin_a
        with patch.dict(flood.LIMITS, order=(2, 600)):
            for _ in range(2):
                self._begin(chinese)
            with self.assertRaises(UserError) as found:
                self._begin(chinese)
            self.assertIn("ten minutes", found.exception.args[0])
            with self.assertRaises(UserError) as found:
                self._begin(chinese, "zh_CN")
            self.assertIn("十分钟", found.exception.args[0])
            # bank transfers and other enterprises are not concerned
            self._file(self.a, 50000)
            self.b.verified = True
            self._begin(self.admin_b)

    def _begin(self, user, lang="en_US"):
        wizard = self.env["huolie.recharge.wizard"].with_user(user)
        page = Form(wizard.with_context(lang=lang))
        page.amount = "500"
        return page.save().action_confirm()

    def test_coming_back_often_or_with_rubbish_is_no_error(self):
        recharge = self._order("alipay")
        self._log_in(self.admin_a)
        back = "/huolie/pay/back?out_trade_no="
        for code in (
            "%00",
            "%27",
            "x" * 5000,
            "%F0%9F%98%80",
            "%ED%A0%80",
            "1&out_trade_no=2",
        ):
            answer = self.url_open(back + code, allow_redirects=False)
            self.assertEqual(answer.status_code, 303, code)
        answer = self.url_open(back + recharge.code, allow_redirects=False)
        self.assertTrue(answer.headers["Location"].endswith(f"/{recharge.id}"))
        flood.reset()
        with patch.dict(flood.LIMITS, back=(1, 60)):
            for end in (f"/{recharge.id}", "action_mine"):
                answer = self.url_open(back + recharge.code, allow_redirects=False)
                self.assertEqual(answer.status_code, 303)
                self.assertTrue(answer.headers["Location"].endswith(end))


@tagged("post_install", "-at_install")
class TestStockPages(NoticeCase):
    """Odoo's own payment pages are public: our gateways are not on them."""

    def setUp(self):
        super().setUp()
        (self.wechat | self.alipay).is_published = True
        self.portal = new_test_user(self.env, "t_portal", "base.group_portal")
        self.portal.partner_id.company_id = self.a._get_billing_company()

    def _pay_page(self):
        company = self.a._get_billing_company()
        return self.url_open(
            f"/payment/pay?amount=500&currency_id={company.currency_id.id}"
            f"&company_id={company.id}"
        ).text

    def _transact(self, token, provider, partner, **change):
        params = {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id
            or self.env.ref("payment.payment_method_wechat_pay").id,
            "token_id": None,
            "amount": 500,
            "currency_id": self.a._get_billing_company().currency_id.id,
            "partner_id": partner.id,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "/payment/confirmation",
            "access_token": token,
            **change,
        }
        answer = self.url_open(
            "/payment/transaction", json={"jsonrpc": "2.0", "params": params}
        ).json()
        return json.dumps(answer["error"]["data"]) if "error" in answer else "taken"

    def test_not_offered(self):
        company = self.a._get_billing_company()
        found = self.env["payment.provider"]._get_compatible_providers(
            company.id,
            self.portal.partner_id.id,
            500,
            currency_id=company.currency_id.id,
        )
        self.assertFalse(found & (self.wechat | self.alipay))
        self.authenticate(self.portal.login, self.portal.login)
        page = self._pay_page()
        self.assertNotIn(f'data-provider-id="{self.wechat.id}"', page)
        self.assertNotIn("huolie_wechat", page)

    @mute_logger("odoo.http")
    def test_no_transaction_of_ours_by_anybody(self):
        company = self.a._get_billing_company()
        recharge = self._order()
        only = json.dumps("此支付方式仅用于充值。").strip('"')
        (self.portal | self.admin_a).lang = "zh_CN"
        count = self.env["payment.transaction"].search_count([])
        for user in (self.portal, self.admin_a):
            self._log_in(user)
            partner = user.partner_id
            token = generate_access_token(
                partner.id, 500.0, company.currency_id.id, env=self.env
            )
            for provider in (self.wechat, self.alipay):
                for flow in ("redirect", "direct"):
                    prefix = {"flow": flow, "reference_prefix": recharge.code}
                    said = self._transact(token, provider, partner, **prefix)
                    if user == self.portal:
                        self.assertIn("ValidationError", said)
                        self.assertIn(only, said)
                    else:  # people of enterprises: no page of that kind is there
                        self.assertIn("NotFound", said)
            said = self._transact("wrong", self.wechat, partner)
            self.assertIn("Forbidden" if user == self.portal else "NotFound", said)
        self.env.invalidate_all()
        self.assertEqual(self.env["payment.transaction"].search_count([]), count)
        self._assert_unpaid(recharge)

    def test_confirmation_of_a_foreign_order_is_not_there(self):
        tx = self._order().sudo().tx_id
        answer = self.url_open(f"/payment/confirmation?tx_id={tx.id}&access_token=x")
        self.assertEqual(answer.status_code, 404)
        self.assertNotIn(tx.reference, answer.text)
        status = self.make_jsonrpc_request("/payment/status/poll", {})
        self.assertNotIn(tx.reference, json.dumps(status))
