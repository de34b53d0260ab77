import json

from odoo.tests import HttpCase, tagged

from odoo.addons.huolie_chat.services import limits, tokens

from .common import WidgetCommon


@tagged("post_install", "-at_install")
class TestIdentity(WidgetCommon, HttpCase):
    def setUp(self):
        super().setUp()
        _status, answer = self._post("/huolie/v/hello", {"key": self.alpha_site.key})
        self.token = answer["token"]
        domain = [("uid", "=", answer["uid"])]
        self.visitor = self.env["huolie.visitor"].search(domain)

    def _who(self, attrs=None, **who):
        body = {"token": self.token, "who": who, "attrs": attrs or {}}
        status, answer = self._post("/huolie/v/who", body)
        self.visitor.invalidate_recordset()
        return status, answer

    def _sign(self, site, external_id):
        return tokens.sign_id(site.secret, external_id)

    def test_signed_number_is_believed(self):
        self.visitor.name = "Old"
        sig = self._sign(self.alpha_site, "u7")
        self.assertEqual(self._who(id="u7", sig=sig, name="Wang"), (200, {}))
        self.assertEqual((self.visitor.external_id, self.visitor.name), ("u7", "Wang"))

    def test_wrong_or_foreign_signature_changes_nothing(self):
        foreign = self._sign(self.beta_site, "u7")
        for sig in (None, "", "0" * 64, foreign, "é"):
            status, answer = self._who(id="u7", sig=sig, name="Wang")
            self.assertEqual((status, answer["error"]), (403, "signature"))
        self.assertFalse(self.visitor.external_id or self.visitor.name)

    def test_word_without_proof_fills_only_what_is_empty(self):
        self.visitor.name = "Known"
        self._who(name="Somebody else", phone="13800138000")
        self.assertEqual(self.visitor.name, "Known")
        self.assertEqual(self.visitor.phone, "13800138000")

    def test_facts_are_kept_as_texts_and_added_to(self):
        self._who(attrs={"Order": "A-1", "Total": 12.5})
        self._who(attrs={"Order": "A-2"})
        self.assertEqual(self.visitor.attrs, {"Order": "A-2", "Total": "12.5"})
        self.assertIn("Order: A-2", self.visitor.attrs_text)

    def test_facts_do_not_grow_without_end(self):
        for number in range(5):
            limits.reset()
            self._who(attrs={f"{number}-{n}": "x" * 490 for n in range(20)})
        self.assertLess(len(json.dumps(self.visitor.attrs)), 40000)
        self.assertIn("4-0", self.visitor.attrs)

    def test_nonsense_is_refused_without_an_error(self):
        cases = [
            ({"who": []}, 400),
            ({"who": {"name": ["x"]}}, 400),
            ({"attrs": {"a": {"b": 1}}}, 400),
            ({"attrs": {str(n): "x" for n in range(21)}}, 422),
            ({"who": {"name": "x" * 101}}, 422),
            ({"token": "nonsense"}, 403),
        ]
        for body, expected in cases:
            status, answer = self._post("/huolie/v/who", {"token": self.token, **body})
            self.assertEqual(status, expected, (body, answer))
