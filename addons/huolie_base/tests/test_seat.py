import base64
import io
from datetime import timedelta

from openpyxl import Workbook

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .accounts_common import PASSWORD, AccountsCase, AccountsHttpCase


@tagged("post_install", "-at_install")
class TestSeat(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterprise.state = "formal"

    def _add(self, people="Li Lei"):
        wizard = self.env["huolie.seat.add"].with_user(self.admin)
        return wizard.create({"people": people}).action_add()

    def _seat(self):
        return self.enterprise.seat_ids.sorted("number")[-1]

    def _accept(self, seat, email="lilei@test.example"):
        return seat.sudo()._accept(
            {"contact": "Li Lei", "email": email, "password": PASSWORD}
        )

    def test_trial_refuses_seats_and_says_the_way(self):
        self.enterprise.state = "trial"
        action = self.env["huolie.seat"].with_user(self.admin).action_open_add()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["next"]["tag"], "huolie_base.account")
        with self.assertRaisesRegex(UserError, "recharge"):
            self.env["huolie.seat"].with_user(self.admin).create({"name": "X"})

    def test_numbers_are_counted_per_enterprise_and_never_given_twice(self):
        self._add("A\nB")
        numbers = self.enterprise.seat_ids.mapped("number")
        self.assertEqual(sorted(numbers), [1, 2, 3])
        self._seat().unlink()
        self._add("C")
        self.assertEqual(self._seat().number, 4)

    def test_pasted_rows(self):
        action = self._add("李雷, lilei@test.example\n韩梅梅\n\nTom\ttom@test.example")
        self.assertEqual(len(action["params"]["links"]), 3)
        emails = self.enterprise.seat_ids.sorted("number").mapped("email")
        self.assertEqual(emails[1:], ["lilei@test.example", False, "tom@test.example"])
        with self.assertRaisesRegex(UserError, "cannot be read: Tom, nonsense"):
            self._add("Tom, nonsense")

    def test_rows_of_a_sheet(self):
        book = Workbook()
        book.active.append(["李雷", "lilei@test.example"])
        book.active.append(["韩梅梅", None])
        book.active.insert_rows(1)
        book.active["A1"], book.active["B1"] = "姓名", "邮箱"
        out = io.BytesIO()
        book.save(out)
        wizard = self.env["huolie.seat.add"].with_user(self.admin)
        action = wizard.create({"sheet": base64.b64encode(out.getvalue())}).action_add()
        self.assertEqual(len(action["params"]["links"]), 2)
        bad = wizard.create({"sheet": base64.b64encode(b"PK no sheet")})
        with self.assertRaisesRegex(UserError, "XLSX"):
            bad.action_add()

    def test_way_of_a_seat(self):
        action = self._add()
        seat = self._seat()
        self.assertEqual(seat.state, "invited")
        found = self.env["huolie.seat"]._find_by_token(self._token(action))
        self.assertEqual(found, seat)
        with self.assertRaises(UserError):
            seat.with_user(self.admin).action_activate()
        user = self._accept(seat)
        self.assertEqual((seat.state, seat.user_id), ("accepted", user))
        self.assertTrue(user._is_tenant())
        self.assertFalse(user.has_group("huolie_base.group_account_see"))
        seat.with_user(self.admin).action_activate()
        self.assertEqual(seat.state, "active")

    def test_link_is_stored_hashed_and_works_once(self):
        token = self._token(self._add())
        seat = self._seat()
        self.assertNotIn(token, seat.sudo().invite_hash)
        self.assertTrue(self._accept(seat))
        self.assertIsNone(self._accept(seat, "second@test.example"))
        self.assertFalse(self.env["huolie.seat"]._find_by_token(token))

    def test_dead_links(self):
        seats = self.env["huolie.seat"]
        old = self._token(self._add())
        seat = self._seat()
        new = self._token(seat.with_user(self.admin).action_invite())
        self.assertFalse(seats._find_by_token(old))
        seat.sudo().invite_until = fields.Datetime.now() - timedelta(seconds=1)
        self.assertFalse(seats._find_by_token(new))
        new = self._token(seat.with_user(self.admin).action_invite())
        self.enterprise.state = "frozen"
        self.assertFalse(seats._find_by_token(new))
        self.enterprise.state = "formal"
        seat.with_user(self.admin).action_revoke()
        self.assertFalse(seats._find_by_token(new))
        self.assertEqual(seat.state, "draft")
        self.assertFalse(seats._find_by_token(""))

    def test_another_email_kills_the_link(self):
        """A link mailed to somebody else opens nothing (SEC-I7)."""
        seats = self.env["huolie.seat"]
        token = self._token(self._add())
        seat = self._seat().with_user(self.admin)
        seat.email = "first@test.example"
        self.assertTrue(seats._find_by_token(token))
        seat.email = "second@test.example"
        self.assertFalse(seats._find_by_token(token))
        self.assertEqual(seat.state, "draft")

    def test_only_the_seat_module_may(self):
        self._add()
        seat = self._seat()
        agent = self._accept(seat)
        for method in ("action_invite", "action_activate", "action_stop"):
            with self.assertRaises(AccessError):
                getattr(seat.with_user(agent), method)()

    def test_state_and_service_are_never_typed(self):
        seat = self.enterprise.seat_ids[:1].with_user(self.admin)
        for vals in (
            {"state": "active"},
            {"serve_until": "2099-01-01 00:00:00"},
            {"user_id": False},
            {"number": 9},
            {"is_trial_seat": True},
        ):
            with self.assertRaises(AccessError):
                seat.write(vals)

    def test_stop_locks_the_person_out_and_activate_lets_in(self):
        self._add()
        seat = self._seat()
        user = self._accept(seat)
        seat.with_user(self.admin).action_activate()
        seat.with_user(self.admin).action_stop()
        self.assertEqual((seat.state, user.active), ("stopped", False))
        seat.with_user(self.admin).action_activate()
        self.assertEqual((seat.state, user.active), ("active", True))

    def test_stopping_never_locks_an_admin_out(self):
        seat = self.enterprise.seat_ids.filtered("user_id")
        seat.with_user(self.admin).action_stop()
        self.assertTrue(self.admin.active)

    def test_hand_over_keeps_the_old_name(self):
        self._add()
        seat = self._seat()
        old = self._accept(seat)
        seat.with_user(self.admin).action_hand_over()
        self.assertEqual(seat.holder_ids.name, "Li Lei")
        self.assertEqual(seat.holder_ids.user_id, old)
        self.assertFalse(old.active)
        self.assertEqual(seat.state, "invited")


@tagged("post_install", "-at_install")
class TestInvitePage(AccountsHttpCase):
    def setUp(self):
        super().setUp()
        self.enterprise, self.admin = self._create_enterprise()
        self.enterprise.state = "formal"
        wizard = self.env["huolie.seat.add"].with_user(self.admin)
        self.token = self._token(wizard.create({"people": "Li Lei"}).action_add())

    def _accept(self, **vals):
        form = {"name": "李雷", "email": "lilei@test.example", "password": PASSWORD}
        return self._post("/huolie/invite", token=self.token, **{**form, **vals})

    def test_page_says_who_invites(self):
        answer = self._post("/huolie/invite/look", token=self.token)
        self.assertEqual(answer["enterprise"], "Test Ltd")
        self.assertEqual(answer["name"], "Li Lei")

    def test_accept_logs_in_and_works_once(self):
        self.assertEqual(self._accept(), {"redirect": "/odoo"})
        again = self._accept(email="other@test.example")
        self.assertIn("form", again["errors"])

    def test_login_that_exists_elsewhere_is_refused_without_saying_where(self):
        self._create_enterprise("Secret Ltd", "taken@other.example")
        answer = self._accept(email="taken@other.example")
        self.assertEqual(list(answer["errors"]), ["email"])
        self.assertNotIn("Secret", str(answer))
        seat = self.env["huolie.seat"]._find_by_token(self.token)
        self.assertEqual(seat.state, "invited")

    def test_opened_while_logged_in_as_another_enterprise(self):
        _other, stranger = self._create_enterprise("Other", "admin@other.example")
        self._log_in(stranger)
        self.assertEqual(self._accept(), {"redirect": "/odoo"})
        user = self.env["res.users"].search([("login", "=", "lilei@test.example")])
        self.assertEqual(user.enterprise_id, self.enterprise)

    def test_no_role_comes_in_with_the_form(self):
        self._accept(role_id="1", enterprise_id="1", group_ids="2", groups="admin")
        user = self.env["res.users"].search([("login", "=", "lilei@test.example")])
        self.assertFalse(user.has_group("huolie_base.group_account_see"))

    def test_secret_is_in_no_address_and_no_referrer(self):
        """It stands behind the #, which browsers never send (SEC-I6)."""
        seat = self.env["huolie.seat"]._find_by_token(self.token).with_user(self.admin)
        link = seat.action_invite()["params"]["links"][0]["link"]
        path, _sep, secret = link.partition("#")
        self.assertTrue(path.endswith("/huolie/invite"))
        self.assertGreaterEqual(len(secret), 43)  # 256 bits in base64
        headers = self.url_open("/huolie/invite").headers
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_guessing_is_limited_per_address(self):
        for turn in range(10):
            self._post("/huolie/invite/look", token=f"guess{turn}")
        answer = self._post("/huolie/invite/look", token=self.token)
        self.assertIn("errors", answer)
