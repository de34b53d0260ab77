from odoo import models

from ..services import alipay, gateway, money, wechat


class PaymentProvider(models.Model):
    """Paying back through the gateways: send, and ask what became of it."""

    _inherit = "payment.provider"

    def _huolie_refund(self, tx, fen, number, reason):
        """Pay money back through the gateway; the same number again pays once.

        :param str number: our number of the refund
        :return: as ``wechat.read_refund``
        :raise GatewayError: ``refused`` says whether it is sure that nothing was paid
        """
        if self.code == "huolie_wechat":
            return self._refund_wechat(tx, fen, number, reason)
        biz = {
            "out_trade_no": tx.reference,
            "refund_amount": f"{money.from_fen(fen):.2f}",
            "out_request_no": number,
            "refund_reason": reason[:80],
        }
        data = self._call_alipay("alipay.trade.refund", biz)
        self._check_reference({"reference": data.get("out_trade_no")}, tx.reference)
        if data.get("fund_change") != "Y":
            # Paid before, or not yet: only a question tells.
            return self._huolie_query_refund(tx, number)
        return {
            "refund": number,
            "reference": tx.reference,
            "fen": fen,
            "state": "done",
        }

    def _refund_wechat(self, tx, fen, number, reason):
        body = wechat.refund_body(
            tx.reference,
            number,
            fen,
            money.to_fen(tx.amount),
            reason,
            self._get_huolie_notify_url(),
        )
        path = "/v3/refund/domestic/refunds"
        return wechat.read_refund(self._call_wechat("POST", path, body))

    def _huolie_query_refund(self, tx, number):
        """Ask the gateway about a refund.

        :return: as ``wechat.read_refund``; state ``none`` when it does not know it
        :raise GatewayError: when it cannot be reached or is not to be trusted
        """
        try:
            if self.code == "huolie_wechat":
                path = f"/v3/refund/domestic/refunds/{number}"
                return wechat.read_refund(self._call_wechat("GET", path))
            biz = {"out_trade_no": tx.reference, "out_request_no": number}
            data = self._call_alipay("alipay.trade.fastpay.refund.query", biz)
        except gateway.GatewayError as error:
            if error.code not in ("RESOURCE_NOT_EXISTS", "ACQ.TRADE_NOT_EXIST"):
                raise
            data = {}
        return alipay.read_refund(data, tx.reference, number)
