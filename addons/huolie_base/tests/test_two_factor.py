import base64
import json
import re
import time

from odoo.exceptions import AccessDenied
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.auth_totp.models.totp import hotp

from .accounts_common import AccountsHttpCase

RPC = {"Content-Type": "application/json"}


@tagged("post_install", "-at_install")
class TestTwoFactor(AccountsHttpCase):
    """Operators work with two-factor sign-in only (SEC-A4)."""

    def setUp(self):
        super().setUp()
        self.params = self.env["ir.config_parameter"].sudo()
        self.params.set_param("huolie.operator_two_factor", "on")
        self.reviewer = self._create_operator("reviewer")
        self.reviewer.sudo().lang = "en_US"

    def _sign_in(self):
        self.authenticate(self.reviewer.login, self.reviewer.login)

    def _read(self):
        body = {"params": {"model": "huolie.enterprise", "method": "search_read"}}
        body["params"] |= {"args": [[], ["name"]], "kwargs": {}}
        path = "/web/dataset/call_kw/huolie.enterprise/search_read"
        return self.url_open(path, data=json.dumps(body), headers=RPC).json()

    def _code(self, secret):
        key = base64.b32decode(secret.replace(" ", ""))
        return f"{hotp(key, int(time.time() / 30)):06d}"

    def test_operator_is_led_to_the_set_up_and_cannot_work_before(self):
        self._sign_in()
        self.assertTrue(self.url_open("/odoo").url.endswith("/huolie/two-factor"))
        self.assertTrue(self.url_open("/web").url.endswith("/huolie/two-factor"))
        with mute_logger("odoo.http"):
            self.assertIn("two-factor", self._read()["error"]["data"]["message"])

    def test_after_the_set_up_work_goes_on(self):
        self._sign_in()
        page = self.url_open("/huolie/two-factor?lang=en_US").text
        secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1]
        wrong = self._post("/huolie/two-factor", code="000000", password="nonsense")
        self.assertIn("password", wrong["errors"])
        login = self.reviewer.login
        wrong = self._post("/huolie/two-factor", code="12x456", password=login)
        self.assertIn("code", wrong["errors"])
        self.assertFalse(self.reviewer.totp_enabled)
        code = self._code(secret)
        answer = self._post("/huolie/two-factor", code=code, password=login)
        self.assertEqual(answer, {"redirect": "/odoo"})
        self.env.invalidate_all()
        self.assertTrue(self.reviewer.totp_enabled)
        self.assertTrue(self.url_open("/odoo").url.endswith("/odoo"))
        self.assertIn("result", self._read())
        row = self.env["huolie.audit"].search([("action", "=", "user.totp_on")])
        self.assertEqual(row.res_id, self.reviewer.id)

    def test_log_in_asks_for_the_code(self):
        self.reviewer.sudo().totp_secret = "A" * 32
        answer = self._post(
            "/huolie/login", login=self.reviewer.login, password=self.reviewer.login
        )
        self.assertEqual(answer, {"redirect": "/web/login/totp"})

    def test_guesses_at_the_set_up_are_limited(self):
        self._sign_in()
        for _turn in range(10):
            self._post("/huolie/two-factor", code="000000", password="nonsense")
        login = self.reviewer.login
        answer = self._post("/huolie/two-factor", code="000000", password=login)
        self.assertIn("form", answer["errors"])

    def test_password_by_rpc_is_refused(self):
        user = self.reviewer.with_user(self.reviewer)
        credential = {"type": "password", "login": user.login, "password": user.login}
        with self.assertRaises(AccessDenied):
            user._check_credentials(credential, {"interactive": False})
        self.params.set_param("huolie.operator_two_factor", "off")
        self.assertTrue(user._check_credentials(credential, {"interactive": False}))

    def test_administrators_of_the_erp_are_bound_once_it_was_decided(self):
        boss = self.env.ref("base.user_admin")
        boss.group_ids += self.env.ref("base.group_system")
        self.assertTrue(boss._needs_two_factor())
        self.params.set_param("huolie.operator_two_factor", False)
        self.assertFalse(boss._needs_two_factor())
        self.assertTrue(self.reviewer._needs_two_factor())

    def test_off_for_demos_is_said_on_every_page(self):
        self.params.set_param("huolie.operator_two_factor", "off")
        self._sign_in()
        answer = self.url_open("/odoo")
        self.assertTrue(answer.url.endswith("/odoo"))
        self.assertIn('"huolie_two_factor_off": true', answer.text)

    def test_others_are_not_asked(self):
        _enterprise, admin = self._create_enterprise()
        self._log_in(admin)
        self.assertTrue(self.url_open("/odoo").url.endswith("/odoo"))
        self.assertTrue(self.url_open("/huolie/two-factor").url.endswith("/odoo"))
