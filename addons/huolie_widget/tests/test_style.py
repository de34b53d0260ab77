from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import WidgetCommon


@tagged("post_install", "-at_install")
class TestStyle(WidgetCommon, TransactionCase):
    def _form(self, user):
        view = "huolie_widget.huolie_site_view_form_style"
        return Form(self.alpha_site.with_user(user), view=view)

    def test_new_website_has_two_looks_and_a_form(self):
        site = (
            self.env["huolie.site"]
            .with_user(self.alpha_admin)
            .create({"name": "Second", "desk_button_style": "tab"})
        )
        self.assertEqual(sorted(site.style_ids.mapped("device")), ["desk", "phone"])
        self.assertEqual(site.desk_style_id.button_style, "tab")
        self.assertEqual(site.phone_style_id.button_style, "round")
        self.assertEqual(
            site.form_field_ids.mapped("name"), ["name", "phone", "email", "body"]
        )

    def test_admin_changes_desktop_and_phone_apart(self):
        with self._form(self.alpha_admin) as form:
            form.desk_button_style = "bar"
            form.phone_window_style = "standard"
        self.assertEqual(self.alpha_site.desk_style_id.button_style, "bar")
        self.assertEqual(self.alpha_site.phone_style_id.button_style, "round")
        self.assertEqual(self.alpha_site.phone_style_id.window_style, "standard")

    def test_code_does_not_change_with_the_style(self):
        before = self.alpha_site.snippet
        self.alpha_site.desk_color = "#123456"
        self.assertEqual(self.alpha_site.snippet, before)
        self.assertIn(f"/huolie/w/{self.alpha_site.key}.js", before)

    def test_colours_and_links_are_checked(self):
        for colour in ("red", "#12345", "#12345g", "url(x)", "#123456;x:y"):
            with self.assertRaises(ValidationError):
                self.alpha_site.desk_color = colour
        with self.assertRaises(ValidationError):
            self.alpha_site.privacy_url = "javascript:alert(1)"

    @mute_logger("odoo.sql_db")
    def test_margins_stay_on_the_screen(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.alpha_site.desk_style_id.margin_x = -1
            self.env.flush_all()

    def test_other_enterprises_styles_are_not_there(self):
        as_beta = self.env(user=self.beta_admin)
        for model in ("huolie.site.style", "huolie.form.field"):
            found = as_beta[model].search([])
            self.assertTrue(found)
            self.assertEqual(found.sudo().enterprise_id, self.beta)
        with self.assertRaises(AccessError):
            self.alpha_site.desk_style_id.with_user(self.beta_admin).color = "#000000"
        with self.assertRaises(AccessError):
            self.alpha_site.with_user(self.beta_admin).get_preview_config({})
        with self.assertRaises(AccessError):
            as_beta["huolie.form.field"].create(
                {"site_id": self.alpha_site.id, "kind": "text", "label": "x"}
            )

    def test_see_does_not_change(self):
        user = new_test_user(self.env, "reader", groups="huolie_widget.group_style_see")
        user.partner_id.enterprise_id = self.alpha
        site = self.alpha_site.with_user(user)
        self.assertTrue(site.get_preview_config({})["d"])
        with self.assertRaises(AccessError):
            site.desk_style_id.color = "#000000"
        with self.assertRaises(AccessError):
            site.read(["secret"])

    def test_preview_shows_what_is_not_saved(self):
        site = self.alpha_site.with_user(self.alpha_admin)
        config = site.get_preview_config(
            {
                "desk_button_style": "tab",
                "widget_title": "New",
                "form_field_ids": [Command.create({"kind": "wechat", "sequence": 99})],
                "key": "stolen",
            }
        )
        self.assertEqual(config["d"]["style"], "tab")
        self.assertEqual(config["title"], "New")
        self.assertEqual(config["k"], "preview")
        self.assertEqual(config["form"][-1]["name"], "wechat")
        self.assertEqual(self.alpha_site.desk_button_style, "round")

    def test_home_step_is_done_when_a_page_was_seen(self):
        def step():
            steps = self.alpha._get_home_steps()
            return [s for s in steps if s["key"] == "code"]

        self.assertEqual(len(step()), 1)
        self.assertFalse(step()[0]["done"])
        self.env["huolie.site"]._get_script(self.alpha_site.key)
        self.assertFalse(step()[0]["done"])
        self.alpha_site.first_seen_at = "2026-01-01"
        self.assertTrue(step()[0]["done"])

    def test_home_step_opens_the_only_website_or_their_list(self):
        alpha = self.alpha.with_user(self.alpha_admin)
        step = next(s for s in alpha._get_home_steps() if s["key"] == "code")
        action = getattr(alpha, step["call"])()
        self.assertEqual(action["res_id"], self.alpha_site.id)
        self.assertEqual([kind for _id, kind in action["views"]], ["form"])
        self.env["huolie.site"].with_user(self.alpha_admin).create({"name": "Shop"})
        self.assertEqual(alpha.action_open_code()["views"][0][1], "list")
