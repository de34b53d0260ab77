from odoo.tests import BaseCase, tagged

from ..services import normalise as norm
from ..services.plain import to_text


@tagged("post_install", "-at_install")
class TestNormalise(BaseCase):
    def test_traditional_equals_simplified(self):
        self.assertEqual(norm.normalise("怎樣開發票？"), norm.normalise("怎样开发票?"))

    def test_full_width_and_case_are_folded(self):
        self.assertEqual(norm.normalise("ＡＰＰ　Ｄｏｗｎ"), "app down")

    def test_greeting_is_dropped_only_when_a_question_remains(self):
        self.assertEqual(norm.normalise("你好，请问怎么退货呢？"), "怎么退货")
        self.assertEqual(norm.normalise("你好"), "你好")

    def test_strange_input_gives_no_error(self):
        for text in (None, "", "\x00", "\ud800", "😀" * 50, "<script>", "a" * 10**5):
            norm.normalise(text)

    def test_homophones_sound_alike(self):
        self.assertEqual(
            norm.pinyin(norm.units("微粒贷")), norm.pinyin(norm.units("威力代"))
        )

    def test_html_becomes_text_with_links(self):
        rich = '<p>See <a href="https://a.cn/x">here</a>.</p><ul><li>one</li></ul>'
        self.assertEqual(to_text(rich), "See here https://a.cn/x .\n· one")

    def test_script_in_answer_is_not_sent(self):
        self.assertEqual(to_text("<p>a<br/>b</p><!-- c -->"), "a\nb")
