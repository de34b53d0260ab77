from odoo import models

from ..services import money


class HuolieRecharge(models.Model):
    """What of a transfer is compared with the lines of the bank."""

    _inherit = "huolie.recharge"

    def _prepare_wanted(self):
        """Return what a bank line is compared with, see ``services/matching.py``."""
        done = self.sudo().search(
            [
                ("enterprise_id", "=", self.enterprise_id.id),
                ("state", "=", "approved"),
                ("payer_account", "!=", False),
            ]
        )
        return {
            "code": self.code,
            "fen": money.to_fen(self.amount),
            "name": self.enterprise_id._get_verified_name(),
            "accounts": set(done.mapped("payer_account")),
            "date": self.paid_on,
        }
