"""WeChat Pay API v3, the parts used here: pure protocol, no network, no database."""

import base64
import binascii
import json
import secrets
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .gateway import GatewayError, sign, verify

BASE = "https://api.mch.weixin.qq.com"
SKEW = 300
PAID, CLOSED = "SUCCESS", ("CLOSED", "REVOKED", "PAYERROR")
REFUND_STATES = {"SUCCESS": "done", "ABNORMAL": "abnormal", "CLOSED": "closed"}


def authorization(mchid, serial, key, method, path, body, now=None, nonce=None):
    """Return the Authorization header of a request.

    :param str path: path with query, as sent
    :param str body: the very text that is sent
    """
    now = str(int(time.time() if now is None else now))
    nonce = nonce or secrets.token_hex(16)
    signature = sign(key, f"{method}\n{path}\n{now}\n{nonce}\n{body}\n")
    return (
        f'WECHATPAY2-SHA256-RSA2048 mchid="{mchid}",nonce_str="{nonce}",'
        f'timestamp="{now}",serial_no="{serial}",signature="{signature}"'
    )


def check(headers, body, keys, now=None):
    """Check a notice or an answer of the gateway.

    :param headers: mapping with Wechatpay-Timestamp, -Nonce, -Serial, -Signature
    :param bytes body: the body as received
    :param dict keys: serial (or PUB_KEY_ID) → public key
    :raise GatewayError: ``no_signature``, ``old``, ``unknown_serial``,
        ``bad_signature``, ``algorithm``
    """
    stamp, nonce, serial, signature = (
        headers.get(f"Wechatpay-{name}") or ""
        for name in ("Timestamp", "Nonce", "Serial", "Signature")
    )
    kind = headers.get("Wechatpay-Signature-Type") or "WECHATPAY2-SHA256-RSA2048"
    if kind != "WECHATPAY2-SHA256-RSA2048":
        raise GatewayError("algorithm", kind)
    if not (stamp and nonce and serial and signature):
        raise GatewayError("no_signature")
    if signature.startswith("WECHATPAY/SIGNTEST/"):
        raise GatewayError("bad_signature", "probe")
    now = time.time() if now is None else now
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise GatewayError("old", "timestamp")
    if abs(now - int(stamp)) > SKEW:
        raise GatewayError("old", "timestamp")
    if serial not in keys:
        raise GatewayError("unknown_serial", serial[:64])
    message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    verify(keys[serial], message, signature)


def read_notice(headers, body, keys, api_key, now=None):
    """Check and decrypt a notice.

    :return: ``(event id, event type, resource as dict)``
    :raise GatewayError: also ``not_json``, ``bad_cipher``
    """
    check(headers, body, keys, now)
    try:
        event = json.loads(body)
        resource = event["resource"]
        if resource.get("algorithm") != "AEAD_AES_256_GCM":
            raise GatewayError("algorithm")
        plain = _cipher(api_key).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"], validate=True),
            (resource.get("associated_data") or "").encode(),
        )
        data = json.loads(plain)
        event_id, event_type = str(event["id"]), str(event["event_type"])
    except InvalidTag as error:
        raise GatewayError("bad_cipher") from error
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise GatewayError("not_json") from error
    if not isinstance(data, dict):
        raise GatewayError("not_json")
    return event_id[:64], event_type[:64], data


def read_answer(content):
    """Return the object in a checked answer; nothing there is an empty one.

    :param bytes content: as received
    :raise GatewayError: ``not_json``
    """
    try:
        data = json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        raise GatewayError("not_json") from error
    if not isinstance(data, dict):
        raise GatewayError("not_json")
    return data


def _cipher(api_key):
    try:
        return AESGCM(api_key.encode())
    except ValueError as error:
        raise GatewayError("bad_key", "API v3 key") from error


def order_body(appid, mchid, reference, fen, title, notify_url, expire):
    """Return the JSON text that creates a Native order.

    :param str expire: RFC 3339 with zone
    """
    order = {
        "appid": appid,
        "mchid": mchid,
        "description": title,
        "out_trade_no": reference,
        "time_expire": expire,
        "notify_url": notify_url,
        "amount": {"total": fen, "currency": "CNY"},
    }
    return json.dumps(order, ensure_ascii=False, separators=(",", ":"))


def read_order(data, appid, mchid):
    """Bring a transaction of WeChat into the form that both gateways share.

    :return: dict ``reference state fen currency provider_reference``
    :raise GatewayError: ``other_merchant``, ``bad_amount``
    """
    if data.get("mchid") != mchid or data.get("appid", appid) != appid:
        raise GatewayError("other_merchant")
    state = data.get("trade_state")
    amount = data.get("amount") or {}
    fen = amount.get("total") if isinstance(amount, dict) else None
    if state == PAID and (type(fen) is not int or fen <= 0):
        raise GatewayError("bad_amount")
    return {
        "reference": str(data.get("out_trade_no") or ""),
        "state": _get_state(state),
        "fen": fen,
        "currency": amount.get("currency", "CNY") if fen else "CNY",
        "provider_reference": str(data.get("transaction_id") or ""),
    }


def refund_body(reference, number, fen, total, reason, notify_url):
    """Return the JSON text that pays back; the same number again pays once.

    :param int total: what the order was paid with (fen)
    """
    refund = {
        "out_trade_no": reference,
        "out_refund_no": number,
        "reason": reason[:80],
        "notify_url": notify_url,
        "amount": {"refund": fen, "total": total, "currency": "CNY"},
    }
    return json.dumps(refund, ensure_ascii=False, separators=(",", ":"))


def read_refund(data, mchid=None):
    """Bring a refund of WeChat into the form that both gateways share.

    :param str mchid: a notice names the merchant, and it must be ours
    :return: dict ``refund reference fen state``; state ``done open abnormal closed``
    :raise GatewayError: ``other_merchant``, ``bad_amount``
    """
    if mchid is not None and data.get("mchid") != mchid:
        raise GatewayError("other_merchant")
    amount = data.get("amount")
    fen = amount.get("refund") if isinstance(amount, dict) else None
    if type(fen) is not int or fen <= 0:
        raise GatewayError("bad_amount")
    status = data.get("status") or data.get("refund_status")
    return {
        "refund": str(data.get("out_refund_no") or ""),
        "reference": str(data.get("out_trade_no") or ""),
        "fen": fen,
        "state": REFUND_STATES.get(status, "open"),
    }


def _get_state(state):
    if state == PAID:
        return "paid"
    if state in CLOSED:
        return "closed"
    return "refunded" if state == "REFUND" else "open"
