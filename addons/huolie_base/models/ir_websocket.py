from odoo import models


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
