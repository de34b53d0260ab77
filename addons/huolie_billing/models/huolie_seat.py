from odoo import api, fields, models
from odoo.exceptions import AccessError

from .huolie_enterprise_renewal import LEEWAY


class HuolieSeat(models.Model):
    _inherit = "huolie.seat"
    _audit_fields = ("renew",)

    bought_until = fields.Datetime(
        string="Service bought until", readonly=True, copy=False
    )
    renew = fields.Boolean(
        string="Goes on at renewal", default=True, readonly=True, copy=False
    )

    def write(self, vals):
        """Write; who decides about service reads the one column that follows."""
        res = super().write(vals)
        if {"bought_until", "renew"} & vals.keys() and "serve_until" not in vals:
            self._sync_serve_until()
        return res

    @api.depends("bought_until")
    def _compute_is_serving(self):
        """Show the end that was bought, not how long the run may take."""
        super()._compute_is_serving()
        for seat in self:
            bought = seat.bought_until
            if bought and seat.served_until == bought + LEEWAY:
                seat.served_until = bought

    def _get_bought_until(self):
        until = self.bought_until or None
        return self.enterprise_id._with_leeway(until) if self.renew else until

    def _is_served(self):
        """Whether service is bought for this seat now, or its renewal undecided."""
        until = self._get_bought_until()
        return bool(until and until > fields.Datetime.now())

    def action_toggle_renew(self):
        """Keep a seat at the next renewal, or leave it out (B6).

        :raise AccessError: without the right to manage the account
        """
        if not self.env.user.has_group("huolie_base.group_account_do"):
            raise AccessError(self.env._("You may not change this."))
        self.check_access("read")
        for seat in self:
            seat.sudo().renew = not seat.renew
