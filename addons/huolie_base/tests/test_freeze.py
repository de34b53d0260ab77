import io
import zipfile
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..services import table_file
from .accounts_common import AccountsCase, AccountsHttpCase


@tagged("post_install", "-at_install")
class TestReadOnly(AccountsCase):
    def setUp(self):
        super().setUp()
        self.patch(self.registry["huolie.enterprise"], "_is_billed", lambda _s: True)
        self.enterprise.trial_until = fields.Datetime.now() - timedelta(minutes=1)

    def test_trial_over_reads_but_does_not_write(self):
        self.assertEqual(self.enterprise._get_stage(), "trial_over")
        seat = self.enterprise.seat_ids.with_user(self.admin)
        self.assertTrue(seat.read(["name"]))
        with self.assertRaisesRegex(UserError, "trial is over"):
            seat.write({"name": "New name"})

    def test_verification_stays_open(self):
        draft = self._draft(self.admin)
        draft.action_submit()
        self.assertEqual(draft.state, "submitted")

    def test_people_may_still_change_themselves(self):
        self.admin.with_user(self.admin).write({"name": "Other name"})
        self.assertEqual(self.admin.name, "Other name")

    def test_partner_of_an_enterprise_is_not_archived(self):
        with self.assertRaises(ValidationError):
            self.enterprise.partner_id.active = False

    def test_legal_hold_stops_deleting(self):
        self.enterprise.trial_until = fields.Datetime.now() + timedelta(days=1)
        self.enterprise.legal_hold = True
        role = self.enterprise.role_ids.filtered(lambda r: not r.code)
        role = role or self.env["huolie.role"].with_user(self.admin).create(
            {"name": "Mine"}
        )
        with self.assertRaisesRegex(UserError, "legal hold"):
            role.with_user(self.admin).unlink()
        self.enterprise.legal_hold = False
        role.with_user(self.admin).unlink()


@tagged("post_install", "-at_install")
class TestFreezeOverHttp(AccountsHttpCase):
    def setUp(self):
        super().setUp()
        self.enterprise, self.admin = self._create_enterprise()
        self.manager = self._create_operator("manager")

    def _freeze(self):
        self.enterprise.with_user(self.manager)._freeze("gambling", "Online casino")

    def _call(self):
        return self.url_open(
            "/web/dataset/call_kw/huolie.enterprise/get_home_page",
            json={
                "params": {
                    "model": "huolie.enterprise",
                    "method": "get_home_page",
                    "args": [],
                    "kwargs": {},
                }
            },
        ).json()

    def test_running_session_is_stopped_and_told_why(self):
        self._log_in(self.admin)
        self.assertIn("result", self._call())
        self._freeze()
        with mute_logger("odoo.http"):
            self.assertIn("error", self._call())
        page = self.url_open("/odoo")
        self.assertTrue(page.url.endswith("/huolie/stopped"))
        self.assertIn("Online casino", page.text)
        self.enterprise.with_user(self.manager).action_unfreeze()
        self.assertIn("result", self._call())

    def test_log_in_leads_to_the_reason(self):
        self._freeze()
        self._log_in(self.admin)
        self.assertIn("Online casino", self.url_open("/odoo").text)

    def test_admin_may_export_when_frozen(self):
        self._log_in(self.admin)
        self._freeze()
        page = self.url_open("/huolie/stopped").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self.url_open("/huolie/export", data={"csrf_token": token})
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        self.assertIn("hashes.txt", archive.namelist())
        seats = archive.read("huolie.seat.csv").decode("utf-8-sig")
        self.assertIn("Wang", seats)
        self.assertNotIn("invite_hash", seats)

    def test_agent_may_not_export(self):
        agent = self.enterprise._create_person(
            {"contact": "Li", "email": "li@test.example", "password": "Feuer2026x"},
            self.enterprise._get_agent_groups(),
        )
        self._log_in(agent)
        self._freeze()
        page = self.url_open("/huolie/stopped").text
        self.assertNotIn("/huolie/export", page)

    def test_export_holds_nothing_of_others(self):
        other, _admin = self._create_enterprise("Secret", "boss@secret.example")
        archive = zipfile.ZipFile(io.BytesIO(self.enterprise._make_export()))
        for name in archive.namelist():
            self.assertNotIn(b"secret.example", archive.read(name))
            self.assertNotIn(other.code.encode(), archive.read(name))

    def test_strangers_are_led_away(self):
        self.assertFalse(self.url_open("/huolie/stopped").url.endswith("stopped"))

    def test_formulas_are_text(self):
        data = table_file.to_csv(["a"], [["=HYPERLINK(1)"], ["@x"], [-5], ["plain"]])
        lines = data.decode("utf-8-sig").splitlines()
        self.assertEqual(lines, ["a", "'=HYPERLINK(1)", "'@x", "-5", "plain"])
