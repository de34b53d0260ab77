import time

from odoo.tests import tagged

from ..services import db, engine, hub, wire
from ..services.errors import Refused
from .common import ChatCase


class StillHub(hub.Hub):
    """A hub whose threads end at once: the test reads for it, with its own cursor."""

    def _listen_for_ever(self):
        pass

    def _keep_for_ever(self):
        pass


@tagged("post_install", "-at_install")
class TestHub(ChatCase):
    """What is kept in memory of conversations, and for whom."""

    def setUp(self):
        super().setUp()
        self.hub = StillHub(self.cr.dbname)
        self._online(self.ann)
        self.visitor = self._make_visitor()
        self.conversation = self._open(self.visitor)
        engine.append(self.cr, self.conversation, "visitor", "text", "secret", None)

    def _claims(self, visitor):
        return {
            "k": "v",
            "e": visitor.enterprise_id.id,
            "v": visitor.id,
            "i": time.time(),
        }

    def _waiter(self, visitor):
        """Park a poll of a visitor who asks for the conversation from its beginning."""
        topic = f"c{self.conversation}"
        waiter = hub.Waiter(self._claims(visitor), [f"v{visitor.id}", topic])
        self.hub._enter(waiter, f"v{visitor.id}")
        self._collect(waiter)
        return waiter

    def _collect(self, waiter):
        return self.hub._collect(waiter, {self.conversation: 0})

    def _talk(self):
        return self.hub.talks[self.conversation]

    def test_strangers_fill_no_memory_and_hear_nothing(self):
        stranger = self._waiter(self._make_visitor())
        self.hub._fetch(self.cr)
        self.assertEqual(self._collect(stranger), ([], {}))
        self.assertFalse(self._talk().events)
        self.assertFalse(self.hub.wanted, "not asked for again and again")
        owner = self._waiter(self.visitor)
        self.hub._fetch(self.cr)
        events, missing = self._collect(owner)
        self.assertEqual([e["k"] for e in events], ["opened", "joined", "text"])
        self.assertFalse(missing)
        self.assertEqual(self._collect(stranger), ([], {}))

    def test_news_come_to_a_reader_between_two_polls(self):
        owner = self._waiter(self.visitor)
        self.hub._fetch(self.cr)
        self.hub._leave(owner)
        engine.append(self.cr, self.conversation, "visitor", "text", "more")
        self.hub._hear(wire.stored(self.conversation, self.visitor.id, self.ann.id))
        self.hub._fetch(self.cr)
        self.assertEqual([e["s"] for e in self._talk().after(3, "v")], [4])

    def test_words_of_a_recalled_message_are_forgotten(self):
        seq, _doubled = engine.append(
            self.cr, self.conversation, "agent", "text", "wrong", seat=None
        )
        self.cr.execute(
            "UPDATE huolie_message SET seat_id = %s"
            " WHERE conversation_id = %s AND seq = %s",
            (self.ann.id, self.conversation, seq),
        )
        owner = self._waiter(self.visitor)
        self.hub._fetch(self.cr)
        self.assertIn("wrong", [e["b"] for e in self._collect(owner)[0]])
        engine.recall(self.cr, self.conversation, seq, seat=self.ann.id)
        self.hub._hear(wire.stored(self.conversation, self.visitor.id, self.ann.id))
        self.hub._fetch(self.cr)
        events, _missing = self._collect(owner)
        self.assertNotIn("wrong", [e["b"] for e in events])
        self.assertTrue(next(e for e in events if e["s"] == seq)["r"])

    def test_not_asked_is_not_nothing_new(self):
        with self.assertRaises(Refused) as caught:
            self.hub.poll(self._claims(self.visitor), {self.conversation: 0}, 0.05)
        self.assertEqual(caught.exception.status, 503)
        # who does not wait is told what is in memory
        found = self.hub.poll(self._claims(self.visitor), {self.conversation: 0}, 0)
        self.assertEqual(found, [])

    def test_consoles_read_their_lists_again_after_a_break(self):
        claims = {"k": "a", "e": self.enterprise.id, "t": self.ann.id, "i": time.time()}
        waiter = hub.Waiter(claims, [f"a{self.ann.id}"])
        self.hub._enter(waiter, f"a{self.ann.id}")
        self.hub._refresh_lists()
        self.assertEqual(waiter.passing, [{"e": "list"}])

    def test_revoked_agent_gets_nothing_from_a_poll_that_may_not_wait(self):
        claims = {
            "k": "a",
            "d": self.cr.dbname,
            "e": self.enterprise.id,
            "t": self.ann.id,
            "w": "e",
            "i": time.time() - 10,
        }
        seen = {self.conversation: 0}
        self.assertEqual(len(hub.peek(self.cr, claims, seen)), 4)
        self._state(self.ann).token_from = "2999-01-01 00:00:00"
        self.env.flush_all()
        with self.assertRaises(Refused) as caught:
            hub.peek(self.cr, claims, seen)
        self.assertEqual(caught.exception.code, "token")

    def test_notices_to_thousands_fit_into_what_postgresql_takes(self):
        topics = [f"a{number}" for number in range(10**6, 10**6 + 3000)]
        notices = wire.passing_each(topics, e="out")
        self.assertTrue(all(len(notice.encode()) < 8000 for notice in notices))
        self.assertEqual(sum(notice.count('"a1') for notice in notices), 3000)

    def test_free_link_that_another_thread_took_is_no_error(self):
        links = db.Pool(self.cr.dbname)
        self.assertIsNone(links._pop())
