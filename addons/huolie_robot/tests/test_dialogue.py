from odoo.tests import tagged

from odoo.addons.huolie_chat.services import assign, engine

from .common import RobotCase


@tagged("post_install", "-at_install")
class TestDialogue(RobotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.group = cls.env["huolie.group"].search(
            [("enterprise_id", "=", cls.enterprise.id)], limit=1
        ) or cls.env["huolie.group"].create(
            {"name": "客服", "enterprise_id": cls.enterprise.id}
        )
        cls.postage = cls._create_faq("退货的运费谁承担？", "<p>质量问题我们承担。</p>")
        cls.invoice = cls._create_faq(
            "怎样开具发票？",
            "<p>在账户页面申请。</p>",
            is_hot=True,
            keywords="发票",
            related_ids=cls.postage.ids,
            link_url="https://example.com/fp",
        )
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        visitor = self.env["huolie.visitor"].create(
            {
                "site_id": self.site.id,
                "enterprise_id": self.enterprise.id,
                "uid": "x" * 32,
                "lang": "zh-CN",
            }
        )
        self.env.flush_all()
        number, _created = engine.open_conversation(
            self.env.cr, visitor.id, group=self.group.id, state="robot"
        )
        self.conversation = self.env["huolie.conversation"].browse(number)
        self.reply({"k": "opened", "s": 1, "b": None, "p": None})

    def reply(self, event):
        self.env["huolie.conversation"]._auto_reply(
            {"conversation": self.conversation.id, **event}
        )

    def say(self, text=None, pick=None):
        """Send a visitor's message; return the robot's answers to it."""
        payload = {"id": pick, "label": "x"} if pick else None
        kind = "pick" if pick else "text"
        before = self.conversation.last_seq
        seq, _doubled = engine.append(
            self.env.cr, self.conversation.id, "visitor", kind, text, payload
        )
        self.env.invalidate_all()
        self.event = {"k": kind, "s": seq, "b": text, "p": payload}
        self.reply(self.event)
        self.env.invalidate_all()
        return self.messages(before)

    def messages(self, after=0):
        return self.env["huolie.message"].search(
            [
                ("conversation_id", "=", self.conversation.id),
                ("author", "=", "robot"),
                ("seq", ">", after),
            ]
        )

    def miss(self):
        return self.say("火星上有没有人卖冰淇淋")

    def test_opening_offers_the_hot_questions(self):
        (greeting,) = self.messages()
        self.assertEqual(greeting.kind, "choices")
        self.assertEqual(greeting.body, self.robot.welcome)
        labels = [item["label"] for item in greeting.payload["items"]]
        self.assertEqual(labels, ["怎样开具发票？"])
        self.assertEqual(greeting.payload["buttons"][0]["id"], "human")

    def test_pick_is_answered_with_link_and_related_questions(self):
        card, answer = self.say(pick=f"f{self.invoice.id}")
        self.assertEqual(card.payload["url"], "https://example.com/fp")
        self.assertEqual(answer.body, "在账户页面申请。")
        self.assertEqual(answer.payload["items"][0]["id"], f"f{self.postage.id}")

    def test_keyword_in_a_question_is_answered(self):
        self.assertEqual(self.say("能给我发票吗")[-1].body, "在账户页面申请。")
        log = self.env["huolie.robot.query"].search([], limit=1)
        self.assertEqual((log.decision, log.how), ("answer", "keyword"))
        self.assertEqual(self.invoice.hits, 1)

    def test_same_message_again_is_answered_once(self):
        self.say("能给我发票吗")
        count = len(self.messages())
        self.reply(self.event)
        self.assertEqual(len(self.messages()), count)
        self.assertEqual(self.invoice.hits, 1)

    def test_pick_of_another_enterprise_is_a_miss(self):
        foreign = self._create_faq("别家", "<p>秘密</p>", enterprise=self.other)
        for number in (foreign.id, 10**15, "", "-1", "1; DROP"):
            bodies = self.say(pick=f"f{number}").mapped("body")
            self.assertNotIn("秘密", bodies)

    def test_greeting_is_no_miss(self):
        self.assertEqual(self.say("你好")[0].kind, "choices")
        self.assertFalse(
            self.env["huolie.robot.unknown"].search([("name", "=", "你好")])
        )

    def test_misses_in_a_row_offer_the_form_when_nobody_is_there(self):
        self.assertEqual(self.miss().payload["buttons"][0]["id"], "human")
        self.assertEqual(self.miss().payload["buttons"][0]["id"], "form")
        self.assertEqual(self.conversation.state, "robot")

    def test_an_answer_ends_the_row_of_misses(self):
        self.miss()
        self.say("怎样开具发票")
        self.assertEqual(self.miss().payload["buttons"][0]["id"], "human")

    def test_word_for_a_person_asks_for_one(self):
        seat = self.enterprise.seat_ids[:1]
        self._bring_online(seat)
        self.say("转人工！")
        self.assertEqual(self.conversation.state, "open")
        self.assertEqual(self.conversation.seat_id, seat)
        self.assertFalse(self.say("怎样开具发票"))

    def _bring_online(self, seat):
        member = self.env["huolie.group.member"]
        if not member.search(
            [("seat_id", "=", seat.id), ("group_id", "=", self.group.id)]
        ):
            member.create(
                {
                    "group_id": self.group.id,
                    "seat_id": seat.id,
                    "enterprise_id": self.enterprise.id,
                }
            )
        self.env.flush_all()
        assign.set_status(self.env.cr, seat.id, "online")

    def test_feedback_is_kept(self):
        choices = self.say("能给我发票吗")[-1]
        useful, useless, _human = choices.payload["buttons"]
        self.say(pick=useless["id"])
        self.assertEqual(self.invoice.useless, 1)
        self.say(pick=useful["id"])
        self.env.invalidate_all()
        self.assertEqual((self.invoice.useful, self.invoice.useless), (1, 0))

    def test_switched_off_or_without_questions_starts_with_people(self):
        start = self.env["huolie.conversation"]._start_state
        self.assertEqual(start(self.site), "robot")
        self.robot.is_on = False
        self.assertEqual(start(self.site), "waiting")
        self.robot.is_on = True
        (self.invoice | self.postage).active = False
        self.assertEqual(start(self.site), "waiting")

    def test_only_while_alone(self):
        self.robot.duty = "alone"
        start = self.env["huolie.conversation"]._start_state
        self.assertEqual(start(self.site), "robot")
        self._bring_online(self.enterprise.seat_ids[:1])
        self.assertEqual(start(self.site), "waiting")

    def test_trial_over_makes_it_silent(self):
        self.enterprise.trial_until = "2020-01-01"
        self.assertFalse(self.env["huolie.robot"]._get_for(self.site))
