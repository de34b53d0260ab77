"""A payment gateway on loopback: WeChat Pay v3 and Alipay, with true signatures.

It verifies what we send with our public key and signs what it answers with its own.
``faults`` makes it misbehave: ``{"query": "timeout" | 500, "refund": "refuse", …}``.
"""

import base64
import html
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

APPID, MCHID, SERIAL = "wx8888888888888888", "1900000001", "OURSERIAL0001"
PLATFORM = "PUB_KEY_ID_0119000000012026"
ALI_APP, SELLER = "2021000000000001", "2088000000000001"
API_KEY = "0123456789abcdef0123456789abcdef"
ALGORITHM = "WECHATPAY2-SHA256-RSA2048"


def new_keys():
    """Return ``(key object, private PEM, public PEM)``."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key, private.decode(), public.decode()


def rsa_sign(key, message):
    return base64.b64encode(
        key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    ).decode()


def rsa_verify(key, message, signature):
    key.public_key().verify(
        base64.b64decode(signature),
        message.encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )


class Gateway:
    """Both gateways; ``start()`` it, ``setup(provider)`` ours, ``stop()``."""

    def __init__(self):
        self.ours, self.our_private, self.our_public = new_keys()
        self.theirs, self.their_private, self.their_public = new_keys()
        self.orders, self.refunds, self.calls = {}, {}, []
        # what becomes of a new refund of WeChat; the clock both sides go by
        self.refund_status, self.clock = "PROCESSING", lambda: time.time()
        self.faults = {}
        self.notify_url = {}

    def start(self):
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                gateway.handle(self, b"")

            def do_POST(self):
                size = int(self.headers.get("Content-Length") or 0)
                gateway.handle(self, self.rfile.read(size))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def setup(self, provider):
        """Let our provider talk to this gateway."""
        provider.write(self.values(provider.code))

    def values(self, code):
        """Return what our provider of a code must know of this gateway."""
        wechat = code == "huolie_wechat"
        return {
            "huolie_base_url": self.base + ("" if wechat else "/gateway.do"),
            "huolie_app_id": APPID if wechat else ALI_APP,
            "huolie_merchant": MCHID if wechat else SELLER,
            "huolie_serial": SERIAL,
            "huolie_private_key": self.our_private,
            "huolie_api_key": API_KEY,
            "huolie_public_keys": json.dumps({PLATFORM: self.their_public})
            if wechat
            else self.their_public,
            "state": "test",
        }

    def pay(self, reference, fen=None):
        """Let the payer pay an order."""
        order = self.orders.setdefault(reference, {"fen": fen or 0})
        order.update(state="SUCCESS", fen=fen or order["fen"], id=secrets.token_hex(12))
        return order

    # === HTTP === #
    def handle(self, http, body):
        path = http.path
        self.calls.append(path)
        if "method=alipay.trade.page.pay" in path:
            return self.cashier(http)
        if path == "/favicon.ico":
            return http.send_error(404)
        if path.startswith("/v3/"):
            status, answer = self.wechat(http, path, body.decode())
        else:
            # some clients send everything in the address
            sent = body.decode() or urlsplit(path).query
            status, answer = self.alipay(dict(parse_qsl(sent)))
        if status is None:
            http.close_connection = True
            return
        data = answer.encode()
        http.send_response(status)
        for name, value in self.sign_answer(answer).items():
            http.send_header(name, value)
        http.send_header("Wechatpay-Signature-Type", ALGORITHM)
        http.send_header("Content-Length", str(len(data)))
        http.end_headers()
        http.wfile.write(data)

    def sign_answer(self, body, key=None, stamp=None, serial=PLATFORM):
        stamp, nonce = str(int(stamp or self.clock())), secrets.token_hex(8)
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": serial,
            "Wechatpay-Signature": rsa_sign(
                key or self.theirs, f"{stamp}\n{nonce}\n{body}\n"
            ),
        }

    def _fault(self, name):
        fault = self.faults.get(name)
        if fault == "timeout":
            return None, ""
        if isinstance(fault, int):
            return fault, json.dumps({"code": "SYSTEM_ERROR"})
        return ()

    # === WECHAT === #
    def wechat(self, http, path, body):
        self._check_authorization(
            http.headers["Authorization"], http.command, path, body
        )
        url = urlsplit(path)
        if url.path.endswith("/native"):
            return self._fault("create") or self._create(json.loads(body))
        if url.path.endswith("/refunds"):
            return self._fault("refund") or self._refund(json.loads(body))
        if "/refunds/" in url.path:
            return self._fault("ask_refund") or self._ask_refund(url.path)
        reference = url.path.removesuffix("/close").rsplit("/", 1)[1]
        if url.path.endswith("/close"):
            return self._fault("close") or self._close(reference)
        return self._fault("query") or (200, json.dumps(self.wechat_order(reference)))

    def _check_authorization(self, header, method, path, body):
        kind, _sep, rest = header.partition(" ")
        assert kind == "WECHATPAY2-SHA256-RSA2048"
        parts = dict(item.split("=", 1) for item in rest.split(","))
        parts = {name: value.strip('"') for name, value in parts.items()}
        assert parts["mchid"] == MCHID and parts["serial_no"] == SERIAL
        assert abs(self.clock() - int(parts["timestamp"])) < 300
        text = f"{method}\n{path}\n{parts['timestamp']}\n{parts['nonce_str']}\n{body}\n"
        rsa_verify(self.ours, text, parts["signature"])

    def _create(self, order):
        assert order["amount"]["currency"] == "CNY" and order["appid"] == APPID
        assert "?" not in order["notify_url"]
        reference = order["out_trade_no"]
        assert 6 <= len(reference) <= 32
        self.orders[reference] = {"fen": order["amount"]["total"], "state": "NOTPAY"}
        self.notify_url[reference] = order["notify_url"]
        return 200, json.dumps({"code_url": f"weixin://wxpay/bizpayurl?pr={reference}"})

    def _close(self, reference):
        order = self.orders[reference]
        if order["state"] in ("SUCCESS", "REFUND"):
            return 400, json.dumps({"code": "ORDER_PAID"})
        order["state"] = "CLOSED"
        if self.faults.get("close") == "paid_meanwhile":
            self.pay(reference)
        return 204, ""

    def _refund(self, refund):
        if self.faults.get("refund") == "refuse":
            return 403, json.dumps({"code": "NOT_ENOUGH"})
        number, amount = refund["out_refund_no"], refund["amount"]
        assert refund["notify_url"].count("/huolie/pay/wechat/") == 1
        assert amount["total"] == self.orders[refund["out_trade_no"]]["fen"]
        self._add_refund(
            number, refund["out_trade_no"], amount["refund"], self.refund_status
        )
        if self.faults.get("refund") == "lost_answer":
            return None, ""
        return 200, json.dumps(self.wechat_refund(number))

    def _add_refund(self, number, reference, fen, status):
        """The same number pays once; all of an order never more than the order."""
        assert len(number) <= 64 and number.replace("-", "").isalnum()
        known = self.refunds.setdefault(
            number, {"fen": fen, "reference": reference, "status": status, "times": 0}
        )
        assert (known["fen"], known["reference"]) == (fen, reference)
        known["times"] += 1
        mine = [r for r in self.refunds.values() if r["reference"] == reference]
        live = sum(r["fen"] for r in mine if r["status"] != "CLOSED")
        assert live <= self.orders[reference]["fen"]

    def paid_back(self, reference=None):
        """How many fen went back to payers (of one order)."""
        return sum(
            refund["fen"]
            for refund in self.refunds.values()
            if refund["status"] == "SUCCESS"
            and reference in (None, refund["reference"])
        )

    def _ask_refund(self, path):
        number = path.rsplit("/", 1)[1]
        if number not in self.refunds:
            return 404, json.dumps({"code": "RESOURCE_NOT_EXISTS"})
        return 200, json.dumps(self.wechat_refund(number))

    def wechat_refund(self, number, **change):
        refund = self.refunds[number]
        data = {
            "refund_id": f"503{number}",
            "out_refund_no": number,
            "out_trade_no": refund["reference"],
            "status": refund["status"],
            "amount": {
                "total": self.orders[refund["reference"]]["fen"],
                "refund": refund["fen"],
                "currency": "CNY",
            },
        }
        return {**data, **change}

    def wechat_order(self, reference, **change):
        order = self.orders.get(reference) or {"fen": 0, "state": "NOTPAY"}
        data = {
            "appid": APPID,
            "mchid": MCHID,
            "out_trade_no": reference,
            "trade_state": order["state"],
        }
        if order["state"] == "SUCCESS":
            data["transaction_id"] = order["id"]
            data["amount"] = {"total": order["fen"], "currency": "CNY"}
        return {**data, **change}

    def wechat_notice(
        self,
        reference,
        event=None,
        key=None,
        stamp=None,
        serial=PLATFORM,
        kind="TRANSACTION.SUCCESS",
        api_key=API_KEY,
        **change,
    ):
        """Return ``(headers, body)`` of a notice; the arguments make it wrong."""
        data = self.wechat_order(reference, **change)
        return self._wechat_notice(data, event, key, stamp, serial, kind, api_key)

    def wechat_refund_notice(self, number, event=None, kind=None, **change):
        """Return ``(headers, body)`` of a notice about a refund."""
        data = self.wechat_refund(number, mchid=MCHID)
        data["refund_status"] = data.pop("status")
        data = {**data, **change}
        kind = kind or f"REFUND.{data['refund_status']}"
        return self._wechat_notice(
            data, event, None, None, PLATFORM, kind, API_KEY, b"refund"
        )

    def _wechat_notice(
        self, data, event, key, stamp, serial, kind, api_key, about=b"transaction"
    ):
        nonce = secrets.token_hex(6)
        plain = json.dumps(data).encode()
        cipher = AESGCM(api_key.encode()).encrypt(nonce.encode(), plain, about)
        body = json.dumps(
            {
                "id": event or secrets.token_hex(16),
                "event_type": kind,
                "resource_type": "encrypt-resource",
                "resource": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": base64.b64encode(cipher).decode(),
                    "nonce": nonce,
                    "associated_data": about.decode(),
                },
            }
        )
        headers = self.sign_answer(body, key, stamp, serial)
        headers["Content-Type"] = "application/json"
        return headers, body

    # === ALIPAY === #
    def cashier(self, http):
        """Show the page that a payer of Alipay sees, with a link to go back by."""
        params = dict(parse_qsl(urlsplit(http.path).query))
        signature = params.pop("sign")
        text = "&".join(f"{k}={v}" for k, v in sorted(params.items()) if v)
        rsa_verify(self.ours, text, signature)
        biz = json.loads(params["biz_content"])
        reference, amount = biz["out_trade_no"], biz["total_amount"]
        fen = round(float(amount) * 100)
        self.orders.setdefault(reference, {"fen": fen, "state": "NOTPAY"})
        self.notify_url[reference] = params["notify_url"]
        back = params["return_url"] + "?" + urlencode({"out_trade_no": reference})
        page = (
            '<!doctype html><meta charset="utf-8"><title>收银台</title>'
            f"<h1>{html.escape(amount)}</h1>"
            f'<a id="back" href="{html.escape(back)}">返回商家</a>'
        ).encode()
        http.send_response(200)
        http.send_header("Content-Type", "text/html; charset=utf-8")
        http.send_header("Content-Length", str(len(page)))
        http.end_headers()
        http.wfile.write(page)

    def alipay(self, params):
        signature = params.pop("sign")
        text = "&".join(f"{k}={v}" for k, v in sorted(params.items()) if v)
        rsa_verify(self.ours, text, signature)
        assert params["app_id"] == ALI_APP and params["sign_type"] == "RSA2"
        method, biz = params["method"], json.loads(params["biz_content"])
        name = method.removeprefix("alipay.trade.").replace(".", "_")
        fault = self._fault(name)
        if fault:
            return fault
        content = getattr(self, f"alipay_{name}")(biz)
        raw = json.dumps(content, ensure_ascii=False)
        key = method.replace(".", "_") + "_response"
        return 200, f'{{"{key}":{raw},"sign":"{rsa_sign(self.theirs, raw)}"}}'

    def alipay_query(self, biz):
        order = self.orders.get(biz["out_trade_no"])
        if not order or order["state"] == "NOTPAY":
            return {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}
        states = {"SUCCESS": "TRADE_SUCCESS", "CLOSED": "TRADE_CLOSED"}
        return {
            "code": "10000",
            "msg": "Success {with} braces",
            "out_trade_no": biz["out_trade_no"],
            "trade_no": order.get("id", ""),
            "trade_status": states[order["state"]],
            "total_amount": f"{order['fen'] / 100:.2f}",
        }

    def alipay_close(self, biz):
        self.orders.setdefault(biz["out_trade_no"], {"fen": 0, "state": "NOTPAY"})
        self._close(biz["out_trade_no"])
        return {"code": "10000", "out_trade_no": biz["out_trade_no"]}

    def alipay_refund(self, biz):
        if self.faults.get("refund") == "refuse":
            return {"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}
        number, reference = biz["out_request_no"], biz["out_trade_no"]
        again = number in self.refunds
        fen = round(float(biz["refund_amount"]) * 100)
        late = self.faults.get("refund") == "later"
        self._add_refund(number, reference, fen, "PROCESSING" if late else "SUCCESS")
        change = "N" if again or late else "Y"
        return {"code": "10000", "fund_change": change, "out_trade_no": reference}

    def alipay_fastpay_refund_query(self, biz):
        refund = self.refunds.get(biz["out_request_no"])
        if not refund or refund["status"] != "SUCCESS":
            return {"code": "10000", "msg": "Success"}
        return {
            "code": "10000",
            "out_trade_no": biz["out_trade_no"],
            "out_request_no": biz["out_request_no"],
            "refund_amount": f"{refund['fen'] / 100:.2f}",
            "refund_status": "REFUND_SUCCESS",
        }

    def alipay_notice(self, reference, key=None, drop=(), **change):
        """Return the form body of a notice; the arguments make it wrong."""
        order = self.orders[reference]
        params = {
            "app_id": ALI_APP,
            "seller_id": SELLER,
            "notify_id": secrets.token_hex(16),
            "out_trade_no": reference,
            "trade_no": order.get("id", "2026"),
            "trade_status": "TRADE_SUCCESS",
            "total_amount": f"{order['fen'] / 100:.2f}",
            "subject": "充值 {a} & b=c",
            **change,
        }
        text = "&".join(f"{k}={v}" for k, v in sorted(params.items()) if v != "")
        params["sign"] = rsa_sign(key or self.theirs, text)
        params["sign_type"] = "RSA2"
        for name in drop:
            params.pop(name)
        return urlencode(params)
