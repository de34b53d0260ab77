from odoo import api, fields, models


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

        :return: the transaction, empty when there is nothing to do
        """
        if event and self.search_count(
            [("provider_id", "=", provider.id), ("event", "=", event)], limit=1
        ):
            return self.env["payment.transaction"]
        if event:
            self.create(
                {
                    "provider_id": provider.id,
                    "event": event,
                    "reference": data and data["reference"],
                    "state": data and data["state"],
                }
            )
        txs = self.env["payment.transaction"]
        if not data:
            return txs
        return txs.with_context(huolie_provider_id=provider.id)._huolie_process(data)
