import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestWallet(BillingCase):
    def setUp(self):
        super().setUp()
        self.wallet = self.a._get_wallet()

    def test_every_enterprise_has_one_wallet(self):
        wallets = self.env["huolie.wallet"].search([("enterprise_id", "=", self.a.id)])
        self.assertEqual(len(wallets), 1)
        self.assertEqual(self.a._get_wallet(), wallets)

    def test_movement_writes_balance_after(self):
        self.wallet._credit(10000, "t:1", "recharge")
        entry = self.wallet._debit(2550, "t:2", "open")
        self.assertEqual(entry.amount, -25.5)
        self.assertEqual(entry.balance_after, 74.5)
        self.assertEqual(self._balance(self.a), 7450)

    def test_same_key_moves_once(self):
        first = self.wallet._credit(10000, "t:1", "recharge")
        self.assertEqual(self.wallet._credit(10000, "t:1", "recharge"), first)
        self.assertEqual(self._balance(self.a), 10000)
        with self.assertRaises(ValueError):
            self.wallet._credit(20000, "t:1", "recharge")
        with self.assertRaises(ValueError):
            self.b._get_wallet()._credit(10000, "t:1", "recharge")

    def test_too_little_says_what_is_missing(self):
        self.wallet._credit(10000, "t:1", "recharge")
        with self.assertRaises(UserError) as found:
            self.wallet._debit(12345, "t:2", "open")
        self.assertIn("23.45", found.exception.args[0])
        self.assertEqual(found.exception.missing, 2345)
        self.assertEqual(self._balance(self.a), 10000)

    def test_w3_only_whole_positive_fen(self):
        for fen in (0, -1, 1.5, True, None, "5", float("nan"), 10**18):
            for move in (self.wallet._credit, self.wallet._debit):
                with self.assertRaises(ValueError):
                    move(fen, "t:x", "recharge")

    def test_w10_movements_are_append_only(self):
        entry = self.wallet._credit(10000, "t:1", "recharge")
        with self.assertRaises(UserError):
            entry.write({"amount": 1})
        with self.assertRaises(UserError):
            entry.unlink()
        for statement in (
            "UPDATE huolie_wallet_entry SET amount = 1",
            "DELETE FROM huolie_wallet_entry",
            "TRUNCATE huolie_wallet_entry CASCADE",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RaiseException),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_w10_nobody_writes_by_rpc(self):
        entry = self.wallet._credit(10000, "t:1", "recharge")
        for user in (self.admin_a, self.finance, self.manager):
            with self.assertRaises(UserError):
                entry.with_user(user).write({"note": "x"})
            with self.assertRaises(AccessError):
                self.wallet.with_user(user).write({"balance": 1e6})
            with self.assertRaises(AccessError):
                entry.with_user(user).create({"wallet_id": self.wallet.id})

    def test_balance_constraint_in_the_database(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE huolie_wallet SET balance = -1 WHERE id = %s", [self.wallet.id]
            )

    def test_tenant_sees_only_own(self):
        self.wallet._credit(10000, "t:1", "recharge")
        entries = self.env["huolie.wallet.entry"]
        self.assertEqual(len(entries.with_user(self.admin_a).search([])), 1)
        self.assertFalse(entries.with_user(self.admin_b).search([]))
        with self.assertRaises(AccessError):
            self.wallet.with_user(self.admin_b).read(["balance"])

    def test_accounts_of_the_chart(self):
        account = self.a._get_advance_account()
        self.assertEqual(account.account_type, "asset_receivable")
        self.assertTrue(account.reconcile)
        partner = self.a.partner_id.with_company(self.a._get_billing_company())
        self.assertEqual(partner.property_account_receivable_id, account)
        tax = self.a._get_billing_company()._get_huolie_tax()
        if self.a._get_billing_company().chart_template == "cn":
            self.assertEqual(account.code[:4], "2203")
            self.assertEqual((tax.amount, tax.price_include), (6.0, True))
