from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..services import pricing
from .common import BillingCase


@tagged("post_install", "-at_install")
class TestGift(BillingCase):
    def _grant(self, **vals):
        values = {
            "enterprise_id": self.a.id,
            "kind": "percent",
            "percent": 10,
            "reason": "新客九折",
            "until": "2026-12-31",
        }
        gifts = self.env["huolie.gift"].with_user(self.manager)
        return gifts.create({**values, **vals})

    def _open(self, count=2, fen=100000, months=1):
        self._make_formal(self.a, fen)
        seats = self._add_seats(self.a, count)
        return self.a._open_service(seats, [], months, "o1")

    def _charge(self, entry):
        return self.env["huolie.charge"].search([("entry_id", "=", entry.id)])

    def test_parts_of_a_gift_add_up(self):
        lines = [{"amount": fen} for fen in (333, 333, 334, 1)]
        for discount in (0, 1, 500, 1000):
            parts = pricing.deduct(lines, discount)
            self.assertEqual(sum(part["discount"] for part in parts), discount)
            for part in parts:
                self.assertGreaterEqual(part["amount"], 0)
                self.assertEqual(part["gross"], part["amount"] + part["discount"])

    def test_preview_and_charge_are_the_same(self):
        with self._at("2026-03-01 03:00:00"):
            gift = self._grant()
            self._make_formal(self.a, 100000)
            seats = self._add_seats(self.a, 2)
            plan = self.a._plan_open(seats, [], 1)
            self.assertEqual((plan["gross"], plan["discount"]), (39800, 3980))
            entry = self.a._open_service(seats, [], 1, "o1")
            self.assertEqual(entry.amount, -358.20)
            charge = self._charge(entry)
            self.assertEqual((charge.amount, charge.discount), (358.20, 39.80))
            self.assertEqual((charge.gift_id, gift.used), (gift, 39.80))
            self.assertEqual(self._balance(self.a), 100000 - 35820)

    def test_books_agree_and_invoice_names_the_gift(self):
        with self._at("2026-03-01 03:00:00"):
            self._grant()
            charge = self._charge(self._open())
            charge.with_user(self.finance).action_invoice_now()
        self.assertEqual(charge.move_id.amount_total, 358.20)
        self.assertEqual(charge.move_id.payment_state, "paid")
        text = charge.move_id.invoice_line_ids.name
        for part in ("398.00", "39.80", "新客九折"):
            self.assertIn(part, text)
        self.assertFalse(self.env["huolie.books.check"]._run().different)

    def test_amount_is_used_up_over_several_charges(self):
        with self._at("2026-03-01 03:00:00"):
            gift = self._grant(kind="amount", amount=250)
            first = self._open(1)
            self.assertEqual(first.amount, -0.01)
            self.assertEqual((gift.used, gift.state), (198.99, "active"))
            second = self.a._renew(1, "r1")
            self.assertEqual(second.amount, -(199 - 51.01))
            self.assertEqual((gift.used, gift.state), (250, "used"))
            self.assertEqual(self.a._renew(1, "r2").amount, -199)

    def test_nightly_run_deducts_the_gift(self):
        with self._at("2026-03-01 03:00:00"):
            self._open()
            gift = self._grant()
        with self._at("2026-04-01 03:00:00"):
            self.a._renew_chunk(self.a.ids)
            self.assertEqual(self.a.service_end, date(2026, 5, 1))
            self.assertEqual(gift.used, 39.80)
            self.assertEqual(self._balance(self.a), 100000 - 39800 - 35820)

    def test_best_gift_counts_and_over_ones_do_not(self):
        with self._at("2026-03-01 03:00:00"):
            self._grant(percent=50, until="2026-02-28")
            self._grant(percent=40).action_end()
            best = self._grant(percent=20, until="2026-03-01")
            self._grant(kind="amount", amount=5)
            charge = self._charge(self._open())
            self.assertEqual((charge.gift_id, charge.discount), (best, 79.60))

    def test_reminder_counts_gifts_of_the_day_of_renewal(self):
        with self._at("2026-03-01 03:00:00"):
            self._open(2, 39800 + 39700)
            self._grant(until="2026-03-31")
            self.assertEqual(self.a._plan_renew(1)["total"], 35820)
            late = self.a._plan_renew(1, day=self.a.service_end)
            self.assertEqual(late["total"], 39800)

    def test_used_meanwhile_is_refused(self):
        gift = self._grant(kind="amount", amount=10, until="2099-01-01")
        gift.sudo()._use(600)
        with self.assertRaises(UserError):
            gift.sudo()._use(500)

    def test_only_managers_grant_and_nobody_changes(self):
        gift = self._grant()
        values = {"enterprise_id": self.a.id, "reason": "x", "until": "2026-12-31"}
        for user in (self.finance, self.admin_a):
            with self.assertRaises(AccessError):
                self.env["huolie.gift"].with_user(user).create(values)
            with self.assertRaises(AccessError):
                gift.with_user(user).action_end()
        with self.assertRaises(AccessError):
            gift.with_user(self.manager).percent = 50
        audit = self.env["huolie.audit"].search([("enterprise_id", "=", self.a.id)])
        self.assertIn("gift.grant", audit.mapped("action"))
        gift.with_user(self.manager).action_end()
        self.assertEqual(gift.state, "ended")

    @mute_logger("odoo.sql_db")
    def test_wrong_sizes_are_refused(self):
        for vals in ({"percent": 100}, {"percent": 0}, {"kind": "amount", "amount": 0}):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._grant(**vals)

    def test_wizard_shows_the_gift(self):
        with self._at("2026-03-01 03:00:00"):
            self._grant()
            self._make_formal(self.a, 100000)
            self._add_seats(self.a, 2)
            wizard = Form(self.env["huolie.open.wizard"].with_user(self.admin_a))
            self.assertIn("新客九折", wizard.preview)
            self.assertIn("59.70", wizard.preview)
