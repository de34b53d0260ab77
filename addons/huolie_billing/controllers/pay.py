import logging
from urllib.parse import urlencode

from psycopg2 import IntegrityError, OperationalError

from odoo import http
from odoo.http import request

from ..services.gateway import GatewayError

_logger = logging.getLogger(__name__)
MAX_BODY = 64 * 1024


class Pay(http.Controller):
    """Notices of the gateways. Only what is signed by them is read."""

    @http.route(
        "/huolie/pay/wechat/<int:provider_id>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=MAX_BODY,
    )
    def wechat(self, provider_id):
        """Take a notice of WeChat Pay (SEC-P).

        :param int provider_id: our provider, named in the notify address
        :return: 204 when taken; 401 and code FAIL when not to be trusted
        """
        if self._take("huolie_wechat", provider_id):
            return request.make_response("", status=204)
        return request.make_json_response(
            {"code": "FAIL", "message": "refused"}, status=401
        )

    @http.route(
        "/huolie/pay/alipay/<int:provider_id>",
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=MAX_BODY,
    )
    def alipay(self, provider_id, **_params):
        """Take a notice of Alipay (SEC-P).

        :param int provider_id: our provider, named in the notify address
        :return: exactly ``success`` when taken, else ``fail`` with 401
        """
        if self._take("huolie_alipay", provider_id):
            return request.make_response("success")
        return request.make_response("fail", status=401)

    @http.route("/huolie/pay/back", type="http", auth="user", methods=["GET"])
    def back(self, **_params):
        """Bring the payer back from Alipay; credits nothing (SEC-P11)."""
        return request.redirect(
            "/odoo/action-huolie_billing.huolie_recharge_action_mine"
        )

    def _take(self, code, provider_id):
        env = request.env(su=True, user=request.env.ref("base.user_root").id)
        provider = env["payment.provider"].search(
            [
                ("id", "=", provider_id),
                ("code", "=", code),
                ("state", "in", ("enabled", "test")),
            ]
        )
        if not provider:
            return False
        try:
            event, data = provider._huolie_read_notice(
                request.httprequest.headers, self._get_body()
            )
        except GatewayError as error:
            _logger.info("notice to %s refused: %s", code, error.code)
            return False
        return self._credit(env["huolie.gateway.notice"], provider, event, data)

    def _credit(self, notices, provider, event, data):
        """Take over a notice completely or not at all; then the gateway sends it again.

        Collisions go up: Odoo runs the request again.
        """
        try:
            with notices.env.cr.savepoint():
                return notices._take(provider, event, data) is not None
        except (OperationalError, IntegrityError):
            raise
        except Exception:
            _logger.exception("notice %s to %s not taken", event, provider.code)
            return False

    def _get_body(self):
        body = request.httprequest.get_data(cache=True)
        if body or not request.httprequest.form:
            return body
        # The dispatcher read the form already: its pairs in their order.
        pairs = list(request.httprequest.form.items(multi=True))
        return urlencode(pairs).encode()
