import base64
import json
import re
from datetime import datetime, timedelta

from odoo.exceptions import AccessDenied, AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..services import fence
from .tenancy_common import TenancyCase

PASSWORD = "Correct-Horse-9"
QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule")


@tagged("post_install", "-at_install")
class TestFence(TenancyCase, HttpCase):
    """What is open over HTTP to people of enterprises; others see no change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee.password = PASSWORD

    def _log_in(self, user):
        """Log in as a person does: no other way is open to people of enterprises."""
        if not user._is_tenant():
            self.authenticate(user.login, PASSWORD)
            return
        self.authenticate(None, None)
        page = self.url_open("/huolie/login").text
        form = {"login": user.login, "password": PASSWORD}
        form["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        headers = {"Accept": "application/json"}
        answer = self.url_open("/huolie/login", data=form, headers=headers)
        self.assertEqual(answer.json(), {"redirect": "/odoo"})

    def _call(self, path, **params):
        answer = self.url_open(
            path,
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json() if "json" in answer.headers["Content-Type"] else answer

    def _call_kw(self, model, method, *args, **kwargs):
        return self._call(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=list(args),
            kwargs=kwargs,
        )

    # === THE WEB CLIENT === #
    def test_log_in_leads_to_the_web_client(self):
        self._log_in(self.alpha_admin)
        for path in ("/", "/web", "/odoo", "/odoo/action-1", "/web/login_successful"):
            with self.subTest(path):
                answer = self.url_open(path)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("/odoo", answer.url + "/odoo" * (path == "/web"))
                self.assertIn('"is_tenant": true', answer.text)

    def test_employees_see_the_client_as_before(self):
        self._log_in(self.employee)
        answer = self.url_open("/odoo")
        self.assertNotIn('"is_tenant"', answer.text)
        self.assertNotIn('"huolie_unread_notices"', answer.text)
        self.assertIn('"is_internal_user": true', answer.text)
        self.assertFalse(self._call_kw("res.users", "action_get").get("error"))

    # === ROUTES === #
    def test_stock_routes_are_closed(self):
        self._log_in(self.alpha_admin)
        for path in ("/web/become", "/web/tests", "/base_setup/data", "/json/1/x"):
            with self.subTest(path), mute_logger(*QUIET):
                answer = self.url_open(path, allow_redirects=False)
                self.assertIn(answer.status_code, (303, 400, 401, 404, 405, 415))
        for path in ("/mail/inbox/messages", "/discuss/search", "/web/action/run"):
            with self.subTest(path), mute_logger(*QUIET):
                self.assertIn("404", json.dumps(self._call(path).get("error")))

    def test_the_list_of_routes_reads_whole_words(self):
        for path in (
            "/web/database/manager",
            "/mail/datax",
            "/web/contentx",
            "/json/2",
        ):
            self.assertFalse(fence.is_route_open([path], "odoo.addons.web"))
        for path in ("/web/content/<int:id>", "/mail/data", "/web/assets/<a>/<b>"):
            self.assertTrue(fence.is_route_open([path], "odoo.addons.web"))
        self.assertTrue(fence.is_route_open(["/x"], "odoo.addons.huolie_chat.c"))

    # === METHODS AND ACTIONS === #
    def test_methods_outside_the_list_do_not_exist(self):
        self._log_in(self.alpha_admin)
        for model, method in (
            ("res.partner", "signup_prepare"),
            ("res.users", "api_key_wizard"),
            ("mail.thread", "message_process"),
            ("huolie.nothing", "read"),
        ):
            with self.subTest(method), mute_logger(*QUIET):
                error = self._call_kw(model, method, []).get("error")
                self.assertIn("404", json.dumps(error))
        found = self._call_kw("res.users", "search_read", [], ["login"])
        self.assertEqual(
            [row["login"] for row in found["result"]], ["admin@alpha.test"]
        )

    def test_foreign_actions_lead_home(self):
        self._log_in(self.alpha_admin)
        home = self.env["ir.ui.menu"].with_user(self.alpha_admin)
        home = home._get_tenant_home_action()
        for action in ("discuss", "base.action_res_users", "no.such", "999999"):
            with self.subTest(action):
                result = self._call("/web/action/load", action_id=action)["result"]
                self.assertEqual(result["id"], home.id)
        ours = self._call(
            "/web/action/load", action_id="huolie_base.huolie_notice_action"
        )
        self.assertEqual(ours["result"]["res_model"], "huolie.notice")

    def test_menus_are_ours(self):
        menus = self.env["ir.ui.menu"].with_user(self.alpha_admin)
        names = {menu["xmlid"] for menu in menus.load_web_menus(False).values()}
        names.discard("")
        self.assertTrue(names)
        self.assertFalse([name for name in names if not name.startswith("huolie_")])

    # === FILES AND CHATTER (SEC-T10, T12) === #
    def test_files_of_another_enterprise_are_not_there(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "licence.png",
                "datas": base64.b64encode(b"secret"),
                "res_model": "res.partner",
                "res_id": self.beta_customer.id,
            }
        )
        self._log_in(self.alpha_admin)
        with mute_logger(*QUIET):
            foreign = self.url_open(f"/web/content/{file.id}")
            missing = self.url_open("/web/content/99999999")
        self.assertEqual(foreign.status_code, 404)
        self.assertEqual(foreign.status_code, missing.status_code)
        self.assertNotIn(b"secret", foreign.content)
        self._log_in(self.beta_admin)
        self.assertEqual(self.url_open(f"/web/content/{file.id}").content, b"secret")

    def test_chatter_of_another_enterprise_is_not_there(self):
        self._log_in(self.alpha_admin)
        thread = {"thread_model": "res.partner", "thread_id": self.beta_customer.id}
        with mute_logger(*QUIET):
            data = self._call(
                "/mail/data",
                fetch_params=[["mail.thread", {**thread, "request_list": []}]],
            )
            posted = self._call(
                "/mail/message/post", **thread, post_data={"body": "phish"}
            )
        self.assertNotIn("Beta's customer", json.dumps(data))
        self.assertTrue(posted.get("error"))
        self.assertNotIn("phish", str(self.beta_customer.message_ids.mapped("body")))

    # === OTHER WAYS TO SIGN IN (SEC-T16) === #
    def test_no_keys_and_no_passwords_by_rpc(self):
        keys = self.env["res.users.apikeys"]
        until = datetime.now() + timedelta(days=1)
        with self.assertRaises(AccessError):
            keys.with_user(self.alpha_admin)._generate(None, "key", until)
        old = keys.with_user(self.employee).sudo()._generate(None, "key", until)
        self.assertEqual(
            keys._check_credentials(scope="rpc", key=old), self.employee.id
        )
        credential = {"type": "password", "password": PASSWORD}
        user = self.alpha_admin.with_user(self.alpha_admin)
        self.assertTrue(user._check_credentials(credential, {"interactive": True}))
        with self.assertRaises(AccessDenied):
            user._check_credentials(credential, {"interactive": False})

    # === BUS (SEC-T14) === #
    def test_the_bus_carries_own_records_only(self):
        asked = ["res.partner_1", "odoo-presence-res.partner_1", "x"]
        socket = self.env["ir.websocket"].with_user(self.alpha_admin)
        channels = [c for c in [*asked, "broadcast", self.alpha_admin.partner_id]]
        kept = [c for c in channels if socket._is_open_to_tenants(c)]
        self.assertEqual(kept, ["broadcast", self.alpha_admin.partner_id])
        group = self.env.ref("huolie_base.group_tenant")
        self.assertFalse(socket._is_open_to_tenants(group))
        self.assertFalse(socket._is_open_to_tenants(self.beta_admin.partner_id))
