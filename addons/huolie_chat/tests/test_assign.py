from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..services import assign, engine
from ..services.errors import Refused
from .common import ChatCase


@tagged("post_install", "-at_install")
class TestAssign(ChatCase):
    def _agents(self, conversations):
        self.env.invalidate_all()
        return self.env["huolie.conversation"].browse(conversations).mapped("seat_id")

    def test_nobody_online_gives_the_form(self):
        conversation = self._open()
        found = self._conversation(conversation)
        self.assertEqual((found.state, found.close_reason), ("closed", "nobody"))

    def test_least_loaded_first(self):
        self._online(self.ann, self.bob)
        seats = [self._conversation(self._open()).seat_id for _i in range(4)]
        self.assertEqual(sorted(s.name for s in seats), ["ann", "ann", "bob", "bob"])
        self.assertNotEqual(seats[0], seats[1])

    def test_limit_holds_and_the_rest_waits_in_order(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 2)
        opened = [self._open() for _i in range(5)]
        states = [self._conversation(c).state for c in opened]
        self.assertEqual(states, ["open", "open", "waiting", "waiting", "waiting"])
        self.assertEqual(
            [assign.place(self.cr, c)["place"] for c in opened[2:]], [1, 2, 3]
        )
        engine.close(self.cr, opened[0], "agent")
        states = [self._conversation(c).state for c in opened]
        self.assertEqual(states, ["closed", "open", "open", "waiting", "waiting"])

    def test_queue_longer_than_allowed_gives_the_form(self):
        self.settings.queue_max = 1
        self.env.flush_all()
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        opened = [self._open() for _i in range(3)]
        found = self._conversation(opened[2])
        self.assertEqual((found.state, found.close_reason), ("closed", "full"))

    def test_returning_visitor_gets_the_same_agent(self):
        self._online(self.ann, self.bob)
        visitor = self._make_visitor()
        first = self._open(visitor)
        seat = self._conversation(first).seat_id
        other = self.ann + self.bob - seat
        engine.close(self.cr, first, "visitor")
        # the other one is idle for longer now, yet the known one is asked
        self.cr.execute(
            "UPDATE huolie_agent_state SET last_assigned = '2001-01-01'"
            " WHERE seat_id = %s",
            (other.id,),
        )
        self.assertEqual(self._conversation(self._open(visitor)).seat_id, seat)

    def test_overflow_group_takes_over(self):
        spare = self.env["huolie.group"].create(
            {"name": "Spare", "enterprise_id": self.enterprise.id}
        )
        spare.seat_ids = self.bob
        self.group.seat_ids = self.ann
        self.group.overflow_group_id = spare
        self._online(self.bob)
        found = self._conversation(self._open())
        self.assertEqual((found.seat_id, found.group_id), (self.bob, spare))

    def test_online_takes_the_queue_at_once(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        self._open()
        waiting = self._open()
        self._online(self.bob)
        self.assertEqual(self._conversation(waiting).seat_id, self.bob)

    def test_raising_the_limit_takes_the_queue_at_once(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        self._open()
        waiting = self._open()
        assign.set_cap(self.cr, self.ann.id, 2)
        self.assertEqual(self._conversation(waiting).state, "open")

    def test_lowered_limit_takes_effect_as_conversations_end(self):
        self._online(self.ann)
        opened = [self._open() for _i in range(3)]
        assign.set_cap(self.cr, self.ann.id, 1)
        self.assertEqual(self._state(self.ann).cap, 3)
        engine.close(self.cr, opened[0], "agent")
        engine.close(self.cr, opened[1], "agent")
        state = self._state(self.ann)
        self.assertEqual((state.load, state.cap), (1, 1))

    def test_busy_agent_gets_nobody_new(self):
        self._online(self.ann, self.bob)
        assign.set_status(self.cr, self.ann.id, "busy")
        seats = self._agents([self._open() for _i in range(3)])
        self.assertEqual(seats, self.bob)

    def test_seat_without_service_receives_nobody(self):
        self.ann.serve_until = "2020-01-01 00:00:00"
        self.env.flush_all()
        with self.assertRaises(Refused):
            assign.set_status(self.cr, self.ann.id, "online")

    def test_transfer_to_a_full_agent_is_refused(self):
        self._online(self.ann, self.bob)
        assign.set_cap(self.cr, self.bob.id, 1)
        opened = [self._open() for _i in range(3)]
        mine = next(c for c in opened if self._conversation(c).seat_id == self.ann)
        with self.assertRaises(Refused) as caught:
            assign.give(self.cr, mine, self.bob.id)
        self.assertEqual(caught.exception.code, "full")
        self.assertEqual(self._conversation(mine).seat_id, self.ann)
        self.assertEqual(
            (self._state(self.ann).load, self._state(self.bob).load), (2, 1)
        )

    def test_transfer_moves_the_load_and_keeps_the_reader(self):
        self._online(self.ann)
        conversation = self._open()
        self._online(self.bob)
        assign.give(self.cr, conversation, self.bob.id)
        found = self._conversation(conversation)
        self.assertEqual(found.seat_id, self.bob)
        self.assertEqual(found.seat_ids, self.ann + self.bob)
        self.assertEqual(
            (self._state(self.ann).load, self._state(self.bob).load), (0, 1)
        )
        self.assertEqual(self._kinds(conversation)[-1], "transferred")

    def test_robot_hands_over_when_somebody_is_there(self):
        conversation = self._open(state="robot")
        self.assertEqual(assign.ask_human(self.cr, conversation)["state"], "form")
        self.assertEqual(self._conversation(conversation).state, "robot")
        self._online(self.ann)
        self.assertEqual(assign.ask_human(self.cr, conversation)["state"], "open")
        self.assertEqual(self._kinds(conversation), ["opened", "human", "joined"])

    def test_asking_twice_for_a_human_changes_nothing(self):
        self._online(self.ann)
        conversation = self._open(state="robot")
        assign.ask_human(self.cr, conversation)
        self.assertEqual(assign.ask_human(self.cr, conversation)["state"], "open")
        self.assertEqual(self._state(self.ann).load, 1)

    def test_actions_are_for_the_own_conversations(self):
        self._online(self.ann)
        conversation = self._conversation(self._open())
        with self.assertRaises(AccessError):
            conversation.with_user(self.bob.user_id).action_close()
        conversation.with_user(self.ann.user_id).action_close()
        self.assertEqual(self._conversation(conversation.id).state, "closed")

    def test_take_respects_the_own_limit(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        self._open()
        waiting = self._conversation(self._open())
        with self.assertRaises(UserError):
            waiting.with_user(self.ann.user_id).action_take()
        waiting.with_user(self.bob.user_id).action_take()
        self.assertEqual(self._conversation(waiting.id).seat_id, self.bob)

    def test_freeze_ends_conversations_and_stops_seats(self):
        self._online(self.ann)
        conversation = self._open()
        self.enterprise.state = "frozen"
        found = self._conversation(conversation)
        self.assertEqual((found.state, found.close_reason), ("closed", "freeze"))
        self.assertFalse(self._state(self.ann).serve_until)

    def test_stopped_seat_is_offline(self):
        self._online(self.ann)
        self.ann.state = "stopped"
        self.env.flush_all()
        state = self._state(self.ann)
        self.assertEqual((state.online, state.status), (False, "offline"))
