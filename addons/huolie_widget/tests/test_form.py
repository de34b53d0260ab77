from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import WidgetCommon


@tagged("post_install", "-at_install")
class TestForm(WidgetCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.alpha_site.form_field_ids = [
            Command.create(
                {"kind": "choice", "label": "City", "options": "A\nB", "required": True}
            )
        ]
        self.city = self.alpha_site.form_field_ids.filtered(
            lambda f: f.kind == "choice"
        )
        _status, answer = self._post("/huolie/v/hello", {"key": self.alpha_site.key})
        self.token = answer["token"]
        self.state = answer["state"]

    def _leave(self, uid="u1", **fields):
        body = {"token": self.token, "u": uid, "fields": fields}
        return self._post("/huolie/v/form", body)

    def _leads(self):
        domain = [("enterprise_id", "=", self.alpha.id), ("source", "=", "form")]
        return self.env["huolie.lead"].search(domain)

    def test_nobody_online_is_the_form(self):
        self.assertEqual(self.state, "form")
        self.assertTrue(self.alpha_site.first_seen_at)

    def test_required_fields_are_asked_for_by_name(self):
        status, answer = self._leave(name="Wang", body="Prices?")
        self.assertEqual((status, answer["error"]), (422, "fields"))
        missing = {"phone": "required", self.city.name: "required"}
        self.assertEqual(answer["fields"], missing)
        self.assertFalse(self._leads())

    def test_message_is_a_lead_in_the_pool_once(self):
        values = {"name": "Wang", "phone": "13800138000", "body": "Prices?"}
        values[self.city.name] = "B"
        for _again in range(2):
            self.assertEqual(self._leave(**values), (200, {"ok": True}))
        lead = self._leads()
        self.assertEqual(len(lead), 1)
        self.assertEqual((lead.name, lead.phone), ("Wang", "13800138000"))
        self.assertFalse(lead.seat_id)
        self.assertEqual(lead.payload, {"City": "B"})
        self.assertEqual(lead.site_id, self.alpha_site)
