import logging
import random
import re
import time
from urllib.parse import urlencode

from psycopg2 import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from odoo import http
from odoo.http import request

from ..services import flood
from ..services.gateway import GatewayError

_logger = logging.getLogger(__name__)
MAX_BODY = 64 * 1024
TRIES = 6
CODE = re.compile(r"[0-9A-Za-z]{1,32}")
COLLISIONS = (OperationalError, IntegrityError)
STATUS = {"refused": 401, "busy": 503, "limit": 429}


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
        :return: 204 when taken; code FAIL with 401 when not to be trusted (429 when
            that came often), with 503 when it could not be booked now: the gateway
            sends it again
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
        :return: exactly ``success`` when taken, else ``fail`` with 401, 429 or 503
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
        often = flood.take("back", request.db, request.env.uid)
        found = None if often else self._find_mine(out_trade_no)
        action = "/odoo/action-huolie_billing.huolie_recharge_action_mine"
        return request.redirect(found._get_url() if found else action)

    def _find_mine(self, code):
        recharges = request.env["huolie.recharge"]
        if not CODE.fullmatch(code) or not recharges.has_access("read"):
            return None
        enterprise = request.env.user.enterprise_id
        mine = [("code", "=", code), ("enterprise_id", "=", enterprise.id)]
        return recharges.search(mine, limit=1)

    def _take_safely(self, code, provider_id):
        """Take a notice over completely or not at all; never an error 500.

        Losing against others is run again here, shortly after: the gateway does not
        wait as long as Odoo would.
        :return: ``taken``, ``refused``, ``busy`` or ``limit``
        """
        try:
            body = self._get_body()
            self._check(code, provider_id, body)
        except GatewayError as error:
            return self._refuse(code, error)
        for attempt in range(TRIES):
            try:
                taken = self._take(code, provider_id, body)
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

    def _check(self, code, provider_id, body):
        """Check the signature; nothing else is done with what is not signed."""
        providers = request.env(su=True)["payment.provider"]
        headers = request.httprequest.headers
        providers._huolie_check_notice(code, provider_id, headers, body)

    def _refuse(self, code, error):
        """Count what is not signed right, and log no more of it than that counts."""
        address = request.httprequest.remote_addr
        over = flood.take("notice", request.db, address)
        if not over:
            _logger.info("notice to %s refused: %s", code, error.code)
        elif over == 1:
            _logger.warning("many wrong notices to %s from %s", code, address)
        return "limit" if over else "refused"

    def _take(self, code, provider_id, body):
        env = request.env(su=True, user=request.env.ref("base.user_root").id)
        provider = env["payment.provider"].browse(provider_id)
        try:
            event, data = provider._huolie_read_notice(
                request.httprequest.headers, body
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
