from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.modules.module import load_script
from odoo.tests import tagged
from odoo.tools import file_path

from ..models.huolie_enterprise_renewal import LEEWAY
from .common import BillingCase

END = datetime(2026, 2, 9, 16)
AT_MIDNIGHT = "2026-02-09 16:00:30"


@tagged("post_install", "-at_install")
class TestMidnight(BillingCase):
    """From 00:00 in China until the run: who can pay works on, nobody for nothing."""

    def setUp(self):
        super().setUp()
        self._set_price("robot", 29900)

    def _open(self, enterprise, fen, codes=()):
        with self._at("2026-01-10 03:00:00"):
            self._make_formal(enterprise, fen)
            seats = self._add_seats(enterprise, 2)
            enterprise._open_service(seats, list(codes), 1, f"m:{enterprise.id}")
        self.assertEqual(enterprise.service_until, END)
        return seats

    def _serving(self, seats):
        self.env.invalidate_all()
        return seats.mapped("is_serving")

    def test_covered_works_on_and_pays_from_the_old_end(self):
        seats = self._open(self.a, 500000, ["robot"])
        with self._at(AT_MIDNIGHT):
            self.env["huolie.enterprise"]._cron_refresh_stages()
            self.assertEqual(self.a.stage, "serving")
            self.assertEqual(self._serving(seats), [True, True])
            self.assertGreater(min(seats.mapped("serve_until")), fields.Datetime.now())
            self.assertTrue(self.a._has_feature("robot"))
        with self._at("2026-02-09 16:02:00"):
            self.a._renew_chunk(self.a.ids)
            self.assertEqual(self.a.service_end, date(2026, 3, 10))
            charges = self.env["huolie.charge"].search(
                [("enterprise_id", "=", self.a.id), ("kind", "=", "renew")]
            )
            self.assertEqual(set(charges.mapped("date_start")), {date(2026, 2, 10)})
            self.assertEqual(self._serving(seats), [True, True])
            until = self.a.service_until + LEEWAY
            self.assertEqual(seats.mapped("serve_until"), [until, until])
            # People read the end that was bought.
            self.assertEqual(set(seats.mapped("served_until")), {self.a.service_until})

    def test_uncovered_stops_when_the_run_says_so(self):
        seats = self._open(self.a, 80000, ["robot"])
        with self._at(AT_MIDNIGHT):
            self.assertEqual(self._serving(seats), [True, True])
            self.a._renew_chunk(self.a.ids)
            self.assertTrue(self.a.service_suspended)
            self.assertEqual(self._serving(seats), [False, False])
            self.assertEqual(seats.mapped("serve_until"), [END, END])
            self.assertEqual(self.a._get_stage(), "unserved")
            self.assertFalse(self.a._has_feature("robot"))

    def test_a_run_that_never_comes_serves_nobody_for_nothing(self):
        seats = self._open(self.a, 500000, ["robot"])
        with self._at(str(END + LEEWAY - timedelta(seconds=1))):
            self.assertEqual(self._serving(seats), [True, True])
        with self._at(str(END + LEEWAY)):
            self.env["huolie.enterprise"]._cron_refresh_stages()
            self.assertEqual(self.a.stage, "unserved")
            self.assertEqual(self._serving(seats), [False, False])
            self.assertFalse(self.a._has_feature("robot"))

    def test_what_will_not_be_renewed_stops_at_midnight(self):
        seats = self._open(self.a, 500000, ["robot"])
        others = self._open(self.b, 500000)
        with self._at("2026-02-01 03:00:00"):
            seats[0].with_user(self.admin_a).action_toggle_renew()
            self.a.bought_service_ids.renew = False
            self.b.with_user(self.admin_b).action_set_auto_renew()
        with self._at(AT_MIDNIGHT):
            self.assertEqual(self._serving(seats), [False, True])
            self.assertFalse(self.a._has_feature("robot"))
            self.assertEqual(self._serving(others), [False, False])
            self.assertEqual(self.b._get_stage(), "unserved")
            # On again before the run: the run will decide.
            self.b.with_user(self.admin_b).action_set_auto_renew()
            self.assertEqual(self._serving(others), [True, True])

    def test_grace_ends_when_it_ends(self):
        self.config.grace_days = 1
        seats = self._open(self.a, 40000)
        with self._at(AT_MIDNIGHT):
            self.a._renew_chunk(self.a.ids)
            day_later = END + timedelta(days=1)
            self.assertEqual(seats.mapped("serve_until"), [day_later, day_later])
        with self._at(str(day_later)):
            self.assertEqual(self._serving(seats), [False, False])

    def test_opening_waits_for_the_renewal(self):
        """A new period would leave out everything that waits for the run."""
        seats = self._open(self.a, 500000)
        more = self._add_seats(self.a, 1)
        with self._at(AT_MIDNIGHT):
            with self.assertRaises(UserError):
                self.a._open_service(more, [], 1, "more")
            self.a._renew(1, "by hand")
            self.a._open_service(more, [], 1, "more")
            self.assertEqual(
                set((seats | more).mapped("bought_until")), {datetime(2026, 3, 9, 16)}
            )

    def test_frozen_at_midnight_does_not_work(self):
        seats = self._open(self.a, 500000)
        with self._at(AT_MIDNIGHT):
            self.a.state = "frozen"
            self.assertEqual(self._serving(seats), [False, False])

    def test_older_databases_get_the_leeway(self):
        """What was bought before the columns were there works on, too (migration)."""
        seats = self._open(self.a, 500000, ["robot"])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE huolie_enterprise SET serve_until = service_until WHERE id = %s",
            [self.a.id],
        )
        self.env.cr.execute(
            "UPDATE huolie_seat SET serve_until = bought_until WHERE id IN %s",
            [tuple(seats.ids)],
        )
        self.env.invalidate_all()
        self.assertEqual(self.a.serve_until, END)
        path = "huolie_billing/migrations/19.0.1.1.0/end-serve_until.py"
        script = load_script(file_path(path), "serve_until")
        with self._at(AT_MIDNIGHT):
            script.migrate(self.env.cr, "19.0.1.0.0")
            self.env.invalidate_all()
            self.assertEqual(self.a.serve_until, END + LEEWAY)
            self.assertEqual(seats.mapped("serve_until"), [END + LEEWAY] * 2)
            self.assertEqual(self.a.stage, "serving")
