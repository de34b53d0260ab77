from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..services import matcher
from .common import RobotCase


@tagged("post_install", "-at_install")
class TestKnowledge(RobotCase):
    def ids(self, text, enterprise=None):
        enterprise = enterprise or self.enterprise
        index = self.env["huolie.knowledge"]._get_index(enterprise)
        return [pair[0] for pair in matcher.match(index, text).ranked]

    def test_index_follows_every_change_at_once(self):
        faq = self._create_faq("怎样开具发票？")
        self.assertEqual(self.ids("怎样开具发票"), faq.ids)
        faq.phrases_text = "能报销吗\n给我票据"
        self.assertEqual(self.ids("给我票据")[:1], faq.ids)
        faq.phrase_ids.filtered(lambda p: p.name == "给我票据").unlink()
        self.assertNotIn("给我票据", faq.phrases_text)
        faq.active = False
        self.assertEqual(self.ids("怎样开具发票"), [])

    def test_index_holds_one_enterprise_only(self):
        self._create_faq("怎样开具发票？", enterprise=self.other)
        self.assertEqual(self.ids("怎样开具发票"), [])

    def test_phrases_text_keeps_rows_that_stay(self):
        faq = self._create_faq("怎么退货", phrases_text="退货流程\n能退吗")
        kept = faq.phrase_ids[0]
        faq.phrases_text = "退货流程\n怎么退款\n怎么退款\n"
        self.assertEqual(faq.phrase_ids.mapped("name"), ["退货流程", "怎么退款"])
        self.assertIn(kept, faq.phrase_ids)

    def test_answer_must_not_be_empty(self):
        with self.assertRaises(ValidationError):
            self._create_faq("怎么退货", answer="<p><br></p>")

    def test_link_must_be_http(self):
        with self.assertRaises(ValidationError):
            self._create_faq("怎么退货", link_url="javascript:alert(1)")

    def test_five_related_questions_are_shown(self):
        related = self.env["huolie.faq"]
        for number in range(7):
            related |= self._create_faq(f"问题{number}")
        faq = self._create_faq("怎么退货", related_ids=related.ids)
        self.assertEqual(len(faq._get_related_shown()), 5)

    def test_admin_cannot_reach_another_enterprise(self):
        foreign = self._create_faq("别家的问题", enterprise=self.other)
        mine = self._create_faq("怎么退货").with_user(self.admin)
        with self.assertRaises(AccessError):
            foreign.with_user(self.admin).read(["name"])
        with self.assertRaises(AccessError):
            mine.related_ids = foreign
        self.assertFalse(
            self.env["huolie.faq"]
            .with_user(self.admin)
            .search([("name", "=", "别家的问题")])
        )

    def test_unknown_question_is_counted_and_added_by_one_click(self):
        faq = self._create_faq("怎样开具发票？")
        unknown = self.env["huolie.robot.unknown"]
        for text in ("票据在哪领", "票据在哪领？"):
            unknown._collect(self.enterprise, text, matcher.Match([], "none", ""))
        row = unknown.search([("enterprise_id", "=", self.enterprise.id)])
        self.assertEqual((row.name, row.count), ("票据在哪领", 2))
        mine = row.with_user(self.admin)
        with self.assertRaises(UserError):
            mine.action_add_phrasing()
        mine.faq_id = faq.with_user(self.admin)
        mine.action_add_phrasing()
        self.assertEqual(row.state, "added")
        self.assertEqual(self.ids("票据在哪领")[:1], faq.ids)

    def test_new_question_from_unknown_marks_it(self):
        unknown = self.env["huolie.robot.unknown"]
        unknown._collect(self.enterprise, "几点上班", matcher.Match([], "none", ""))
        row = unknown.search([("key", "=", "几点上班")]).with_user(self.admin)
        action = row.action_new_question()
        self.env["huolie.faq"].with_user(self.admin).with_context(
            **action["context"]
        ).create({"name": row.name, "answer": "<p>九点</p>"})
        self.assertEqual(row.state, "added")

    def test_pane_shows_the_decision(self):
        self._create_faq("怎样开具发票？", answer="<p>在账户页面申请</p>")
        test = self.env["huolie.faq.test"].with_user(self.admin)
        pane = test.new({"question": "怎样开具发票", "preset": "balanced"})
        self.assertEqual((pane.decision, pane.answer), ("answer", "在账户页面申请"))
        self.assertEqual(len(pane.line_ids), 1)

    def test_robot_is_sold_and_granted(self):
        services = self.env["huolie.enterprise"]._get_billable_services()
        modules = self.env["huolie.enterprise"]._get_role_modules()
        self.assertIn("robot", [service["code"] for service in services])
        self.assertIn("robot", [module["code"] for module in modules])

    def test_home_step_is_done_with_the_first_question(self):
        def step():
            steps = self.enterprise.with_user(self.admin)._get_home_steps()
            return next(step for step in steps if step["key"] == "robot")

        self.assertFalse(step()["done"])
        self._create_faq("怎么退货")
        self.assertTrue(step()["done"])
