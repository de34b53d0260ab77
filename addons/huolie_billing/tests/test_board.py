from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestBoard(BillingCase):
    def _cards(self):
        boards = self.env["huolie.money.board"].with_user(self.finance)
        board = boards.get_board()
        return {c["key"]: c for group in board["groups"] for c in group["cards"]}, board

    def _number(self, cards, key):
        return float(cards[key]["value"].replace(",", ""))

    def _age(self, recharge, days):
        moment = fields.Datetime.now() - timedelta(days=days)
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE huolie_recharge SET create_date = %s"
                " WHERE id = %s RETURNING id",
                moment,
                recharge.id,
            )
        )
        self.env.invalidate_all()

    def test_transfers_by_age(self):
        before, _board = self._cards()
        for days in (0.5, 2, 2.5, 10):
            self._age(self._file(self.a, 100000), days)
        after, _board = self._cards()
        grown = {
            key: self._number(after, key) - self._number(before, key)
            for key in ("age_1", "age_3", "age_more")
        }
        self.assertEqual(grown, {"age_1": 1, "age_3": 2, "age_more": 1})
        self.assertEqual(after["age_more"]["tone"], "danger")

    def test_recharge_income_and_liability(self):
        before, _board = self._cards()
        self._make_formal(self.a, 100000)
        self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
        after, board = self._cards()
        for key, more in (("transfer", 1000), ("income", 199), ("liability", 801)):
            grown = self._number(after, key) - self._number(before, key)
            self.assertAlmostEqual(grown, more, 2, key)
        self.assertEqual(len(board["months"]), 6)
        self.assertEqual(board["months"][-1]["in"], after["transfer"]["value"])

    def test_expiring_and_interrupted(self):
        before, _board = self._cards()
        self._make_formal(self.a, 30000)
        self.a._open_service(self._add_seats(self.a, 1), [], 1, "o1")
        self.a.service_end = self.a._get_today() + timedelta(days=5)
        self.a.seat_ids.bought_until = fields.Datetime.now() + timedelta(days=9)
        self.assertTrue(self.a._is_short_at_end())
        self.b.service_suspended = True
        after, _board = self._cards()
        for key in ("expiring", "interrupted"):
            self.assertEqual(self._number(after, key) - self._number(before, key), 1)

    def test_each_number_opens_a_list_with_its_filters(self):
        cards, _board = self._cards()
        for card in cards.values():
            action = self.env.ref(card["action"])
            view = (
                self.env[action.res_model]
                .with_user(self.finance)
                .get_view(action.search_view_id.id or False, "search")
            )
            for name in card["filters"]:
                self.assertIn(f'name="{name}"', view["arch"], card["key"])

    def test_button_of_the_comparison_works_as_the_list_calls_it(self):
        checks = self.env["huolie.books.check"].with_user(self.finance)
        action = call_kw(checks, "action_run", [[]], {})
        self.assertTrue(checks.browse(action["res_id"]).exists())

    def test_only_the_operators_money_people(self):
        for user in (self.admin_a, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.env["huolie.money.board"].with_user(user).get_board()
