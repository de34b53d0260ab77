from odoo import fields, models


class HuolieEnterprise(models.Model):
    """The gifts of an enterprise, and which one counts."""

    _inherit = "huolie.enterprise"

    gift_ids = fields.One2many(
        comodel_name="huolie.gift", inverse_name="enterprise_id", readonly=True
    )

    def _pick_gift(self, fen, day):
        """Return the gift that takes most off a price on a day, and how many fen."""
        valid = self.sudo().gift_ids.filtered(
            lambda gift: gift._get_state(day) == "active"
        )
        if not valid or fen <= 1:
            return self.env["huolie.gift"], 0
        best = max(valid, key=lambda gift: (gift._get_discount(fen), -gift.id))
        return best, best._get_discount(fen)
