import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..services import engine
from ..services.errors import Refused
from .common import ChatCase


@tagged("post_install", "-at_install")
class TestEngine(ChatCase):
    def setUp(self):
        super().setUp()
        self._online(self.ann)
        self.visitor = self._make_visitor()
        self.conversation = self._open(self.visitor)

    def _send(self, body, uid, **kw):
        return engine.append(
            self.cr, self.conversation, "visitor", "text", body, None, uid, **kw
        )

    def test_numbers_follow_each_other(self):
        first, _doubled = self._send("one", "u1")
        second, _doubled = self._send("two", "u2")
        self.assertEqual((first, second), (3, 4))
        self.assertEqual(self._conversation(self.conversation).last_seq, 4)

    def test_message_sent_twice_is_stored_once(self):
        self.assertEqual(self._send("one", "u1"), (3, False))
        self.assertEqual(self._send("one", "u1"), (3, True))
        self.assertEqual(self._kinds(self.conversation).count("text"), 1)

    def test_robot_is_silent_once_a_person_is_there(self):
        with self.assertRaises(Refused) as caught:
            engine.append(self.cr, self.conversation, "robot", "text", "I think …")
        self.assertEqual(caught.exception.code, "taken")

    def test_same_id_with_other_text_is_refused(self):
        self._send("one", "u1")
        with self.assertRaises(Refused) as caught:
            self._send("other", "u1")
        self.assertEqual(
            (caught.exception.code, caught.exception.status), ("duplicate", 409)
        )

    def test_another_visitor_gets_not_found(self):
        stranger = self._make_visitor()
        with self.assertRaises(Refused) as caught:
            self._send("one", "u1", visitor=stranger.id)
        self.assertEqual(caught.exception.code, "conversation")

    def test_visitor_with_another_ones_client_id_learns_nothing(self):
        self._send("secret", "u1", visitor=self.visitor.id)
        with self.assertRaises(Refused) as caught:
            self._send("secret", "u1", visitor=self._make_visitor().id)
        self.assertEqual(caught.exception.status, 404)

    def test_closed_conversation_takes_no_message(self):
        engine.close(self.cr, self.conversation, "visitor")
        with self.assertRaises(Refused) as caught:
            self._send("late", "u1")
        self.assertEqual(
            (caught.exception.code, caught.exception.status), ("closed", 409)
        )

    def test_opening_twice_gives_the_same_conversation(self):
        again, created = engine.open_conversation(
            self.cr, self.visitor.id, group=self.group.id, state="waiting"
        )
        self.assertEqual((again, created), (self.conversation, False))

    def test_unread_counts_both_ways(self):
        self._send("one", "u1")
        self._send("two", "u2")
        self.assertEqual(self._conversation(self.conversation).unread_agent, 2)
        engine.append(self.cr, self.conversation, "agent", "text", "hello")
        found = self._conversation(self.conversation)
        self.assertEqual((found.unread_agent, found.unread_visitor), (0, 1))
        self.assertTrue(found.first_answer_at)

    def test_note_is_no_answer(self):
        engine.append(self.cr, self.conversation, "agent", "note", "difficult one")
        found = self._conversation(self.conversation)
        self.assertFalse(found.first_answer_at)
        self.assertEqual(found.unread_visitor, 0)

    def test_agent_without_the_conversation_is_refused(self):
        with self.assertRaises(Refused) as caught:
            engine.append(
                self.cr, self.conversation, "agent", "text", "x", seat=self.bob.id
            )
        self.assertEqual(caught.exception.status, 404)

    def test_revoked_token_is_refused(self):
        self.env["huolie.conversation"]._revoke(self.ann)
        with self.assertRaises(Refused) as caught:
            engine.store(
                self.cr,
                self.conversation,
                "agent",
                "text",
                "x",
                seat=self.ann.id,
                issued="2020-01-01 00:00:00",
            )
        self.assertEqual(caught.exception.code, "token")

    def test_recall_hides_the_text(self):
        seq, _doubled = engine.append(
            self.cr,
            self.conversation,
            "agent",
            "text",
            "wrong window",
            seat=self.ann.id,
            issued="2999-01-01 00:00:00",
        )
        engine.recall(self.cr, self.conversation, seq, seat=self.ann.id)
        events = engine.events_after(self.cr, self.conversation, 0)
        old = next(event for event in events if event["s"] == seq)
        self.assertEqual((old["b"], old.get("r")), (None, True))
        self.assertEqual((events[-1]["k"], events[-1]["p"]), ("recalled", {"s": seq}))

    def test_recall_is_refused_after_two_minutes(self):
        seq, _doubled = engine.append(
            self.cr,
            self.conversation,
            "agent",
            "text",
            "x",
            seat=self.ann.id,
            issued="2999-01-01 00:00:00",
        )
        self.cr.execute(
            "UPDATE huolie_message SET create_date = create_date - interval '3 minutes'"
            " WHERE conversation_id = %s",
            (self.conversation,),
        )
        with self.assertRaises(Refused):
            engine.recall(self.cr, self.conversation, seq, seat=self.ann.id)

    def test_rating_counts_once(self):
        args = (self.cr, self.conversation, self.visitor.id)
        self.assertTrue(engine.rate(*args, 4, True, "good"))
        self.assertFalse(engine.rate(*args, 1))
        self.assertEqual(self._conversation(self.conversation).score, 4)

    def test_closing_twice_frees_one_place(self):
        self.assertTrue(engine.close(self.cr, self.conversation, "agent"))
        self.assertFalse(engine.close(self.cr, self.conversation, "agent"))
        self.assertEqual(self._state(self.ann).load, 0)

    def test_database_refuses_load_above_the_limit(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE huolie_agent_state SET load = cap + 1 WHERE seat_id = %s",
                (self.ann.id,),
            )
