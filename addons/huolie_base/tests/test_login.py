from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..services import throttle
from .accounts_common import PASSWORD, AccountsCase, AccountsHttpCase


@tagged("post_install", "-at_install")
class TestReset(AccountsCase):
    def _token(self):
        return self.admin._make_reset_link().split("#")[1]

    def test_link_sets_the_password_once(self):
        users = self.env["res.users"]
        token = self._token()
        self.assertEqual(users._use_reset_link(token, "Neues2026y"), (self.admin, None))
        self.assertEqual(users._use_reset_link(token, "Neues2027y"), (None, None))

    def test_link_is_stored_hashed_and_expires(self):
        token = self._token()
        self.assertNotIn(token, self.admin.sudo().reset_hash)
        self.admin.sudo().reset_until = fields.Datetime.now() - timedelta(seconds=1)
        used = self.env["res.users"]._use_reset_link(token, "Neues2026y")
        self.assertEqual(used, (None, None))

    def test_weak_password_keeps_the_link(self):
        users = self.env["res.users"]
        token = self._token()
        _user, fault = users._use_reset_link(token, "short")
        self.assertTrue(fault)
        self.assertEqual(users._use_reset_link(token, "Neues2026y")[0], self.admin)

    def test_unknown_people_get_the_same_answer(self):
        users = self.env["res.users"]
        known = users._ask_reset(self.admin.login, "10.0.0.1")
        unknown = users._ask_reset("nobody@test.example", "10.0.0.2")
        self.assertEqual((known, unknown), (True, True))
        self.assertTrue(self.admin.sudo().reset_hash)
        self.assertTrue(users.reset_password("nobody@test.example"))

    def test_mails_are_limited(self):
        users = self.env["res.users"]
        for turn in range(5):
            self.assertTrue(users._ask_reset(self.admin.login, f"10.0.1.{turn}"))
        self.assertFalse(users._ask_reset(self.admin.login, "10.0.1.99"))


@tagged("post_install", "-at_install")
class TestGuessing(AccountsHttpCase):
    def setUp(self):
        super().setUp()
        self.enterprise, self.admin = self._create_enterprise()

    def _try(self, password):
        login = self.admin.login
        return self._post("/huolie/login", login=login, password=password)

    def test_right_password_is_refused_after_too_many_wrong_ones(self):
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("base.login_cooldown_after", "0")
        for turn in range(10):
            self.assertIn("errors", self._try(f"wrong{turn}"))
        self.assertIn("errors", self._try(PASSWORD))
        self.env.cr.execute(
            "UPDATE huolie_throttle SET started = started - interval '20 minutes'"
        )
        self.assertEqual(self._try(PASSWORD), {"redirect": "/odoo"})

    def _fail_elsewhere(self, key, times):
        """Count failures that came through other processes or addresses."""
        for _turn in range(times):
            throttle.hit(self.env.cr, key, times, timedelta(minutes=15))

    def test_log_in_is_limited_over_all_addresses(self):
        """SEC-A1: a hundred machines guess one log-in no faster than one."""
        self._fail_elsewhere(f"guess-all:{self.admin.login}", 49)
        self.assertEqual(self._try(PASSWORD), {"redirect": "/odoo"})
        self.authenticate(None, None)
        self._fail_elsewhere(f"guess-all:{self.admin.login}", 50)
        self.assertIn("errors", self._try(PASSWORD))

    def test_address_is_limited_over_all_log_ins(self):
        self._fail_elsewhere("guess-at:127.0.0.1", 200)
        self.assertIn("errors", self._try(PASSWORD))

    def test_mobile_and_email_are_counted_each(self):
        self._fail_elsewhere("guess:13900000001:127.0.0.1", 10)
        answer = self._post("/huolie/login", login="139 0000 0001", password=PASSWORD)
        self.assertIn("errors", answer)

    def test_right_password_forgets_the_wrong_ones(self):
        for turn in range(4):
            self._try(f"wrong{turn}")
        self.assertEqual(self._try(PASSWORD), {"redirect": "/odoo"})
        self.env.cr.execute(
            "SELECT count(*) FROM huolie_throttle WHERE key LIKE 'guess%%'"
            " AND key LIKE '%%' || %s || '%%'",
            (self.admin.login,),
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_session_is_new_after_log_in(self):
        self.url_open("/huolie/login")
        before = self.opener.cookies.get("session_id")
        self._log_in(self.admin)
        self.assertNotEqual(before, self.opener.cookies.get("session_id"))

    def test_new_password_ends_other_sessions(self):
        self._log_in(self.admin)
        self.assertTrue(self.url_open("/odoo").url.endswith("/odoo"))
        token = self.admin._make_reset_link().split("#")[1]
        self.env["res.users"]._use_reset_link(token, "Neues2026y")
        self.assertIn("login", self.url_open("/odoo").url)
