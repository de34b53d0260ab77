import time

from odoo.tests import tagged

from ..services import agent, assign, engine, visitor
from ..services.errors import Refused
from .common import ChatCase


@tagged("post_install", "-at_install")
class TestAgentReads(ChatCase):
    """What an agent's token may read over the fast path."""

    def _may_read(self, conversation, seat, scope, groups):
        claims = {"e": seat.enterprise_id.id, "t": seat.id, "w": scope, "g": groups}
        claims["i"] = time.time()
        call = type("Call", (), {"cr": self.cr})()
        try:
            agent._readable(call, claims, conversation)
        except Refused:
            return False
        return True

    def test_queue_of_own_groups_is_read_before_it_is_taken(self):
        person = self._make_visitor()
        waiting, _created = engine.open_conversation(
            self.cr, person.id, group=self.group.id, state="waiting"
        )
        self.assertTrue(self._may_read(waiting, self.ann, "o", self.group.ids))
        self.assertFalse(self._may_read(waiting, self.ann, "o", [0]))

    def test_revoked_token_reads_nothing_any_more(self):
        self._online(self.ann)
        conversation = self._open()
        self.assertTrue(self._may_read(conversation, self.ann, "e", []))
        assign.revoke(self.cr, self.ann.ids)
        claims = {"e": self.enterprise.id, "t": self.ann.id, "w": "e", "i": 0}
        call = type("Call", (), {"cr": self.cr})()
        with self.assertRaises(Refused) as caught:
            agent._readable(call, claims, conversation)
        self.assertEqual(
            (caught.exception.code, caught.exception.status), ("token", 403)
        )

    def test_typing_preview_can_be_switched_off(self):
        self.env.flush_all()
        shown = visitor.previewed(self.cr, self.enterprise.id, "how much")
        self.assertEqual(shown, "how much")
        self.settings.typing_preview = False
        self.env.flush_all()
        self.assertEqual(visitor.previewed(self.cr, self.enterprise.id, "how"), "")

    def test_colleagues_conversations_need_a_wider_scope(self):
        self._online(self.ann)
        conversation = self._open()
        self.assertEqual(self._conversation(conversation).seat_id, self.ann)
        self.assertTrue(self._may_read(conversation, self.ann, "o", []))
        other = self._make_agent(self.enterprise, "other")
        self.assertFalse(self._may_read(conversation, other, "o", self.group.ids))
        self.assertTrue(self._may_read(conversation, other, "g", self.group.ids))
        self.assertTrue(self._may_read(conversation, other, "e", []))
