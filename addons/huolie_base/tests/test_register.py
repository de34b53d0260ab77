from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..services import checks, throttle
from .accounts_common import PASSWORD, AccountsCase, AccountsHttpCase

FORM = {
    "name": "杭州晨光家居有限公司",
    "contact": "王小丽",
    "email": "wang@chenguang.example",
    "phone": "138 0013 8000",
    "password": PASSWORD,
    "terms": "1",
}


@tagged("post_install", "-at_install")
class TestChecks(AccountsCase):
    def test_mobile_numbers_come_into_one_form(self):
        for typed in ("13800138000", "138 0013-8000", "+86 13800138000"):
            self.assertEqual(checks.mobile(typed), "13800138000")
        self.assertEqual(checks.mobile("+44 7700 900123"), "+447700900123")
        for typed in ("", "123", "12800138000", "138001380001", "abc", None):
            self.assertIsNone(checks.mobile(typed), typed)

    def test_email_addresses(self):
        self.assertEqual(checks.email(" A.B@Example.COM "), "a.b@example.com")
        for typed in ("", "a@", "@b.cn", "a b@c.cn", "a@b", "a@b.cn\nx: y", "a\0@b.cn"):
            self.assertIsNone(checks.email(typed), typed)

    def test_passwords(self):
        faults = {
            "abc1": "short",
            "a1" * 70: "long",
            "abcdefgh": "digits",
            "12345678": "letters",
            "abc12345": "common",
            "a1a1a1a1": "common",
            "wang@2026": "personal",
            "Feuer2026x": None,
            "Feuer\0002026": "signs",
        }
        for password, fault in faults.items():
            self.assertEqual(checks.password_fault(password, ("wang",)), fault)


@tagged("post_install", "-at_install")
class TestRegistration(AccountsCase):
    def _file(self, address="10.0.0.1", **vals):
        registrations = self.env["huolie.registration"]
        return registrations._file({**FORM, "lang": "en_US", **vals}, address, "test")

    def test_every_wrong_field_has_its_message(self):
        _none, errors = self._file(
            name=" ", email="x", phone="1", password="", terms=""
        )
        self.assertEqual(set(errors), {"name", "email", "phone", "password", "terms"})

    def test_no_enterprise_before_the_confirmation(self):
        count = self.env["huolie.enterprise"].search_count([])
        registration, errors = self._file()
        self.assertFalse(errors)
        self.assertEqual(registration.state, "pending")
        self.assertEqual(self.env["huolie.enterprise"].search_count([]), count)

    def test_confirmation_creates_enterprise_and_stores_acceptance(self):
        registration, _errors = self._file()
        enterprise = registration._confirm()
        admin = enterprise._get_admins()
        self.assertEqual(admin.login, FORM["email"])
        self.assertEqual(admin.mobile_login, "13800138000")
        accepted = self.env["huolie.terms.acceptance"].search(
            [("enterprise_id", "=", enterprise.id)]
        )
        self.assertEqual(accepted.user_id, admin)
        self.assertEqual(accepted.address, "10.0.0.1")
        self.assertEqual(accepted.terms_id, self.env["huolie.terms"]._get_current())

    def test_confirmation_works_once(self):
        registration, _errors = self._file()
        self.assertTrue(registration._confirm())
        self.assertIsNone(registration._confirm())

    def test_known_address_gets_the_same_answer_and_no_link(self):
        new, new_errors = self._file()
        known, known_errors = self._file(email="admin@test.example")
        self.assertEqual(new_errors, known_errors)
        self.assertEqual(known.state, "known")
        self.assertFalse(known.token_hash)
        self.assertTrue(new.token_hash)

    def test_limit_per_address(self):
        for turn in range(5):
            _ok, errors = self._file(email=f"a{turn}@limit.example")
            self.assertFalse(errors)
        _none, errors = self._file(email="a9@limit.example")
        self.assertIn("form", errors)
        _ok, errors = self._file(address="10.0.0.2", email="a9@limit.example")
        self.assertFalse(errors)

    def test_limit_per_email(self):
        for turn in range(5):
            self._file(address=f"10.1.0.{turn}")
        _none, errors = self._file(address="10.1.0.99")
        self.assertIn("form", errors)

    def test_expired_link_is_dead(self):
        registration, _errors = self._file()
        token = registration._make_link().split("#")[1]
        found = self.env["huolie.registration"]._find_by_token(token)
        self.assertEqual(found, registration)
        registration.token_until = fields.Datetime.now() - timedelta(seconds=1)
        self.assertFalse(self.env["huolie.registration"]._find_by_token(token))

    def test_new_link_kills_the_one_before(self):
        registration, _errors = self._file()
        old = registration._make_link().split("#")[1]
        registration._make_link()
        self.assertFalse(self.env["huolie.registration"]._find_by_token(old))

    def test_taken_mobile_is_no_error_and_no_second_log_in(self):
        registration, _errors = self._file(phone="13900000001")
        enterprise = registration._confirm()
        self.assertFalse(enterprise._get_admins().mobile_login)

    def test_log_in_follows_a_new_mobile(self):
        self.admin.phone = "13700000009"
        self.assertEqual(self.admin.mobile_login, "13700000009")

    def test_manager_sets_trial_and_limits(self):
        manager = self._create_operator("manager")
        settings = self.env["huolie.account.settings"].with_user(manager).create({})
        self.assertEqual(settings.trial_days, 14)
        settings.trial_days = 30
        settings.action_save()
        self.assertEqual(self.env["huolie.enterprise"]._get_trial_days(), 30)
        with self.assertRaises(AccessError):
            self.env["huolie.account.settings"].with_user(self.admin).create({})

    def test_admin_changes_data_but_not_a_verified_name(self):
        wizard = self.env["huolie.account.data"].with_user(self.admin)
        data = wizard.create({})
        data.write({"name": "New Ltd", "email": "new@test.example"})
        data.action_save()
        self.assertEqual(self.enterprise.name, "New Ltd")
        self.enterprise.verified = True
        data = wizard.create({})
        data.write({"name": "Other Ltd", "city": "上海"})
        data.action_save()
        self.assertEqual(self.enterprise.name, "New Ltd")
        self.assertEqual(self.enterprise.city, "上海")

    def test_throttle_window_ends(self):
        cr, window = self.env.cr, timedelta(hours=1)
        self.assertTrue(throttle.hit(cr, "t", 1, window))
        self.assertFalse(throttle.hit(cr, "t", 1, window))
        cr.execute(
            "UPDATE huolie_throttle SET started = started - interval '2 hours'"
            " WHERE key = 't'"
        )
        self.assertTrue(throttle.hit(cr, "t", 1, window))

    def test_password_policy_holds_for_people_of_enterprises(self):
        with self.assertRaisesRegex(Exception, "at least 8"):
            self.admin.password = "short1"


@tagged("post_install", "-at_install")
class TestRegisterPages(AccountsHttpCase):
    def test_page_speaks_the_visitors_language(self):
        page = self.url_open("/huolie/register?lang=zh_CN")
        self.assertEqual(page.status_code, 200)
        self.assertIn('lang="zh-CN"', page.text)

    def test_errors_stand_next_to_fields_and_values_stay(self):
        answer = self._post("/huolie/register", **{**FORM, "email": "wrong"})
        self.assertEqual(list(answer["errors"]), ["email"])
        page = self.url_open("/huolie/register").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        data = {**FORM, "email": "wrong", "csrf_token": token}
        page = self.url_open("/huolie/register", data=data).text
        self.assertIn('value="杭州晨光家居有限公司"', page)
        self.assertIn('value="wrong"', page)
        self.assertNotIn(PASSWORD, page)

    def test_register_confirm_log_in(self):
        self.assertTrue(self._post("/huolie/register", **FORM)["done"])
        registration = self.env["huolie.registration"].search([], limit=1)
        token = registration._make_link().split("#")[1]
        wrong = self._post("/huolie/register/confirm", token=token, password="no")
        self.assertEqual(list(wrong["errors"]), ["password"])
        right = self._post("/huolie/register/confirm", token=token, password=PASSWORD)
        self.assertEqual(right["redirect"], "/odoo")
        again = self._post("/huolie/register/confirm", token=token, password=PASSWORD)
        self.assertIn("form", again["errors"])

    def test_log_in_by_email_or_mobile(self):
        self._create_enterprise()
        for login in ("admin@test.example", "13900000001", "+86 139 0000 0001"):
            answer = self._post("/huolie/login", login=login, password=PASSWORD)
            self.assertEqual(answer, {"redirect": "/odoo"}, login)
            self.url_open("/web/session/logout")

    @mute_logger("odoo.addons.base.models.res_users")
    def test_log_in_tells_nothing_about_who_exists(self):
        self._create_enterprise()
        known = self._post("/huolie/login", login="admin@test.example", password="x")
        unknown = self._post("/huolie/login", login="nobody@test.example", password="x")
        self.assertEqual(known, unknown)

    def test_strange_input_never_breaks_the_page(self):
        for value in (
            "\0",
            "\ud800".encode("utf-8", "surrogatepass"),
            "x" * 5000,
            "%s",
        ):
            answer = self._post("/huolie/register", **{**FORM, "name": value})
            self.assertIn("errors", answer)

    def test_huge_body_is_refused(self):
        page = self.url_open("/huolie/register").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        data = {**FORM, "name": "x" * 200_000, "csrf_token": token}
        self.assertEqual(self.url_open("/huolie/register", data=data).status_code, 413)

    def test_closed_registration(self):
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("huolie.registration", "closed")
        page = self.url_open("/huolie/register").text
        self.assertNotIn("<form", page)
