from odoo.tests import HttpCase, tagged

from odoo.addons.huolie_base.tests.accounts_common import AccountsMixin
from odoo.addons.huolie_chat.services import tokens


@tagged("post_install", "-at_install")
class TestContact(AccountsMixin, HttpCase):
    """ "Contact us" opens the house's widget, the enterprise signed in (A12)."""

    def setUp(self):
        super().setUp()
        self.enterprise, self.admin = self._create_enterprise()
        self.house = self.env.ref("huolie_base.enterprise_house")
        self.house._ensure_chat()
        self.site = self.env["huolie.enterprise"]._get_house_site()

    def _contact(self, user):
        return self.env["huolie.enterprise"].with_user(user).get_contact()

    def test_identity_is_signed_with_the_house_s_secret(self):
        who = self._contact(self.admin)["who"]
        self.assertEqual(who["id"], f"{self.enterprise.code}-{self.admin.id}")
        self.assertIn(self.enterprise.name, who["name"])
        self.assertIn(self.admin.name, who["name"])
        secret = self.site.sudo().secret
        self.assertTrue(tokens.check_id(secret, who["id"], who["sig"]))
        self.assertFalse(tokens.check_id(secret, f"{who['id']}0", who["sig"]))
        self.assertNotIn(secret, str(self._contact(self.admin)))

    def test_the_script_is_there(self):
        script = self._contact(self.admin)["script"]
        answer = self.url_open(script)
        self.assertEqual(answer.status_code, 200)
        self.assertIn(self.site.key, answer.text)

    def test_registration_page_carries_the_house_s_button(self):
        page = self.url_open("/huolie/register").text
        self.assertIn(f"/huolie/w/{self.site.key}.js", page)

    def test_people_of_the_house_do_not_call_themselves(self):
        vals = {"contact": "H", "email": "h@house.example", "password": "Feuer2026x"}
        agent = self.house._create_person(vals, self.house._get_agent_groups())
        self.assertNotIn("script", self._contact(agent))
