from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import money


class HuolieCharge(models.Model):
    """What was paid from a balance, with the price and the formula of that moment."""

    _name = "huolie.charge"
    _inherit = ["huolie.money.mixin"]
    _description = "Charge"
    _order = "id desc"
    _operator_fields = ("create_uid",)

    enterprise_id = fields.Many2one(ondelete="restrict")
    entry_id = fields.Many2one(
        comodel_name="huolie.wallet.entry",
        string="Movement",
        readonly=True,
        index=True,
        ondelete="restrict",
        groups="huolie_base.group_operator_finance",
    )
    kind = fields.Selection(
        selection=[
            ("open", "Service opened"),
            ("renew", "Renewal"),
            ("correction", "Correction"),
        ],
        required=True,
        readonly=True,
    )
    service = fields.Selection(
        selection=lambda self: self.env["huolie.price"]._selection_service(),
        required=True,
        readonly=True,
    )
    service_label = fields.Char(string="For", compute="_compute_service_label")
    quantity = fields.Integer(readonly=True)
    price = fields.Monetary(string="Price per month", readonly=True)
    date_start = fields.Date(string="From", readonly=True)
    date_end = fields.Date(string="To (not included)", readonly=True)
    days = fields.Integer(readonly=True)
    formula = fields.Char(readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    charged_on = fields.Date(string="Charged on", required=True, readonly=True)
    seat_ids = fields.Many2many(
        comodel_name="huolie.seat", string="Seats", readonly=True
    )
    corrected_id = fields.Many2one(
        comodel_name="huolie.charge", readonly=True, index="btree_not_null"
    )
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )
    fapiao_id = fields.Many2one(
        comodel_name="huolie.fapiao", readonly=True, index="btree_not_null"
    )

    _to_invoice = models.Index("(charged_on, enterprise_id) WHERE move_id IS NULL")

    @api.depends("service")
    @api.depends_context("lang")
    def _compute_service_label(self):
        labels = dict(self.env["huolie.price"]._selection_service())
        for charge in self:
            charge.service_label = labels.get(charge.service, charge.service)

    @api.depends("service", "date_start", "date_end")
    @api.depends_context("with_amount", "lang")
    def _compute_display_name(self):
        for charge in self:
            name = charge._get_text()
            if self.env.context.get("with_amount"):
                name = f"{money.show(money.to_fen(charge.amount))} · {name}"
            charge.display_name = name

    def _get_text(self):
        """Say what was paid, and for which days."""
        return self.env._(
            "%(service)s × %(quantity)s, %(start)s to %(end)s (%(days)s days)",
            service=self.service_label,
            quantity=self.quantity,
            start=self.date_start,
            end=self.date_end,
            days=self.days,
        )

    def _get_invoice_text(self):
        """Return the line's text on an invoice."""
        return self._get_text()

    @api.model
    def _prepare_charge_vals(self, enterprise, plan, line, entry):
        """Return the values of one line of a plan (see ``_plan_open``)."""
        return {
            "enterprise_id": enterprise.id,
            "entry_id": entry.id,
            "kind": plan["kind"],
            "service": line["code"],
            "quantity": line["quantity"],
            "price": money.from_fen(line["price"]),
            "date_start": line["start"],
            "date_end": line["end"],
            "days": line["days"],
            "formula": line["formula"],
            "amount": money.from_fen(line["amount"]),
            "currency_id": entry.currency_id.id,
            "charged_on": plan["today"],
            "seat_ids": [(6, 0, plan["seats"].ids)] if line["code"] == "seat" else [],
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A charge is corrected, never deleted."))
