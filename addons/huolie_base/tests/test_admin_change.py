from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .accounts_common import PASSWORD, AccountsCase, encoded, picture


@tagged("post_install", "-at_install")
class TestAdminChange(AccountsCase):
    """The administration goes from one person to another (A13)."""

    def setUp(self):
        super().setUp()
        self.enterprise.state = "formal"
        self.second = self._create_colleague("second@test.example")
        self.seat = self._seat_of(self.second, "active")

    def _create_colleague(self, email):
        vals = {"contact": "Second", "email": email, "password": PASSWORD}
        groups = self.enterprise._get_agent_groups()
        return self.enterprise._create_person(vals, groups)

    def _seat_of(self, user, state):
        seats = self.env["huolie.seat"].sudo()
        own = {"enterprise_id": self.enterprise.id, "name": user.name}
        return seats.create({**own, "user_id": user.id, "state": state})

    def _hand_over(self, to, password=PASSWORD, by=None):
        wizards = self.env["huolie.admin.transfer"].with_user(by or self.admin)
        wizard = wizards.create({"user_id": to.id})
        return wizard.with_context(password=password).action_transfer()

    def _is_admin(self, user):
        self.env.invalidate_all()
        return user.huolie_role_id.code == "admin" and user in (
            self.enterprise._get_admins()
        )

    # === BY THE ADMIN === #
    def test_hand_over_needs_the_password_and_tells_both(self):
        with self.assertRaises(UserError):
            self._hand_over(self.second, password="wrong")
        with self.assertRaises(UserError):
            self._hand_over(self.second, password=None)
        self.assertTrue(self._is_admin(self.admin))
        self._hand_over(self.second)
        self.assertTrue(self._is_admin(self.second))
        self.assertFalse(self._is_admin(self.admin))
        told = self.env["huolie.notice"].search([("kind", "=", "warning")]).user_id
        self.assertTrue(self.admin | self.second <= told)
        row = self.env["huolie.audit"].search([("action", "=", "enterprise.admin")])
        self.assertEqual(row.user_id, self.admin)
        self.assertIn(self.second.name, row.new)

    def test_hand_over_mails_both(self):
        self._hand_over(self.second)
        mails = self.env["mail.mail"].sudo().search([], order="id desc", limit=4)
        receivers = " ".join(
            [mail.email_to or "" for mail in mails]
            + mails.recipient_ids.mapped("email")
        )
        self.assertIn(self.admin.email, receivers)
        self.assertIn(self.second.email, receivers)

    def test_only_to_somebody_with_an_activated_seat(self):
        third = self._create_colleague("third@test.example")
        self._seat_of(third, "accepted")
        with self.assertRaises(UserError):
            self._hand_over(third)
        with self.assertRaises(UserError):
            self._hand_over(self.admin)
        self.second.active = False
        with self.assertRaises(UserError):
            self._hand_over(self.second)

    def test_not_to_another_enterprise_and_not_by_an_agent(self):
        _other, stranger = self._create_enterprise("Other", "admin@other.example")
        with self.assertRaises(AccessError):
            self._hand_over(stranger)
        with self.assertRaises(AccessError):
            self._hand_over(self.admin, by=self.second)

    # === BY THE OPERATOR === #
    def _ask(self, manager, **vals):
        asked = {
            "enterprise_id": self.enterprise.id,
            "reason": "Letter with stamp",
            "evidence": encoded(picture()),
            "evidence_name": "letter.png",
        }
        return self.env["huolie.admin.change"].with_user(manager).create(asked | vals)

    def _managers(self):
        group = "huolie_base.group_operator_manager"
        return [new_test_user(self.env, f"boss{n}", groups=group) for n in (1, 2)]

    def test_two_operators_give_a_new_admin(self):
        one, two = self._managers()
        change = self._ask(one, contact="New", email="new@test.example")
        with self.assertRaises(AccessError):
            change.action_approve()
        change.with_user(two).action_approve()
        user = self.env["res.users"].search([("login", "=", "new@test.example")])
        self.assertTrue(self._is_admin(user))
        self.assertFalse(self._is_admin(self.admin))
        self.assertTrue(user.sudo().reset_hash)
        with self.assertRaises(UserError):
            change.with_user(two).action_approve()
        rows = self.env["huolie.audit"].search([("model", "=", change._name)])
        steps = rows.sorted("id").mapped("action")[-2:]
        self.assertEqual(steps, ["admin_change.asked", "admin_change.approved"])

    def test_refused_changes_nothing(self):
        one, two = self._managers()
        change = self._ask(one, user_id=self.second.id)
        change.with_user(two).action_refuse()
        self.assertEqual(change.state, "refused")
        self.assertTrue(self._is_admin(self.admin))

    def test_evidence_and_person_are_needed(self):
        one, _two = self._managers()
        with self.assertRaises(ValidationError):
            self._ask(one)
        with self.assertRaises(ValidationError):
            self._ask(one, contact="New", email="no address")

    def test_only_managers_and_never_people_of_enterprises(self):
        reviewer = self._create_operator("reviewer")
        for user in (reviewer, self.admin):
            with self.assertRaises(AccessError):
                self._ask(user, user_id=self.second.id)

    def test_who_asked_and_state_are_never_typed(self):
        one, two = self._managers()
        change = self._ask(
            one, user_id=self.second.id, asked_by_id=two.id, state="approved"
        )
        self.assertEqual((change.asked_by_id, change.state), (one, "asked"))
