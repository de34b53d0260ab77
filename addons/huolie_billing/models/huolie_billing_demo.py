from datetime import timedelta

from odoo import api, models


class HuolieBillingDemo(models.AbstractModel):
    """Money of the demo enterprises, moved by the same functions as real money.

    Called by ``demo/huolie_billing_demo.xml`` only; both books agree afterwards.
    """

    _name = "huolie.billing.demo"
    _description = "Money of the demo data"

    @api.model
    def _load(self):
        """Recharge, open service, leave something to do for finance."""
        company = self.env["huolie.enterprise"]._get_billing_company()
        if not company.root_id.chart_template:
            return  # no chart of accounts yet: nothing can be booked
        # an ERP that somebody already has may speak no Chinese
        chinese = self.env["res.lang"]._get_code("zh_CN")
        demo = self.with_context(lang=chinese or None)
        demo._load_formal()
        demo._load_expiring()
        demo._load_waiting()

    def _load_formal(self):
        """晨光: recharged, all seats and the robot for three months, wants a fapiao."""
        admin = self._get_user("huolie_base.user_chenguang_admin")
        enterprise = admin.enterprise_id
        self._approve(self._file(admin, 600000))
        entry = enterprise.with_user(admin)._open_service(
            enterprise.seat_ids, ["robot"], 3, "demo:chenguang"
        )
        charges = self.env["huolie.charge"].search([("entry_id", "=", entry.id)])
        self.env["huolie.fapiao"].with_user(admin)._request(
            enterprise, charges, self._prepare_fapiao_vals(enterprise)
        )
        self._file(admin, 200000)
        self._grant(enterprise)

    def _load_expiring(self):
        """海川: ends in five days, and its balance does not cover the renewal."""
        admin = self._get_user("huolie_billing.user_haichuan_admin")
        enterprise = admin.enterprise_id
        end = enterprise._get_today() + timedelta(days=5)
        # As if the others had bought their months long ago: these seats joined late.
        enterprise.write({"service_end": end, "anchor_day": end.day})
        self._approve(self._file(admin, 50000))
        enterprise.with_user(admin)._open_service(
            enterprise.seat_ids, [], 1, "demo:haichuan"
        )

    def _load_waiting(self):
        """锦里: its first transfer waits, paid by a person instead of the company."""
        admin = self._get_user("huolie_billing.user_jinli_admin")
        self._file(admin, 100000, payer_name="何小川")

    def _grant(self, enterprise):
        gifts = self.env["huolie.gift"]
        gifts.with_user(self._get_user("huolie_base.user_manager")).create(
            {
                "enterprise_id": enterprise.id,
                "percent": 10,
                "reason": "老客户续费九折",
                "until": enterprise._get_today() + timedelta(days=365),
            }
        )

    def _get_user(self, xmlid):
        return self.env.ref(xmlid)

    def _file(self, admin, fen, **vals):
        enterprise = admin.enterprise_id
        vals.setdefault("payer_name", enterprise._get_verified_name())
        vals.setdefault("paid_on", enterprise._get_today())
        return enterprise.with_user(admin)._file_transfer(fen, vals)

    def _approve(self, recharge):
        finance = self._get_user("huolie_base.user_finance")
        recharge.with_user(finance).action_approve()

    def _prepare_fapiao_vals(self, enterprise):
        return {
            "kind": "special",
            "title": enterprise._get_verified_name(),
            "tax_number": enterprise.credit_code,
            "address": "杭州市西湖区文三路 478 号",
            "phone": "0571-88010001",
            "bank": "招商银行杭州文三路支行",
            "bank_number": "5719 0812 3410 301",
            "email": enterprise.email,
        }
