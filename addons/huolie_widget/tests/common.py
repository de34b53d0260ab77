import json

from odoo.addons.huolie_chat.services import limits, settings

from ..services import scripts


class WidgetCommon:
    """Two enterprises on trial, each with its admin and its website."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alpha, cls.alpha_admin, cls.alpha_site = cls._create_enterprise("Alpha")
        cls.beta, cls.beta_admin, cls.beta_site = cls._create_enterprise("Beta")

    def setUp(self):
        super().setUp()
        # what processes keep in memory must not go from one test to the next
        scripts.forget(self.env.cr.dbname)
        settings.forget(self.env.cr.dbname)
        limits.reset()

    @classmethod
    def _create_enterprise(cls, name):
        enterprise = cls.env["huolie.enterprise"]._register_enterprise(
            {
                "name": name,
                "contact": f"{name} admin",
                "email": f"admin@{name.lower()}.test",
                "phone": "13800138000",
                "password": "Correct-Horse-9",
                "lang": "en_US",
            }
        )
        sites = cls.env["huolie.site"].search([("enterprise_id", "=", enterprise.id)])
        return enterprise, enterprise._get_admins(), sites[:1]

    def _config(self, site):
        """Return the configuration in a site's script."""
        text = self.env["huolie.site"]._get_script(site.key)
        before, after = scripts.LOADER.split('"__CONFIG__"')
        return json.loads(text[len(before) : len(text) - len(after)])

    def _post(self, path, body):
        """POST as a visitor's browser does; return status and answer."""
        answer = self.url_open(
            path, data=json.dumps(body), headers={"Content-Type": "text/plain"}
        )
        return answer.status_code, answer.json()
