from odoo import api, fields, models

from ..services import money


class HuolieCharge(models.Model):
    """The gift that was deducted from a charge."""

    _inherit = "huolie.charge"

    gift_id = fields.Many2one(
        comodel_name="huolie.gift",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    discount = fields.Monetary(string="Gift deducted", readonly=True)

    @api.model
    def _prepare_charge_vals(self, enterprise, plan, line, entry):
        vals = super()._prepare_charge_vals(enterprise, plan, line, entry)
        if line["discount"]:
            vals["gift_id"] = plan["gift"].id
            vals["discount"] = money.from_fen(line["discount"])
        return vals

    def _get_invoice_text(self):
        """Say on the invoice what the price was and what was given."""
        text = super()._get_invoice_text()
        if not self.discount:
            return text
        given = money.to_fen(self.discount)
        return self.env._(
            "%(text)s, price %(price)s, gift −%(gift)s (%(reason)s)",
            text=text,
            price=money.show(money.to_fen(self.amount) + given),
            gift=money.show(given),
            reason=self.sudo().gift_id.reason,
        )
