import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..services import money
from .payment_provider import CODES

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    huolie_recharge_id = fields.Many2one(
        comodel_name="huolie.recharge",
        string="Recharge",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create transactions; through our gateways only those of recharges.

        :raise ValidationError: Odoo's own payment pages are open to everybody, and
            would leave transactions here that no gateway knows
        """
        txs = super().create(vals_list)
        for tx in txs:
            if tx.provider_code in CODES and not tx.huolie_recharge_id:
                raise ValidationError(
                    self.env._("This way of paying is for recharges only.")
                )
        return txs

    def _extract_reference(self, provider_code, payment_data):
        if provider_code in CODES:
            return payment_data.get("reference")
        return super()._extract_reference(provider_code, payment_data)

    def _extract_amount_data(self, payment_data):
        if self.provider_code not in CODES:
            return super()._extract_amount_data(payment_data)
        if payment_data["state"] != "paid":
            return None
        return {
            "amount": money.from_fen(payment_data["fen"]),
            "currency_code": payment_data["currency"],
        }

    def _apply_updates(self, payment_data):
        """Take over what the gateway says; only ``paid`` moves money.

        The amount is compared here again: Odoo compares it only at the first notice.
        A payment that arrives after we cancelled still counts.
        """
        if self.provider_code not in CODES:
            return super()._apply_updates(payment_data)
        if payment_data["state"] != "paid":
            return None
        if (
            payment_data["fen"] != money.to_fen(self.amount)
            or payment_data["currency"] != self.currency_id.name
        ):
            _logger.warning("other amount for %s: not credited", self.reference)
            return None
        if not self.provider_reference:
            self.provider_reference = payment_data["provider_reference"]
        self._set_done(extra_allowed_states=("cancel",))
        return None

    def _post_process(self):
        """Credit the recharge first; Odoo's own payment is then already there."""
        for tx in self.filtered("huolie_recharge_id"):
            if tx.state == "done":
                tx.huolie_recharge_id._confirm_online(tx)
        return super()._post_process()

    def _huolie_find(self, data):
        """Return the transaction that a message is about, of the asking provider."""
        provider = self.provider_id or self.env["payment.provider"].browse(
            self.env.context.get("huolie_provider_id")
        )
        tx = self or self._search_by_reference(provider.code, data)
        return tx.filtered(lambda one: one.provider_id == provider)

    def _huolie_process(self, data):
        """Take over one message of the gateway, completely and once.

        :param dict data: as ``wechat.read_order``
        :return: the transaction (empty when the order is unknown)
        """
        tx = self._huolie_find(data)
        if not tx:
            return tx
        before = tx.state
        tx._process(tx.provider_code, data)
        if tx.state == "error" and before != "error":
            tx.huolie_recharge_id._tell_wrong_amount(data)
        if tx.state == "done" and not tx.is_post_processed:
            tx._post_process()
        return tx
