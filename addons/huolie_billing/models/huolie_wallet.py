from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..services import money


class BalanceTooLow(UserError):
    """A debit that the balance does not cover; ``missing`` is in fen."""

    def __init__(self, message, missing):
        super().__init__(message)
        self.missing = missing


class HuolieWallet(models.Model):
    _name = "huolie.wallet"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Balance of an enterprise"
    _rec_name = "enterprise_id"

    enterprise_id = fields.Many2one(ondelete="restrict")
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True, ondelete="restrict"
    )
    balance = fields.Monetary(required=True, readonly=True, default=0.0, copy=False)
    invoice_error = fields.Char(
        string="Invoice error",
        readonly=True,
        copy=False,
        groups="huolie_base.group_operator_finance,huolie_base.group_operator_manager",
    )
    entry_ids = fields.One2many(
        comodel_name="huolie.wallet.entry",
        inverse_name="wallet_id",
        string="Statement",
        readonly=True,
    )

    _enterprise_uniq = models.UniqueIndex("(enterprise_id)")
    _balance_not_negative = models.Constraint(
        "CHECK(balance >= 0)", "The balance cannot be negative."
    )
    _balance_in_fen = models.Constraint(
        "CHECK(balance = round(balance, 2))", "The balance has whole fen only."
    )

    def _get_balance(self):
        """Return the balance in fen, as the database has it."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL("SELECT balance FROM huolie_wallet WHERE id = %s", self.id)
        )
        return money.to_fen(rows[0][0] or 0)

    def _credit(self, fen, key, kind, source=None, note=None):
        """Add money; the same ``key`` again changes nothing.

        :param int fen: more than 0
        :param str key: unique over all wallets, says which event this is
        :param str kind: kind of entry
        :param source: the record the money comes from
        :return: the entry
        """
        return self._move(self._check_fen(fen), key, kind, source, note)

    def _debit(self, fen, key, kind, source=None, note=None):
        """Take money; the same ``key`` again changes nothing.

        :raise BalanceTooLow: (a UserError) naming what is missing
        """
        return self._move(-self._check_fen(fen), key, kind, source, note)

    def _check_fen(self, fen):
        if type(fen) is not int or not 0 < fen <= money.MAX_FEN:
            raise ValueError(f"not an amount in fen: {fen!r}")
        return fen

    def _touch(self):
        """Make this transaction collide with any other that moves this wallet.

        For decisions that cost nothing but must not be taken twice.
        """
        self.env.execute_query(
            SQL(
                "UPDATE huolie_wallet SET balance = balance WHERE id = %s RETURNING id",
                self.id,
            )
        )

    def _move(self, fen, key, kind, source, note):
        self.ensure_one()
        wallet = self.sudo()
        done = wallet._find_entry(fen, key)
        if done:
            return done
        after = wallet._update_balance(fen)
        vals = wallet._prepare_entry_vals(fen, after, key, kind, source, note)
        return self.env["huolie.wallet.entry"].sudo().create(vals)

    def _find_entry(self, fen, key):
        entry = self.env["huolie.wallet.entry"].search([("key", "=", key)])
        if entry and (entry.wallet_id != self or money.to_fen(entry.amount) != fen):
            raise ValueError(f"wallet key {key!r} used for another movement")
        return entry

    def _update_balance(self, fen):
        """Change the balance by ONE conditional UPDATE of the contended row.

        Under Odoo's isolation level only this is safe (docs/money.md); a loser gets a
        serialization failure and its request is run again.
        """
        amount = money.from_fen(fen)
        self.env.cr.execute(
            SQL(
                """UPDATE huolie_wallet SET balance = balance + %(x)s::numeric
                    WHERE id = %(id)s AND balance + %(x)s::numeric >= 0
                RETURNING balance""",
                x=str(amount),
                id=self.id,
            ),
            # Losing is no error: the request is run again.
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        self.invalidate_recordset(["balance"])
        if not row:
            self._raise_too_low(-fen)
        return row[0]

    def _debit_many(self, moves, kind):
        """Take money from many wallets with one conditional UPDATE (the nightly run).

        :param list moves: dicts ``wallet fen key source note``, a wallet once at most
        :return: dict wallet → entry; a wallet with too little money is left out
        """
        wallets = self.sudo()
        afters = wallets._update_balances(moves)
        paid = [move for move in moves if move["wallet"].id in afters]
        entries = (
            self.env["huolie.wallet.entry"]
            .sudo()
            .create(
                [
                    move["wallet"]._prepare_entry_vals(
                        -move["fen"],
                        afters[move["wallet"].id],
                        move["key"],
                        kind,
                        move["source"],
                        move["note"],
                    )
                    for move in paid
                ]
            )
        )
        return {m["wallet"]: e for m, e in zip(paid, entries, strict=True)}

    def _update_balances(self, moves):
        self.env.cr.execute(
            SQL(
                """UPDATE huolie_wallet w SET balance = w.balance - v.fen / 100.0
                     FROM unnest(%s::int[], %s::bigint[]) v(id, fen)
                    WHERE w.id = v.id AND w.balance >= v.fen / 100.0
                RETURNING w.id, w.balance""",
                [move["wallet"].id for move in moves],
                [self._check_fen(move["fen"]) for move in moves],
            )
        )
        self.env["huolie.wallet"].invalidate_model(["balance"])
        return dict(self.env.cr.fetchall())

    def _raise_too_low(self, fen):
        balance = self._get_balance()
        raise BalanceTooLow(
            self.env._(
                "The balance is %(balance)s, but %(cost)s is needed:"
                " %(missing)s is missing. Please recharge first.",
                balance=money.show(balance),
                cost=money.show(fen),
                missing=money.show(fen - balance),
            ),
            fen - balance,
        )

    def _prepare_entry_vals(self, fen, after, key, kind, source, note):
        return {
            "wallet_id": self.id,
            "enterprise_id": self.enterprise_id.id,
            "kind": kind,
            "amount": money.from_fen(fen),
            "balance_after": float(after),
            "key": key,
            "res_model": source._name if source else False,
            "res_id": source.id if source else False,
            "note": note,
            "actor_id": self.env.uid,
        }
