"""The public routes over HTTP, through the controllers (the attack list V)."""

import json

from odoo.tests import HttpCase, tagged

from ..services import assign, limits, settings, tokens
from .common import ChatMixin

HEADERS = {"Content-Type": "text/plain"}


@tagged("post_install", "-at_install")
class TestRoutes(ChatMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._start()
        cls.ann = cls._make_agent(cls.enterprise, "ann")
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self._start_online()

    def _start_online(self):
        self._online(self.ann)
        limits.reset()

    def _post(self, path, body, headers=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.url_open(
            path, data=data, headers={**HEADERS, **(headers or {})}, method="POST"
        )
        return answer.status_code, answer.json()

    def _hello(self, **more):
        status, content = self._post("/huolie/v/hello", {"key": self.site.key, **more})
        self.assertEqual(status, 200, content)
        return content

    def _talk(self):
        """Return token and conversation of a new visitor."""
        token = self._hello()["token"]
        status, content = self._post("/huolie/v/open", {"token": token})
        self.assertEqual(status, 200, content)
        return token, content["c"]["id"]

    def test_visit_from_hello_to_message(self):
        hello = self._hello(
            page={"url": "https://x.cn/a?utm_source=baidu", "title": "T"}
        )
        self.assertEqual((hello["state"], hello["c"]), ("online", None))
        token, conversation = self._talk()
        body = {"token": token, "c": conversation, "u": "u1", "k": "text", "b": "你好"}
        status, first = self._post("/huolie/v/send", body)
        self.assertEqual((status, first["s"]), (200, 3))
        self.assertEqual(self._post("/huolie/v/send", body), (200, first))
        status, content = self._post("/huolie/v/send", {**body, "b": "other"})
        self.assertEqual((status, content["error"]), (409, "duplicate"))
        domain = [("site_id", "=", self.site.id)]
        visitor = self.env["huolie.visitor"].search(domain, order="id", limit=1)
        self.assertEqual(visitor.source, "baidu")
        self.assertTrue(self.site.first_seen_at)

    def test_cookie_makes_the_same_visitor(self):
        first = self._hello()
        again = self._hello(uid=first["uid"])
        one = tokens.peek(first["token"])
        self.assertEqual(one["v"], tokens.peek(again["token"])["v"])
        self.assertNotEqual(one["v"], tokens.peek(self._hello(uid="x")["token"])["v"])

    def test_device_and_browser_are_told(self):
        phone = "Mozilla/5.0 (iPhone) AppleWebKit Mobile MicroMessenger/8.0 Safari"
        for agent, device, browser in (
            (phone, "mobile", "WeChat"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/141 Safari", "desktop", "Chrome"),
            ("curl/8", "desktop", False),
        ):
            status, content = self._post(
                "/huolie/v/hello", {"key": self.site.key}, {"User-Agent": agent}
            )
            self.assertEqual(status, 200)
            number = tokens.peek(content["token"])["v"]
            visitor = self.env["huolie.visitor"].browse(number)
            self.assertEqual((visitor.device, visitor.browser), (device, browser))

    def test_ids_of_ones_own_making_are_new_visitors(self):
        limits.take("new", self.env.cr.dbname, self.site.id, "127.0.0.1")
        known = self._hello(uid="a" * 32)["uid"]
        key = ("new", self.env.cr.dbname, self.site.id, "127.0.0.1")
        start, count = limits.FLOOD.counts[key]
        self.assertEqual(count, 2)
        limits.FLOOD.counts[key] = (start, 600)
        body = {"key": self.site.key}
        status, content = self._post("/huolie/v/hello", {**body, "uid": "b" * 32})
        self.assertEqual((status, content["error"]), (429, "limit"))
        # who was here before is never turned away by what others do
        self.assertEqual(self._hello(uid=known)["uid"], known)

    def test_odd_addresses_of_pages(self):
        for url in (
            "https://x.cn/?utm_source=%00",
            "https://x.cn/?utm_source=%ed%a0%80",
            "https://[x",
            "https://x.cn/" + "%" * 900,
            "http://x.cn/?" + "&" * 900,
        ):
            for page in ({"url": url}, {"url": "https://a.cn", "ref": url}):
                self._hello(page=page)

    def test_token_of_a_renamed_database_does_not_hide_the_widget(self):
        old = tokens.mint("x", "v", d="renamed-since", e=1, s=1, v=1)
        self.assertEqual(self._hello(token=old)["state"], "online")

    def test_place_in_the_queue_is_told_after_a_reload(self):
        self._talk()
        assign.set_cap(self.env.cr, self.ann.id, 1)
        waiting = self._hello()["token"]
        first = self._post("/huolie/v/open", {"token": waiting})[1]
        again = self._post("/huolie/v/open", {"token": waiting})[1]
        self.assertEqual((first["state"], first["place"]), ("queue", 1))
        self.assertEqual((again["state"], again["place"]), ("queue", 1))

    def test_trail_of_pages_is_kept(self):
        first = self._hello(page={"url": "https://x.cn/a", "title": "A"})
        self._hello(uid=first["uid"], page={"url": "https://x.cn/b", "title": "B"})
        self._hello(uid=first["uid"], page={"url": "javascript:alert(1)"})
        views = self.env["huolie.page.view"].search(
            [("enterprise_id", "=", self.enterprise.id)]
        )
        self.assertEqual(views.mapped("title"), ["B", "A"])

    def test_signing_out_ends_the_console(self):
        # the route is read-only; without a second server that is a normal cursor
        self.set_registry_readonly_mode(False)
        self.authenticate(None, None)
        who = {"db": self.env.cr.dbname, "login": "ann", "password": "ann" * 3}
        self.make_jsonrpc_request("/web/session/authenticate", who)
        _visitor, conversation = self._talk()
        token = self.make_jsonrpc_request("/huolie/a/token", {})["token"]
        self.url_open("/web/session/logout", allow_redirects=False)
        body = {"token": token, "c": conversation, "u": "a1", "b": "hello"}
        self.assertEqual(self._post("/huolie/a/send", body)[1], {"error": "token"})

    def test_forged_tokens(self):
        good = self._hello()["token"]
        for token in (None, "", 7, [], {}, "a.b", good[:-2], f"{good}x", "x" * 100000):
            body = {"token": token, "c": 1, "u": "u", "b": "x"}
            if len(json.dumps(body)) > 65536:
                expected = {413}
            else:
                expected = {403}
            for path in ("open", "send", "history", "typing", "read", "close"):
                status, content = self._post(f"/huolie/v/{path}", body)
                self.assertIn(status, expected, (path, repr(token)[:30], content))

    def test_visitor_token_is_no_agents_token(self):
        token, conversation = self._talk()
        body = {"token": token, "c": conversation, "u": "u", "b": "x"}
        self.assertEqual(self._post("/huolie/a/send", body)[0], 403)

    def test_strange_conversations_look_like_none(self):
        _token, conversation = self._talk()
        token = self._hello()["token"]
        for path in ("send", "typing", "close", "rate", "read", "human"):
            body = {"token": token, "u": "u", "b": "x", "score": 3, "s": 1}
            there = self._post(f"/huolie/v/{path}", {**body, "c": conversation})
            nowhere = self._post(f"/huolie/v/{path}", {**body, "c": 2**30})
            self.assertEqual(there, nowhere, path)
            self.assertEqual(there[0], 404, path)

    def test_site_keys(self):
        odd = ("a\0b", "\ud800", "é", "x\n")
        for key in (None, "", "nope", 7, [], "x" * 1000, "' OR 1=1", *odd):
            status, content = self._post("/huolie/v/hello", {"key": key})
            self.assertEqual((status, content), (404, {"error": "site"}))
        self.site.active = False
        self.env.flush_all()
        self.assertEqual(self._post("/huolie/v/hello", {"key": self.site.key})[0], 404)

    def test_odd_forms_of_an_address(self):
        status, content = self._post("/huolie/v/hello/", {"key": self.site.key})
        self.assertEqual((status, content["state"]), (200, "online"))
        for path in ("/huolie/v/hello%00", "/huolie/f/%00", "/huolie/%00"):
            self.assertEqual(self.url_open(path, data=b"{}").status_code, 404, path)

    def test_frozen_enterprise_shows_nothing(self):
        token, conversation = self._talk()
        self.enterprise.state = "frozen"
        self.env.flush_all()
        status, content = self._post("/huolie/v/hello", {"key": self.site.key})
        self.assertEqual((status, content), (200, {"state": "off"}))
        body = {"token": token, "c": conversation, "u": "u9", "b": "x"}
        self.assertEqual(self._post("/huolie/v/send", body)[0], 409)
        self.assertEqual(self._post("/huolie/v/open", {"token": token})[0], 403)

    def test_trial_over_gives_the_form(self):
        self.enterprise.write(
            {"is_house": False, "state": "trial", "trial_until": "2020-01-01 00:00:00"}
        )
        self.env.flush_all()
        self.assertEqual(self._hello()["state"], "form")
        status, content = self._post(
            "/huolie/v/open", {"token": self._hello()["token"]}
        )
        self.assertEqual((status, content["state"], content["c"]), (200, "form", None))

    def test_domain_list(self):
        self.site.domains = "example.com"
        self.env.flush_all()
        body = {"key": self.site.key}
        for origin, expected in (
            ("https://example.com", 200),
            ("https://evil-example.com", 403),
            ("null", 403),
        ):
            status, _c = self._post("/huolie/v/hello", body, {"Origin": origin})
            self.assertEqual(status, expected, origin)

    def test_sizes(self):
        token, conversation = self._talk()
        body = {"token": token, "c": conversation, "u": "u"}
        self.assertEqual(
            self._post("/huolie/v/send", {**body, "b": "x" * 2001})[0], 422
        )
        self.assertEqual(
            self._post("/huolie/v/send", {**body, "b": "x" * 200000})[0], 413
        )
        self.assertEqual(self._post("/huolie/v/send", {**body, "b": "  "})[0], 422)

    def test_malformed_bodies(self):
        for raw in (
            b"",
            b"[]",
            b"null",
            b"7",
            b"{",
            b'{"a":NaN}',
            b"[" * 60000,
            b'{"key":' * 8000,
            b"\xff\xfe",
        ):
            status, content = self._post("/huolie/v/hello", raw)
            self.assertEqual((status, content["error"]), (400, "json"), raw[:20])
        status, _c = self._post("/huolie/v/hello", b"{}", {"Content-Type": "text/html"})
        self.assertEqual(status, 415)

    def test_wrong_types(self):
        token, _conversation = self._talk()
        for value in ([], {}, True, 1.5, "1 OR 1=1", None):
            body = {"token": token, "c": value, "u": "u", "b": "x"}
            self.assertEqual(self._post("/huolie/v/send", body)[0], 400, repr(value))
        body = {"token": token, "c": 10**400, "u": "u", "b": "x"}
        self.assertEqual(self._post("/huolie/v/send", body)[0], 404)
        body = {"token": token, "seen": {"1": "x"}}
        self.assertEqual(self._post("/huolie/poll", body)[0], 400)

    def test_every_text_comes_back_as_it_was(self):
        token, conversation = self._talk()
        texts = [
            "\u202eabc",
            "👩‍👩‍👧",
            "Z\u0300" * 50,
            "<img onerror=1>",
            "%_';--",
            "{{7*7}}",
        ]
        for number, text in enumerate(texts):
            body = {"token": token, "c": conversation, "u": f"t{number}", "b": text}
            self.assertEqual(self._post("/huolie/v/send", body)[0], 200)
        body = {"token": token, "c": conversation, "u": "bad", "b": "@@"}
        raw = json.dumps(body).replace("@@", "a\\u0000b\\ud800").encode()
        self.assertEqual(self._post("/huolie/v/send", raw)[0], 200)
        status, content = self._post(
            "/huolie/poll", {"token": token, "seen": {str(conversation): 2}, "wait": 0}
        )
        said = [event["b"] for event in content["events"]]
        self.assertEqual(said, [*texts, "ab?"])

    def test_poll_of_a_strange_conversation_is_silent(self):
        token, conversation = self._talk()
        stranger = self._hello()["token"]
        body = {"seen": {str(conversation): 0}, "wait": 0}
        self.assertEqual(
            self._post("/huolie/poll", {**body, "token": stranger})[1]["events"], []
        )
        self.assertTrue(
            self._post("/huolie/poll", {**body, "token": token})[1]["events"]
        )

    def test_cors_and_preflight(self):
        answer = self.opener.options(self.base_url() + "/huolie/v/hello", timeout=10)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        self.assertNotIn("Access-Control-Allow-Credentials", answer.headers)
        self.assertNotIn("Set-Cookie", answer.headers)

    def test_reading_needs_no_get(self):
        self.assertEqual(self.url_open("/huolie/v/hello").status_code, 405)

    def test_too_many_messages(self):
        token, conversation = self._talk()
        codes = []
        for number in range(32):
            body = {"token": token, "c": conversation, "u": f"m{number}", "b": "x"}
            codes.append(self._post("/huolie/v/send", body)[0])
        self.assertEqual(codes, [200] * 30 + [429] * 2)

    def test_agent_whose_visitors_all_type_is_not_cut_off(self):
        secret = settings.get(self.env.cr.dbname, self.env.cr)["secret"]
        who = {"d": self.env.cr.dbname, "e": self.enterprise.id, "t": self.ann.id}
        token = tokens.mint(secret, "a", u=1, n="ann", g=[], w="o", **who)
        body = {"token": token, "seen": {}, "wait": 0}
        codes = {self._post("/huolie/poll", body)[0] for _turn in range(100)}
        self.assertEqual(codes, {200})
        visitor = {**body, "token": self._hello()["token"]}
        codes = [self._post("/huolie/poll", visitor)[0] for _turn in range(95)]
        self.assertEqual(codes, [200] * 90 + [429] * 5)

    def test_message_left_becomes_one_lead(self):
        token = self._hello()["token"]
        fields = {"name": "Li", "phone": "138 0013 8000", "body": "call", "q1": "blue"}
        body = {"token": token, "u": "f1", "fields": fields}
        for _i in range(2):
            self.assertEqual(self._post("/huolie/v/form", body), (200, {"ok": True}))
        lead = self.env["huolie.lead"].search(
            [("enterprise_id", "=", self.enterprise.id)]
        )
        self.assertEqual(len(lead), 1)
        self.assertEqual(
            (lead.name, lead.source, lead.seat_id.id), ("Li", "form", False)
        )
        self.assertIn("blue", lead.payload_text)

    def test_wrong_form_names_the_field(self):
        token = self._hello()["token"]
        body = {"token": token, "u": "f2", "fields": {"phone": "abc", "email": "x"}}
        status, content = self._post("/huolie/v/form", body)
        self.assertEqual(status, 422)
        self.assertEqual(content["fields"], {"phone": "invalid", "email": "invalid"})

    def test_agent_gets_a_token_and_answers(self):
        _visitor, conversation = self._talk()
        self.authenticate(None, None)
        who = {"db": self.env.cr.dbname, "login": "ann", "password": "ann" * 3}
        self.make_jsonrpc_request("/web/session/authenticate", who)
        answer = self.make_jsonrpc_request("/huolie/a/token", {})
        self.assertEqual(answer["seat"], self.ann.id)
        body = {"token": answer["token"], "c": conversation, "u": "a1", "b": "hello"}
        self.assertEqual(self._post("/huolie/a/send", body)[0], 200)
        status, content = self._post("/huolie/a/history", body)
        self.assertEqual(content["events"][-1]["n"], "ann")
        self.ann.user_id.sudo().write({"active": False})
        self.env.flush_all()
        self.assertEqual(
            self._post("/huolie/a/send", {**body, "u": "a2"})[1], {"error": "token"}
        )

    def test_secret_is_made_once(self):
        first = settings.get(self.env.cr.dbname, self.env.cr)["secret"]
        self.assertEqual(len(first), 64)
        self.assertEqual(settings.get(self.env.cr.dbname, self.env.cr)["secret"], first)
