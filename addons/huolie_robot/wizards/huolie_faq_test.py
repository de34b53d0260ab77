from odoo import api, fields, models

from ..models.huolie_robot import MANNERS
from ..services import matcher


class HuolieFaqTest(models.TransientModel):
    """Test pane: what would the robot say, and how sure is it (E7)?"""

    _name = "huolie.faq.test"
    _description = "Try the robot"
    _support_may = "*"

    question = fields.Char(string="Ask as a visitor")
    preset = fields.Selection(
        selection=MANNERS,
        string="Manner",
        default="balanced",
        required=True,
    )
    decision = fields.Selection(
        selection=[
            ("answer", "Answers"),
            ("suggest", "Asks “Did you mean”"),
            ("miss", "Has no answer"),
        ],
        string="The robot",
        compute="_compute_result",
    )
    answer = fields.Text(compute="_compute_result")
    line_ids = fields.One2many(
        comodel_name="huolie.faq.test.line",
        inverse_name="test_id",
        string="Candidates",
        compute="_compute_result",
    )

    @api.depends("question", "preset")
    def _compute_result(self):
        knowledge = self.env["huolie.knowledge"].sudo()
        for test in self:
            index = knowledge._get_index(self.env.user.enterprise_id)
            found = matcher.match(index, test.question or "")
            decision, listed = matcher.decide(found, test.preset)
            faqs = self.env["huolie.faq"].browse(pair[0] for pair in listed)
            test.decision = decision if test.question else False
            test.answer = faqs[:1].answer_text if decision == "answer" else False
            test.line_ids = [fields.Command.clear()] + [
                fields.Command.create({"faq_id": faq, "chance": 100 * chance})
                for faq, chance in found.ranked
            ]
