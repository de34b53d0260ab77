import json
from datetime import timedelta
from urllib.parse import urlsplit

import requests

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..services import alipay, gateway, money, wechat

TIMEOUT = 10
SECRET = "base.group_system"
CODES = {"huolie_wechat": "wechat", "huolie_alipay": "alipay"}


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[
            ("huolie_wechat", "WeChat Pay (Huolie)"),
            ("huolie_alipay", "Alipay (Huolie)"),
        ],
        ondelete={"huolie_wechat": "set default", "huolie_alipay": "set default"},
    )
    huolie_base_url = fields.Char(
        string="Gateway address (test only)", groups=SECRET, copy=False
    )
    huolie_app_id = fields.Char(string="App ID", groups=SECRET, copy=False)
    huolie_merchant = fields.Char(
        string="Merchant or seller ID", groups=SECRET, copy=False
    )
    huolie_serial = fields.Char(
        string="Serial of our certificate", groups=SECRET, copy=False
    )
    huolie_private_key = fields.Text(
        string="Our private key", groups=SECRET, copy=False
    )
    huolie_api_key = fields.Char(string="API v3 key", groups=SECRET, copy=False)
    huolie_public_keys = fields.Text(
        string="Public keys of the gateway",
        groups=SECRET,
        copy=False,
        help="WeChat: JSON with serial or PUB_KEY_ID and key. Alipay: the public key.",
    )

    @api.constrains("state", "huolie_base_url")
    def _check_huolie_base_url(self):
        """Allow another address than the gateway's own in test state only."""
        for provider in self.sudo():
            if provider.huolie_base_url and provider.state == "enabled":
                raise ValidationError(
                    self.env._("Another gateway address is for the test state only.")
                )

    @api.model
    def _get_huolie_provider(self, method):
        """Return the working provider of a method, or none (sudo)."""
        company = self.env["huolie.enterprise"]._get_billing_company()
        if company.currency_id.name != "CNY":
            return self.sudo().browse()
        domain = [
            ("code", "=", f"huolie_{method}"),
            ("state", "in", ("enabled", "test")),
            ("company_id", "=", company.id),
        ]
        return self.sudo().search(domain, limit=1)

    def _get_supported_currencies(self):
        currencies = super()._get_supported_currencies()
        if self.code in CODES:
            return currencies.filtered(lambda currency: currency.name == "CNY")
        return currencies

    def _get_default_payment_method_codes(self):
        self.ensure_one()
        if self.code == "huolie_wechat":
            return {"wechat_pay"}
        if self.code == "huolie_alipay":
            return {"alipay"}
        return super()._get_default_payment_method_codes()

    # === KEYS === #
    def _get_huolie_base(self):
        official = wechat.BASE if self.code == "huolie_wechat" else alipay.BASE
        if self.state != "enabled" and self.huolie_base_url:
            return self.huolie_base_url.rstrip("/")
        return official

    def _get_huolie_keys(self):
        """Return the map serial → public key of WeChat."""
        try:
            keys = json.loads(self.huolie_public_keys or "")
        except ValueError:
            keys = None
        if not isinstance(keys, dict) or not keys:
            raise gateway.GatewayError("bad_key", "public keys")
        return keys

    def _get_huolie_notify_url(self):
        root = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return f"{root}/huolie/pay/{CODES[self.code]}/{self.id}"

    # === CALLS === #
    def _huolie_create_order(self, tx, expires_at):
        """Open an order at the gateway.

        :return: the QR text (WeChat) or the address of the pay page (Alipay)
        :raise UserError: when the gateway cannot be reached or refuses
        """
        try:
            return getattr(self, f"_create_{CODES[self.code]}_order")(tx, expires_at)
        except gateway.GatewayError as error:
            raise UserError(
                self.env._(
                    "The payment could not be started (%s). Please try again, or pay by"
                    " bank transfer.",
                    error.code,
                )
            ) from error

    def _create_wechat_order(self, tx, expires_at):
        body = wechat.order_body(
            self.huolie_app_id,
            self.huolie_merchant,
            tx.reference,
            money.to_fen(tx.amount),
            self.env._("Recharge"),
            self._get_huolie_notify_url(),
            fields.Datetime.context_timestamp(
                self.with_context(tz="Asia/Shanghai"), expires_at
            ).isoformat(timespec="seconds"),
        )
        answer = self._call_wechat("POST", "/v3/pay/transactions/native", body)
        return answer.get("code_url") or ""

    def _create_alipay_order(self, tx, expires_at):
        root = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        until = fields.Datetime.context_timestamp(
            self.with_context(tz="Asia/Shanghai"), expires_at
        )
        biz = {
            "out_trade_no": tx.reference,
            "total_amount": f"{tx.amount:.2f}",
            "subject": self.env._("Recharge"),
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "time_expire": until.strftime("%Y-%m-%d %H:%M:%S"),
        }
        params = alipay.request_params(
            self.huolie_app_id,
            self.huolie_private_key,
            "alipay.trade.page.pay",
            biz,
            self._get_huolie_notify_url(),
            f"{root}/huolie/pay/back",
        )
        return alipay.page_url(self._get_huolie_base(), params)

    def _huolie_query(self, reference):
        """Ask the gateway about an order.

        :return: as ``wechat.read_order``; state ``open`` when it does not know it
        :raise GatewayError: when it cannot be reached or is not to be trusted
        """
        if self.code == "huolie_wechat":
            path = (
                f"/v3/pay/transactions/out-trade-no/{reference}"
                f"?mchid={self.huolie_merchant}"
            )
            data = self._call_wechat("GET", path)
            data = wechat.read_order(data, self.huolie_app_id, self.huolie_merchant)
            return self._check_reference(data, reference)
        try:
            data = self._call_alipay("alipay.trade.query", {"out_trade_no": reference})
        except gateway.GatewayError as error:
            if error.code != "ACQ.TRADE_NOT_EXIST":
                raise
            data = {"out_trade_no": reference, "trade_status": "WAIT_BUYER_PAY"}
        data = alipay.read_trade(data, "", "", checked=False)
        return self._check_reference(data, reference)

    @api.model
    def _check_reference(self, data, reference):
        """Refuse the answer to another question: it is signed all the same."""
        if data["reference"] != reference:
            raise gateway.GatewayError("other_order")
        return data

    def _huolie_close(self, reference):
        """Close an unpaid order at the gateway."""
        if self.code == "huolie_wechat":
            path = f"/v3/pay/transactions/out-trade-no/{reference}/close"
            body = json.dumps({"mchid": self.huolie_merchant})
            self._call_wechat("POST", path, body)
            return
        try:
            self._call_alipay("alipay.trade.close", {"out_trade_no": reference})
        except gateway.GatewayError as error:
            if error.code != "ACQ.TRADE_NOT_EXIST":
                raise

    def _call_wechat(self, method, path, body=""):
        base = self._get_huolie_base()
        full = urlsplit(base).path.rstrip("/") + path
        header = wechat.authorization(
            self.huolie_merchant,
            self.huolie_serial,
            self.huolie_private_key,
            method,
            full,
            body,
        )
        headers = {
            "Authorization": header,
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        response = self._huolie_http(method, base + path, body.encode(), headers)
        status = response.status_code
        if status not in (200, 202, 204):
            sure = 400 <= status < 500 and status not in (408, 429)
            raise gateway.GatewayError(self._get_wechat_code(response), refused=sure)
        wechat.check(response.headers, response.content, self._get_huolie_keys())
        try:
            return response.json() if response.content else {}
        except ValueError as error:
            raise gateway.GatewayError("not_json") from error

    def _get_wechat_code(self, response):
        try:
            code = response.json().get("code")
        except (ValueError, AttributeError):
            code = None
        return str(code or f"HTTP {response.status_code}")[:64]

    def _call_alipay(self, method, biz):
        params = alipay.request_params(
            self.huolie_app_id, self.huolie_private_key, method, biz
        )
        response = self._huolie_http("POST", self._get_huolie_base(), params, {})
        text = response.content.decode("utf-8", "replace")
        return alipay.read_answer(text, method, self.huolie_public_keys)

    def _huolie_http(self, method, url, data, headers):
        """Send one request; nothing of it is logged (keys, signatures)."""
        try:
            return requests.request(
                method,
                url,
                data=data,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise gateway.GatewayError("unreachable") from error

    # === NOTICES === #
    def _huolie_read_notice(self, headers, body):
        """Check a notice of the gateway.

        :return: ``(event id, data)`` as ``read_order``, or as ``read_refund`` (it has
            ``refund``, the number); data None for other events
        :raise GatewayError: when it is not to be trusted
        """
        if self.code == "huolie_wechat":
            event, kind, data = wechat.read_notice(
                headers, body, self._get_huolie_keys(), self.huolie_api_key or ""
            )
            if kind.startswith("REFUND."):
                return event, wechat.read_refund(data, self.huolie_merchant)
            if not kind.startswith("TRANSACTION."):
                return event, None
            return event, wechat.read_order(
                data, self.huolie_app_id, self.huolie_merchant
            )
        params = alipay.read_notice(body, self.huolie_public_keys)
        data = alipay.read_trade(params, self.huolie_app_id, self.huolie_merchant or "")
        refund = alipay.read_refund_notice(params)
        return params.get("notify_id", "")[:64], refund or data

    @api.model
    def _get_huolie_expiry(self):
        """Return the UTC moment at which an order opened now expires."""
        return fields.Datetime.now() + timedelta(minutes=15)
