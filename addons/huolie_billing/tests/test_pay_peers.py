import datetime
import json
import secrets
from urllib.parse import parse_qsl, urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from odoo.tests import tagged

from ..services import alipay, gateway, wechat
from .gateway import (
    ALGORITHM,
    ALI_APP,
    API_KEY,
    APPID,
    MCHID,
    PLATFORM,
    SELLER,
    SERIAL,
    new_keys,
)
from .test_pay import PayCase


def certificate(key):
    """Return ``(certificate, PEM, serial)`` as a gateway's platform certificate."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Gateway")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(secrets.token_hex(19), 16) + 16**38)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return made, pem, f"{made.serial_number:X}"


@tagged("post_install", "-at_install")
class TestWechatPeer(PayCase):
    """wechatpayv3 as a merchant beside us: same gateway, same keys, same notices."""

    def _peer(self, **keys):
        from wechatpayv3 import WeChatPay, WeChatPayType

        keys = keys or {
            "public_key": self.gateway.their_public,
            "public_key_id": PLATFORM,
        }
        peer = WeChatPay(
            wechatpay_type=WeChatPayType.NATIVE,
            mchid=MCHID,
            private_key=self.gateway.our_private,
            cert_serial_no=SERIAL,
            apiv3_key=API_KEY,
            appid=APPID,
            notify_url=self.wechat._get_huolie_notify_url(),
            **keys,
        )
        peer._core._gate_way = self.gateway.base
        return peer

    def _read_both(self, headers, body, peer, keys):
        """Read a notice with the peer and with ours; both see the same."""
        headers = {**headers, "Wechatpay-Signature-Type": ALGORITHM}
        theirs = peer.callback(headers, body)
        event, kind, ours = wechat.read_notice(headers, body.encode(), keys, API_KEY)
        self.assertEqual((theirs["id"], theirs["event_type"]), (event, kind))
        self.assertEqual(theirs["resource"], ours)
        return ours

    def test_it_pays_asks_and_closes_where_we_do(self):
        """The simulator checks its signatures as ours, and it checks the answers."""
        peer = self._peer()
        code, text = peer.pay(
            description="x",
            out_trade_no="HLPEER10",
            amount={"total": 100, "currency": "CNY"},
        )
        self.assertEqual(code, 200, text)
        self.assertIn("weixin://", json.loads(text)["code_url"])
        self.assertEqual(self.wechat._huolie_query("HLPEER10")["state"], "open")
        recharge = self._order()
        code, text = peer.query(out_trade_no=recharge.code)
        self.assertEqual((code, json.loads(text)["trade_state"]), (200, "NOTPAY"))
        self.gateway.pay(recharge.code)
        code, text = peer.query(out_trade_no=recharge.code)
        self.assertEqual((code, json.loads(text)["trade_state"]), (200, "SUCCESS"))
        code, text = peer.close("HLPEER10")
        self.assertEqual(code, 204, text)
        self.assertEqual(self.wechat._huolie_query("HLPEER10")["state"], "closed")

    def test_notices_of_payments_and_refunds(self):
        keys = {PLATFORM: self.gateway.their_public}
        recharge = self._order()
        self.gateway.pay(recharge.code)
        notice = self.gateway.wechat_notice(recharge.code)
        data = self._read_both(*notice, self._peer(), keys)
        self.assertEqual(wechat.read_order(data, APPID, MCHID)["fen"], 50000)
        self.gateway._add_refund("HLPEERR1", recharge.code, 700, "SUCCESS")
        notice = self.gateway.wechat_refund_notice("HLPEERR1")
        data = self._read_both(*notice, self._peer(), keys)
        read = wechat.read_refund(data, MCHID)
        self.assertEqual((read["fen"], read["state"]), (700, "done"))

    def test_while_the_key_of_the_gateway_changes(self):
        new, _private, public = new_keys()
        both = {PLATFORM: self.gateway.their_public, "PUB_KEY_ID_NEW": public}
        recharge = self._order()
        self.gateway.pay(recharge.code)
        old_notice = self.gateway.wechat_notice(recharge.code)
        new_notice = self.gateway.wechat_notice(
            recharge.code, key=new, serial="PUB_KEY_ID_NEW"
        )
        self._read_both(*old_notice, self._peer(), both)
        after = self._peer(public_key=public, public_key_id="PUB_KEY_ID_NEW")
        self._read_both(*new_notice, after, both)
        for keys, notice in (
            ({PLATFORM: both[PLATFORM]}, new_notice),
            ({"PUB_KEY_ID_NEW": public}, old_notice),
        ):
            with self.assertRaises(gateway.GatewayError) as found:
                wechat.read_notice(notice[0], notice[1].encode(), keys, API_KEY)
            self.assertEqual(found.exception.code, "unknown_serial")

    def test_certificates_instead_of_a_public_key(self):
        """Older merchants have certificates: the serial is the name of the key."""
        key = new_keys()[0]
        made, pem, serial = certificate(key)
        peer = self._peer()
        peer._core._public_key = peer._core._public_key_id = None
        peer._core._certificates = [made]
        recharge = self._order()
        self.gateway.pay(recharge.code)
        notice = self.gateway.wechat_notice(recharge.code, key=key, serial=serial)
        self._read_both(*notice, peer, {serial: pem})
        wrong = self.gateway.wechat_notice(recharge.code, serial=serial)
        headers = {**wrong[0], "Wechatpay-Signature-Type": ALGORITHM}
        self.assertIsNone(peer.callback(headers, wrong[1]))
        with self.assertRaises(gateway.GatewayError):
            wechat.read_notice(headers, wrong[1].encode(), {serial: pem}, API_KEY)


@tagged("post_install", "-at_install")
class TestAlipayPeer(PayCase):
    """python-alipay-sdk on both sides: as a merchant beside us, and as the gateway."""

    def _peer(self, private, public):
        from alipay import AliPay

        return AliPay(
            appid=ALI_APP,
            app_notify_url=None,
            app_private_key_string=private,
            alipay_public_key_string=public,
            sign_type="RSA2",
        )

    def test_it_pays_back_and_closes_where_we_do(self):
        peer = self._peer(self.gateway.our_private, self.gateway.their_public)
        peer._gateway = f"{self.gateway.base}/gateway.do"
        recharge, other = self._order("alipay"), self._order("alipay")
        self.gateway.pay(recharge.code)
        answer = peer.api_alipay_trade_refund(
            refund_amount="1.00", out_trade_no=recharge.code, out_request_no="HLPEERR2"
        )
        self.assertEqual((answer["code"], answer["fund_change"]), ("10000", "Y"))
        read = self.alipay._huolie_query_refund(recharge.sudo().tx_id, "HLPEERR2")
        self.assertEqual((read["state"], read["fen"]), ("done", 100))
        answer = peer.api_alipay_trade_fastpay_refund_query(
            out_request_no="HLPEERR2", out_trade_no=recharge.code
        )
        self.assertEqual(answer["refund_status"], "REFUND_SUCCESS")
        self.assertEqual(peer.api_alipay_trade_close(other.code)["code"], "10000")

    def test_we_read_the_answers_it_signs(self):
        plays = self._peer(self.gateway.their_private, self.gateway.our_public)
        content = {"code": "10000", "out_trade_no": "HL1", "msg": "好 {x}"}
        raw = json.dumps(content, ensure_ascii=False)
        signature = plays._sign(raw)
        name = "alipay_trade_query_response"
        text = f'{{"{name}":{raw},"sign":"{signature}"}}'
        key = self.gateway.their_public
        self.assertEqual(alipay.read_answer(text, "alipay.trade.query", key), content)
        for wrong in (text.replace("HL1", "HL2"), text.replace(name, "x")):
            with self.assertRaises(gateway.GatewayError):
                alipay.read_answer(wrong, "alipay.trade.query", key)

    def test_our_requests_are_its_own(self):
        """Every kind of request we sign, it would have signed the same."""
        peer = self._peer(self.gateway.our_private, self.gateway.their_public)
        for method, biz in (
            ("alipay.trade.page.pay", {"out_trade_no": "HL1", "subject": "充值 & a=b"}),
            ("alipay.trade.query", {"out_trade_no": "HL1"}),
            ("alipay.trade.close", {"out_trade_no": "HL1"}),
            ("alipay.trade.refund", {"out_trade_no": "HL1", "refund_amount": "1.00"}),
        ):
            params = alipay.request_params(
                ALI_APP, self.gateway.our_private, method, biz, "https://n", "https://r"
            )
            signature = params.pop("sign")
            theirs = dict(parse_qsl(peer.sign_data(params), keep_blank_values=True))
            self.assertEqual(theirs["sign"], signature, method)
            self.assertEqual(json.loads(theirs["biz_content"]), biz)

    def test_certificates_instead_of_a_public_key(self):
        key, private, _public = new_keys()
        plays = self._peer(private, self.gateway.our_public)
        notice = {
            "app_id": ALI_APP,
            "seller_id": SELLER,
            "out_trade_no": "HL1",
            "trade_status": "TRADE_SUCCESS",
            "total_amount": "1.00",
        }
        notice["sign"] = plays._sign(alipay.signed_text(notice))
        body = urlencode({**notice, "sign_type": "RSA2"}).encode()
        pem = certificate(key)[1]
        read = alipay.read_trade(alipay.read_notice(body, pem), ALI_APP, SELLER)
        self.assertEqual(read["fen"], 100)
        with self.assertRaises(gateway.GatewayError):
            alipay.read_notice(body, certificate(new_keys()[0])[1])
