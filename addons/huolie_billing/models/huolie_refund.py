from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..services import money
from .huolie_fapiao import LIVE

# What a request says; everything else is set by the decisions.
ASKED = {
    "enterprise_id",
    "kind",
    "amount",
    "reason",
    "charge_id",
    "recharge_id",
    "payee_account",
}
# What the chatter writes.
SOCIAL = {"message_follower_ids", "message_ids", "message_main_attachment_id"}


class HuolieRefund(models.Model):
    """Money back or a correction, by two persons: always an opposite movement."""

    _name = "huolie.refund"
    _inherit = ["huolie.money.mixin", "mail.thread"]
    _description = "Refund or correction"
    _order = "id desc"
    _operator_fields = ("requester_id", "approver_id", "create_uid")

    enterprise_id = fields.Many2one(ondelete="restrict", readonly=False)
    kind = fields.Selection(
        selection=[
            ("payout", "Pay balance back to the enterprise"),
            ("charge", "Give a charge back to the balance"),
            ("recharge", "Take back a wrong recharge"),
        ],
        required=True,
        default="payout",
    )
    state = fields.Selection(
        selection=[
            ("requested", "Requested"),
            ("held", "Approved, to be paid"),
            ("sent", "On its way"),
            ("done", "Done"),
            ("released", "Released"),
            ("refused", "Refused"),
        ],
        required=True,
        default="requested",
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        readonly=True,
        default=lambda self: (
            self.env["huolie.enterprise"]._get_billing_company().currency_id
        ),
    )
    amount = fields.Monetary(required=True, tracking=True)
    reason = fields.Char(required=True)
    charge_id = fields.Many2one(
        comodel_name="huolie.charge", ondelete="restrict", index="btree_not_null"
    )
    recharge_id = fields.Many2one(
        comodel_name="huolie.recharge", ondelete="restrict", index="btree_not_null"
    )
    payee_account = fields.Char(string="Payee's bank account")
    balance = fields.Monetary(string="Balance now", compute="_compute_balance")
    requester_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    approver_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, ondelete="restrict"
    )
    payment_id = fields.Many2one(
        comodel_name="account.payment",
        string="Payout",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    _amount_in_fen = models.Constraint(
        "CHECK(amount > 0 AND amount = round(amount, 2))",
        "The amount is more than zero and has whole fen.",
    )

    @api.depends("enterprise_id")
    def _compute_balance(self):
        """Show finance what there is, before it asks for more."""
        mine = [("enterprise_id", "in", self.enterprise_id.ids)]
        wallets = self.env["huolie.wallet"].search(mine)
        balances = {wallet.enterprise_id.id: wallet.balance for wallet in wallets}
        for refund in self:
            refund.balance = balances.get(refund.enterprise_id.id, 0)

    @api.onchange("enterprise_id", "kind")
    def _onchange_enterprise(self):
        """Let go of a source that is another enterprise's, or of another kind."""
        if self.charge_id and (
            self.kind != "charge" or self.charge_id.enterprise_id != self.enterprise_id
        ):
            self.charge_id = False
        if self.recharge_id and (
            self.kind == "charge"
            or self.recharge_id.enterprise_id != self.enterprise_id
        ):
            self.recharge_id = False

    @api.onchange("charge_id", "recharge_id")
    def _onchange_source(self):
        """Propose what is left of the charge or the recharge."""
        source = self._get_source()._origin
        if source and not self.amount:
            self.amount = money.from_fen(max(0, self._get_left_fen_of(source)))

    @api.depends("enterprise_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for refund in self:
            number = f" #{refund.id}" if refund._origin else ""
            refund.display_name = f"{kinds.get(refund.kind)}{number}"

    @api.model_create_multi
    def create(self, vals_list):
        """Create requests: who asks and what was decided is never sent in (SEC-W7).

        :raise AccessError: when it is
        """
        if self.env.su:
            return super().create(vals_list)
        for vals in vals_list:
            self._check_asked(vals)
        given = {
            name: value
            for name, value in self.env.context.items()
            if not name.startswith("default_") or name[len("default_") :] in ASKED
        }
        own = self.with_env(self.env(context=given))
        return super(HuolieRefund, own).create(vals_list)

    def write(self, vals):
        """Let people change a request until it is decided; it is theirs from then on.

        :raise UserError: afterwards
        """
        if self.env.su:
            return super().write(vals)
        self._check_asked(vals)
        if any(r.state != "requested" for r in self):
            raise UserError(self.env._("This was decided already."))
        if ASKED & vals.keys():
            # Who changed it is not the second person.
            self.sudo().requester_id = self.env.user
        return super().write(vals)

    @api.model
    def _check_asked(self, vals):
        fields_set = vals.keys() & self._fields.keys()
        if not self.env.su and fields_set - ASKED - SOCIAL:
            raise AccessError(self.env._("This cannot be set by hand."))

    @api.constrains("amount", "kind", "charge_id", "recharge_id", "enterprise_id")
    def _check_source(self):
        for refund in self:
            refund._check_one_source()

    def _check_one_source(self):
        source = self._get_source()
        if self.kind == "payout" and not self.recharge_id:
            return
        if not source or source.enterprise_id != self.enterprise_id:
            raise UserError(self.env._("Choose what is corrected, of this enterprise."))
        if self.kind != "charge" and source.state != "approved":
            raise UserError(self.env._("Only an arrived recharge can be taken back."))
        left = self._get_left_fen_of(source)
        if self._get_fen() > left:
            raise UserError(
                self.env._(
                    "Of this, %s is left to give back: lower the amount.",
                    money.show(max(0, left)),
                )
            )

    def _get_left_fen_of(self, source):
        """Return what other requests leave of a charge or a recharge (fen)."""
        others = self.sudo().search(self._get_sibling_domain(source)) - self._origin
        given = sum(money.to_fen(other.amount) for other in others)
        return money.to_fen(source[self._get_source_amount()]) - given

    def _get_source(self):
        return self.charge_id if self.kind == "charge" else self.recharge_id

    def _get_source_amount(self):
        return "amount" if self.kind == "charge" else "amount_received"

    def _get_sibling_domain(self, source):
        name = "charge_id" if self.kind == "charge" else "recharge_id"
        return [
            (name, "=", source.id),
            ("state", "in", ("requested", "held", "sent", "done")),
        ]

    # === TWO PERSONS === #
    def action_approve(self):
        """Approve as the second person; the money is held or moved at once.

        :raise UserError: same person, decided already, or the balance is too low
        """
        self._check_second_person()
        for refund in self:
            # Again: another request for the same source may have come at once.
            refund._get_wallet()._touch()
            refund._check_one_source()
            refund._check_fapiao()
            to = "held" if refund.kind == "payout" else "done"
            refund._move_state("requested", to)
            refund.sudo().approver_id = self.env.user
            getattr(refund.sudo(), f"_do_{refund.kind}")()

    def action_refuse(self):
        """Refuse a request as the second person."""
        self._check_second_person()
        for refund in self:
            refund._move_state("requested", "refused")
            refund.sudo().approver_id = self.env.user

    def action_settle(self):
        """Book the payout of held money: it left the bank.

        What the gateway paid meanwhile is done already.
        """
        self.env["huolie.recharge"]._check_finance()
        for refund in self:
            if refund.sudo()._is_settled_by_asking():
                continue
            refund._move_state("held", "done")
            refund.sudo()._book_payout()

    def action_release(self):
        """Give held money back to the balance: the payout failed.

        What the gateway paid meanwhile is done already.
        """
        self.env["huolie.recharge"]._check_finance()
        for refund in self:
            if refund.sudo()._is_settled_by_asking():
                continue
            refund._move_state("held", "released")
            refund.sudo()._get_wallet()._credit(
                refund._get_fen(), f"release:{refund.id}", "release", refund
            )

    def _check_second_person(self):
        self.env["huolie.recharge"]._check_finance()
        user = self.env.user
        for refund in self:
            first = refund.sudo().requester_id
            mail = user.email_normalized
            if (
                user == first
                or (mail and mail == first.email_normalized)
                or user.sudo().enterprise_id == refund.enterprise_id
            ):
                raise UserError(self.env._("A second person must decide on this."))

    def _check_fapiao(self):
        """Money on a fapiao goes back after the rejection or the red letter only."""
        source = self._get_source()
        fapiao = self.env["huolie.fapiao"]
        locked = source and source.sudo().fapiao_id.state in LIVE
        left = fapiao._get_left_fen(self.enterprise_id)
        if locked or (self.kind != "charge" and self._get_fen() > left):
            raise UserError(
                self.env._(
                    "There is a fapiao for this money: reject the request, or make the"
                    " red letter first."
                )
            )

    def _move_state(self, old, new):
        """Change the state; of two clicks one wins.

        :raise UserError: for the other
        """
        if not self._try_move((old,), new):
            raise UserError(self.env._("This was decided already."))

    def _try_move(self, olds, new):
        """Change the state by ONE conditional UPDATE; say whether it was ours to do."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE huolie_refund SET state = %s
                    WHERE id = %s AND state = ANY(%s) RETURNING id""",
                new,
                self.id,
                list(olds),
            ),
            # Losing is no error: the request is run again.
            log_exceptions=False,
        )
        won = bool(self.env.cr.fetchone())
        self.invalidate_recordset(["state"])
        if won:
            told = f"{self.amount:.2f} {self.reason or ''}"
            self._audit(f"refund.{new}", olds[0], told)
        return won

    # === WHAT IT DOES === #
    def _get_fen(self):
        return money.to_fen(self.amount)

    def _get_wallet(self):
        return self.enterprise_id._get_wallet()

    def _do_payout(self):
        self._get_wallet()._debit(
            self._get_fen(), f"hold:{self.id}", "hold", self, self.reason
        )

    def _do_charge(self):
        """Give back: a negative charge, which the next invoice deducts."""
        entry = self._get_wallet()._credit(
            self._get_fen(), f"correct:{self.id}", "correction", self, self.reason
        )
        self.env["huolie.charge"].create(self._prepare_back_vals(entry))

    def _prepare_back_vals(self, entry):
        charge = self.charge_id
        return {
            "enterprise_id": self.enterprise_id.id,
            "entry_id": entry.id,
            "kind": "correction",
            "service": charge.service,
            "quantity": charge.quantity,
            "price": charge.price,
            "date_start": charge.date_start,
            "date_end": charge.date_end,
            "days": charge.days,
            "formula": self.reason,
            "amount": -self.amount,
            "currency_id": charge.currency_id.id,
            "charged_on": self.enterprise_id._get_today(),
            "corrected_id": charge.id,
        }

    def _do_recharge(self):
        """Take back: opposite movement and an opposite payment."""
        self._get_wallet()._debit(
            self._get_fen(), f"correct:{self.id}", "correction", self, self.reason
        )
        self._book_payout()

    def _book_payout(self):
        company = self.enterprise_id._get_billing_company()
        payments = self.env["account.payment"].with_company(company)
        payment = payments.create(self._prepare_payout_vals(company))
        payment.action_post()
        payment.action_validate()
        payment.move_id.huolie_enterprise_id = self.enterprise_id
        self.payment_id = payment
        self.env["huolie.charge"]._reconcile(payment.move_id)

    def _get_payout_journal(self):
        """Return where the money left: as it came, or from the bank."""
        came_by = self.recharge_id
        if self.kind == "payout" and not self._is_paid_by_gateway():
            came_by = came_by.filtered(lambda one: one.method == "transfer")
        return came_by._get_journal()

    def _prepare_payout_vals(self, company):
        journal = self._get_payout_journal()
        self.recharge_id._check_journal(journal)
        return {
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": self.enterprise_id.partner_id.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "company_id": company.id,
            "date": self.enterprise_id._get_today(),
            "journal_id": journal.id,
            "memo": self.reason,
            "destination_account_id": self.enterprise_id._get_advance_account().id,
            "outstanding_account_id": journal.default_account_id.id,
        }
