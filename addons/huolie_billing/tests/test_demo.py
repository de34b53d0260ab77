from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demo enterprises can work, and leave work for finance."""

    def setUp(self):
        super().setUp()
        self.shop = self.env.ref(
            "huolie_base.enterprise_chenguang", raise_if_not_found=False
        )
        if not self.env.ref(
            "huolie_billing.enterprise_haichuan", raise_if_not_found=False
        ):
            self.skipTest("installed without demo data")

    def test_demo_agents_are_served(self):
        self.assertTrue(all(seat._is_served() for seat in self.shop.seat_ids))
        self.assertTrue(self.shop._has_feature("robot"))
        self.assertGreater(self.shop.balance, 0)

    def test_demo_leaves_work(self):
        waiting = self.env["huolie.recharge"].search([("state", "=", "filed")])
        self.assertTrue(waiting.filtered("hold_reason"))
        asked = self.env["huolie.fapiao"].search([("state", "=", "submitted")])
        self.assertIn(self.shop, asked.enterprise_id)

    def test_demo_ends_soon_and_is_short(self):
        soon = self.env.ref("huolie_billing.enterprise_haichuan")
        self.assertGreater(soon._get_shortfall(soon._plan_renew(1)), 0)

    def test_demo_books_agree(self):
        self.assertFalse(self.env["huolie.books.check"]._run().different)
