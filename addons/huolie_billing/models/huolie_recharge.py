from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..services import money
from ..services.matching import plain_name

OPEN = ("filed", "matched")
WRITABLE = {"amount_received", "hold_note"}


class HuolieRecharge(models.Model):
    """One recharge: a bank transfer that finance approves, or an online payment."""

    _name = "huolie.recharge"
    _inherit = ["huolie.money.mixin", "mail.thread"]
    _description = "Recharge"
    _order = "id desc"
    _rec_name = "code"
    _rec_names_search = ["code", "enterprise_id", "payer_name"]
    _operator_fields = ("approver_id", "filer_id", "create_uid")

    enterprise_id = fields.Many2one(ondelete="restrict")
    code = fields.Char(string="Remark code", required=True, readonly=True, copy=False)
    method = fields.Selection(
        selection=[
            ("transfer", "Bank transfer"),
            ("wechat", "WeChat Pay"),
            ("alipay", "Alipay"),
        ],
        required=True,
        default="transfer",
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("waiting", "To be paid"),
            ("filed", "Filed"),
            ("matched", "Matched"),
            ("approved", "Arrived"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("expired", "Expired"),
        ],
        required=True,
        default="filed",
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    amount = fields.Monetary(string="Amount declared", required=True, readonly=True)
    amount_received = fields.Monetary(
        string="Amount arrived",
        copy=False,
        tracking=True,
        help="What arrived is credited, not what was declared.",
    )
    payer_name = fields.Char(string="Payer")
    payer_account = fields.Char(string="Payer account")
    paid_on = fields.Date(string="Paid on")
    slip = fields.Binary(string="Bank slip", attachment=True, copy=False)
    slip_name = fields.Char(string="Slip name")
    bank_account_id = fields.Many2one(
        comodel_name="huolie.bank.account",
        string="To the account",
        readonly=True,
        ondelete="restrict",
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )
    filer_id = fields.Many2one(
        comodel_name="res.users",
        string="Filed by",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    approver_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        tracking=True,
        copy=False,
        ondelete="restrict",
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )
    decided_at = fields.Datetime(string="Decided on", readonly=True, copy=False)
    reject_reason = fields.Char(
        string="Reject reason", readonly=True, copy=False, tracking=True
    )
    hold_reason = fields.Char(
        string="Held because", compute="_compute_hold_reason", compute_sudo=True
    )
    hold_note = fields.Char(
        string="Reason to approve in spite of it",
        copy=False,
        tracking=True,
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )
    payment_id = fields.Many2one(
        comodel_name="account.payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )
    fapiao_id = fields.Many2one(
        comodel_name="huolie.fapiao", readonly=True, index="btree_not_null"
    )
    waiting_days = fields.Integer(
        string="Waiting days", compute="_compute_waiting_days"
    )

    _code_uniq = models.UniqueIndex("(code)", "This remark code is used.")
    _amount_in_fen = models.Constraint(
        "CHECK(amount > 0 AND amount = round(amount, 2))",
        "The amount is more than zero and has whole fen.",
    )

    # === COMPUTE METHODS === #
    @api.depends("code", "enterprise_id", "amount", "state")
    @api.depends_context("with_enterprise", "lang")
    def _compute_display_name(self):
        """Show the code; where finance chooses one, also whose, how much, how far."""
        for recharge in self:
            name = recharge.code
            if self.env.context.get("with_enterprise"):
                amount = money.show(money.to_fen(recharge.amount))
                whose = recharge.enterprise_id.display_name
                name = f"{name} · {whose} · {amount} · {recharge._get_state_label()}"
            recharge.display_name = name

    @api.depends("create_date", "decided_at")
    def _compute_waiting_days(self):
        now = fields.Datetime.now()
        for recharge in self:
            begin = recharge.create_date or now
            recharge.waiting_days = ((recharge.decided_at or now) - begin).days

    @api.depends("amount", "amount_received", "payer_name", "enterprise_id.name")
    @api.depends_context("lang")
    def _compute_hold_reason(self):
        for recharge in self:
            reasons = (
                recharge._get_hold_reasons() if recharge.method == "transfer" else []
            )
            recharge.hold_reason = " ".join(reasons)

    def _get_hold_reasons(self):
        """Return why finance must think before approving (list of sentences)."""
        self.ensure_one()
        reasons = []
        config = self.env["huolie.billing.config"]._get()
        fen = money.to_fen(self.amount_received or self.amount)
        if fen < config._get_minimum("transfer"):
            reasons.append(self.env._("Less than the minimum arrived."))
        own = self.enterprise_id._get_verified_name()
        if plain_name(self.payer_name) != plain_name(own):
            reasons.append(
                self.env._(
                    "The payer “%(payer)s” is not the verified enterprise “%(own)s”.",
                    payer=self.payer_name or "",
                    own=own or "",
                )
            )
        return reasons

    def write(self, vals):
        """Let people write only what finance finds out before deciding.

        :raise AccessError: for any other field, or after the decision
        """
        if not self.env.su and not WRITABLE.issuperset(vals):
            raise AccessError(self.env._("This is set by the decision only."))
        if not self.env.su and any(r.state not in OPEN for r in self):
            raise AccessError(self.env._("This was decided already."))
        return super().write(vals)

    # === ACTIONS OF THE ENTERPRISE === #
    def action_withdraw(self):
        """Take back a transfer that was filed but not decided.

        :raise AccessError: without the right to manage the account
        :raise UserError: when it was decided already
        """
        if not self.env.user.has_group("huolie_base.group_account_do"):
            raise AccessError(self.env._("You may not do this."))
        self.check_access("read")
        for recharge in self:
            recharge._decide("withdrawn", OPEN)

    # === ACTIONS OF FINANCE === #
    def action_approve(self):
        """Credit what arrived (B2). Twice, or by two people at once, credits once.

        :raise UserError: four eyes, held without a reason, decided already
        """
        self._check_finance()
        for recharge in self:
            recharge._check_four_eyes()
            recharge._check_arrived()
            recharge._check_held()
            recharge._decide("approved", OPEN)
            recharge._credit(recharge.enterprise_id._get_today())

    def _reject(self, reason):
        """Reject with a reason that the enterprise reads."""
        self._check_finance()
        for recharge in self:
            recharge._check_four_eyes()
            recharge._decide("rejected", OPEN, reason)
            recharge._tell_rejected()

    def _check_finance(self):
        if not self.env.user.has_group("huolie_base.group_operator_finance"):
            raise AccessError(self.env._("Only finance decides on transfers."))
        self.check_access("read")

    def _check_four_eyes(self):
        """Nobody approves their own: approver, filer and enterprise are apart."""
        user, filer = self.env.user, self.sudo().filer_id
        mine = user.sudo().enterprise_id == self.enterprise_id
        same = user == filer or (
            user.email_normalized and user.email_normalized == filer.email_normalized
        )
        if mine or same:
            raise UserError(
                self.env._(
                    "You filed this or belong to this enterprise:"
                    " somebody else must decide."
                )
            )

    def _check_arrived(self):
        """Refuse an amount that cannot have arrived, before anything moves."""
        fen = money.to_fen(self.amount_received or self.amount)
        if not 0 < fen <= money.MAX_FEN:
            raise UserError(
                self.env._("The amount that arrived must be more than zero.")
            )

    def _check_held(self):
        if self.hold_reason and not (self.hold_note or "").strip():
            raise UserError(
                self.env._(
                    "%(code)s is held: %(why)s Write the reason to approve it, or"
                    " reject it.",
                    code=self.code,
                    why=self.hold_reason,
                )
            )

    # === DECIDING === #
    def _decide(self, state, from_states, reason=None):
        """Change the state by ONE conditional UPDATE: of two deciders one wins.

        :raise UserError: when it was decided already
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE huolie_recharge SET state = %s
                    WHERE id = %s AND state = ANY(%s) RETURNING id""",
                state,
                self.id,
                list(from_states),
            ),
            # Losing is no error: the request is run again.
            log_exceptions=False,
        )
        won = self.env.cr.fetchone()
        self.invalidate_recordset(["state"])
        if not won:
            raise UserError(
                self.env._(
                    "%(code)s was decided already: %(state)s.",
                    code=self.code,
                    state=self._get_state_label(),
                )
            )
        self.sudo().write(self._prepare_decision_vals(state, reason))
        self._audit(f"recharge.{state}", from_states[0], self._sum_up_decision(reason))

    def _sum_up_decision(self, reason):
        """Return what the audit log keeps: the amount, and why it was decided so."""
        amount = self.amount_received or self.amount
        why = reason or (self.sudo().hold_note if self.hold_reason else "")
        return f"{amount:.2f} {why or ''}".strip()

    def _prepare_decision_vals(self, state, reason):
        return {
            "approver_id": self.env.uid if state in ("approved", "rejected") else False,
            "decided_at": fields.Datetime.now(),
            "reject_reason": reason,
        }

    def _get_state_label(self):
        states = self._fields["state"]._description_selection(self.env)
        return dict(states)[self.state]

    def _credit(self, date):
        """Credit an approved recharge in both books and wake what waits for money."""
        self.ensure_one()
        recharge = self.sudo()
        enterprise = recharge.enterprise_id
        if not recharge.amount_received:
            recharge.amount_received = recharge.amount
        fen = money.to_fen(recharge.amount_received)
        enterprise._get_wallet()._credit(
            fen, f"recharge:{recharge.id}", "recharge", recharge, recharge.code
        )
        # A day that a bank's file or a person got wrong is not booked ahead of time.
        recharge._create_payment(min(recharge.paid_on or date, date))
        enterprise._try_become_formal()
        recharge._tell_credited()
        enterprise._on_money()

    def _create_payment(self, date):
        """Post the payment to the customers' balance account (accounting book)."""
        payments = self.env["account.payment"].sudo()
        company = self.enterprise_id._get_billing_company()
        vals = self._prepare_payment_vals(company, date)
        payment = payments.with_company(company).create(vals)
        payment.action_post()
        # The money is on the bank account already; a chart whose bank account can be
        # reconciled would leave the payment "in process".
        payment.action_validate()
        payment.move_id.huolie_enterprise_id = self.enterprise_id
        self.payment_id = payment
        return payment

    def _prepare_payment_vals(self, company, date):
        journal = self._get_journal()
        self._check_journal(journal)
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.enterprise_id.partner_id.id,
            "amount": self.amount_received,
            "currency_id": self.currency_id.id,
            "company_id": company.id,
            "date": date,
            "journal_id": journal.id,
            "memo": self.code,
            "destination_account_id": self.enterprise_id._get_advance_account().id,
            "outstanding_account_id": journal.default_account_id.id,
        }

    @api.model
    def _check_journal(self, journal):
        """Refuse a journal on which a payment would make no entry in the books."""
        if not journal.default_account_id:
            raise UserError(self.env._("There is no bank journal to book this in."))

    def _get_journal(self):
        """Return the journal that the money arrived in."""
        account = self.sudo().bank_account_id
        return account._get_journal()

    # === NOTICES === #
    def _tell_credited(self):
        enterprise = self.enterprise_id
        amount = enterprise._show_money(money.to_fen(self.amount_received))
        enterprise._notify(
            lambda env: env._("Recharge of %(amount)s arrived", amount=amount),
            lambda env: env._(
                "%(amount)s was added to your balance (%(code)s).",
                amount=amount,
                code=self.code,
            ),
            url=self._get_url(),
        )

    def _tell_rejected(self):
        self.enterprise_id._notify(
            lambda env: env._("Transfer %(code)s was rejected", code=self.code),
            lambda env: env._(
                "Reason: %(reason)s You can file it again or contact us.",
                reason=self.reject_reason,
            ),
            url=self._get_url(),
            kind="warning",
        )
