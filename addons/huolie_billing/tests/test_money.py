from odoo.tests import BaseCase, tagged

from ..services import money, remark


@tagged("post_install", "-at_install")
class TestMoney(BaseCase):
    def test_parse_what_people_type(self):
        for text, fen in [
            ("1000", 100000),
            ("1,000.50", 100050),
            ("￥１０００", 100000),
            (" 0.01元 ", 1),
            ("1000.", 100000),
        ]:
            with self.subTest(text=text):
                self.assertEqual(money.parse(text), fen)

    def test_w3_refuse_what_is_no_amount(self):
        for text, code in [
            ("", "empty"),
            (None, "empty"),
            ("abc", "not_number"),
            ("nan", "not_number"),
            ("1e5", "not_number"),
            ("1,00", "not_number"),
            ("0", "not_positive"),
            ("-5", "not_positive"),
            ("0.001", "too_fine"),
            ("1" + "0" * 18, "too_big"),
            ("9" * 400, "too_big"),
        ]:
            with self.subTest(text=text), self.assertRaises(money.AmountError) as found:
                money.parse(text)
            self.assertEqual(found.exception.code, code)

    def test_fen_there_and_back(self):
        for fen in (0, 1, 29, 57, 115, 100001, 9999999999, 10**12):
            self.assertEqual(money.to_fen(money.from_fen(fen)), fen)

    def test_floats_with_parts_of_a_fen_are_refused(self):
        for value in (0.001, float("nan"), float("inf"), "1.005", None, []):
            with self.assertRaises(money.AmountError):
                money.to_fen(value)

    def test_remark_code_shows_one_wrong_character_and_swaps(self):
        code = remark.new()
        self.assertTrue(remark.is_valid(code))
        for i in range(2, 9):
            for char in remark.ALPHABET:
                other = code[:i] + char + code[i + 1 :]
                self.assertEqual(remark.is_valid(other), other == code)
        for i in range(2, 8):
            swapped = code[:i] + code[i + 1] + code[i] + code[i + 2 :]
            self.assertEqual(remark.is_valid(swapped), swapped == code)

    def test_remark_code_is_found_in_what_banks_deliver(self):
        code = remark.new()
        wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
        for text in (f"充值 {code} 谢谢", code.lower(), wide, " ".join(code)):
            self.assertEqual(remark.find(text), [code])
        self.assertEqual(remark.find("HL0000001 HELLO"), [])
