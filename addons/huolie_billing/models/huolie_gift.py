from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..services import money, pricing


class HuolieGift(models.Model):
    """A discount that the operator grants: a line on charges, outside both books.

    What is paid and booked is the price less the gift; nothing else moves. A gift is
    never changed (no right to write): it is ended, and another one granted.
    """

    _name = "huolie.gift"
    _inherit = ["huolie.money.mixin"]
    _description = "Gift"
    _order = "id desc"
    _rec_name = "reason"
    _operator_fields = ("create_uid",)

    enterprise_id = fields.Many2one(ondelete="restrict", readonly=False)
    kind = fields.Selection(
        selection=[("percent", "Percent off"), ("amount", "Amount off")],
        required=True,
        default="percent",
    )
    percent = fields.Integer(default=10)
    amount = fields.Monetary(string="Amount in all")
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        readonly=True,
        default=lambda self: (
            self.env["huolie.enterprise"]._get_billing_company().currency_id
        ),
    )
    reason = fields.Char(required=True, help="The enterprise reads it.")
    until = fields.Date(
        string="Valid until", required=True, help="The last day on which it counts."
    )
    used = fields.Monetary(string="Used so far", readonly=True, copy=False)
    ended = fields.Boolean(readonly=True, copy=False)
    state = fields.Selection(
        selection=[
            ("active", "Valid"),
            ("used", "Used up"),
            ("over", "Over"),
            ("ended", "Ended"),
        ],
        compute="_compute_state",
    )
    charge_ids = fields.One2many(
        comodel_name="huolie.charge", inverse_name="gift_id", readonly=True
    )

    _value_right = models.Constraint(
        "CHECK((kind = 'percent' AND percent BETWEEN 1 AND 99) OR"
        " (kind = 'amount' AND amount > 0 AND amount = round(amount, 2)))",
        "A gift is 1 to 99 percent, or an amount with whole fen.",
    )
    _used_right = models.Constraint(
        "CHECK(used >= 0 AND (kind = 'percent' OR used <= amount))",
        "More than the whole gift cannot be used.",
    )

    @api.depends("kind", "amount", "used", "until", "ended")
    def _compute_state(self):
        today = self.env["huolie.enterprise"]._get_today()
        for gift in self:
            gift.state = gift._get_state(today)

    def _get_state(self, day):
        if self.ended:
            return "ended"
        if self.kind == "amount" and self.used >= self.amount:
            return "used"
        return "active" if self.until and self.until >= day else "over"

    @api.depends("kind", "percent", "amount", "reason")
    def _compute_display_name(self):
        for gift in self:
            name = f"{gift.reason or ''} ({gift._get_size()})"
            gift.display_name = name if gift._origin else self.env._("New gift")

    def _get_size(self):
        if self.kind == "percent":
            return f"−{self.percent} %"
        return f"−{money.show(money.to_fen(self.amount))}"

    # === GRANTING === #
    @api.model_create_multi
    def create(self, vals_list):
        """Grant gifts (manager); each is noted in the enterprise's audit log."""
        gifts = super().create(vals_list)
        for gift in gifts:
            gift._audit("gift.grant", None, gift._get_audit_text())
        return gifts

    def _get_audit_text(self):
        return self.env._(
            "%(gift)s until %(until)s", gift=self.display_name, until=self.until
        )

    def action_end(self):
        """End gifts now; what was given stays given (manager).

        :raise AccessError: when the user is not a manager
        """
        if not self.env.user.has_group("huolie_base.group_operator_manager"):
            raise AccessError(self.env._("Only a manager grants and ends gifts."))
        self.check_access("read")
        for gift in self.filtered(lambda one: not one.ended):
            gift.sudo().ended = True
            gift._audit("gift.end", gift._get_audit_text(), None)

    # === USING === #
    def _get_discount(self, fen):
        """Return the fen that this gift takes off a price; something stays to pay.

        :param int fen: the whole price
        """
        if self.kind == "percent":
            wanted = pricing.half_up(fen * self.percent, 100)
        else:
            wanted = money.to_fen(self.amount) - money.to_fen(self.used)
        return max(0, min(wanted, fen - 1))

    def _use(self, fen):
        """Note what was given, by one conditional UPDATE of the contended row.

        :raise UserError: when less than that is left by now
        """
        rows = self.env.execute_query(
            SQL(
                """UPDATE huolie_gift
                      SET used = COALESCE(used, 0) + %(x)s::numeric
                    WHERE id = %(id)s AND NOT COALESCE(ended, false)
                      AND (kind = 'percent'
                           OR COALESCE(used, 0) + %(x)s::numeric <= amount)
                RETURNING id""",
                x=str(money.from_fen(fen)),
                id=self.id,
            )
        )
        self.invalidate_recordset(["used", "state"])
        if not rows:
            raise UserError(
                self.env._(
                    "The gift was used meanwhile. Please look at the price again."
                )
            )
