import io
from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from PIL import Image

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..services import licence, workday
from .accounts_common import (
    GOOD_CODE,
    AccountsCase,
    AccountsHttpCase,
    encoded,
    picture,
)

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@tagged("post_install", "-at_install")
class TestWorkdays(TransactionCase):
    def test_three_working_days_over_the_national_holiday(self):
        # 1-7 October 2026 are free, Saturday the 10th is a make-up day.
        submitted = datetime(2026, 9, 30, 3)
        self.assertEqual(workday.due(submitted, 3), datetime(2026, 10, 10, 10))

    def test_day_is_the_chinese_one(self):
        # 17:00 UTC on Sunday is Monday morning in China.
        submitted = datetime(2026, 11, 22, 17)
        self.assertEqual(workday.due(submitted, 3), datetime(2026, 11, 26, 10))

    def test_override_wins_over_the_library(self):
        overrides = {date(2026, 11, 24): False}
        due = workday.due(datetime(2026, 11, 22, 3), 2, overrides)
        self.assertEqual(due, datetime(2026, 11, 25, 10))

    def test_year_without_official_list_is_known_as_such(self):
        self.assertTrue(workday.has_official_list(2026))
        self.assertFalse(workday.has_official_list(2090))
        self.assertTrue(workday.has_official_list(2090, {date(2090, 1, 1): False}))


@tagged("post_install", "-at_install")
class TestLicenceFiles(TransactionCase):
    def _fault(self, data):
        with self.assertRaises(licence.LicenceError) as caught:
            licence.clean(data)
        return str(caught.exception)

    def test_pictures_and_pdf_are_taken(self):
        self.assertEqual(licence.clean(picture("PNG"))[0], "image/png")
        self.assertEqual(licence.clean(picture("JPEG"))[0], "image/jpeg")
        self.assertEqual(licence.clean(PDF), ("application/pdf", PDF))

    def test_kind_is_told_by_content_not_by_name(self):
        for data in (b"MZ\x90\0" * 99, b"<svg onload=alert(1)>", b"<html>", b"GIF89a"):
            self.assertEqual(self._fault(data), "kind")

    def test_empty_and_large(self):
        self.assertEqual(self._fault(b""), "empty")
        self.assertEqual(self._fault(b"\xff\xd8\xff" + b"0" * 10 * 1024 * 1024), "big")

    def test_broken_files(self):
        self.assertEqual(self._fault(b"\x89PNG\r\n\x1a\nnothing"), "cut")
        self.assertEqual(self._fault(picture()[:20]), "cut")
        self.assertEqual(self._fault(b"%PDF-1.4 no end"), "broken")

    def test_pictures_cut_off_are_refused(self):
        """Odoo lets Pillow load such pictures, so it must be looked for (SEC-F1)."""
        noise = Image.effect_noise((300, 200), 80).convert("RGB")
        for form in ("PNG", "JPEG"):
            out = io.BytesIO()
            thumb = picture("JPEG")  # has an end of its own, which must not count
            exif = Image.Exif()
            exif[0x927C] = thumb
            noise.save(out, form, **({"exif": exif} if form == "JPEG" else {}))
            whole = out.getvalue()
            self.assertTrue(licence.clean(whole))
            for part in (0.3, 0.6, 0.95):
                with self.subTest(f"{form} {part}"):
                    cut = whole[: int(len(whole) * part)]
                    self.assertEqual(self._fault(cut), "cut")

    def test_broken_inside_is_refused_or_drawn_anew(self):
        whole = bytearray(picture("PNG", (300, 200)))
        whole[60:64] = b"\0\0\0\0"
        try:
            _mime, data = licence.clean(bytes(whole))
        except licence.LicenceError as error:
            self.assertEqual(str(error), "broken")
        else:
            self.assertTrue(Image.open(io.BytesIO(data)).load())

    def test_bomb_of_pixels_is_not_opened(self):
        self.assertEqual(self._fault(picture("PNG", (10000, 10000))), "broken")

    def test_pdf_with_script_is_refused(self):
        data = PDF.replace(b"<<>>endobj", b"<</JavaScript 2 0 R>>endobj")
        self.assertEqual(self._fault(data), "active")

    def test_exif_and_trailing_bytes_are_gone(self):
        out, exif = io.BytesIO(), Image.Exif()
        exif[0x010F] = "SecretCamera"
        Image.new("RGB", (30, 20)).save(out, "JPEG", exif=exif)
        dirty = out.getvalue() + b"<script>alert(1)</script>"
        self.assertIn(b"SecretCamera", dirty)
        _mime, data = licence.clean(dirty)
        self.assertNotIn(b"SecretCamera", data)
        self.assertNotIn(b"<script>", data)


@tagged("post_install", "-at_install")
class TestVerification(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = cls._create_operator("reviewer")

    def _submit(self, **vals):
        draft = self._draft(self.admin, **vals)
        draft.action_submit()
        return draft

    def test_credit_code_has_clear_messages(self):
        fault = self.env["huolie.verification"]._get_code_fault
        self.assertIsNone(fault(GOOD_CODE))
        self.assertIsNone(fault("9133 0106 ma2h3xjk0x"))
        self.assertIn("check digit", fault("91330106MA2H3XJK01"))
        self.assertIn("18 characters", fault("110108000000016"))
        self.assertIn("characters", fault("9133010OMA2H3XJK0X"))
        self.assertTrue(fault(""))

    def test_incomplete_submissions_are_refused(self):
        for name in ("legal_name", "credit_code", "legal_person", "licence_upload"):
            draft = self._draft(self.admin, **{name: False})
            with self.assertRaises(UserError):
                draft.action_submit()

    def test_wrong_file_is_refused_with_a_reason(self):
        with self.assertRaisesRegex(UserError, "JPG or PNG"):
            self._draft(self.admin, licence_upload=encoded(b"MZ" * 50))

    def test_scanner_may_refuse_a_file(self):
        """SEC-F7: the hook of a virus scanner, and the words a person reads."""
        verifications = type(self.env["huolie.verification"])
        found = licence.LicenceError("active")
        with (
            patch.object(verifications, "_scan_file", side_effect=found) as scan,
            self.assertRaisesRegex(UserError, "scripts"),
        ):
            self._draft(self.admin)
        self.assertTrue(scan.call_args)

    def test_approve_puts_the_data_on_the_enterprise(self):
        verification = self._submit()
        verification.with_user(self.reviewer).action_approve()
        self.assertEqual(verification.state, "approved")
        self.assertTrue(self.enterprise.verified)
        self.assertEqual(self.enterprise.credit_code, GOOD_CODE)
        self.assertEqual(verification.reviewer_id, self.reviewer)

    def test_decided_once(self):
        verification = self._submit()
        verification.with_user(self.reviewer).action_approve()
        with self.assertRaises(UserError):
            verification.with_user(self.reviewer).action_approve()
        with self.assertRaises(UserError):
            verification.with_user(self.reviewer)._reject("name", "")

    def test_rejection_tells_the_reason_and_can_be_corrected(self):
        verification = self._submit()
        verification.with_user(self.reviewer)._reject("unreadable", "Too dark")
        notice = self.env["huolie.notice"].search(
            [("user_id", "=", self.admin.id)], limit=1
        )
        self.assertIn("Too dark", notice.body)
        action = verification.with_user(self.admin).action_correct()
        draft = self.env["huolie.verification"].browse(action["res_id"])
        self.assertEqual((draft.state, draft.legal_name), ("draft", "Test Ltd"))
        draft.with_user(self.admin).action_submit()
        self.assertEqual(verification.state, "rejected")

    def test_old_data_stay_valid_during_a_change(self):
        self._submit().with_user(self.reviewer).action_approve()
        second = self._submit(legal_name="New name")
        self.assertTrue(self.enterprise.verified)
        self.assertEqual(self.enterprise.legal_name, "Test Ltd")
        second.with_user(self.reviewer).action_approve()
        self.assertEqual(self.enterprise.legal_name, "New name")

    def test_reviewer_is_no_member(self):
        verification = self._submit()
        self.reviewer.partner_id.enterprise_id = self.enterprise
        with self.assertRaisesRegex(UserError, "somebody else"):
            verification.with_user(self.reviewer).action_approve()

    def test_admin_cannot_decide_or_set_anything(self):
        verification = self._submit()
        with self.assertRaises(AccessError):
            verification.with_user(self.admin).action_approve()
        for vals in (
            {"state": "approved"},
            {"due_at": "2030-01-01"},
            {"reason": "code"},
        ):
            with self.assertRaises(AccessError):
                verification.with_user(self.admin).write(vals)
        with self.assertRaises(UserError):
            verification.with_user(self.admin).write({"legal_name": "Other"})

    def test_same_code_elsewhere_is_flagged(self):
        self._submit().with_user(self.reviewer).action_approve()
        other, admin = self._create_enterprise("Copycat", "admin@copy.example")
        copy = self._draft(admin)
        copy.action_submit()
        self.assertIn(self.enterprise.code, copy.with_user(self.reviewer).same_code)
        self.assertFalse(other.verified)

    def test_code_of_a_frozen_enterprise_needs_a_manager(self):
        self._submit().with_user(self.reviewer).action_approve()
        self.enterprise.state = "frozen"
        _other, admin = self._create_enterprise("Again", "admin@again.example")
        again = self._draft(admin)
        again.action_submit()
        with self.assertRaisesRegex(UserError, "manager"):
            again.with_user(self.reviewer).action_approve()
        again.with_user(self._create_operator("manager")).action_approve()
        self.assertEqual(again.state, "approved")

    def test_due_and_overdue(self):
        verification = self._submit()
        self.assertGreater(verification.due_at, fields.Datetime.now())
        self.assertFalse(verification.is_overdue)
        verification.sudo().due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.assertTrue(verification.is_overdue)
        overdue = self.env["huolie.verification"].search([("is_overdue", "=", True)])
        self.assertIn(verification, overdue)

    def test_desk_of_the_reviewers_by_due_day(self):
        verification = self._submit()
        self.assertEqual(verification.due_group, "later")
        # 2026-11-25 is a Wednesday; 16:30 UTC is half past midnight in China
        for moment, group in (
            ("2026-11-25 09:59:00", "today"),
            ("2026-11-24 16:30:00", "today"),
            ("2026-11-24 15:30:00", "later"),
            ("2026-11-25 10:00:01", "overdue"),
        ):
            with self.subTest(moment), freeze_time(moment):
                verification.sudo().due_at = datetime(2026, 11, 25, 10)
                verifications = self.env["huolie.verification"].sudo()
                verifications._cron_refresh_due_groups()
                self.assertEqual(verification.due_group, group)
        verification.with_user(self.reviewer).action_approve()
        self.assertFalse(verification.due_group)

    def test_licence_is_on_no_ordinary_way(self):
        verification = self._submit()
        for user in (self.admin, self.reviewer):
            with self.assertRaises(AccessError):
                verification.with_user(user).read(["licence_data"])
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "huolie.verification"),
                ("res_field", "=", "licence_data"),
                ("res_id", "=", verification.id),
            ]
        )
        self.assertFalse(attachment.public)


@tagged("post_install", "-at_install")
class TestLicenceRoute(AccountsHttpCase):
    def setUp(self):
        super().setUp()
        self.enterprise, self.admin = self._create_enterprise()
        self.verification = self._draft(self.admin)
        self.url = f"/huolie/licence/{self.verification.id}"

    def test_admin_sees_it_and_it_is_logged(self):
        self._log_in(self.admin)
        answer = self.url_open(self.url)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        log = self.env["huolie.licence.view"].search(
            [("verification_id", "=", self.verification.id)]
        )
        self.assertEqual(log.user_id, self.admin)

    def test_name_of_the_file_is_ours(self):
        """Names as ``../`` or with signs that turn the text are never used (SEC-F4)."""
        for name in ("../../etc/passwd", "a\u202egnp.exe", "x" * 300, "a.php", 'a"b'):
            draft = self.verification.sudo()
            draft.write({"licence_name": name})
            self._log_in(self.admin)
            header = self.url_open(self.url).headers["Content-Disposition"]
            self.assertEqual(header, f"inline; filename=licence-{draft.id}.png")

    def test_answer_can_run_nothing(self):
        """SEC-F10: whatever the file holds, no browser runs it."""
        self._log_in(self.admin)
        headers = self.url_open(self.url).headers
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertEqual(headers["Content-Type"], "image/png")
        self.assertIn("no-store", headers["Cache-Control"])
        self.verification.write({"licence_upload": encoded(PDF)})
        headers = self.url_open(self.url).headers
        self.assertTrue(headers["Content-Disposition"].startswith("attachment"))

    def test_others_get_the_answer_of_nothing_there(self):
        _other, stranger = self._create_enterprise("Other", "admin@other.example")
        self._log_in(stranger)
        foreign = self.url_open(self.url)
        missing = self.url_open("/huolie/licence/99999999")
        self.assertEqual((foreign.status_code, missing.status_code), (404, 404))
        self.assertEqual(foreign.text, missing.text)

    def test_stock_routes_do_not_give_it_out(self):
        self._log_in(self.admin)
        base = f"/web/content/huolie.verification/{self.verification.id}/licence_data"
        self.assertNotEqual(self.url_open(base).status_code, 200)
