"""SEC-T5, T10, T12-T16, T18: routes of the running server, asked for foreign ids.

A foreign id and one that does not exist must give the same answer.
"""

import json
import re

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.http_routing.tests.common import MockRequest
from odoo.addons.huolie_chat.services import settings

from .factory import PASSWORD
from .two_enterprises import TwoEnterprises

LOUD = (
    "odoo.http",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.web.controllers.export",
)
MISSING = 2**30
# Routes that take one id: model of the id -> addresses.
PAGES = {
    "ir.attachment": (
        "/web/content/{}",
        "/web/content/{}?download=true",
        "/web/image/{}",
        "/web/image/{}/64x64",
        "/mail/attachment/pdf_first_page/{}",
    ),
    "res.partner": (
        "/web/image/res.partner/{}/avatar_128",
        "/web/image/res.partner/{}/image_1920",
        "/web/content/res.partner/{}/image_1920",
        "/web/image?model=res.partner&id={}&field=image_128",
        "/report/pdf/base.report_irmodulereference/{}",
        "/report/html/web.preview_externalreport/{}",
        "/my/account?id={}",
        "/mail/view?model=res.partner&res_id={}",
    ),
    "res.users": (
        "/web/image/res.users/{}/avatar_128",
        "/web/image/res.users/{}/image_1920",
        "/web/become?id={}",
    ),
    "huolie.verification": (
        "/huolie/licence/{}",
        "/web/content/huolie.verification/{}/licence_data",
        "/web/content?model=huolie.verification&id={}&field=licence_upload",
    ),
    "huolie.file": (
        "/huolie/f/{}",
        "/web/content/huolie.file/{}/data",
        "/web/image/huolie.file/{}/data",
    ),
    "huolie.charge": ("/huolie/invoice/{}.pdf",),
    "huolie.evidence": ("/huolie/evidence/{}",),
    "huolie.robot": ("/web/image/huolie.robot/{}/avatar",),
    "huolie.site": ("/web/image/huolie.site/{}/logo",),
}
# Stock routes that are not there at all for people of enterprises.
CLOSED = (
    "/discuss/channel/messages",
    "/discuss/channel/members",
    "/discuss/search",
    "/json/2/res.partner/search_read",
    "/mail/inbox/messages",
    "/mail/link_preview",
    "/mail/message/reaction",
    "/mail/message/translate",
    "/mail/partner/from_email",
    "/mail/read_subscription_data",
    "/mail/thread/recipients",
    "/mail/thread/subscribe",
    "/web/action/run",
    "/web/dataset/resequence",
    "/web/model/get_definitions",
    "/websocket/peek_notifications",
)


@tagged("post_install", "-at_install")
class TestRoutes(TwoEnterprises, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._fill()
        settings.get(cls.env.cr.dbname, cls.env.cr)
        cls.marker = cls.factory.marker(cls.alpha)

    def setUp(self):
        super().setUp()
        self.user = self._person("admin")
        self._log_in(self.user)

    # === HELPERS === #
    def _log_in(self, user):
        self.authenticate(None, None)
        page = self.url_open("/huolie/login").text
        self.csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"login": user.login, "password": PASSWORD, "csrf_token": self.csrf}
        headers = {"Accept": "application/json"}
        answer = self.url_open("/huolie/login", data=form, headers=headers)
        self.assertEqual(answer.json(), {"redirect": "/odoo"})

    def _foreign(self, model, victim=None):
        return self.factory.row(model, victim or self.alpha)

    def _rpc(self, path, **params):
        """What a JSON route answers, without what names the request itself."""
        with mute_logger(*LOUD):
            answer = self.url_open(path, json={"params": params})
        self.assertNotIn(self.marker, answer.text, path)
        self.assertLess(answer.status_code, 500, path)
        if answer.status_code != 200:
            return {"error": {"code": answer.status_code}}
        return answer.json()

    def _kw(self, model, method, *args, **kwargs):
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self._rpc(
            path, model=model, method=method, args=list(args), kwargs=kwargs
        )

    def _same(self, one, other, ids):
        """Answers are equal but for the id that was asked for."""
        texts = []
        for answer, record_id in zip((one, other), ids, strict=True):
            text = json.dumps(answer, sort_keys=True)
            text = re.sub(r'"debug": "(\\.|[^"\\])*"', "", text)
            # a number of its own: not a part of another, nor of "2.0"
            texts.append(re.sub(rf"(?<![\w.]){record_id}(?![\w.])", "ID", text))
        self.assertEqual(*texts)

    # === PAGES AND FILES === #
    def test_foreign_and_missing_pages_answer_alike(self):
        for model, paths in PAGES.items():
            foreign = self._foreign(model)
            for path in paths:
                with self.subTest(path), mute_logger(*LOUD):
                    answers = [
                        self.url_open(path.format(i), allow_redirects=False)
                        for i in (foreign.id, MISSING)
                    ]
                    self.assertEqual(*[a.status_code for a in answers])
                    self.assertLess(answers[0].status_code, 500)
                    ids = (foreign.id, MISSING)
                    self.assertEqual(*map(self._content, answers, ids))
                    self.assertNotIn(self.marker, answers[0].text)

    def _content(self, answer, record_id):
        """The body; texts without the id that they repeat."""
        if "text" in answer.headers.get("Content-Type", ""):
            return re.sub(rf"\b{record_id}\b", "ID", answer.text)
        return answer.content

    def test_own_file_is_served(self):
        """The list above would be worth nothing if all files were refused."""
        file = self.factory.row("ir.attachment", self.beta)
        answer = self.url_open(f"/web/content/{file.id}")
        self.assertEqual(answer.text, self.factory.marker(self.beta))

    def test_closed_routes_are_not_there(self):
        for path in CLOSED:
            with self.subTest(path):
                code = self._rpc(path).get("error", {}).get("code")
                self.assertIn(code, (401, 404))

    # === CHATTER === #
    def test_chatter_of_foreign_records(self):
        threads = [
            name
            for (name, owner) in self.factory.rows
            if owner == self.alpha.id and hasattr(self.env[name], "message_post")
        ]
        self.assertIn("res.partner", threads)
        for name in threads:
            ids = (self._foreign(name).id, MISSING)
            with self.subTest(name):
                self._same(*[self._chatter(name, i) for i in ids], ids)

    def _chatter(self, model, record_id):
        asked = {"thread_model": model, "thread_id": record_id}
        wanted = ["attachments", "followers", "activities", "suggestedRecipients"]
        return [
            self._rpc(
                "/mail/data",
                fetch_params=[["mail.thread", {**asked, "request_list": wanted}]],
            ),
            self._rpc("/mail/thread/messages", **asked),
            self._rpc(
                "/mail/message/post",
                **asked,
                post_data={"body": "x", "message_type": "comment"},
            ),
        ]

    def test_posting_takes_no_foreign_file_or_person(self):
        own = self._foreign("res.partner", self.beta)
        file = self._foreign("ir.attachment")
        stranger = self.factory.people(self.alpha)[0].partner_id
        self._rpc(
            "/mail/message/post",
            thread_model="res.partner",
            thread_id=own.id,
            post_data={
                "body": "x",
                "message_type": "comment",
                "attachment_ids": file.ids,
                "partner_ids": stranger.ids,
                "partner_emails": ["victim@else.example"],
            },
        )
        self.env.invalidate_all()
        last = own.message_ids[:1]
        self.assertFalse(last.attachment_ids & file)
        self.assertFalse(last.partner_ids | last.notified_partner_ids)
        self.assertNotEqual(file.res_id, own.id)

    def test_foreign_messages_and_files_are_not_changed(self):
        message = self._foreign("mail.message")
        file = self._foreign("ir.attachment")
        body, name = message.body, file.name
        self._rpc(
            "/mail/message/update_content",
            message_id=message.id,
            update_data={"body": "x"},
        )
        self._rpc("/mail/attachment/delete", attachment_id=file.id)
        self._rpc(
            "/mail/attachment/update_thumbnail", attachment_id=file.id, thumbnail="eA=="
        )
        self.env.invalidate_all()
        self.assertTrue(file.exists())
        self.assertEqual((message.body, file.name), (body, name))
        self.assertFalse(file.thumbnail)

    def test_nothing_is_uploaded_to_foreign_records(self):
        partner = self._foreign("res.partner")
        domain = [("res_model", "=", "res.partner"), ("res_id", "=", partner.id)]
        before = self.env["ir.attachment"].search_count(domain)
        for path, form in (
            ("/mail/attachment/upload", {"thread_model": "res.partner"}),
            ("/web/binary/upload_attachment", {"model": "res.partner"}),
        ):
            data = {
                **form,
                "thread_id": partner.id,
                "id": partner.id,
                "csrf_token": self._csrf(),
            }
            with mute_logger(*LOUD):
                answer = self.url_open(
                    path, data=data, files={"ufile": ("x.txt", b"x", "text/plain")}
                )
            self.assertNotIn(self.marker, answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.env["ir.attachment"].search_count(domain), before)

    def _csrf(self):
        page = self.url_open("/odoo").text
        return re.search(r'csrf_token: "([^"]+)"', page)[1]

    # === EXPORT, IMPORT, ACTIONS === #
    def test_export_of_foreign_ids(self):
        partner = self._foreign("res.partner")
        fields = [
            {"name": "name", "label": "Name"},
            {"name": "user_id/login", "label": "L"},
        ]
        data = {
            "model": "res.partner",
            "fields": fields,
            "ids": partner.ids,
            "domain": [],
            "import_compat": False,
            "context": {},
            "groupby": [],
        }
        for kind in ("csv", "xlsx"):
            form = {"data": json.dumps(data), "csrf_token": self._csrf()}
            with mute_logger(*LOUD):
                answer = self.url_open(f"/web/export/{kind}", data=form)
            self.assertNotIn(self.marker, answer.text)
            self.assertNotIn("spreadsheet", answer.headers.get("Content-Type", ""))

    def test_saved_exports_and_uploads_of_others(self):
        other = self.factory.people(self.alpha)[0]
        export = self.env["ir.exports"].with_user(other).sudo()
        export = export.create({"name": self.marker, "resource": "res.partner"})
        answers = [
            self._rpc("/web/export/namelist", model="res.partner", export_id=i)
            for i in (export.id, MISSING)
        ]
        for answer in answers:
            self.assertIn("error", answer)
        upload = self.env["base_import.import"].with_user(other).sudo()
        upload = upload.create({"res_model": "res.partner", "file": b"kept"})
        form = {"import_id": upload.id, "csrf_token": self._csrf()}
        with mute_logger(*LOUD):
            self.url_open(
                "/base_import/set_file", data=form, files={"ufile": ("x.csv", b"x")}
            )
        self.env.invalidate_all()
        self.assertEqual(upload.file, b"kept")

    def test_reading_foreign_and_missing_answers_alike(self):
        for model in ("res.partner", "huolie.lead", "huolie.site", "huolie.tag"):
            ids = (self._foreign(model).id, MISSING)
            for method, *args in (
                ("read", ["display_name"]),
                ("web_read", {"display_name": {}}),
                ("write", {"name": "x"}),
                ("web_save", {"name": "x"}, {}),
                ("unlink",),
                ("copy",),
                ("action_archive",),
            ):
                with self.subTest(f"{model}.{method}"):
                    answers = [self._kw(model, method, [i], *args) for i in ids]
                    self.assertIn("error", answers[0])
                    self._same(*answers, ids)

    def test_actions_and_breadcrumbs(self):
        home = self._rpc("/web/action/load", action_id="base.action_res_users")
        self.assertNotEqual(home["result"].get("res_model"), "res.users")
        for name in ("base.action_partner_form", "mail.action_view_mail_mail", "apps"):
            answer = self._rpc("/web/action/load", action_id=name)
            self.assertEqual(answer["result"]["id"], home["result"]["id"])
        for model in ("res.partner", "huolie.lead", "res.users", "huolie.enterprise"):
            ids = (self._foreign(model).id, MISSING)
            crumbs = [
                self._rpc(
                    "/web/action/load_breadcrumbs",
                    actions=[{"model": model, "resId": i, "view_type": "form"}],
                )
                for i in ids
            ]
            self._same(*crumbs, ids)

    # === METHODS === #
    def test_private_and_unlisted_methods(self):
        for model, method in (
            ("res.partner", "_search"),
            ("res.partner", "_write"),
            ("res.partner", "signup_get_auth_param"),
            ("res.partner", "message_notify"),
            ("res.partner", "message_post_with_source"),
            ("res.partner", "get_mention_suggestions"),
            ("res.partner", "im_search"),
            ("res.users", "authenticate"),
            ("res.users", "api_key_wizard"),
            ("discuss.channel", "search_for_channel_invite"),
            ("ir.attachment", "generate_access_token"),
            ("ir.actions.server", "run"),
            ("ir.cron", "method_direct_trigger"),
            ("mail.compose.message", "create_mail_template"),
        ):
            with self.subTest(method):
                # "open" only when it answers: not there, or refused
                self.assertIn("error", self._kw(model, method))

    def test_context_from_outside_is_cleaned(self):
        """A legal hold is not switched off by a word in the context (A6)."""
        self.beta.sudo().legal_hold = True
        lead = self._foreign("huolie.lead", self.beta)
        for context in ({}, {"_force_unlink": True}):
            answer = self._kw("huolie.lead", "unlink", lead.ids, context=context)
            self.assertIn("legal hold", json.dumps(answer["error"]))
        made = self._kw(
            "res.partner",
            "create",
            [{"name": "x", "id": "base.CNY"}],
            context={"_import_current_module": "base", "tracking_disable": True},
        )
        self.assertIn("error", made)
        self.env.registry.clear_cache()
        self.assertEqual(self.env.ref("base.CNY")._name, "res.currency")

    def test_fields_of_the_server_are_refused(self):
        """SEC-R4, R5: mass assignment by create, write and web_save."""
        seat, role = self.beta.seat_ids[:1], self.beta.role_ids[:1]
        site = self._foreign("huolie.site", self.beta)
        for model, ids, vals in (
            ("huolie.seat", seat.ids, {"serve_until": "2099-01-01 00:00:00"}),
            ("huolie.seat", seat.ids, {"state": "active"}),
            ("huolie.role", role.ids, {"user_ids": [[4, self.user.id]]}),
            ("huolie.site", site.ids, {"key": "mine"}),
            ("res.users", self.user.ids, {"group_ids": [[4, 1]]}),
            ("res.users", self.user.ids, {"share": False}),
        ):
            with self.subTest(vals):
                for call in (
                    ("write", ids, vals),
                    ("web_save", ids, vals, {}),
                    ("web_save", [], vals, {}),
                    ("create", [vals]),
                ):
                    self.assertIn("error", self._kw(model, *call))

    # === BUS === #
    def test_bus_gives_own_records_alone(self):
        """SEC-T14: guessed channels, groups and others' records are dropped."""
        stranger = self.factory.people(self.alpha)[0].partner_id
        wanted = [
            f"{self.env.cr.dbname}_res.partner_{stranger.id}",
            "res.partner",
            "*",
            f"discuss.channel_{1}",
            *[f"guess_{n}" for n in range(100)],
        ]
        env = self.env(user=self.user.id, su=False)
        with MockRequest(env) as request:
            request.session.uid = self.user.id
            channels = env["ir.websocket"]._build_bus_channel_list(wanted)
        kept = [c[0] if isinstance(c, tuple) else c for c in channels]
        records = [c for c in kept if not isinstance(c, str)]
        self.assertEqual([c for c in kept if isinstance(c, str)], ["broadcast"])
        self.assertIn(self.user.partner_id, records)
        for record in records:
            self.assertFalse(record._name == "res.groups")
            if record._name == "res.partner":
                self.assertEqual(record, self.user.partner_id)
            else:
                self.assertEqual(record.sudo().enterprise_id, self.beta)

    # === KEYS === #
    def test_no_api_key(self):
        """SEC-T16: none is made, none that was made before is taken."""
        keys = self.env["res.users.apikeys"]
        with self.assertRaises(AccessError):
            keys.with_user(self.user)._generate("rpc", "x", None)
        self.env.cr.execute("SELECT 1")
        self.assertIn("error", self._kw("res.users.apikeys", "generate"))

    # === REPORTS === #
    def test_statement_holds_own_rows(self):
        """SEC-T13: there is no id of an enterprise in the address."""
        month = self.alpha.create_date.strftime("%Y-%m")
        with mute_logger(*LOUD):
            answer = self.url_open(f"/huolie/statement/{month}.xlsx")
        self.assertLess(answer.status_code, 500)
        self.assertNotIn(self.marker.encode(), answer.content)
