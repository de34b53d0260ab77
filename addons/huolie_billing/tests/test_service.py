from datetime import date, datetime
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged

from ..models.huolie_enterprise_renewal import LEEWAY
from .common import BillingCase


@tagged("post_install", "-at_install")
class TestService(BillingCase):
    def test_first_opening_sets_common_end(self):
        with self._at("2026-01-31 03:00:00"):
            self._make_formal(self.a, 100000)
            seats = self._add_seats(self.a, 2)
            self.a._open_service(seats, [], 1, "o1")
            self.assertEqual(self.a.service_end, date(2026, 2, 28))
            self.assertEqual(self.a.anchor_day, 31)
            # midnight in China is 16:00 UTC of the day before
            self.assertEqual(self.a.service_until, datetime(2026, 2, 27, 16))
            # until the run of that day decides, see test_midnight
            until = self.a.service_until + LEEWAY
            self.assertEqual(seats.mapped("serve_until"), [until] * 2)
            self.assertEqual(self._balance(self.a), 100000 - 2 * 19900)
            self.assertEqual(self.a._get_stage(), "serving")

    def test_china_day_begins_at_16_utc(self):
        with self._at("2026-01-30 16:30:00"):
            self.assertEqual(self.a._get_today(), date(2026, 1, 31))

    def test_later_seat_pays_the_days_to_the_common_end(self):
        with self._at("2026-03-01 01:00:00"):
            self._make_formal(self.a, 100000)
            one, two = self._add_seats(self.a, 2)
            self.a._open_service(one, [], 1, "o1")
        with self._at("2026-03-20 01:00:00"):
            before = self._balance(self.a)
            plan = self.a._plan_open(two, [], 12)
            entry = self.a._open_service(two, [], 12, "o2")
            self.assertEqual(self.a.service_end, date(2026, 4, 1))
            self.assertEqual(before - self._balance(self.a), 7703)
            self.assertEqual(plan["total"], 7703)
            charge = self.env["huolie.charge"].search([("entry_id", "=", entry.id)])
            self.assertEqual((charge.days, charge.amount), (12, 77.03))
            self.assertEqual(charge.formula, "199.00 × 12/31")
            self.assertEqual(charge.price, 199.0)

    def test_same_click_charges_once_and_open_seat_is_refused(self):
        self._make_formal(self.a, 100000)
        seats = self._add_seats(self.a, 1)
        first = self.a._open_service(seats, [], 1, "o1")
        self.assertEqual(self.a._open_service(seats, [], 1, "o1"), first)
        with self.assertRaises(UserError):
            self.a._open_service(seats, [], 1, "o2")
        self.assertEqual(self._balance(self.a), 100000 - 19900)

    def test_trial_and_unpaid_are_refused(self):
        seats = self._add_seats(self.a, 1)
        with self.assertRaises(UserError):
            self.a._open_service(seats, [], 1, "o1")
        self._make_formal(self.a, 50000)
        more = self._add_seats(self.a, 2)
        with self.assertRaises(UserError) as found:
            self.a._open_service(seats | more, [], 1, "o2")
        self.assertIn("97.00", found.exception.args[0])
        self.assertFalse(self.a.service_end)
        self.assertFalse(any(seats.mapped("bought_until")))

    def test_foreign_seat_is_refused(self):
        self._make_formal(self.a, 100000)
        with self.assertRaises(UserError):
            self.a._open_service(self._add_seats(self.b, 1), [], 1, "o1")

    def test_own_price_and_steps(self):
        self._set_price("seat", 15000, 3)
        self.assertEqual(self.env["huolie.price"]._get_price(self.a, "seat", 2), 19900)
        self.assertEqual(self.env["huolie.price"]._get_price(self.a, "seat", 3), 15000)
        self._set_price("seat", 9900, 1, self.a)
        self.assertEqual(self.env["huolie.price"]._get_price(self.a, "seat", 3), 9900)
        self.assertEqual(self.env["huolie.price"]._get_price(self.b, "seat", 3), 15000)

    def test_page_previews_exactly_what_it_charges(self):
        self._make_formal(self.a, 50000)
        self._add_seats(self.a, 1)  # and the trial's own, whose trial is over
        page = Form(self.env["huolie.open.wizard"].with_user(self.admin_a))
        self.assertIn("398.00", page.preview)
        self.assertIn("102.00", page.preview)
        page.months = "3"
        self.assertIn("1,194.00", page.preview)
        self.assertIn("694.00", page.preview)
        wizard = page.save()
        with self.assertRaises(RedirectWarning) as found:
            wizard.action_confirm()
        self.assertIn("694.00", found.exception.args[0])
        wizard.months = "1"
        wizard.action_confirm()
        self.assertEqual(self._balance(self.a), 50000 - 39800)
        wizard.action_confirm()
        self.assertEqual(self._balance(self.a), 50000 - 39800)

    def test_page_needs_the_right(self):
        self._make_formal(self.a, 50000)
        self.admin_a.group_ids -= self.env.ref("huolie_base.group_account_do")
        with self.assertRaises(AccessError):
            self.env["huolie.open.wizard"].with_user(self.admin_a).create({})

    def test_w11_renewal_keeps_the_anchor_day(self):
        with self._at("2026-01-31 03:00:00"):
            self._make_formal(self.a, 1000000)
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
        ends = []
        for moment in ("2026-02-27 16:00:00", "2026-03-30 16:05:00"):
            with self._at(moment):
                self.a._settle_due()
                ends.append(str(self.a.service_end))
        self.assertEqual(ends, ["2026-03-31", "2026-04-30"])
        self.assertEqual(self._balance(self.a), 1000000 - 3 * 19900)

    def test_run_catches_up_missed_days_once(self):
        with self._at("2026-01-31 03:00:00"):
            self._make_formal(self.a, 1000000)
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
        with self._at("2026-03-15 03:00:00"):
            self.assertIn(self.a, self.a.search(self.a._get_due_domain()))
            self.a._renew_chunk(self.a.ids)
            self.a._renew_chunk(self.a.ids)
            self.assertEqual(self.a.service_end, date(2026, 3, 31))
            self.assertEqual(self._balance(self.a), 1000000 - 2 * 19900)

    def test_months_that_did_not_serve_cost_nothing(self):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 1000000)
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
            self.a.state = "frozen"
        with self._at("2026-04-15 03:00:00"):
            self.a.state = "formal"
            self.a._renew_chunk(self.a.ids)
            self.a._renew_chunk(self.a.ids)
            self.assertEqual(self.a.service_end, date(2026, 5, 15))
            self.assertEqual(self._balance(self.a), 1000000 - 2 * 19900)

    def test_collision_is_tried_again_at_once(self):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 1000000)
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
        model = type(self.env["huolie.enterprise"])
        renew, collisions = model._renew_chunk, [OperationalError(), OperationalError()]

        def collide(enterprises, ids):
            if collisions:
                raise collisions.pop()
            return renew(enterprises, ids)

        with (
            self._at("2026-02-09 16:00:00"),
            patch.object(model, "_renew_chunk", collide),
            patch.object(model, "_wait_for_others") as waited,
        ):
            self.a._run_again(lambda: self.a._renew_chunk(self.a.ids))
        self.assertEqual(waited.call_count, 2)
        self.assertEqual(self.a.service_end, date(2026, 3, 10))

    def test_all_or_nothing_then_interrupted_then_resumed(self):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 100000)
            seats = self._add_seats(self.a, 3)
            self.a._open_service(seats, [], 1, "o1")
        with self._at("2026-02-09 16:00:00"):
            self.a._renew_chunk(self.a.ids)
            self.assertTrue(self.a.service_suspended)
            self.assertEqual(self._balance(self.a), 100000 - 3 * 19900)
            self.assertEqual(self.a._get_stage(), "unserved")
        with self._at("2026-02-20 03:00:00"):
            self._recharge(self.a, 50000)
            self.assertFalse(self.a.service_suspended)
            self.assertEqual(self.a.service_end, date(2026, 3, 20))
            self.assertEqual(self.a._get_stage(), "serving")
            until = self.a.service_until + LEEWAY
            self.assertEqual(set(seats.mapped("serve_until")), {until})
            self.assertEqual(self._balance(self.a), 150000 - 6 * 19900)

    def test_grace(self):
        self.config.grace_days = 3
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 50000)
            seats = self._add_seats(self.a, 2)
            self.a._open_service(seats, [], 1, "o1")
        with self._at("2026-02-09 16:00:00"):
            self.a._renew_chunk(self.a.ids)
            self.assertFalse(self.a.service_suspended)
            self.assertEqual(self.a.service_until, datetime(2026, 2, 12, 16))
            self.assertEqual(seats[0].serve_until, self.a.service_until)
        with self._at("2026-02-11 03:00:00"):
            self._recharge(self.a, 50000)
            self.assertEqual(self.a.service_end, date(2026, 3, 10))
        with self._at("2026-03-12 16:00:00"):
            self.a._renew_chunk(self.a.ids)
            self.assertTrue(self.a.service_suspended)

    def test_manual_only(self):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 1000000)
            seats = self._add_seats(self.a, 1)
            self.a._open_service(seats, [], 1, "o1")
            self.a.with_user(self.admin_a).action_set_auto_renew()
            self.assertFalse(self.a.auto_renew)
        with self._at("2026-02-11 03:00:00"):
            self.a._renew_chunk(self.a.ids)
            self.assertTrue(self.a.service_suspended)
            self._recharge(self.a, 50000)
            self.assertTrue(self.a.service_suspended)
            page = Form(self.env["huolie.renew.wizard"].with_user(self.admin_a))
            page.months = "3"
            self.assertIn("597.00", page.preview)
            page.save().action_confirm()
            self.assertEqual(self.a.service_end, date(2026, 5, 11))
            self.assertFalse(self.a.service_suspended)

    def test_left_out_seat_is_not_renewed(self):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 1000000)
            seats = self._add_seats(self.a, 2)
            self.a._open_service(seats, [], 1, "o1")
            with self.assertRaises(AccessError):
                seats[0].with_user(self.admin_b).action_toggle_renew()
            page = Form(self.env["huolie.renew.wizard"].with_user(self.admin_a))
            self.assertIn("398.00", page.preview)
            page.seat_ids.remove(seats[0].id)
            self.assertIn(">199.00<", page.preview)
            page.save().action_save()
            self.assertEqual(seats.mapped("renew"), [False, True])
        with self._at("2026-02-09 16:00:00"):
            self.a._renew_chunk(self.a.ids)
            self.assertEqual(self._balance(self.a), 1000000 - 3 * 19900)
            self.assertFalse(seats[0]._is_served())
            self.assertTrue(seats[1]._is_served())

    def test_z1_frozen_is_not_renewed(self):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(self.a, 1000000)
            self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
            self.a.state = "frozen"
        with self._at("2026-02-11 03:00:00"):
            self.assertNotIn(self.a, self.a.search(self.a._get_due_domain()))
