from freezegun import freeze_time

from odoo.tests import TransactionCase, new_test_user

from ..services import money


class BillingCase(TransactionCase):
    """Two enterprises with admins, three operator persons, prices of our own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.a, cls.admin_a = cls._make_enterprise("a")
        cls.b, cls.admin_b = cls._make_enterprise("b")
        finance = "huolie_base.group_operator_finance"
        cls.finance = new_test_user(
            cls.env, "t_finance", finance, email="t.finance@example.com"
        )
        cls.finance2 = new_test_user(
            cls.env, "t_finance2", finance, email="t.finance2@example.com"
        )
        manager = "huolie_base.group_operator_manager"
        cls.manager = new_test_user(cls.env, "t_manager", manager)
        cls.env["huolie.price"].search([]).active = False
        cls.env.flush_all()
        cls._set_price("seat", 19900)
        cls.config = cls.env["huolie.billing.config"]._get()
        cls.config.write({"minimum_transfer": 500, "grace_days": 0})
        cls.env["huolie.bank.account"].search([]).active = False
        cls.bank_account = cls.env["huolie.bank.account"].create(
            {"name": "Operator Ltd", "bank": "ICBC Beijing", "number": "0200001"}
        )

    @classmethod
    def _make_enterprise(cls, letter):
        enterprise = cls.env["huolie.enterprise"]._register_enterprise(
            {
                "name": f"测试企业（{letter.upper()}）有限公司",
                "contact": f"Admin {letter}",
                "email": f"admin.{letter}@example.com",
                "phone": "13800138000",
                "password": "Abcd1234!",
            }
        )
        return enterprise, enterprise._get_admins()

    @classmethod
    def _set_price(cls, service, fen, quantity=1, enterprise=None):
        return cls.env["huolie.price"].create(
            {
                "service": service,
                "price": money.from_fen(fen),
                "min_quantity": quantity,
                "enterprise_id": enterprise.id if enterprise else False,
            }
        )

    def _make_formal(self, enterprise, fen=0):
        enterprise.verified = True
        if fen:
            self._recharge(enterprise, fen)
        enterprise.write({"state": "formal", "trial_until": "2025-01-01"})
        return enterprise

    def _file(self, enterprise, fen, **vals):
        admin = enterprise._get_admins()[0]
        enterprise.verified = True
        values = {"payer_name": enterprise.name, "paid_on": "2026-01-01", **vals}
        return enterprise.with_user(admin)._file_transfer(fen, values)

    def _recharge(self, enterprise, fen):
        recharge = self._file(enterprise, fen)
        recharge = recharge.with_user(self.finance)
        if recharge.hold_reason:
            recharge.hold_note = "checked"
        recharge.action_approve()
        return recharge

    def _add_seats(self, enterprise, count):
        return self.env["huolie.seat"].create(
            [
                {"enterprise_id": enterprise.id, "name": f"S{i}", "state": "active"}
                for i in range(count)
            ]
        )

    def _at(self, text):
        """Stand still at a UTC moment."""
        return freeze_time(text)

    def _balance(self, enterprise):
        return enterprise._get_wallet()._get_balance()
