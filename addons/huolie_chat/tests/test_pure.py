from odoo.tests import BaseCase, tagged

from ..services import clean, files, limits, origins, settings, tokens
from ..services.errors import Refused


@tagged("post_install", "-at_install")
class TestPure(BaseCase):
    def test_token_round_trip(self):
        token = tokens.mint("secret", "v", d="db", e=1, s=2, v=3)
        claims = tokens.check("secret", token, "v")
        self.assertEqual((claims["d"], claims["v"]), ("db", 3))

    def test_broken_tokens_are_refused(self):
        good = tokens.mint("secret", "v", d="db", v=3)
        other = tokens.mint("other", "v", d="db", v=3)
        late = tokens.mint("secret", "v", seconds=-5, d="db", v=3)
        text, _dot, signature = good.partition(".")
        bad = [
            other,
            late,
            text,
            f"{text}.",
            f".{signature}",
            f"{good}x",
            good[:-3],
            "",
            None,
            7,
            [],
            {},
            "é.ü",
            "a" * 100000,
            good.replace(".", ""),
        ]
        for token in bad:
            self.assertIsNone(tokens.check("secret", token), repr(token)[:40])

    def test_token_of_another_kind_is_refused(self):
        token = tokens.mint("secret", "v", d="db", v=3)
        self.assertIsNone(tokens.check("secret", token, "a"))

    def test_file_links_are_bound_to_the_file(self):
        mark = tokens.file_link("secret", 5).partition("?s=")[2]
        self.assertTrue(tokens.check_file("secret", 5, mark))
        for number, text in (
            (6, mark),
            (5, mark[:-1]),
            (5, ""),
            (5, "zz.aa"),
            (5, None),
        ):
            self.assertFalse(tokens.check_file("secret", number, text))

    def test_origins(self):
        domains = "example.com\n*.shop.cn\nbücher.de\nhost.test:8080"
        good = [
            "https://example.com",
            "https://www.example.com",
            "https://EXAMPLE.com.",
            "http://a.shop.cn",
            "https://xn--bcher-kva.de",
            "http://host.test:8080",
            "https://example.com:444",
        ]
        bad = [
            "https://evil-example.com",
            "https://example.com.evil.net",
            "null",
            "https://shop.cn",
            "http://host.test",
            "https://",
            "x" * 300,
        ]
        for origin in good:
            self.assertTrue(origins.allowed(origin, domains), origin)
        for origin in bad:
            self.assertFalse(origins.allowed(origin, domains), origin)

    def test_own_chat_page_is_always_allowed(self):
        self.assertTrue(origins.allowed("https://erp.cn", "example.com", "erp.cn"))

    def test_bodies_that_are_no_object_are_refused(self):
        for raw in (
            b"",
            b"[]",
            b"7",
            b"null",
            b'"x"',
            b"{",
            b"\xff{}",
            b'{"a":NaN}',
            b"[" * 100000,
            b'{"a":' * 50000,
        ):
            with self.assertRaises(Refused, msg=raw[:20]):
                clean.parse(raw)

    def test_text_is_made_sane(self):
        body = clean.parse(b'{"b": "a\\u0000b\\ud800c"}')
        self.assertEqual(clean.text(body, "b", 10), "ab?c")

    def test_wrong_types_are_refused(self):
        for value in ([], {}, True, 1.5, "1 OR 1=1", None, "5"):
            with self.assertRaises(Refused, msg=repr(value)):
                clean.identifier({"c": value}, "c")
        with self.assertRaises(Refused) as caught:
            clean.identifier({"c": 10**400}, "c")
        self.assertEqual(caught.exception.status, 404)

    def test_limit_refuses_and_recovers(self):
        limits.reset()
        for _i in range(limits.LIMITS["form"][0]):
            limits.take("form", "x")
        with self.assertRaises(Refused) as caught:
            limits.take("form", "x")
        self.assertEqual(caught.exception.status, 429)
        self.assertLessEqual(caught.exception.more["retry"], 601)
        limits.take("form", "y")

    def test_value_that_ran_out_is_read_by_one_and_the_old_serves_the_rest(self):
        key, asked = ("settings", "no such database"), []

        def read():
            asked.append(settings._kept(key, 60, self.fail))
            return "new"

        settings._cache[key] = (0, "old")
        self.addCleanup(settings._cache.pop, key)
        self.assertEqual(settings._kept(key, 60, read), "new")
        self.assertEqual(asked, ["old"])
        settings._cache[key] = (0, "old")
        with self.assertRaises(ZeroDivisionError):
            settings._kept(key, 60, lambda: 1 / 0)
        self.assertEqual(settings.peek("no such database"), "old")

    def test_names_of_files_are_harmless(self):
        self.assertEqual(files.clean_name("../../etc/passwd"), "passwd")
        self.assertEqual(files.clean_name("a\u202egpj.exe"), "agpj.exe")
        self.assertEqual(files.clean_name("\0"), "file")
        self.assertLessEqual(len(files.clean_name("x" * 300 + ".pdf")), 111)
