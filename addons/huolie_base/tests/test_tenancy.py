from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .tenancy_common import TenancyCase

RULES = "odoo.addons.base.models.ir_rule"


@tagged("post_install", "-at_install")
class TestTenancy(TenancyCase):
    # === WHO IS A TENANT === #
    def test_people_of_enterprises_are_no_internal_users(self):
        self.assertTrue(self.alpha_admin._is_tenant())
        self.assertFalse(self.alpha_admin._is_internal())
        self.assertFalse(self.employee._is_tenant())

    # === READING === #
    def test_own_customer_is_marked_and_seen(self):
        self.assertEqual(self.alpha_customer.enterprise_id, self.alpha)
        self.assertTrue(self.alpha_customer.is_enterprise_customer)
        found = self._as(self.alpha_admin, self.env["res.partner"]).search([])
        self.assertIn(self.alpha_customer, found.sudo())
        self.assertNotIn(self.beta_customer, found.sudo())
        self.assertEqual(found.sudo().enterprise_id, self.alpha)

    def test_employee_sees_no_customer_of_an_enterprise(self):
        partners = self._as(self.employee, self.env["res.partner"])
        self.assertFalse(partners.search([("is_enterprise_customer", "=", True)]))
        self.assertFalse(partners.search([("name", "like", "'s customer")]))

    def test_house_agent_sees_the_house_customers_only(self):
        house = self.env.ref("huolie_base.enterprise_house")
        mine = self.env["res.partner"].create(
            {"name": "H", "enterprise_id": house.id, "is_enterprise_customer": True}
        )
        self.employee.partner_id.enterprise_id = house
        self.employee.invalidate_recordset()
        found = self._as(self.employee, self.env["res.partner"]).search(
            [("is_enterprise_customer", "=", True)]
        )
        self.assertEqual(found, mine)

    def test_people_see_only_colleagues_and_own_enterprise(self):
        users = self._as(self.alpha_admin, self.env["res.users"]).search([])
        self.assertEqual(users, self.alpha_admin)
        enterprises = self._as(self.alpha_admin, self.env["huolie.enterprise"])
        self.assertEqual(enterprises.search([]), self.alpha)
        seats = self._as(self.alpha_admin, self.env["huolie.seat"])
        self.assertEqual(seats.search([]).enterprise_id, self.alpha)

    def test_moving_a_person_clears_the_cached_rules(self):
        user = self.beta_admin
        partners = self._as(user, self.env["res.partner"])
        self.assertIn(self.beta_customer, partners.search([]).sudo())
        user.enterprise_id = self.alpha
        partners = self._as(user, self.env["res.partner"])
        self.assertNotIn(self.beta_customer, partners.search([]).sudo())

    @mute_logger(RULES)
    def test_foreign_and_missing_answer_alike(self):
        texts = set()
        for partner_id in (self.beta_customer.id, 10**8):
            with self.assertRaises(AccessError) as caught:
                self.env["res.partner"].with_user(self.alpha_admin).create(
                    {"name": "x", "parent_id": partner_id}
                )
            texts.add(str(caught.exception))
        self.assertEqual(len(texts), 1)

    # === WRITING === #
    @mute_logger(RULES)
    def test_foreign_and_colleague_partners_cannot_be_written(self):
        for partner in (
            self.beta_customer,
            self.beta_admin.partner_id,
            self.alpha.partner_id,
            self.env.ref("base.main_partner"),
        ):
            with self.assertRaises(AccessError):
                self._as(self.alpha_admin, partner).write({"email": "x@evil.example"})

    @mute_logger(RULES)
    def test_a_colleagues_address_cannot_be_written(self):
        mate = self.alpha._create_person(
            {"contact": "Mate", "email": "mate@alpha.test"},
            self.env.ref("huolie_base.group_tenant"),
        )
        with self.assertRaises(AccessError):
            self._as(self.alpha_admin, mate.partner_id).write({"email": "x@e.example"})
        with self.assertRaises(AccessError):
            self._as(self.alpha_admin, mate).write({"email": "x@e.example"})

    def test_whose_a_partner_is_is_written_by_the_server_alone(self):
        partners = self.env["res.partner"].with_user(self.alpha_admin)
        for vals in (
            {"enterprise_id": self.beta.id},
            {"is_enterprise_customer": False},
            {"parent_id": self.alpha.partner_id.id},
        ):
            with self.assertRaises(AccessError):
                self._as(self.alpha_admin, self.alpha_customer).write(vals)
        with self.assertRaises(AccessError):
            partners.create({"name": "x", "enterprise_id": self.beta.id})
        with self.assertRaises(AccessError):
            partners.with_context(default_enterprise_id=self.beta.id).create(
                {"name": "x"}
            )

    def test_own_rights_and_login_cannot_be_written(self):
        user = self._as(self.alpha_admin, self.alpha_admin)
        group = self.env.ref("base.group_user")
        for vals in (
            {"group_ids": [Command.link(group.id)]},
            {"login": "root"},
            {"company_id": self.env.company.id},
            {"action_id": 1},
            {"share": False},
            {"partner_id": self.beta_admin.partner_id.id},
            {"enterprise_id": self.beta.id},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                user.write(vals)
        user.write({"phone": "13900000000"})

    # === REFERENCES === #
    def test_every_way_to_name_a_foreign_record_is_refused(self):
        partners = self.env["res.partner"].with_user(self.alpha_admin)
        foreign, spec = self.beta_customer.id, {"parent_id": {"fields": {}}}
        mine = self._as(self.alpha_admin, self.alpha_customer)
        child = {"name": "x"}
        calls = (
            lambda: partners.create({"name": "x", "parent_id": foreign}),
            lambda: mine.write({"parent_id": foreign}),
            lambda: mine.web_save({"parent_id": foreign}, {}),
            lambda: mine.write({"child_ids": [Command.link(foreign)]}),
            lambda: mine.write({"child_ids": [Command.set([foreign])]}),
            lambda: mine.write({"child_ids": [Command.update(foreign, child)]}),
            lambda: mine.write({"child_ids": [Command.delete(foreign)]}),
            lambda: mine.write(
                {"child_ids": [Command.create({"name": "x", "parent_id": foreign})]}
            ),
            lambda: partners.onchange({"parent_id": foreign}, ["parent_id"], spec),
            lambda: partners.with_context(default_parent_id=foreign).default_get(
                ["parent_id"]
            ),
            lambda: partners.with_context(default_parent_id=foreign).onchange(
                {}, [], spec
            ),
            lambda: mine.copy({"parent_id": foreign}),
            lambda: partners.create({"name": "x", "user_id": self.employee.id}),
        )
        for number, call in enumerate(calls):
            with self.subTest(number), self.assertRaises(AccessError):
                call()

    def test_rows_keep_their_enterprise(self):
        seat = self.alpha.seat_ids
        with self.assertRaises(UserError):
            seat.write({"enterprise_id": self.beta.id})
        with self.assertRaises(AccessError):
            seat.write({"user_id": self.beta_admin.id})
        with self.assertRaises(AccessError):
            self.env["huolie.seat"].create(
                {"enterprise_id": self.alpha.id, "user_id": self.beta_admin.id}
            )

    def test_no_cycle_in_users(self):
        self.assertIsNone(self.env["res.users"]._parent_name)
        user = self._as(self.alpha_admin, self.env["res.partner"])
        user.search_panel_select_range("user_id")

    # === MAIL === #
    def test_post_reaches_nobody_outside(self):
        message = self._as(self.alpha_admin, self.alpha_customer).message_post(
            body="hello",
            partner_ids=[self.beta_admin.partner_id.id, self.employee.partner_id.id],
            author_id=self.beta_admin.partner_id.id,
            email_from="security@huolie.example",
            outgoing_email_to="victim@else.example",
        )
        message = message.sudo()
        self.assertFalse(message.partner_ids)
        self.assertEqual(message.author_id, self.alpha_admin.partner_id)
        self.assertNotIn("huolie.example", message.email_from)
        self.assertFalse(message.outgoing_email_to)

    def test_followers_come_from_the_own_enterprise(self):
        customer = self._as(self.alpha_admin, self.alpha_customer)
        customer.message_subscribe([self.beta_admin.partner_id.id])
        self.assertNotIn(
            self.beta_admin.partner_id, customer.sudo().message_partner_ids
        )

    def test_notify_and_mail_are_closed(self):
        threads = self.env["mail.thread"].with_user(self.alpha_admin)
        with self.assertRaises(AccessError):
            threads.message_notify(
                partner_ids=self.beta_admin.partner_id.ids, body="phish"
            )
        customer = self._as(self.alpha_admin, self.alpha_customer)
        with self.assertRaises(AccessError):
            customer.message_mail_with_source("mail.message_origin_link")

    # === SIGN-UP === #
    def test_nobody_takes_a_sign_up_link_of_a_foreign_customer(self):
        with self.assertRaises(AccessDenied):
            self._as(self.alpha_admin, self.alpha_customer).signup_get_auth_param()
        with mute_logger(RULES), self.assertRaises(AccessError):
            self._as(self.employee, self.alpha_customer).signup_get_auth_param()

    def test_duplicate_search_names_no_stranger(self):
        self.beta_customer.vat = "91110000600037341L"
        self.alpha_customer.vat = "91110000600037341L"
        partner = self._as(self.alpha_admin, self.alpha_customer)
        self.assertFalse(partner.same_vat_partner_id)

    # === FAVOURITES === #
    def test_favourites_are_for_our_actions_and_for_oneself(self):
        filters = self._as(self.alpha_admin, self.env["ir.filters"])
        ours = self.env.ref("huolie_base.huolie_notice_action")
        vals = {
            "name": "Unread",
            "model_id": "huolie.notice",
            "domain": "[]",
            "context": "{}",
            "sort": "[]",
            "user_ids": [Command.set(self.alpha_admin.ids)],
        }
        filters.create_filter({**vals, "action_id": ours.id})
        with self.assertRaises(AccessError):
            foreign = self.env.ref("base.action_res_users")
            filters.create_filter({**vals, "action_id": foreign.id})
        with self.assertRaises(AccessError), mute_logger(RULES):
            filters.create_filter({**vals, "user_ids": []})
