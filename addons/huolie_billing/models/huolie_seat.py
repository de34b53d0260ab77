from odoo import fields, models
from odoo.exceptions import AccessError


class HuolieSeat(models.Model):
    _inherit = "huolie.seat"
    _audit_fields = ("renew",)

    bought_until = fields.Datetime(
        string="Service bought until", readonly=True, copy=False
    )
    renew = fields.Boolean(
        string="Goes on at renewal", default=True, readonly=True, copy=False
    )

    def _get_bought_until(self):
        return self.bought_until or None

    def _is_served(self):
        """Whether service is bought for this seat now."""
        until = self.bought_until
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
