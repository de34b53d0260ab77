from odoo.tests import BaseCase, tagged

from ..services import features, matcher
from ..services.index import Index

ENTRIES = [
    {
        "id": 1,
        "phrases": ["怎样开具发票？", "发票怎么申请", "可以开专票吗", "开票要多久"],
        "keywords": [["发票"], ["开票"]],
    },
    {
        "id": 2,
        "phrases": ["怎么退货？", "退货流程", "不想要了可以退吗"],
        "keywords": [["退货"]],
        "excluded": ["发票"],
    },
    {"id": 3, "phrases": ["退货的运费谁承担？", "退货邮费谁出"]},
    {"id": 4, "phrases": ["如何开通会员？", "怎么办会员"]},
    {"id": 5, "phrases": ["如何关闭会员？", "会员怎么取消"]},
    {"id": 6, "phrases": ["口令是芝麻开门"], "mode": "exact"},
    {"id": 7, "phrases": ["工作时间"], "mode": "contain"},
]


@tagged("post_install", "-at_install")
class TestMatcher(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.index = Index(ENTRIES)

    def best(self, text):
        return matcher.match(self.index, text).ranked[0][0]

    def decide(self, text, preset="balanced"):
        return matcher.decide(matcher.match(self.index, text), preset)

    def test_model_fits_the_features(self):
        for part in matcher.load_model()["languages"].values():
            self.assertEqual(len(part["weights"]), len(features.NAMES))

    def test_exact_wording_is_answered(self):
        found = matcher.match(self.index, "退貨流程！")
        self.assertEqual((found.how, found.ranked[0][0]), ("exact", 2))
        self.assertEqual(matcher.decide(found, "strict")[0], "answer")

    def test_keyword_answers_a_short_question(self):
        found = matcher.match(self.index, "发票能补吗")
        self.assertEqual((found.how, found.ranked[0][0]), ("keyword", 1))

    def test_keyword_alone_is_not_sure_in_a_long_sentence(self):
        text = (
            "我上个月买的那台电视机送来的时候箱子里面没有发现发票也没有说明书和遥控器"
        )
        self.assertNotEqual(self.decide(text)[0], "answer")

    def test_keyword_against_likeness_is_a_choice_not_an_answer(self):
        index = Index(
            [
                {"id": 1, "phrases": ["学费是多少？"], "keywords": [["学费"]]},
                {"id": 2, "phrases": ["怎么退学费"], "keywords": [["退费"]]},
                {"id": 3, "phrases": ["可以上网课吗"]},
            ]
        )
        found = matcher.match(index, "学费怎么收")
        for preset in ("strict", "balanced"):
            action, listed = matcher.decide(found, preset)
            self.assertEqual(action, "suggest")
            self.assertEqual({1, 2}, {number for number, _chance in listed})

    def test_excluded_keyword_is_a_veto(self):
        ids = [pair[0] for pair in matcher.match(self.index, "退货要发票吗").ranked]
        self.assertNotIn(2, ids)

    def test_likeness_finds_another_wording(self):
        self.assertEqual(self.best("退货的话邮费是谁来出呀"), 3)

    def test_opposites_are_told_apart(self):
        self.assertEqual(self.best("我要关闭会员"), 5)
        self.assertEqual(self.best("我要开通会员"), 4)

    def test_exact_mode_ignores_likeness(self):
        ids = [p[0] for p in matcher.match(self.index, "口令是芝麻").ranked]
        self.assertNotIn(6, ids)
        self.assertEqual(self.best("口令是芝麻开门"), 6)

    def test_contain_mode_looks_inside(self):
        self.assertEqual(self.best("你们的工作时间"), 7)

    def test_chit_chat_is_not_answered(self):
        for text in ("今天天气真好", "哈哈哈哈", "你叫什么名字", "asdfgh", "12345"):
            self.assertEqual(self.decide(text)[0], "miss", text)

    def test_careful_answers_less_than_eager(self):
        cuts = [matcher.thresholds(preset)[0] for preset in matcher.PRESETS]
        self.assertEqual(cuts, sorted(cuts, reverse=True))

    def test_empty_knowledge_base_and_empty_text(self):
        self.assertEqual(matcher.match(Index([]), "发票").ranked, [])
        self.assertEqual(matcher.match(self.index, "？！").ranked, [])
        self.assertEqual(matcher.match(self.index, None).how, "none")
