import base64
import io
import re

from PIL import Image

from odoo.tests import HttpCase, TransactionCase, new_test_user

PASSWORD = "Feuer2026x"
GOOD_CODE = "91330106MA2H3XJK0X"


def picture(form="PNG", size=(40, 30)):
    """Return the bytes of a small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 10)).save(out, form)
    return out.getvalue()


def encoded(data):
    """Return what the web client sends for a file."""
    return base64.b64encode(data)


class AccountsMixin:
    """Enterprises and operators that the tests of accounts share."""

    @classmethod
    def _create_enterprise(cls, name="Test Ltd", email="admin@test.example", **vals):
        registered = {
            "name": name,
            "contact": "Wang",
            "email": email,
            "phone": "13900000001",
            "password": PASSWORD,
            "lang": "en_US",
        }
        enterprises = cls.env["huolie.enterprise"]
        enterprise = enterprises._register_enterprise({**registered, **vals})
        return enterprise, enterprise._get_admins()

    @classmethod
    def _create_operator(cls, role):
        return new_test_user(
            cls.env, f"operator_{role}", groups=f"huolie_base.group_operator_{role}"
        )

    def _draft(self, admin, **vals):
        typed = {
            "legal_name": "Test Ltd",
            "credit_code": GOOD_CODE,
            "legal_person": "Wang",
            "licence_upload": encoded(picture()),
            "licence_name": "licence.png",
        }
        verifications = self.env["huolie.verification"].with_user(admin)
        return verifications.create({**typed, **vals})

    def _token(self, action):
        """Return the secret of the first link that an action shows."""
        return action["params"]["links"][0]["link"].split("#")[1]


class AccountsCase(AccountsMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterprise, cls.admin = cls._create_enterprise()


class AccountsHttpCase(AccountsMixin, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("zh_CN")
        # test_two_factor is about this duty; elsewhere operators have a password only
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("huolie.operator_two_factor", "off")

    def _log_in(self, user):
        """Log in as a person does; people of enterprises have no other way in."""
        self.authenticate(None, None)
        answer = self._post("/huolie/login", login=user.login, password=PASSWORD)
        self.assertEqual(answer, {"redirect": "/odoo"})

    def _post(self, path, **values):
        """Post a form of a public page as its script does."""
        page = self.url_open(path.replace("/look", "")).text
        values["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        headers = {"Accept": "application/json"}
        return self.url_open(path, data=values, headers=headers).json()
