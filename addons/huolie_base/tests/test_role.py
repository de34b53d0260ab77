import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..services import role_picks
from .tenancy_common import TenancyCase

RULES = "odoo.addons.base.models.ir_rule"


@tagged("post_install", "-at_install")
class TestRole(TenancyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls._create_agent(cls.alpha, "agent@alpha.test")
        cls.roles = {code: cls.alpha._get_ready_role(code) for code in role_picks.READY}

    @classmethod
    def _create_agent(cls, enterprise, login):
        vals = {"contact": login, "email": login, "password": "Correct-Horse-9"}
        return enterprise._create_person(vals, enterprise._get_agent_groups())

    def _new_role(self, user, **vals):
        roles = self._as(user, self.env["huolie.role"])
        return roles.create({"name": "Night shift", **vals})

    def _tick(self, role, module, **vals):
        role.line_ids.filtered(lambda line: line.module == module).write(vals)

    # === READY-MADE === #
    def test_every_enterprise_has_three_ready_made_roles(self):
        self.assertEqual(set(self.alpha.role_ids.mapped("code")), set(role_picks.READY))
        codes = {module["code"] for module in self.env["huolie.role"]._get_modules()}
        for role in self.alpha.role_ids:
            self.assertEqual(set(role.line_ids.mapped("module")), codes)

    def test_people_come_in_with_a_role_and_its_groups(self):
        self.assertEqual(self.alpha_admin.huolie_role_id, self.roles["admin"])
        self.assertEqual(self.agent.huolie_role_id, self.roles["agent"])
        self.assertTrue(self.alpha_admin.has_group("huolie_base.group_role_do"))
        self.assertFalse(self.agent.has_group("huolie_base.group_role_see"))
        self.assertTrue(self.agent.has_group("huolie_base.group_scope_own"))
        self.assertTrue(self.agent._is_tenant())

    def test_ready_made_roles_are_locked_and_copies_are_not(self):
        role = self._as(self.alpha_admin, self.roles["agent"])
        for change in (
            lambda: role.write({"scope": "enterprise"}),
            lambda: role.line_ids[0].write({"do": True}),
            lambda: role.unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        copy = role.copy()
        self.assertFalse(copy.code)
        self.assertEqual(len(copy.line_ids), len(role.line_ids))
        copy.write({"scope": "groups"})
        self._tick(copy, "seat", see=True)
        self.assertIn("huolie_base.group_seat_see", self._xmlids(copy))

    def _xmlids(self, role):
        groups = role.sudo()._get_role_groups()
        return set(groups.get_external_id().values())

    # === RIGHTS FOLLOW === #
    def test_assigning_writes_exactly_the_groups_of_the_role(self):
        role = self._new_role(self.alpha_admin)
        self._tick(role, "seat", see=True)
        role._assign(self.agent)
        shipped = self.env["huolie.role"]._get_shipped_groups()
        self.assertEqual(self.agent.group_ids, role.sudo()._get_role_groups())
        self.assertLessEqual(self.agent.group_ids, shipped)

    def test_changing_a_role_changes_its_people_at_once(self):
        role = self._new_role(self.alpha_admin)
        role._assign(self.agent)
        self.assertFalse(self.agent.has_group("huolie_base.group_seat_do"))
        self._tick(role, "seat", do=True)
        self.assertTrue(self.agent.has_group("huolie_base.group_seat_do"))
        self.assertTrue(self.agent.has_group("huolie_base.group_seat_see"))
        self._tick(role, "seat", see=False)
        self.assertFalse(self.agent.has_group("huolie_base.group_seat_see"))
        role.write({"scope": "enterprise", "may_export": True})
        self.assertTrue(self.agent.has_group("huolie_base.group_scope_enterprise"))
        self.assertTrue(self.agent.has_group("base.group_allow_export"))

    def test_employees_keep_the_groups_of_the_erp(self):
        house = self.env.ref("huolie_base.enterprise_house")
        if not house.role_ids:
            self.env["huolie.role"]._create_ready_roles(house)
        self.employee.enterprise_id = house
        before = self.employee.group_ids
        house._get_ready_role("agent")._assign(self.employee)
        self.assertLessEqual(before, self.employee.group_ids)
        self.assertTrue(self.employee.has_group("huolie_base.group_scope_own"))
        self.assertTrue(self.employee._is_internal())

    # === NO ESCALATION (SEC-R4, R9) === #
    def test_nobody_gives_more_than_they_hold(self):
        clerk = self._create_agent(self.alpha, "clerk@alpha.test")
        role = self._new_role(self.alpha_admin)
        self._tick(role, "role", do=True)
        role._assign(clerk)
        mine = self._new_role(clerk)
        for change in (
            lambda: self._tick(mine, "account", do=True),
            lambda: mine.write({"scope": "enterprise"}),
            lambda: mine.write({"may_export": True}),
            lambda: self._new_role(clerk, scope="enterprise"),
            lambda: self._as(clerk, self.roles["admin"])._assign(clerk),
            lambda: self._as(clerk, mine)._assign(self.alpha_admin),
        ):
            with self.assertRaises(AccessError):
                change()
        self._tick(mine, "role", see=True)

    def test_an_agent_cannot_assign_at_all(self):
        with self.assertRaises(AccessError), mute_logger(RULES):
            self._as(self.agent, self.roles["agent"])._assign(self.agent)

    def test_groups_cannot_be_written_directly(self):
        group = self.env.ref("huolie_base.group_account_do")
        for values in (
            {"group_ids": [Command.link(group.id)]},
            {"huolie_role_id": self.roles["admin"].id},
        ):
            with self.assertRaises(AccessError):
                self._as(self.agent, self.agent).write(values)
        with self.assertRaises(AccessError):
            self._as(self.alpha_admin, group).write(
                {"user_ids": [Command.link(self.agent.id)]}
            )

    def test_the_last_admin_stays(self):
        role = self._as(self.alpha_admin, self.roles["agent"])
        with self.assertRaises(UserError):
            role._assign(self.alpha_admin)
        with self.assertRaises(UserError):
            self.alpha_admin.active = False
        self.roles["admin"]._assign(self.agent)
        role._assign(self.alpha_admin)
        self.assertFalse(self.alpha_admin.has_group("huolie_base.group_role_do"))

    def test_roles_of_another_enterprise_cannot_be_used(self):
        foreign = self.beta._get_ready_role("agent")
        with mute_logger(RULES), self.assertRaises(AccessError):
            self._as(self.alpha_admin, foreign).read(["name"])
        with mute_logger(RULES), self.assertRaises(AccessError):
            self._as(self.alpha_admin, foreign)._assign(self.agent)
        seat = self._as(self.alpha_admin, self.alpha.seat_ids[:1])
        with mute_logger(RULES), self.assertRaises(AccessError):
            seat.write({"role_id": foreign.id})

    def test_a_role_in_use_cannot_be_deleted(self):
        role = self._new_role(self.alpha_admin)
        role._assign(self.agent)
        with self.assertRaises(UserError):
            role.unlink()

    # === SEATS === #
    def test_the_role_of_a_seat_goes_to_its_person(self):
        seat = self.alpha.seat_ids
        self.roles["admin"]._assign(self.agent)
        role = self._new_role(self.alpha_admin)
        self._as(self.agent, seat).write({"role_id": role.id})
        self.assertEqual(self.alpha_admin.huolie_role_id, role)

    # === PLAIN WORDS AND AUDIT === #
    def test_rights_in_plain_words(self):
        role = self._new_role(self.alpha_admin)
        self._tick(role, "seat", do=True)
        seat = role.line_ids.filtered(lambda line: line.module == "seat")
        self.assertIn(seat.label, role.summary.splitlines()[0])
        self.assertIn("nothing", role.summary.splitlines()[1])

    def test_changes_are_noted(self):
        role = self._new_role(self.alpha_admin)
        role._assign(self.agent)
        self._tick(role, "seat", see=True)
        log = self._as(self.alpha_admin, self.env["huolie.audit"]).search([])
        self.assertEqual(log[:2].mapped("action"), ["role.change", "role.assign"])
        self.assertEqual(log[0].user_name, self.alpha_admin.name)
        self.assertIn("Seats: see", log[0].new)
        self.assertFalse(
            self._as(self.beta_admin, self.env["huolie.audit"]).search(
                [("id", "in", log.ids)]
            )
        )

    def test_the_log_is_append_only(self):
        self.alpha._audit("test.line")
        row = self.env["huolie.audit"].search([], limit=1)
        with self.assertRaises(UserError):
            row.write({"new": "x"})
        with self.assertRaises(UserError):
            row.unlink()
        for query in (
            "UPDATE huolie_audit SET new = 'x' WHERE id = %s",
            "DELETE FROM huolie_audit WHERE id = %s",
        ):
            with (
                self.subTest(query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RaiseException),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query, [row.id])
