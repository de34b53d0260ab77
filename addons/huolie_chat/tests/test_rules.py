from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..services import engine
from .common import AGENT, ChatCase


@tagged("post_install", "-at_install")
class TestRules(ChatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["huolie.enterprise"].create(
            {"name": "Coffee House", "state": "formal"}
        )
        cls.spy = cls._make_agent(
            cls.other, "spy", AGENT.replace("scope_own", "scope_enterprise")
        )
        cls.boss = cls._make_agent(
            cls.enterprise, "boss", AGENT.replace("scope_own", "scope_enterprise")
        )

    def setUp(self):
        super().setUp()
        self._online(self.ann)
        self.conversation = self._open()
        engine.append(self.cr, self.conversation, "visitor", "text", "secret")
        self.env.invalidate_all()

    def _reads(self, seat, model, domain=()):
        return self.env[model].with_user(seat.user_id).search(list(domain))

    def test_other_enterprise_sees_nothing(self):
        for model in ("conversation", "message", "visitor", "file"):
            self.assertFalse(self._reads(self.spy, f"huolie.{model}"), model)
        for model in ("site", "group", "group.member", "agent.state"):
            found = self._reads(self.spy, f"huolie.{model}")
            self.assertEqual(found.sudo().enterprise_id, self.other, model)

    def test_own_scope(self):
        self.assertEqual(
            self._reads(self.ann, "huolie.conversation").id, self.conversation
        )
        self.assertTrue(self._reads(self.ann, "huolie.message"))
        self.assertFalse(self._reads(self.bob, "huolie.conversation"))
        self.assertFalse(self._reads(self.bob, "huolie.message"))

    def test_enterprise_scope(self):
        self.assertEqual(
            self._reads(self.boss, "huolie.conversation").id, self.conversation
        )

    def test_agent_reads_the_queue_of_the_own_groups(self):
        self.cr.execute(
            "UPDATE huolie_conversation SET state = 'waiting', seat_id = NULL"
            " WHERE id = %s",
            (self.conversation,),
        )
        self.env.invalidate_all()
        self.assertEqual(
            self._reads(self.bob, "huolie.conversation").id, self.conversation
        )

    def test_nobody_writes_conversations_by_rpc(self):
        record = self._conversation(self.conversation)
        for vals in ({"seat_id": self.bob.id}, {"state": "closed"}, {"last_seq": 0}):
            with self.assertRaises(AccessError):
                record.with_user(self.boss.user_id).write(vals)
        with self.assertRaises(AccessError):
            record.message_ids.with_user(self.boss.user_id).unlink()

    def test_cookie_and_file_content_are_never_readable(self):
        visitor = self._conversation(self.conversation).visitor_id
        with self.assertRaises(AccessError):
            visitor.with_user(self.ann.user_id).read(["uid"])

    def test_operator_reads_no_conversation(self):
        admin = self.env.ref("base.user_admin")
        found = self.env["huolie.conversation"].with_user(admin)
        with self.assertRaises(AccessError):
            found.search([])

    def test_new_enterprise_can_receive(self):
        self.assertTrue(self.site.key and self.site.group_id == self.group)
        self.assertEqual(self.group.seat_ids, self.ann + self.bob + self.boss)
