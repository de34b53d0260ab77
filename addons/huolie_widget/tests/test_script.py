from odoo import Command
from odoo.tests import HttpCase, TransactionCase, tagged

from ..services import scripts
from .common import WidgetCommon


@tagged("post_install", "-at_install")
class TestScript(WidgetCommon, TransactionCase):
    def test_script_holds_both_looks_and_names_the_window(self):
        self.alpha_site.desk_style_id.write({"button_style": "bar", "color": "#ffee00"})
        config = self._config(self.alpha_site)
        self.assertEqual(config["d"]["style"], "bar")
        self.assertEqual(config["d"]["color"], "#ffee00")
        self.assertEqual(config["m"]["style"], "round")
        self.assertEqual(config["w"], scripts.WINDOW_PATH)
        self.assertTrue(config["i"].startswith("sha384-"))

    def test_unknown_archived_and_frozen_give_the_same_nothing(self):
        site_model = self.env["huolie.site"]
        self.assertEqual(site_model._get_script("0" * 24), "")
        self.alpha_site.active = False
        self.assertEqual(site_model._get_script(self.alpha_site.key), "")
        self.beta.state = "frozen"
        self.assertEqual(site_model._get_script(self.beta_site.key), "")
        self.beta.state = "trial"
        self.assertTrue(site_model._get_script(self.beta_site.key))

    def test_texts_cannot_end_the_script(self):
        evil = "</script><script>alert(1)</script>\u2028"
        self.alpha_site.widget_notice = evil
        text = self.env["huolie.site"]._get_script(self.alpha_site.key)
        self.assertNotIn("</script", text)
        self.assertNotIn("\u2028", text)
        self.assertEqual(self._config(self.alpha_site)["notice"], evil)

    def test_script_with_typical_configuration_keeps_its_budget(self):
        self.alpha_site.write(
            {
                "widget_title": "火烈云客服",
                "widget_notice": "服务时间：工作日 9:00-18:00",
                "desk_button_text": "在线咨询",
                "privacy_text": "我们仅将您填写的信息用于回复您的咨询。",
                "privacy_url": "https://example.com/privacy",
                "pre_field_ids": [Command.create({"kind": "name", "use": "pre"})],
            }
        )
        script = scripts.make(self.env["huolie.site"]._get_script(self.alpha_site.key))
        self.assertLessEqual(len(script.packed), 5 * 1024)
        self.assertLessEqual(len(scripts.WINDOW.packed), 30 * 1024)

    def test_memory_forgets_when_told(self):
        dbname = self.env.cr.dbname
        scripts.keep(dbname, "key", "text")
        self.assertTrue(scripts.find(dbname, "key"))
        scripts.forget(dbname)
        self.assertIsNone(scripts.find(dbname, "key"))


@tagged("post_install", "-at_install")
class TestScriptRoutes(WidgetCommon, HttpCase):
    def test_script_comes_packed_and_is_not_sent_twice(self):
        url = f"/huolie/w/{self.alpha_site.key}.js"
        first = self.url_open(url, headers={"Accept-Encoding": "gzip"})
        self.assertEqual(first.status_code, 200)
        self.assertEqual(first.headers["Content-Encoding"], "gzip")
        self.assertEqual(first.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(first.headers["Cache-Control"], "public, max-age=60")
        self.assertNotIn("Set-Cookie", first.headers)
        again = self.url_open(url, headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))

    def test_window_is_kept_for_good(self):
        answer = self.url_open(scripts.WINDOW_PATH)
        self.assertEqual(answer.content, scripts.WINDOW.plain)
        self.assertIn("immutable", answer.headers["Cache-Control"])

    def test_unknown_keys_get_an_empty_script(self):
        for key in ("0" * 24, "x'--", "a" * 300, "window.0.js"):
            answer = self.url_open(f"/huolie/w/{key}.js")
            self.assertEqual((answer.status_code, answer.content), (200, b""), key)

    def test_chat_page_is_closed_to_frames_and_to_foreign_scripts(self):
        answer = self.url_open(f"/huolie/chat/{self.alpha_site.key}")
        self.assertIn(f"/huolie/w/{self.alpha_site.key}.js", answer.text)
        policy = answer.headers["Content-Security-Policy"]
        self.assertIn("frame-ancestors 'none'", policy)
        self.assertIn("script-src 'self'", policy)

    def test_chat_page_shows_titles_as_text(self):
        self.alpha_site.widget_title = "<script>alert(1)</script>"
        answer = self.url_open(f"/huolie/chat/{self.alpha_site.key}")
        self.assertNotIn("<script>alert", answer.text)

    def test_chat_page_of_nobody_is_not_there(self):
        self.beta.state = "frozen"
        unknown = self.url_open(f"/huolie/chat/{'0' * 24}")
        frozen = self.url_open(f"/huolie/chat/{self.beta_site.key}")
        self.assertEqual((unknown.status_code, frozen.status_code), (404, 404))
        self.assertEqual(unknown.text, frozen.text)

    def test_logo_is_a_plain_picture_or_not_there(self):
        url = f"/huolie/w/logo/{self.alpha_site.key}"
        self.assertEqual(self.url_open(url).status_code, 404)
        dot = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        self.alpha_site.logo = dot
        answer = self.url_open(url)
        self.assertEqual(answer.headers["Content-Type"], "image/gif")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn(f"{url}?v=", self._config(self.alpha_site)["logo"])

    def test_logo_and_page_of_keys_that_cannot_be(self):
        for key in ("%00", "a%00b", "%ed%a0%80", "x" * 5000, "%0a", "..%2f"):
            for path in ("/huolie/w/logo/", "/huolie/chat/"):
                self.assertEqual(self.url_open(path + key).status_code, 404, key)

    def test_house_button_is_on_the_public_pages(self):
        house = self.env["huolie.enterprise"].search([("is_house", "=", True)], limit=1)
        domain = [("enterprise_id", "=", house.id)]
        site = self.env["huolie.site"].search(domain, limit=1)
        page = self.url_open("/huolie/register").text
        self.assertIn(f'src="/huolie/w/{site.key}.js"', page)
        answer = self.url_open(f"/huolie/w/{site.key}.js")
        self.assertGreater(len(answer.content), 5000)
