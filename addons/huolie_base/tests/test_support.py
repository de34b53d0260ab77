import io
import zipfile
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .accounts_common import AccountsCase, AccountsHttpCase


@tagged("post_install", "-at_install")
class TestEvidence(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._create_operator("manager")
        cls.second = new_test_user(
            cls.env, "manager_two", groups="huolie_base.group_operator_manager"
        )

    def _ask(self):
        return (
            self.env["huolie.evidence"]
            .with_user(self.first)
            .create({"enterprise_id": self.enterprise.id, "reason": "File 12/2026"})
        )

    def test_one_asks_another_approves(self):
        evidence = self._ask()
        with self.assertRaises(AccessError):
            evidence._check_may_download()
        with self.assertRaisesRegex(UserError, "Another person"):
            evidence.action_approve()
        evidence.with_user(self.second).action_approve()
        evidence._check_may_download()
        with self.assertRaises(UserError):
            evidence.with_user(self.second).action_refuse()
        self.assertEqual(evidence.decided_by_id, self.second)
        self.assertTrue(evidence.decided_at)
        rows = self.env["huolie.audit"].search([("model", "=", "huolie.evidence")])
        steps = rows.sorted("id").mapped("action")[-2:]
        self.assertEqual(steps, ["evidence.ask", "evidence.approved"])

    def test_file_has_hashes_of_everything(self):
        verification = self._draft(self.admin)
        evidence = self._ask()
        archive = zipfile.ZipFile(io.BytesIO(evidence._make_file()))
        names = set(archive.namelist()) - {"hashes.txt"}
        hashed = {
            line.split("  ")[1]
            for line in archive.read("hashes.txt").decode().splitlines()
        }
        self.assertEqual(hashed, names)
        self.assertTrue(verification)
        self.assertTrue([name for name in names if name.startswith("files/")])

    def test_nobody_else_asks(self):
        reviewer = self._create_operator("reviewer")
        for user in (reviewer, self.admin):
            with self.assertRaises(AccessError):
                self.env["huolie.evidence"].with_user(user).create(
                    {"enterprise_id": self.enterprise.id, "reason": "x"}
                )


@tagged("post_install", "-at_install")
class TestClosing(AccountsCase):
    def test_admin_asks_and_manager_closes_and_reopens(self):
        enterprises = self.env["huolie.enterprise"]
        enterprises.with_user(self.admin).action_ask_close()
        self.assertTrue(self.enterprise.close_asked_at)
        with self.assertRaises(AccessError):
            self.enterprise.with_user(self.admin).action_close()
        manager = self._create_operator("manager")
        self.enterprise.with_user(manager).action_close()
        self.assertEqual(self.enterprise._get_stage(), "closed")
        self.assertFalse(self.enterprise.seat_ids.serve_until)
        self.enterprise.with_user(manager).action_reopen()
        self.assertEqual(self.enterprise.state, "trial")

    def test_house_is_never_closed(self):
        house = self.env.ref("huolie_base.enterprise_house")
        with self.assertRaises(UserError):
            house.with_user(self._create_operator("manager")).action_close()


@tagged("post_install", "-at_install")
class TestSupport(AccountsHttpCase):
    def setUp(self):
        super().setUp()
        self.enterprise, self.admin = self._create_enterprise()
        self.reviewer = self._create_operator("reviewer")

    def _grant(self):
        grants = self.env["huolie.support.grant"].with_user(self.admin)
        return grants.create({"hours": "4"})

    def _enter(self, grant):
        params = {
            "model": "huolie.support.grant",
            "method": "action_enter",
            "args": [grant.ids],
            "kwargs": {},
        }
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            url = "/web/dataset/call_button"
            return self.url_open(url, json={"params": params}).json()

    def test_visit_only_with_a_running_grant_and_noted(self):
        grant = self._grant()
        self.authenticate(self.reviewer.login, self.reviewer.login)
        self.assertIn("result", self._enter(grant))
        self.assertIn("is_tenant", self.url_open("/odoo").text)
        domain = [("action", "=", "support.enter")]
        domain.append(("enterprise_id", "=", self.enterprise.id))
        log = self.env["huolie.audit"].search(domain)
        self.assertEqual(log.user_id, self.reviewer)
        self.assertEqual(log.enterprise_id, self.enterprise)
        notice = self.env["huolie.notice"].search(
            [("user_id", "=", self.admin.id)], limit=1
        )
        self.assertIn(self.reviewer.name, notice.body)
        grant.with_user(self.admin).action_revoke()
        self.assertIn("login", self.url_open("/odoo").url)

    def _call(self, model, method, *args):
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            url = f"/web/dataset/call_kw/{model}/{method}"
            return self.url_open(url, json={"params": params}).json()

    def _visit(self):
        grant = self._grant()
        self.authenticate(self.reviewer.login, self.reviewer.login)
        self.assertIn("result", self._enter(grant))
        return grant

    def test_visit_prolongs_nothing_and_gives_nobody_rights(self):
        grant = self._visit()
        seat, role = self.enterprise.seat_ids, self.enterprise._get_ready_role("agent")
        for model, method, *args in (
            ("huolie.support.grant", "create", [{"hours": "72"}]),
            ("huolie.support.grant", "action_revoke", grant.ids),
            ("huolie.seat", "action_invite", seat.ids),
            ("huolie.seat", "action_hand_over", seat.ids),
            ("huolie.seat", "write", seat.ids, {"role_id": role.id}),
            ("huolie.role", "create", [{"name": "x"}]),
            ("huolie.account.data", "action_save", []),
            ("huolie.enterprise", "action_ask_close", []),
            ("res.users", "write", self.admin.ids, {"email": "x@evil.example"}),
            ("res.users", "preference_save", self.admin.ids),
            ("res.users.identitycheck", "create", [{}]),
            ("res.partner", "create", [{"name": "x"}]),
        ):
            with self.subTest(f"{model}.{method}"):
                answer = self._call(model, method, *args)
                self.assertIn("During a visit", answer["error"]["data"]["message"])
        self.assertIn("result", self._call("huolie.seat", "web_search_read", [], {}))
        self.assertIn("result", self._call("huolie.enterprise", "get_home_page"))

    def test_visit_takes_nothing_along(self):
        self._visit()
        for path in ("/huolie/export", "/web/export/csv", "/mail/message/post"):
            with self.subTest(path), mute_logger("odoo.http"):
                self.assertEqual(self._status(path), 404)

    def _status(self, path):
        answer = self.url_open(path, json={"params": {}})
        if answer.status_code != 200:
            return answer.status_code
        return answer.json()["error"]["code"]  # a JSON route

    def test_visit_ends_when_the_visitor_is_no_operator_any_more(self):
        self._visit()
        group = self.env.ref("huolie_base.group_operator_reviewer")
        self.reviewer.group_ids -= group
        self.assertIn("login", self.url_open("/odoo").url)

    def test_no_visit_when_over_or_withdrawn(self):
        grant = self._grant()
        grant.sudo().granted_until = fields.Datetime.now() - timedelta(minutes=1)
        self.authenticate(self.reviewer.login, self.reviewer.login)
        self.assertIn("error", self._enter(grant))

    def test_employees_and_other_enterprises_cannot_enter(self):
        grant = self._grant()
        new_test_user(self.env, "employee_x", groups="base.group_user")
        self.authenticate("employee_x", "employee_x")
        self.assertIn("error", self._enter(grant))
        _other, stranger = self._create_enterprise("Other", "admin@other.example")
        self._log_in(stranger)
        self.assertIn("error", self._enter(grant))
        self._log_in(self.admin)
        self.assertIn("error", self._enter(grant))

    def test_length_is_limited_and_never_typed(self):
        grant = self._grant()
        with self.assertRaises(AccessError):
            grant.write({"hours": "24"})
        with self.assertRaises(AccessError):
            grant.write({"granted_until": "2099-01-01 00:00:00"})

    def test_guide_in_both_languages(self):
        self.assertIn("使用指导", self.url_open("/huolie/help?lang=zh_CN").text)
        self.assertIn("Guide", self.url_open("/huolie/help?lang=en_US").text)
