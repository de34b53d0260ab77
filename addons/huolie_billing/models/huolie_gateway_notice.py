from odoo import api, fields, models
from odoo.tools import SQL


class HuolieGatewayNotice(models.Model):
    """Which notices of the gateways came in, for the audit and against replays."""

    _name = "huolie.gateway.notice"
    _description = "Notice of a payment gateway"
    _order = "id desc"
    _rec_name = "event"

    provider_id = fields.Many2one(
        comodel_name="payment.provider", required=True, ondelete="cascade", index=True
    )
    event = fields.Char(required=True)
    reference = fields.Char(index=True)
    state = fields.Char()

    _event_uniq = models.UniqueIndex("(provider_id, event)")

    @api.model
    def _take(self, provider, event, data):
        """Take over one checked notice; the same one again changes nothing.

        :return: the transaction, empty when there is nothing to do, None when the
            order is not known here (the gateway shall send it again)
        """
        if data and "refund" in data:
            return self.env["huolie.refund"]._take_notice(provider, event, data)
        txs = self.env["payment.transaction"]
        txs = txs.with_context(huolie_provider_id=provider.id)
        if data and not txs._huolie_find(data):
            return None
        if event and not self._note(provider, event, data or {}):
            return txs
        return txs._huolie_process(data) if data else txs

    @api.model
    def _note(self, provider, event, data):
        """Write the notice down; say whether it is new.

        Two copies at once: one waits and is run again, and then it is not new.
        """
        # Losing against a copy is no error to log: it is run again.
        self.env.cr.execute(
            SQL(
                """INSERT INTO huolie_gateway_notice
                          (provider_id, event, reference, state, create_date)
                   VALUES (%s, %s, %s, %s, %s)
                       ON CONFLICT (provider_id, event) DO NOTHING RETURNING id""",
                provider.id,
                event,
                data.get("reference"),
                data.get("state"),
                fields.Datetime.now(),
            ),
            log_exceptions=False,
        )
        return bool(self.env.cr.fetchone())
