import json
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ..services import alipay, gateway, money, outbound, wechat

SECRET = "base.group_system"
# What decides whether a notice is the gateway's.
NOTICE_FIELDS = {"code", "state", "huolie_public_keys"}
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
            url = urlsplit(provider.huolie_base_url or wechat.BASE)
            if url.scheme not in ("http", "https") or not url.hostname:
                raise ValidationError(
                    self.env._("Write the address like https://gateway.example.com.")
                )

    def write(self, vals):
        """Write; who checks notices forgets the keys he knew."""
        res = super().write(vals)
        if NOTICE_FIELDS & vals.keys():
            self.env.registry.clear_cache()
        return res

    def unlink(self):
        """Delete; who checks notices forgets the keys he knew."""
        self.env.registry.clear_cache()
        return super().unlink()

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

    def _get_compatible_providers(self, *args, **kwargs):
        """Offer our gateways on no page of Odoo's own: they are for recharges."""
        providers = super()._get_compatible_providers(*args, **kwargs)
        return providers.filtered(lambda provider: provider.code not in CODES)

    # === KEYS === #
    def _get_huolie_base(self):
        official = wechat.BASE if self.code == "huolie_wechat" else alipay.BASE
        if self.state != "enabled" and self.huolie_base_url:
            return self.huolie_base_url.rstrip("/")
        return official

    def _get_huolie_keys(self):
        return self._read_huolie_keys(self.huolie_public_keys)

    @api.model
    def _read_huolie_keys(self, text):
        """Return the map serial → public key of WeChat."""
        try:
            keys = json.loads(text or "")
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
        answer = outbound.send(method, base + path, body.encode(), headers)
        if answer.status not in (200, 202, 204):
            sure = 400 <= answer.status < 500 and answer.status not in (408, 429)
            raise gateway.GatewayError(self._get_wechat_code(answer), refused=sure)
        wechat.check(answer.headers, answer.content, self._get_huolie_keys())
        return wechat.read_answer(answer.content)

    def _get_wechat_code(self, answer):
        try:
            code = wechat.read_answer(answer.content).get("code")
        except gateway.GatewayError:
            code = None
        return str(code or f"HTTP {answer.status}")[:64]

    def _call_alipay(self, method, biz):
        params = alipay.request_params(
            self.huolie_app_id, self.huolie_private_key, method, biz
        )
        answer = outbound.send("POST", self._get_huolie_base(), params, {})
        text = answer.content.decode("utf-8", "replace")
        return alipay.read_answer(text, method, self.huolie_public_keys)

    # === NOTICES === #
    @api.model
    @tools.ormcache()
    def _get_huolie_notice_keys(self):
        """Return the public key texts of all working providers, by code and id.

        One entry: who guesses ids of providers fills no cache with them.
        """
        domain = [("code", "in", list(CODES)), ("state", "in", ("enabled", "test"))]
        providers = self.with_user(SUPERUSER_ID).search(domain)
        return {(p.code, p.id): p.huolie_public_keys or "" for p in providers}

    @api.model
    def _huolie_check_notice(self, code, provider_id, headers, body):
        """Check whether a notice is the gateway's, by what this process remembers.

        Who sends rubbish costs one check of a signature and no statement.
        :raise GatewayError: when it is not to be trusted; nothing was read of it
        """
        text = self._get_huolie_notice_keys().get((code, provider_id))
        if text is None:
            raise gateway.GatewayError("no_provider")
        if code == "huolie_wechat":
            wechat.check(headers, body, self._read_huolie_keys(text))
        else:
            alipay.read_notice(body, text)

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
