"""Alipay open platform, the parts used here: pure protocol, no network, no database."""

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, urlencode

from .dates import CHINA
from .gateway import GatewayError, sign, verify

BASE = "https://openapi.alipay.com/gateway.do"
PAID = ("TRADE_SUCCESS", "TRADE_FINISHED")
# Alipay's codes for "perhaps, ask again": everything else is an answer.
UNSURE = ("20000", "20001", "ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR")


def signed_text(params, leave=("sign",)):
    """Return the text that is signed: sorted, empty values left out."""
    return "&".join(
        f"{key}={value}"
        for key, value in sorted(params.items())
        if key not in leave and value not in (None, "")
    )


def request_params(app_id, key, method, biz, notify_url="", return_url="", now=None):
    """Return all parameters of a request, signed; the time is China's.

    :param dict biz: the business content
    """
    now = now or datetime.now(CHINA)
    params = {
        "app_id": app_id,
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": now.strftime("%Y-%m-%d %H:%M:%S"),
        "version": "1.0",
        "biz_content": json.dumps(biz, ensure_ascii=False, separators=(",", ":")),
    }
    if notify_url:
        params["notify_url"] = notify_url
    if return_url:
        params["return_url"] = return_url
    params["sign"] = sign(key, signed_text(params))
    return params


def page_url(base, params):
    """Return the address the payer is sent to."""
    return f"{base}?{urlencode(params)}"


def read_answer(text, method, key):
    """Check an answer and return its content.

    The signature covers the raw text of the content; it is cut out by a JSON decoder,
    so braces inside strings do no harm.
    :raise GatewayError: ``not_json``, ``bad_signature``, or Alipay's own code
    """
    name = method.replace(".", "_") + "_response"
    mark = f'"{name}":'
    begin = text.find(mark)
    if begin < 0:
        raise GatewayError("not_json")
    begin += len(mark)
    begin += len(text[begin:]) - len(text[begin:].lstrip())
    try:
        content, end = json.JSONDecoder().raw_decode(text, begin)
        signature = json.loads(text).get("sign")
    except (ValueError, RecursionError, AttributeError) as error:
        raise GatewayError("not_json") from error
    verify(key, text[begin:end].encode(), signature)
    if not isinstance(content, dict):
        raise GatewayError("not_json")
    if content.get("code") != "10000":
        code = str(content.get("sub_code") or content.get("code"))
        sure = code not in UNSURE and str(content.get("code")) not in UNSURE
        raise GatewayError(code[:64], str(content.get("sub_msg") or ""), refused=sure)
    return content


def read_notice(body, key):
    """Check a notice: every parameter is covered by the RSA2 signature.

    :param bytes body: form-encoded, as received
    :return: dict of parameters
    :raise GatewayError: ``not_form``, ``algorithm``, ``bad_signature``
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError as error:
        raise GatewayError("not_form") from error
    params = dict(pairs)
    if len(params) != len(pairs):
        raise GatewayError("not_form", "a key twice")
    if params.get("sign_type") != "RSA2":
        raise GatewayError("algorithm")
    text = signed_text(params, leave=("sign", "sign_type"))
    verify(key, text.encode(), params.get("sign"))
    return params


def read_trade(data, app_id, seller_id, checked=True):
    """Bring a trade of Alipay into the form that both gateways share.

    :param bool checked: a notice names app and seller, and both must be ours
    :return: dict ``reference state fen currency provider_reference``
    :raise GatewayError: ``other_merchant``, ``bad_amount``
    """
    if checked and (
        data.get("app_id") != app_id or (data.get("seller_id") or "") != seller_id
    ):
        raise GatewayError("other_merchant")
    status = data.get("trade_status")
    fen = None
    if status in PAID:
        fen = _read_fen(data.get("total_amount"))
    return {
        "reference": str(data.get("out_trade_no") or ""),
        "state": _get_state(status),
        "fen": fen,
        "currency": "CNY",
        "provider_reference": str(data.get("trade_no") or ""),
    }


def read_refund(data, reference, number):
    """Bring the answer to a question about a refund into the shared form.

    Without a status Alipay has not paid it back (yet): the same number may be sent
    again.
    :return: dict ``refund reference fen state``; state ``done`` or ``none``
    :raise GatewayError: ``bad_amount``
    """
    done = data.get("refund_status") == "REFUND_SUCCESS"
    return {
        "refund": str(data.get("out_request_no") or "") if done else number,
        "reference": str(data.get("out_trade_no") or "") if done else reference,
        "fen": _read_fen(data.get("refund_amount")) if done else None,
        "state": "done" if done else "none",
    }


def read_refund_notice(params):
    """Return what a notice says about a refund, None when it is about a payment.

    It carries the sum of all refunds of the trade, so it only makes us ask.
    :return: dict ``refund reference fen state``; state always ``ask``
    """
    if not params.get("gmt_refund") and not params.get("refund_fee"):
        return None
    return {
        "refund": params.get("out_biz_no") or "",
        "reference": params.get("out_trade_no") or "",
        "fen": None,
        "state": "ask",
    }


def _read_fen(text):
    try:
        fen = Decimal(str(text)) * 100
    except InvalidOperation as error:
        raise GatewayError("bad_amount") from error
    if not fen.is_finite() or fen <= 0 or fen != fen.to_integral_value():
        raise GatewayError("bad_amount")
    return int(fen)


def _get_state(status):
    if status in PAID:
        return "paid"
    return "closed" if status == "TRADE_CLOSED" else "open"
