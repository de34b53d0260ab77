from odoo.tests import tagged

from ..services import assign, engine, upkeep
from .common import ChatCase


@tagged("post_install", "-at_install")
class TestUpkeep(ChatCase):
    def _age(self, table, column, minutes, record):
        self.cr.execute(
            f"UPDATE {table} SET {column} = {column} - make_interval(mins => %s)"
            " WHERE id = %s",
            (minutes, record),
        )

    def test_lost_agent_hands_over_to_a_colleague(self):
        self._online(self.ann)
        conversation = self._open()
        self._online(self.bob)
        self._age("huolie_agent_state", "seen_at", 2, self._state(self.ann).id)
        upkeep.sweep(self.cr)
        found = self._conversation(conversation)
        self.assertEqual((found.state, found.seat_id), ("open", self.bob))
        self.assertIn(self.ann, found.seat_ids)
        self.assertEqual(
            (self._state(self.ann).online, self._state(self.ann).load), (False, 0)
        )

    def test_lost_agents_visitors_stand_first(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 2)
        opened = [self._open() for _i in range(3)]
        self._online(self.bob)
        assign.set_status(self.cr, self.bob.id, "busy")
        self.cr.execute(
            "UPDATE huolie_conversation SET state = 'waiting', seat_id = NULL"
            " WHERE id = %s AND state = 'open' AND seat_id = %s",
            (opened[2], self.bob.id),
        )
        self._age("huolie_agent_state", "seen_at", 2, self._state(self.ann).id)
        upkeep.sweep(self.cr)
        waiting = [c for c in opened if self._conversation(c).state == "waiting"]
        self.assertEqual(waiting[:2], opened[:2])
        self.assertEqual(
            [assign.place(self.cr, c)["place"] for c in opened[:2]], [1, 2]
        )

    def test_agent_who_comes_back_receives_again(self):
        self._online(self.ann)
        self._age("huolie_agent_state", "seen_at", 2, self._state(self.ann).id)
        upkeep.sweep(self.cr)
        self.assertFalse(self._state(self.ann).online)
        upkeep.present_agents(self.cr, [self.ann.id])
        self.assertTrue(self._state(self.ann).online)

    def test_short_silence_of_an_agent_changes_nothing(self):
        self._online(self.ann)
        conversation = self._open()
        self.cr.execute(
            "UPDATE huolie_agent_state SET seen_at = seen_at - interval '5 seconds'"
        )
        upkeep.sweep(self.cr)
        self.assertEqual(self._conversation(conversation).seat_id, self.ann)

    def test_waiting_too_long_ends_with_the_form(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        self._open()
        waiting = self._open()
        self._age("huolie_conversation", "waiting_since", 11, waiting)
        upkeep.sweep(self.cr)
        found = self._conversation(waiting)
        self.assertEqual((found.state, found.close_reason), ("closed", "wait"))

    def test_visitor_who_left_the_queue_is_not_given_to_anybody(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        first = self._open()
        visitor = self._make_visitor()
        waiting = self._open(visitor)
        self._age("huolie_visitor", "seen_at", 4, visitor.id)
        upkeep.sweep(self.cr)
        engine.close(self.cr, first, "agent")
        found = self._conversation(waiting)
        self.assertEqual((found.state, found.close_reason), ("closed", "left"))

    def _silent(self, minutes):
        self._online(self.ann)
        conversation = self._open()
        engine.append(self.cr, conversation, "visitor", "text", "question")
        engine.append(self.cr, conversation, "agent", "text", "answer")
        for column in ("last_agent_at", "last_visitor_at"):
            self._age("huolie_conversation", column, minutes, conversation)
        return conversation

    def test_silent_visitor_is_warned_then_the_conversation_ends(self):
        conversation = self._silent(29)
        upkeep.sweep(self.cr)
        self.assertEqual(self._kinds(conversation)[-1], "idle")
        upkeep.sweep(self.cr)
        self.assertEqual(self._conversation(conversation).state, "open")
        for column in ("last_agent_at", "last_visitor_at", "warned_at"):
            self._age("huolie_conversation", column, 3, conversation)
        upkeep.sweep(self.cr)
        self.assertEqual(self._conversation(conversation).close_reason, "idle")

    def test_visitor_waiting_for_an_answer_is_never_closed(self):
        conversation = self._silent(60)
        engine.append(self.cr, conversation, "visitor", "text", "and?")
        for column in ("last_agent_at", "last_visitor_at"):
            self._age("huolie_conversation", column, 60, conversation)
        upkeep.sweep(self.cr)
        self.assertEqual(self._kinds(conversation)[-1], "text")

    def test_word_of_the_visitor_in_the_same_second_keeps_it_open(self):
        """C10: the list of silent ones is older than the word."""
        conversation = self._silent(60)
        due = upkeep.run(self.cr, upkeep.SILENT)
        engine.append(self.cr, conversation, "visitor", "text", "wait!")
        last = next(row[4] for row in due if row[0] == conversation)
        self.assertFalse(engine.close(self.cr, conversation, "idle", last=last))
        warned = upkeep.run(self.cr, upkeep.WARN, conversation, "text", 2, last)
        self.assertFalse(warned)
        self.assertEqual(self._kinds(conversation)[-1], "text")

    def test_visitor_taken_in_the_same_second_is_not_sent_away(self):
        self._online(self.ann)
        conversation = self._open()
        self.assertEqual(self._conversation(conversation).state, "open")
        for reason in ("wait", "left", "nobody", "full", "form"):
            closed = engine.close(self.cr, conversation, reason, state="waiting")
            self.assertFalse(closed, reason)

    def test_word_of_the_visitor_takes_the_warning_back(self):
        conversation = self._silent(29)
        upkeep.sweep(self.cr)
        engine.append(self.cr, conversation, "visitor", "text", "still here")
        self.assertFalse(self._conversation(conversation).warned_at)

    def test_forgotten_queue_is_drained(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        self._open()
        waiting = self._open()
        self.cr.execute("UPDATE huolie_agent_state SET cap = 2, cap_wished = 2")
        upkeep.sweep(self.cr)
        self.assertEqual(self._conversation(waiting).state, "open")
