from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import money
from ..services.dates import CHINA, UTC


class HuolieWalletEntry(models.Model):
    _name = "huolie.wallet.entry"
    _inherit = ["huolie.money.mixin"]
    _description = "Movement of a balance"
    _order = "id desc"
    _rec_name = "key"
    _log_access = False
    _operator_fields = ("actor_id",)

    enterprise_id = fields.Many2one(ondelete="restrict")
    wallet_id = fields.Many2one(
        comodel_name="huolie.wallet",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(related="wallet_id.currency_id")
    create_date = fields.Datetime(
        string="Time",
        required=True,
        readonly=True,
        default=fields.Datetime.now,
        index=True,
    )
    kind = fields.Selection(
        selection=[
            ("recharge", "Recharge"),
            ("open", "Service opened"),
            ("renew", "Renewal"),
            ("hold", "Refund held"),
            ("release", "Refund released"),
            ("correction", "Correction"),
        ],
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(required=True, readonly=True)
    balance_after = fields.Monetary(
        string="Balance after", required=True, readonly=True
    )
    key = fields.Char(required=True, readonly=True, groups="base.group_system")
    note = fields.Char(readonly=True)
    res_model = fields.Char(
        string="Res model", readonly=True, groups="base.group_system"
    )
    res_id = fields.Many2oneReference(
        model_field="res_model", readonly=True, groups="base.group_system"
    )
    actor_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        ondelete="restrict",
        groups="huolie_base.group_operator_finance",
    )

    _key_uniq = models.UniqueIndex("(key)", "This movement was made already.")
    _amount_in_fen = models.Constraint(
        "CHECK(amount <> 0 AND amount = round(amount, 2))",
        "A movement has whole fen and is not empty.",
    )

    def init(self):
        """Forbid change in the database itself: a movement is never edited."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION huolie_wallet_entry_frozen()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'huolie_wallet_entry is append-only'; END $$;
            CREATE OR REPLACE TRIGGER huolie_wallet_entry_frozen
            BEFORE UPDATE OR DELETE ON huolie_wallet_entry
            FOR EACH ROW EXECUTE FUNCTION huolie_wallet_entry_frozen();
            CREATE OR REPLACE TRIGGER huolie_wallet_entry_kept
            BEFORE TRUNCATE ON huolie_wallet_entry
            FOR EACH STATEMENT EXECUTE FUNCTION huolie_wallet_entry_frozen();
            """
        )

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: what happened is corrected by an opposite movement.

        :raise UserError: always
        """
        raise UserError(self.env._("A movement of the balance is never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A movement of the balance is never deleted."))

    def _prepare_statement_row(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        local = self.create_date.replace(tzinfo=UTC).astimezone(CHINA)
        fen, after = money.to_fen(self.amount), money.to_fen(self.balance_after)
        return {
            "time": local.strftime("%Y-%m-%d %H:%M"),
            "kind": kinds[self.kind],
            "note": self.note or "",
            "fen": fen,
            "after_fen": after,
            "amount": money.show(fen),
            "after": money.show(after),
        }
