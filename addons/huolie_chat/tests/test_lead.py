from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ChatCase

LEADS = ",".join(
    [
        "huolie_chat.group_lead_do",
        "huolie_chat.group_customer_do",
        "huolie_base.group_scope_own",
    ]
)


@tagged("post_install", "-at_install")
class TestLead(ChatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lily = cls._make_agent(cls.enterprise, "lily", LEADS)
        cls.max = cls._make_agent(cls.enterprise, "max", LEADS)
        cls.chief = cls._make_agent(
            cls.enterprise, "chief", LEADS.replace("scope_own", "scope_enterprise")
        )
        cls.other = cls.env["huolie.enterprise"].create(
            {"name": "Coffee House", "state": "formal"}
        )
        cls.stranger = cls._make_agent(
            cls.other, "stranger", LEADS.replace("scope_own", "scope_enterprise")
        )
        cls.lead = cls._make_lead(name="Wang", phone="138 1234 5678")

    @classmethod
    def _make_lead(cls, **vals):
        vals.setdefault("enterprise_id", cls.enterprise.id)
        return cls.env["huolie.lead"].create({"source": "form", **vals})

    def _as(self, seat, record):
        self.env.invalidate_all()
        return record.with_user(seat.user_id)

    def test_claim_has_one_winner(self):
        self._as(self.lily, self.lead).action_claim()
        self.assertEqual(self.lead.seat_id, self.lily)
        self.assertEqual(self.lead.state, "doing")
        self.assertFalse(self.lead._claim(self.max), "the row was taken")
        self.assertEqual(self.lead.seat_id, self.lily)

    def test_claim_of_a_taken_lead_says_so(self):
        self.lead._claim(self.max)
        with self.assertRaises(UserError):
            self.lead.with_user(self.chief.user_id).action_claim()

    def test_own_scope_sees_pool_and_own(self):
        mine = self._make_lead(name="Mine", seat_id=self.lily.id)
        theirs = self._make_lead(name="Theirs", seat_id=self.max.id)
        seen = self._as(self.lily, self.env["huolie.lead"]).search([])
        self.assertIn(self.lead, seen)
        self.assertIn(mine, seen)
        self.assertNotIn(theirs, seen)
        self.assertIn(theirs, self._as(self.chief, seen).search([]))

    def test_other_enterprise_sees_and_claims_nothing(self):
        leads = self._as(self.stranger, self.env["huolie.lead"])
        self.assertFalse(leads.search([]))
        with self.assertRaises(AccessError):
            self._as(self.stranger, self.lead).action_claim()
        self.assertFalse(self.lead.seat_id)

    def test_owner_is_not_written_past_the_rules(self):
        with self.assertRaises(AccessError):
            self._as(self.lily, self.lead).write({"seat_id": self.lily.id})

    def test_return_and_cool_down(self):
        lead = self._as(self.lily, self.lead)
        lead.action_claim()
        lead.action_return()
        self.assertFalse(self.lead.seat_id)
        self.assertEqual(self.lead.last_seat_id, self.lily)
        with self.assertRaises(UserError):
            self._as(self.lily, self.lead).action_claim()
        self._as(self.max, self.lead).action_claim()
        self.assertEqual(self.lead.seat_id, self.max)

    def test_limit_of_held_leads(self):
        self.env["huolie.lead.policy"]._get(self.enterprise).max_held = 1
        self._as(self.lily, self.lead).action_claim()
        with self.assertRaises(UserError):
            self._as(self.lily, self._make_lead(name="Two")).action_claim()

    def test_limit_of_claims_a_day(self):
        self.env["huolie.lead.policy"]._get(self.enterprise).max_per_day = 1
        self._as(self.lily, self.lead).action_claim()
        self.lead.action_done()
        with self.assertRaises(UserError):
            self._as(self.lily, self._make_lead(name="Two")).action_claim()

    def test_assign_is_the_supervisors(self):
        wizard = self.env["huolie.lead.assign"]
        vals = {"lead_ids": [(6, 0, self.lead.ids)], "seat_id": self.max.id}
        self._as(self.chief, wizard).create(vals).action_apply()
        self.assertEqual(self.lead.seat_id, self.max)
        with self.assertRaises(AccessError):
            self._as(self.lily, self.lead).action_assign()

    def test_duplicates_meet_however_typed(self):
        double = self._make_lead(name="Again", phone="+86 138-1234-5678")
        foreign = self._make_lead(phone="13812345678", enterprise_id=self.other.id)
        self.assertEqual(self.lead.duplicate_count, 1)
        found = self._as(self.chief, self.lead).search([("has_duplicate", "=", True)])
        self.assertEqual(found.sudo(), self.lead | double)
        self.assertFalse(foreign.has_duplicate)

    def test_followup_moves_the_lead_on(self):
        lead = self._as(self.lily, self.lead)
        lead.action_claim()
        date = fields.Date.today() + timedelta(days=3)
        self._as(self.lily, self.env["huolie.lead.followup"]).create(
            {"lead_id": self.lead.id, "body": "Called", "next_date": date}
        )
        self.assertEqual(self.lead.next_date, date)
        self.assertTrue(self.lead.last_followup_at)

    def test_neglected_leads_go_back(self):
        self.lead._claim(self.lily)
        kept = self._make_lead(name="Kept")
        kept._claim(self.lily)
        kept.next_date = fields.Date.today() + timedelta(days=1)
        self.env["huolie.lead.policy"]._get(self.enterprise).return_days = 7
        old = fields.Datetime.now() - timedelta(days=8)
        (self.lead | kept).write({"claimed_at": old})
        self.env["huolie.lead"]._cron_return_to_pool()
        self.assertFalse(self.lead.seat_id)
        self.assertEqual(kept.seat_id, self.lily, "a date is agreed")

    def test_answer_goes_to_the_lead_only(self):
        self.lead.email = "wang@example.com"
        self.lead._claim(self.lily)
        wizard = self._as(self.lily, self.env["huolie.lead.answer"]).create(
            {"lead_id": self.lead.id, "body": "We have it."}
        )
        wizard.action_send()
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(mail.email_to, "wang@example.com")
        self.assertTrue(self.lead.answered_at)
        self.assertEqual(self.lead.followup_ids.channel, "mail")

    def test_convert_makes_a_customer_of_the_enterprise(self):
        self.lead._claim(self.lily)
        self._as(self.lily, self.lead).action_convert()
        partner = self.lead.partner_id
        self.assertEqual(partner.enterprise_id, self.enterprise)
        self.assertTrue(partner.is_enterprise_customer)
        self.assertEqual(self.lead.state, "done")
        customers = self._as(self.stranger, self.env["res.partner"])
        self.assertNotIn(partner, customers.search([]))

    def test_quick_replies_are_personal_without_the_right_to_share(self):
        reply = self.env["huolie.quick.reply"]
        chat = self._make_agent(self.enterprise, "nora", "huolie_chat.group_chat_do")
        own = self._as(chat, reply).create({"name": "Hi", "body": "Hello"})
        self.assertEqual(own.sudo().user_id, chat.user_id)
        shared = reply.create(
            {"name": "All", "body": "Hello", "enterprise_id": self.enterprise.id}
        )
        with self.assertRaises(AccessError):
            self._as(chat, shared).write({"body": "Changed"})
