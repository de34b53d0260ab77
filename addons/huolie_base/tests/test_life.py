from datetime import datetime, timedelta
from itertools import product

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..services import enterprise_code, life
from .accounts_common import AccountsCase

NOW = datetime(2026, 11, 22, 8)
PAST, FUTURE = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestLifeTable(TransactionCase):
    def _stage(self, state, trial=None, service=None, billed=True, house=False):
        return life.stage(state, house, trial, service, billed, NOW)

    def test_trial_ends_at_its_date(self):
        self.assertEqual(self._stage("trial", FUTURE), "trial")
        self.assertEqual(self._stage("trial", NOW), "trial_over")
        self.assertEqual(self._stage("trial", PAST), "trial_over")

    def test_formal_needs_service_where_it_is_sold(self):
        self.assertEqual(self._stage("formal", PAST, FUTURE), "serving")
        self.assertEqual(self._stage("formal", PAST, PAST), "unserved")
        self.assertEqual(self._stage("formal", PAST, None), "unserved")
        self.assertEqual(self._stage("formal", PAST, None, billed=False), "serving")

    def test_formal_keeps_the_days_of_the_trial(self):
        self.assertEqual(self._stage("formal", FUTURE, None), "serving")

    def test_frozen_and_closed_win_over_everything(self):
        for state, trial, service, billed, house in product(
            ("frozen", "closed"), (PAST, FUTURE), (PAST, FUTURE), (0, 1), (0, 1)
        ):
            self.assertEqual(self._stage(state, trial, service, billed, house), state)

    def test_every_stage_has_a_row(self):
        self.assertEqual(set(life.ALLOWS), set(life.STAGES))

    def test_only_stages_in_service_receive(self):
        receiving = {stage for stage, row in life.ALLOWS.items() if row["receive"]}
        self.assertEqual(receiving, {"trial", "serving"})

    def test_seat_of_the_trial_ends_with_the_trial(self):
        until = life.seat_serve_until("trial", False, True, FUTURE, None, True)
        self.assertEqual(until, FUTURE)
        until = life.seat_serve_until("formal", False, True, FUTURE, None, True)
        self.assertEqual(until, FUTURE)
        later = FUTURE + timedelta(days=9)
        until = life.seat_serve_until("formal", False, True, FUTURE, later, True)
        self.assertEqual(until, later)

    def test_other_seats_need_bought_service(self):
        self.assertIsNone(life.seat_serve_until("formal", 0, 0, FUTURE, None, True))
        self.assertIsNone(life.seat_serve_until("trial", 0, 0, FUTURE, FUTURE, True))
        self.assertEqual(
            life.seat_serve_until("formal", 0, 0, None, None, False), life.FOREVER
        )

    def test_days_left_counts_the_begun_day(self):
        self.assertEqual(life.days_left(NOW + timedelta(days=14), NOW), 14)
        self.assertEqual(life.days_left(NOW + timedelta(days=13, seconds=1), NOW), 14)
        self.assertEqual(life.days_left(FUTURE, NOW), 1)
        self.assertEqual(life.days_left(NOW, NOW), 0)

    def test_enterprise_codes_have_a_check_digit(self):
        for _turn in range(200):
            code = enterprise_code.make()
            self.assertTrue(enterprise_code.is_valid(code), code)
            wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
            self.assertFalse(enterprise_code.is_valid(wrong))


@tagged("post_install", "-at_install")
class TestLifeOfEnterprise(AccountsCase):
    def setUp(self):
        super().setUp()
        self.seat = self.enterprise.seat_ids

    def _bill(self, billed=True):
        self.patch(self.registry["huolie.enterprise"], "_is_billed", lambda _s: billed)

    def test_registration_gives_trial_admin_and_seat(self):
        self.assertEqual(self.enterprise._get_stage(), "trial")
        self.assertTrue(enterprise_code.is_valid(self.enterprise.code))
        self.assertTrue(self.admin._is_tenant())
        self.assertFalse(self.admin.has_group("base.group_user"))
        self.assertEqual(self.seat.user_id, self.admin)
        self.assertTrue(self.seat.is_serving)
        self.assertTrue(self.enterprise._has_feature("robot"))

    def test_code_never_changes_hands(self):
        other, _admin = self._create_enterprise("Other", "admin@other.example")
        self.assertNotEqual(other.code, self.enterprise.code)

    def test_cron_tells_that_the_trial_is_over(self):
        self._bill()
        self.env.cr.execute(
            "UPDATE huolie_enterprise SET trial_until = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(minutes=1), self.enterprise.id),
        )
        self.enterprise.invalidate_recordset()
        told = []
        self.patch(
            self.registry["huolie.enterprise"],
            "_on_stage_change",
            lambda rec, old, new: told.append((rec.id, old, new)),
        )
        self.env["huolie.enterprise"]._cron_refresh_stages()
        self.assertIn((self.enterprise.id, "trial", "trial_over"), told)
        self.assertEqual(self.enterprise.stage, "trial_over")
        self.assertFalse(self.enterprise._is_in_service())
        self.assertFalse(self.enterprise._has_feature("robot"))

    def test_verified_and_recharged_becomes_formal(self):
        self._bill()
        paid = []
        self.patch(
            self.registry["huolie.enterprise"],
            "_has_recharged",
            lambda _self: bool(paid),
        )
        self.enterprise.verified = True
        self.enterprise._try_become_formal()
        self.assertEqual(self.enterprise.state, "trial")
        paid.append(True)
        self.enterprise._try_become_formal()
        self.assertEqual(self.enterprise.state, "formal")

    def test_freeze_stops_seats_and_unfreeze_restores(self):
        manager = self._create_operator("manager")
        before = self.seat.serve_until
        self.enterprise.with_user(manager)._freeze("gambling", "Casino")
        self.assertEqual(self.enterprise.state, "frozen")
        self.assertFalse(self.seat.serve_until)
        self.assertIn("Casino", self.enterprise._get_freeze_sentence())
        self.enterprise.with_user(manager).action_unfreeze()
        self.assertEqual(self.enterprise.state, "trial")
        self.assertEqual(self.seat.serve_until, before)

    def test_house_is_always_in_service(self):
        house = self.env.ref("huolie_base.enterprise_house")
        self.assertEqual(house._get_stage(), "serving")
        self.assertTrue(house._has_feature("robot"))
