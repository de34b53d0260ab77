from odoo.tests import TransactionCase


class TenancyCase(TransactionCase):
    """Two enterprises, Alpha and Beta, each with its admin; and an employee."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.alpha = cls._create_enterprise("Alpha")
        cls.beta = cls._create_enterprise("Beta")
        cls.alpha_admin = cls.alpha._get_admins()
        cls.beta_admin = cls.beta._get_admins()
        cls.employee = cls._create_employee("employee")
        cls._open_customers(cls.alpha_admin | cls.beta_admin)
        cls.alpha_customer = cls._create_customer(cls.alpha_admin, "Alpha's customer")
        cls.beta_customer = cls._create_customer(cls.beta_admin, "Beta's customer")

    @classmethod
    def _create_enterprise(cls, name):
        return cls.env["huolie.enterprise"]._register_enterprise(
            {
                "name": f"{name} Ltd",
                "contact": f"{name} admin",
                "email": f"admin@{name.lower()}.test",
                "phone": "13800000000",
                "password": "Correct-Horse-9",
                "lang": "en_US",
            }
        )

    @classmethod
    def _create_employee(cls, login, groups="base.group_user"):
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login,
                    "login": login,
                    "group_ids": [(6, 0, [cls.env.ref(groups).id])],
                }
            )
        )

    @classmethod
    def _open_customers(cls, users):
        """Give the right to customers that another addon's module would give."""
        group = cls.env["res.groups"].create({"name": "Test: customers"})
        model = cls.env.ref("base.model_res_partner")
        cls.env["ir.model.access"].create(
            {
                "name": "test customers",
                "model_id": model.id,
                "group_id": group.id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
            }
        )
        cls.env["ir.rule"].create(
            {
                "name": "test customers",
                "model_id": model.id,
                "groups": [(6, 0, group.ids)],
                "domain_force": "[(1, '=', 1)]",
            }
        )
        users.write({"group_ids": [(4, group.id)]})

    @classmethod
    def _create_customer(cls, user, name):
        customer = cls.env["res.partner"].with_user(user).create({"name": name})
        return customer.sudo()

    def _as(self, user, records):
        """Return records as seen by user, nothing kept in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(user)
