import logging

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import mute_logger

_logger = logging.getLogger(__name__)


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let people of enterprises listen to their own records only.

        The bus accepts any text as a channel, and groups are shared by all enterprises.
        """
        channels = super()._build_bus_channel_list(channels)
        if not self.env.user._is_tenant():
            return channels
        return [c for c in channels if self._is_open_to_tenants(c)]

    def _is_open_to_tenants(self, channel):
        if isinstance(channel, str):
            return channel == "broadcast"
        record = channel[0] if isinstance(channel, tuple) else channel
        return isinstance(record, models.BaseModel) and (
            record == self.env.user.partner_id or record._name.startswith("huolie.")
        )

    def _on_websocket_closed(self, cookies):
        """Leave presence as it is when another tab of this person writes it just now.

        Odoo writes "offline" when a tab closes and does not try again: two tabs at once
        broke off with an error in the log. The tab that is still open is the one that
        knows.
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                super()._on_websocket_closed(cookies)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("user %s has another open tab", self.env.uid)
