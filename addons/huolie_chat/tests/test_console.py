from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..services import assign, engine
from .common import AGENT, ChatCase

WIDE = AGENT.replace("scope_own", "scope_enterprise")
DESK = AGENT + ",huolie_chat.group_lead_do,huolie_chat.group_customer_do"


@tagged("post_install", "-at_install")
class TestConsole(ChatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls._make_agent(cls.enterprise, "desk", DESK)
        cls.boss = cls._make_agent(cls.enterprise, "boss", WIDE)
        cls.other = cls.env["huolie.enterprise"].create(
            {"name": "Coffee House", "state": "formal"}
        )
        cls.spy = cls._make_agent(cls.other, "spy", WIDE)

    def setUp(self):
        super().setUp()
        self._online(self.desk)
        self.conversation = self._open()
        engine.append(self.cr, self.conversation, "visitor", "text", "hello")

    def _console(self, seat):
        self.env.invalidate_all()
        return self.env["huolie.console"].with_user(seat.user_id)

    def test_load_tells_me_and_mine(self):
        data = self._console(self.desk).load()
        self.assertEqual(data["me"]["status"], "online")
        self.assertTrue(data["me"]["serving"])
        self.assertEqual([row["id"] for row in data["mine"]], [self.conversation])
        row = data["mine"][0]
        self.assertEqual(row["preview"], "hello")
        self.assertEqual(row["unread"], 1)
        self.assertTrue(row["owed"], "the visitor waits for an answer")

    def test_nothing_is_owed_after_the_answer(self):
        engine.append(self.cr, self.conversation, "agent", "text", "hi", name="desk")
        self.assertFalse(self._console(self.desk).lists()["mine"][0]["owed"])

    def test_transcript_shows_pictures_under_signed_links(self):
        picture = {"id": 5, "name": "a.png", "mime": "image/png", "size": 3}
        engine.append(self.cr, self.conversation, "visitor", "image", None, picture)
        record = self._console(self.boss).transcript(self.conversation)[-1]
        self.assertTrue(record["p"]["url"].startswith("/huolie/f/5?s="))

    def test_refused_hand_over_leaves_no_note(self):
        self._online(self.ann)
        assign.set_cap(self.cr, self.ann.id, 1)
        self._state(self.ann).load = 1
        self.env.flush_all()
        console = self._console(self.desk)
        with self.assertRaises(UserError):
            console.transfer(self.conversation, "seat", self.ann.id, "please")
        self.assertNotIn("note", self._kinds(self.conversation))
        self._state(self.ann).load = 0
        self.env.flush_all()
        self._console(self.desk).transfer(
            self.conversation, "seat", self.ann.id, "please"
        )
        self.assertEqual(self._kinds(self.conversation)[-2:], ["transferred", "note"])

    def test_conversation_handed_over_meanwhile_is_not_ended(self):
        # the request read it as its own; the engine looks at the row as it is now
        closed = engine.close(
            self.cr, self.conversation, "agent", seat=self.ann.id, author="agent"
        )
        self.assertFalse(closed)
        self.assertEqual(self._conversation(self.conversation).state, "open")

    def test_why_a_seat_does_not_receive(self):
        self.boss.write({"state": "stopped"})
        me = self._console(self.boss).load()["me"]
        self.assertFalse(me["serving"])
        self.assertTrue(me["reason"])

    def test_strangers_get_one_answer(self):
        for conversation in (self.conversation, 999999):
            with self.assertRaises(AccessError):
                self._console(self.spy).card(conversation)
            with self.assertRaises(AccessError):
                self._console(self.spy).note(conversation, "x", "u")
        self.assertFalse(self._console(self.spy).others())

    def test_card_is_edited_in_place(self):
        card = self._console(self.desk).save_card(
            self.conversation, {"phone": " 13812345678 ", "id": 1, "uid": "x"}
        )
        self.assertEqual(card["visitor"]["phone"], "13812345678")
        visitor = self._conversation(self.conversation).visitor_id
        self.assertNotEqual(visitor.uid, "x")

    def test_to_lead_and_to_customer_once(self):
        console = self._console(self.desk)
        console.save_card(self.conversation, {"name": "Li", "wechat": "li_88"})
        first = console.make_lead(self.conversation)
        again = console.make_lead(self.conversation)
        self.assertEqual(first["lead_id"], again["lead_id"])
        card = console.make_customer(self.conversation)
        partner = self.env["res.partner"].browse(card["partner_id"])
        self.assertEqual(partner.name, "Li")
        self.assertEqual(partner.enterprise_id, self.enterprise)
        self.assertEqual(
            console.make_customer(self.conversation)["partner_id"], partner.id
        )

    def test_known_customer_is_used_again(self):
        known = self.env["res.partner"].create(
            {
                "name": "Old friend",
                "phone": "13900000000",
                "enterprise_id": self.enterprise.id,
                "is_enterprise_customer": True,
            }
        )
        console = self._console(self.desk)
        card = console.save_card(self.conversation, {"phone": "13900000000"})
        self.assertEqual(card["duplicate"], "Old friend")
        card = console.make_customer(self.conversation)
        self.assertEqual(card["partner_id"], known.id)

    def test_summary_takes_own_tags_only(self):
        tag = self.env["huolie.tag"].create(
            {"name": "Price", "enterprise_id": self.enterprise.id}
        )
        foreign = self.env["huolie.tag"].create(
            {"name": "Price", "enterprise_id": self.other.id}
        )
        card = self._console(self.desk).save_summary(
            self.conversation,
            {"summary": "Asked for a price", "tag_ids": [tag.id, foreign.id]},
        )
        self.assertEqual(card["tag_ids"], tag.ids)
        self.assertEqual(card["summary"], "Asked for a price")

    def test_ending_asks_for_a_tag_where_wanted(self):
        self.settings.require_summary = True
        console = self._console(self.desk)
        console.close(self._open())
        tag = self.env["huolie.tag"].create(
            {"name": "Price", "enterprise_id": self.enterprise.id}
        )
        with self.assertRaises(UserError):
            console.close(self.conversation)
        console.save_summary(self.conversation, {"tag_ids": tag.ids})
        console.close(self.conversation)
        self.assertEqual(self._conversation(self.conversation).state, "closed")

    def test_supervisor_watches_notes_and_takes_over(self):
        console = self._console(self.boss)
        self.assertIn(self.conversation, [row["id"] for row in console.others()])
        stored = console.note(self.conversation, "offer 5 %", "uid-1")
        self.assertEqual(
            console.note(self.conversation, "offer 5 %", "uid-1"), stored, "once"
        )
        self._online(self.boss)
        self._console(self.boss).take(self.conversation)
        self.assertEqual(self._conversation(self.conversation).seat_id, self.boss)

    def test_agents_do_not_watch(self):
        with self.assertRaises(AccessError):
            self._console(self.desk).others()

    def test_transfer_to_a_colleague(self):
        self._online(self.boss)
        targets = self._console(self.desk).transfer_targets(self.conversation)
        free = [t["id"] for t in targets if t["kind"] == "seat" and t["free"]]
        self.assertIn(self.boss.id, free)
        self._console(self.desk).transfer(
            self.conversation, "seat", self.boss.id, "please"
        )
        self.assertEqual(self._conversation(self.conversation).seat_id, self.boss)
        with self.assertRaises(UserError):
            self._console(self.boss).transfer(self.conversation, "x", 1)

    def test_transcript_of_a_record(self):
        events = self._console(self.desk).transcript(self.conversation)
        self.assertIn("hello", [event["b"] for event in events])

    def test_report_counts_what_happened(self):
        engine.append(self.cr, self.conversation, "agent", "text", "hi", name="desk")
        self._console(self.desk).close(self.conversation)
        self.env.invalidate_all()
        row = self.env["huolie.conversation.report"].search(
            [("conversation_id", "=", self.conversation)]
        )
        self.assertEqual(row.outcome, "answered")
        self.assertEqual((row.visitor_messages, row.agent_messages), (1, 1))
        self.assertGreaterEqual(row.first_answer_seconds, 0)

    def test_session_knows_the_seat(self):
        seat = self.env["huolie.lead"].with_user(self.desk.user_id)._get_my_seat()
        self.assertEqual(seat, self.desk)
