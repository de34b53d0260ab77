import logging
import random
import time
from urllib.parse import urlencode

from psycopg2 import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from odoo import http
from odoo.http import request

from ..services.gateway import GatewayError

_logger = logging.getLogger(__name__)
MAX_BODY = 64 * 1024
TRIES = 6
COLLISIONS = (OperationalError, IntegrityError)
STATUS = {"refused": 401, "busy": 503}


class Pay(http.Controller):
    """Notices of the gateways. Only what is signed by them is read."""

    @http.route(
        "/huolie/pay/wechat/<int(max=2147483647):provider_id>",
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
        :return: 204 when taken; code FAIL with 401 when not to be trusted, with 503
            when it could not be booked now: the gateway sends it again
        """
        outcome = self._take_safely("huolie_wechat", provider_id)
        if outcome == "taken":
            return request.make_response("", status=204)
        return request.make_json_response(
            {"code": "FAIL", "message": outcome}, status=STATUS[outcome]
        )

    @http.route(
        "/huolie/pay/alipay/<int(max=2147483647):provider_id>",
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
        :return: exactly ``success`` when taken, else ``fail`` with 401 or 503
        """
        outcome = self._take_safely("huolie_alipay", provider_id)
        if outcome == "taken":
            return request.make_response("success")
        return request.make_response("fail", status=STATUS[outcome])

    @http.route("/huolie/pay/back", type="http", auth="user", methods=["GET"])
    def back(self, out_trade_no="", **_params):
        """Bring the payer back from Alipay to the order; credits nothing (SEC-P11).

        :param str out_trade_no: the order, as Alipay names it; another's is not shown
        """
        mine = [
            ("code", "=", out_trade_no),
            ("enterprise_id", "=", request.env.user.enterprise_id.id),
        ]
        recharges = request.env["huolie.recharge"]
        found = recharges.has_access("read") and recharges.search(mine, limit=1)
        action = "/odoo/action-huolie_billing.huolie_recharge_action_mine"
        return request.redirect(found._get_url() if found else action)

    def _take_safely(self, code, provider_id):
        """Take a notice over completely or not at all; never an error 500.

        Losing against others is run again here, shortly after: the gateway does not
        wait as long as Odoo would.
        :return: ``taken``, ``refused`` or ``busy``
        """
        for attempt in range(TRIES):
            try:
                taken = self._take(code, provider_id)
                request.env.flush_all()
                return "taken" if taken else "refused"
            except HTTPException:
                raise
            except COLLISIONS:
                request.env.cr.rollback()
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
            except Exception:
                request.env.cr.rollback()
                _logger.exception("notice to %s not taken", code)
                return "busy"
        _logger.info("notice to %s collided %s times; it comes again", code, TRIES)
        return "busy"

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
            taken = env["huolie.gateway.notice"]._take(provider, event, data)
        except GatewayError as error:
            _logger.info("notice to %s refused: %s", code, error.code)
            request.env.cr.rollback()
            return False
        return taken is not None

    def _get_body(self):
        body = request.httprequest.get_data(cache=True)
        if body or not request.httprequest.form:
            return body
        # The dispatcher read the form already: its pairs in their order.
        pairs = list(request.httprequest.form.items(multi=True))
        return urlencode(pairs).encode()
