from odoo import api, fields, models

from odoo.addons.huolie_chat.services import assign, engine
from odoo.addons.huolie_chat.services.errors import Refused

# Codes of the visitor's language (BCP 47, lower) to languages of the database.
_LANGUAGES = {"en": "en_US", "zh": "zh_CN"}


class HuolieConversation(models.Model):
    _inherit = "huolie.conversation"

    robot_query_ids = fields.One2many(
        comodel_name="huolie.robot.query",
        inverse_name="conversation_id",
        string="Questions to the robot",
    )

    @api.model
    def _start_state(self, site):
        """Begin with the robot where it is switched on, paid for and has answers."""
        robot = self.env["huolie.robot"]._get_for(site)
        if robot and robot._is_on_duty():
            return "robot"
        return super()._start_state(site)

    @api.model
    def _auto_reply(self, message):
        """Let the robot of the site answer (E2-E4); each message is answered once."""
        super()._auto_reply(message)
        conversation = self.sudo().browse(message["conversation"]).exists()
        if conversation.state == "robot" and not conversation._is_answered(message):
            conversation._with_visitor_lang()._answer_by_robot(message)

    def _is_answered(self, message):
        """Say whether the robot answered this message already (sent again)."""
        first = f"robot-{message['s']}-0"
        return bool(
            self.env["huolie.message"].search_count(
                [("conversation_id", "=", self.id), ("client_uid", "=", first)], limit=1
            )
        )

    def _with_visitor_lang(self):
        """Return the conversation in the language of its visitor."""
        known = {code for code, _name in self.env["res.lang"].get_installed()}
        asked = (self.visitor_id.lang or "").lower()[:2]
        wanted = [_LANGUAGES.get(asked), self.enterprise_id.lang, "zh_CN", "en_US"]
        lang = next((code for code in wanted if code in known), None)
        return self.with_context(lang=lang)

    def _answer_by_robot(self, message):
        robot = self.env["huolie.robot"]._get_for(self.site_id)
        if message["k"] == "opened" and robot:
            self._say(robot, message, robot._greet())
            return
        said = {"kind": message["k"], "body": message["b"], "payload": message["p"]}
        # Its service may have ended in between: then only a person can help.
        messages, human = robot._reply(self, said) if robot else ([], True)
        self._say(robot, message, messages)
        if human:
            self._ask_human(robot, message)

    def _ask_human(self, robot, message):
        """Ask for a person; where nobody is there the visitor may leave a message."""
        with self._engine() as cr:
            result = assign.ask_human(cr, self.id)
        if result["state"] == "form":
            self._say(robot, message, [robot._prepare_nobody()], start=90)

    def _say(self, robot, message, messages, start=0):
        """Store the robot's messages, each once, under the number of the question."""
        name = robot.name or self.env._("Robot")
        with self._engine() as cr:
            for number, item in enumerate(messages, start):
                try:
                    engine.append(
                        cr,
                        self.id,
                        "robot",
                        item["kind"],
                        item["body"],
                        item.get("payload"),
                        f"robot-{message['s']}-{number}",
                        name=name,
                    )
                except Refused:
                    # The conversation ended, or the answer is stored already.
                    return

    def _count_robot_misses(self):
        """Count the questions in a row, up to now, that had no answer."""
        count = 0
        log = self.env["huolie.robot.query"].sudo()
        for query in log.search([("conversation_id", "=", self.id)], limit=10):
            if query.decision != "miss":
                break
            count += 1
        return count
