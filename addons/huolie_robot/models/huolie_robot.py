"""The robot of a site: its settings, and what it says to a visitor (E2-E4, E7)."""

from odoo import api, fields, models

from ..services import matcher
from ..services import normalise as norm

MANNERS = [
    ("strict", "Careful: answers only when nearly sure"),
    ("balanced", "Balanced"),
    ("eager", "Eager: answers more, errs more"),
]
HOT_SHOWN = 6
HOT_AT_MOST = 20
_GREETINGS = (
    "你好 您好 你们好 在吗 在么 有人吗 哈喽 嗨 hi hello hey 早上好 下午好 晚上好"
).split()
_THANKS = (
    "谢谢 谢谢你 谢谢了 多谢 感谢 好的 好 嗯 知道了 明白了 ok thanks thank you".split()
)
SUGGESTED = 3


class HuolieRobot(models.Model):
    _name = "huolie.robot"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Robot of a site"
    _support_may = "*"
    _order = "site_id"

    name = fields.Char(
        string="Name shown", required=True, default=lambda self: self._default_name()
    )
    site_id = fields.Many2one(
        comodel_name="huolie.site",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    avatar = fields.Image(max_width=128, max_height=128)
    is_on = fields.Boolean(string="Switched on", default=True)
    is_running = fields.Boolean(
        string="Works now", compute="_compute_is_running", compute_sudo=True
    )
    duty = fields.Selection(
        selection=[
            ("first", "Answers first, people on request"),
            ("alone", "Only while no agent is online"),
        ],
        string="When it answers",
        default="first",
        required=True,
    )
    welcome = fields.Text(
        string="Welcome text",
        required=True,
        default=lambda self: self.env._(
            "Hello! Pick a question below or just type yours."
        ),
    )
    miss_text = fields.Text(
        string="When it has no answer",
        required=True,
        default=lambda self: self.env._(
            "Sorry, I did not understand. Could you put it in other words?"
        ),
    )
    preset = fields.Selection(
        selection=MANNERS,
        string="Manner",
        default="balanced",
        required=True,
    )
    misses = fields.Integer(
        string="Misses before a person takes over",
        default=2,
        help="Questions in a row without an answer.",
    )
    human_words = fields.Char(
        string="Words that ask for a person",
        default="人工,转人工,人工客服,转接人工,找客服,真人,human,agent",
        help="Separated by commas.",
    )

    _site_uniq = models.UniqueIndex("(site_id)", "This site has its robot.")
    _misses_range = models.Constraint(
        "CHECK(misses BETWEEN 1 AND 10)", "Misses must lie between 1 and 10."
    )

    def _default_name(self):
        return self.env._("Robot")

    @api.depends("is_on", "enterprise_id")
    def _compute_is_running(self):
        for robot in self:
            robot.is_running = robot.is_on and robot.enterprise_id._has_feature("robot")

    @api.model
    def _ensure_for(self, sites):
        """Give each site its robot."""
        known = self.sudo().search([("site_id", "in", sites.ids)]).site_id
        for site in sites - known:
            lang = site.enterprise_id.sudo().lang or self.env.lang
            # the texts it starts with are those of the enterprise's language
            self.sudo().with_context(lang=lang).create(
                {"site_id": site.id, "enterprise_id": site.enterprise_id.id}
            )

    @api.model
    def _get_for(self, site):
        """Return the robot that answers on a site now, or none.

        None where it is switched off, not paid for, or has nothing to say.
        """
        robot = self.sudo().search([("site_id", "=", site.id)], limit=1)
        if not robot.is_running:
            return self.browse()
        index = self.env["huolie.knowledge"]._get_index(robot.enterprise_id)
        return robot if len(index) else self.browse()

    def _is_on_duty(self):
        """Say whether a new visitor begins with the robot."""
        self.ensure_one()
        if self.duty == "first":
            return True
        return (
            not self.env["huolie.agent.state"]
            .sudo()
            .search_count(
                [
                    ("enterprise_id", "=", self.enterprise_id.id),
                    ("online", "=", True),
                    ("serve_until", ">", fields.Datetime.now()),
                ],
                limit=1,
            )
        )

    # === DIALOGUE === #
    def _greet(self):
        """Return the first message: welcome text and hot questions (E2)."""
        self.ensure_one()
        hot = self.env["huolie.faq"].sudo()._get_hot(self.enterprise_id, HOT_AT_MOST)
        return [
            self._prepare_choices(
                self.welcome, hot[:HOT_SHOWN], [self._human_item()], hot[HOT_SHOWN:]
            )
        ]

    def _reply(self, conversation, message):
        """Return what the robot says to a visitor's message.

        :param conversation: huolie.conversation record
        :param dict message: ``kind``, ``body``, ``payload`` of the visitor's message
        :return: (list of dicts ``kind body payload``, whether a person is asked for)
        """
        self.ensure_one()
        if message["kind"] == "pick":
            return self._reply_pick(conversation, message.get("payload") or {})
        if message["kind"] != "text":
            return self._reply_miss(conversation)
        text = message.get("body") or ""
        if self._is_human_word(text):
            self._log(conversation, text, decision="human")
            return [], True
        return self._reply_small_talk(text) or self._reply_text(conversation, text)

    def _is_human_word(self, text):
        words = self.env["huolie.faq"]._split_words(self.human_words)
        return norm.normalise(text) in {norm.normalise(word) for word in words}

    def _reply_small_talk(self, text):
        """Return the answer to a greeting or thanks: neither is a miss."""
        clean = norm.normalise(text)
        if clean in _GREETINGS:
            return self._greet(), False
        if clean in _THANKS or clean == "thank you":
            return [{"kind": "text", "body": self.env._("You are welcome!")}], False
        return None

    def _reply_text(self, conversation, text):
        index = self.env["huolie.knowledge"]._get_index(self.enterprise_id)
        found = matcher.match(index, text)
        decision, listed = matcher.decide(found, self.preset, SUGGESTED)
        faqs = self.env["huolie.faq"].sudo().browse(pair[0] for pair in listed).exists()
        if not faqs:
            decision = "miss"
        query = self._log(conversation, text, found, decision, faqs[:1])
        if decision == "answer":
            return self._prepare_answer(faqs[:1], query), False
        self.env["huolie.robot.unknown"]._collect(self.enterprise_id, text, found)
        if decision == "suggest":
            asked = self.env._("Did you mean:")
            buttons = [self._none_item(), self._human_item()]
            return [self._prepare_choices(asked, faqs, buttons)], False
        return self._reply_miss(conversation)

    def _reply_miss(self, conversation):
        """Ask to rephrase; after so many misses in a row a person is asked for."""
        if conversation._count_robot_misses() >= self.misses:
            return [], True
        return [self._prepare_choices(self.miss_text, (), [self._human_item()])], False

    def _reply_pick(self, conversation, payload):
        """Answer a click; ids come from a visitor, so every one is checked."""
        code = str(payload.get("id") or "")
        kind, number = code[:1], code[1:]
        if code == "human":
            self._log(conversation, payload.get("label"), decision="human")
            return [], True
        if kind in ("y", "n") and number.isdecimal():
            return self._reply_feedback(conversation, int(number), kind == "y")
        if kind == "f" and number.isdecimal():
            return self._reply_picked(conversation, int(number[:15]))
        self._log(conversation, payload.get("label"), decision="miss")
        return self._reply_miss(conversation)

    def _reply_picked(self, conversation, number):
        faq = (
            self.env["huolie.faq"]
            .sudo()
            .search(
                [("id", "=", number), ("enterprise_id", "=", self.enterprise_id.id)]
            )
        )
        if not faq:
            return self._reply_miss(conversation)
        query = self._log(conversation, faq.name, decision="pick", faq=faq)
        return self._prepare_answer(faq, query), False

    def _reply_feedback(self, conversation, number, is_useful):
        query = (
            self.env["huolie.robot.query"]
            .sudo()
            .search([("id", "=", number), ("conversation_id", "=", conversation.id)])
        )
        query.feedback = "useful" if is_useful else "useless"
        if is_useful:
            return [{"kind": "text", "body": self.env._("Thank you!")}], False
        sorry = self.env._("Sorry about that. Shall I fetch a colleague?")
        return [self._prepare_choices(sorry, (), [self._human_item()])], False

    # === WHAT IS SAID === #
    def _prepare_answer(self, faq, query):
        """Return the messages of an answer: one bubble, before it a card if any.

        The related questions and the buttons hang on the answer itself.
        """
        related = faq._get_related_shown()
        text = faq.answer_text
        answer = self._prepare_choices(text, related, self._answer_buttons(query))
        if not faq.link_url:
            return [answer]
        title = faq.link_title or faq.name
        payload = {"title": title, "text": faq.link_url, "url": faq.link_url}
        return [{"kind": "card", "body": title, "payload": payload}, answer]

    def _answer_buttons(self, query):
        return [
            {"id": f"y{query.id}", "label": self.env._("Useful")},
            {"id": f"n{query.id}", "label": self.env._("Not useful")},
            self._human_item(),
        ]

    def _prepare_nobody(self):
        """Return what is said when a person was asked for and none is there."""
        text = self.env._(
            "No colleague is online now. Leave a message and we will answer you,"
            " or go on asking me."
        )
        form = {"id": "form", "label": self.env._("Leave a message")}
        return self._prepare_choices(text, (), [form])

    def _prepare_choices(self, text, faqs, buttons, more=()):
        payload = {
            "text": text,
            "items": [self._faq_item(faq) for faq in faqs],
            "more": [self._faq_item(faq) for faq in more],
            "buttons": buttons,
        }
        return {"kind": "choices", "body": text, "payload": payload}

    def _faq_item(self, faq):
        return {"id": f"f{faq.id}", "label": faq.name}

    def _human_item(self):
        return {"id": "human", "label": self.env._("Talk to a person")}

    def _none_item(self):
        return {"id": "none", "label": self.env._("None of these")}

    def _log(self, conversation, text, found=None, decision=None, faq=None):
        """Write one row of the log and return it."""
        ranked = found.ranked[:SUGGESTED] if found else []
        return (
            self.env["huolie.robot.query"]
            .sudo()
            .create(
                {
                    "enterprise_id": self.enterprise_id.id,
                    "conversation_id": conversation.id,
                    "site_id": self.site_id.id,
                    "name": (text or "")[:500],
                    "decision": decision,
                    "how": found.how if found else "none",
                    "chance": ranked[0][1] if ranked else 0.0,
                    "top": [list(pair) for pair in ranked],
                    "faq_id": faq.id if faq else False,
                }
            )
        )
