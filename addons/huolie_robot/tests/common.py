from odoo.tests import TransactionCase


class RobotCase(TransactionCase):
    """Two enterprises; ``admin`` and ``site`` belong to the first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterprise = cls._create_enterprise("甲公司", "jia@example.com")
        cls.other = cls._create_enterprise("乙公司", "yi@example.com")
        cls.admin = cls.enterprise._get_admins()[:1]
        cls.site = cls.env["huolie.site"].create(
            {"name": "甲的网站", "enterprise_id": cls.enterprise.id}
        )
        cls.robot = cls.env["huolie.robot"].search([("site_id", "=", cls.site.id)])

    @classmethod
    def _create_enterprise(cls, name, email):
        return cls.env["huolie.enterprise"]._register_enterprise(
            {"name": name, "contact": name, "email": email, "lang": "zh_CN"}
        )

    @classmethod
    def _create_faq(cls, name, answer="<p>答案</p>", enterprise=None, **vals):
        enterprise = enterprise or cls.enterprise
        return cls.env["huolie.faq"].create(
            {"name": name, "answer": answer, "enterprise_id": enterprise.id, **vals}
        )
