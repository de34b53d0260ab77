import json
import re

import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .accounts_common import AccountsCase, AccountsHttpCase


@tagged("post_install", "-at_install")
class TestAudit(AccountsCase):
    """Who changed what, when, from what to what (A10)."""

    def _last(self, **domain):
        found = [(name, "=", value) for name, value in domain.items()]
        return self.env["huolie.audit"].search(found, limit=1)

    def test_a_seat_is_followed_in_state_person_and_role(self):
        seat = self.enterprise.seat_ids.with_user(self.admin)
        seat.action_stop()
        row = self._last(action="seat.change", field_name="state")
        self.assertEqual((row.old, row.new), ("active", "stopped"))
        self.assertEqual(row.enterprise_id, self.enterprise)
        self.assertEqual(row.user_name, self.admin.name)
        row = row.with_context(lang="en_US")
        self.assertEqual((row.old_words, row.new_words), ("Active", "Stopped"))
        self.assertEqual(row.what, "Seat: State")

    def test_unchanged_values_make_no_row(self):
        seat = self.enterprise.seat_ids
        before = self.env["huolie.audit"].search_count([])
        seat.write({"name": seat.name, "state": seat.state})
        self.assertEqual(self.env["huolie.audit"].search_count([]), before)

    def test_account_data_is_followed(self):
        wizard = self.env["huolie.account.data"].with_user(self.admin)
        wizard.create({"name": "Other Ltd", "email": "o@test.example"}).action_save()
        row = self._last(action="enterprise.change", field_name="name")
        self.assertEqual((row.old, row.new), ("Test Ltd", "Other Ltd"))
        self.assertEqual(row.user_id, self.admin)
        self.assertEqual(row.enterprise_id, self.enterprise)

    def test_settings_of_the_operator_are_followed(self):
        manager = self._create_operator("manager")
        settings = self.env["huolie.account.settings"].with_user(manager)
        settings.create({"trial_days": 21, "registration_open": True}).action_save()
        row = self._last(model="ir.config_parameter", res_name="huolie.trial_days")
        self.assertIn("21", row.new)
        self.assertEqual(row.user_id, manager)

    def test_settings_of_others_are_not_ours(self):
        before = self.env["huolie.audit"].search_count([])
        params = self.env["ir.config_parameter"].with_user(
            self.env.ref("base.user_admin")
        )
        params.set_param("some.module", "1")
        params.set_param("some.module", "2")
        params.set_param("some.module", False)
        self.assertEqual(self.env["huolie.audit"].search_count([]), before)

    def test_secrets_stay_out(self):
        params = self.env["ir.config_parameter"].with_user(
            self.env.ref("base.user_admin")
        )
        params.set_param("huolie.some_secret", "hush-1")
        params.set_param("huolie.some_secret", "hush-2")
        params.set_param("huolie.some_secret", False)
        self.admin.sudo().password = "Another2026z"
        token = (
            self.enterprise.seat_ids.sudo()
            .copy({"user_id": False})
            .with_user(self.admin)
        )
        link = self._token(token.action_invite())
        self.env.cr.execute(
            "SELECT concat_ws(' ', old, new, res_name) FROM huolie_audit"
        )
        text = "\n".join(row[0] for row in self.env.cr.fetchall())
        for secret in ("hush-", "Another2026z", link):
            self.assertNotIn(secret, text)
        self.assertTrue(self._last(action="user.password", res_id=self.admin.id))

    def test_operators_rights_are_followed(self):
        finance = self._create_operator("finance")
        group = self.env.ref("huolie_base.group_operator_reviewer")
        finance.write({"group_ids": [(4, group.id)]})
        row = self._last(action="user.change", field_name="group_ids")
        self.assertIn(group.name, row.new)
        self.assertNotIn(group.name, row.old)

    def test_a_verification_is_followed(self):
        reviewer = self._create_operator("reviewer")
        draft = self._draft(self.admin)
        draft.action_submit()
        draft.with_user(reviewer).action_approve()
        row = self._last(action="verification.approved")
        self.assertEqual(row.user_id, reviewer)
        self.assertEqual(row.enterprise_id, self.enterprise)

    def test_deleting_leaves_what_was(self):
        role = self.env["huolie.role"].with_user(self.admin).create({"name": "Night"})
        self.assertIn("Night", self._last(action="role.create").new)
        role.unlink()
        row = self._last(action="role.delete")
        self.assertIn("Night", row.old)

    def test_agents_do_not_read_it(self):
        agent = self.enterprise._create_person(
            {"contact": "Li", "email": "li@test.example", "password": "Feuer2026x"},
            self.enterprise._get_agent_groups(),
        )
        with self.assertRaises(AccessError):
            self.env["huolie.audit"].with_user(agent).search([])

    def test_the_database_refuses_changes(self):
        self.enterprise.seat_ids.name = "Somebody"
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.Error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("TRUNCATE huolie_audit")


@tagged("post_install", "-at_install")
class TestAuditHttp(AccountsHttpCase):
    def test_exports_are_noted(self):
        enterprise, admin = self._create_enterprise()
        self._log_in(admin)
        page = self.url_open("/odoo").text
        data = {
            "model": "huolie.seat",
            "fields": [{"name": "name", "label": "Name", "type": "char"}],
            "ids": enterprise.seat_ids.ids,
            "domain": [],
            "import_compat": False,
            "groupby": [],
            "context": {},
        }
        token = re.search(r'csrf_token: "(\w+)"', page)[1]
        for kind in ("csv", "xlsx"):
            posted = {"data": json.dumps(data), "csrf_token": token}
            answer = self.url_open(f"/web/export/{kind}", data=posted)
            self.assertEqual(answer.status_code, 200)
            row = self.env["huolie.audit"].search([], limit=1)
            self.assertEqual((row.action, row.new), ("list.export", "1: Name"))
            self.assertEqual(row.enterprise_id, enterprise)
            self.assertEqual(row.user_id, admin)
