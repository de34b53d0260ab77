import random
from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from ..services import pricing
from ..services.dates import add_months


@tagged("post_install", "-at_install")
class TestPricing(BaseCase):
    def test_anchor_day_survives_short_months(self):
        day = date(2026, 1, 31)
        ends = [add_months(day, n, 31) for n in (1, 2, 3, 13, 25)]
        self.assertEqual(
            [str(end) for end in ends],
            ["2026-02-28", "2026-03-31", "2026-04-30", "2027-02-28", "2028-02-29"],
        )

    def test_whole_months_cost_the_price(self):
        start = date(2026, 1, 31)
        for months in (1, 3, 6, 12):
            pieces = pricing.parts(start, add_months(start, months, 31), 31)
            self.assertEqual(len(pieces), months)
            self.assertEqual(pricing.price_of(19900, pieces), 19900 * months)

    def test_first_part_month_pays_its_days(self):
        pieces = pricing.parts(date(2026, 3, 20), date(2026, 5, 1), 1)
        self.assertEqual([(p[2], p[3]) for p in pieces], [(12, 31), (30, 30)])
        # 199.00 × 12/31 = 77.03 (half up) + 199.00
        self.assertEqual(pricing.price_of(19900, pieces), 7703 + 19900)
        self.assertEqual(
            pricing.formula(19900, 2, pieces), "2 × (199.00 × 12/31 + 199.00)"
        )

    def test_half_up(self):
        self.assertEqual(pricing.half_up(1, 2), 1)
        self.assertEqual(pricing.half_up(3, 2), 2)
        self.assertEqual(pricing.half_up(2, 6), 0)

    def test_w4_parts_add_up_in_100000_random_cases(self):
        rng = random.Random(4)
        first = date(2024, 1, 1)
        for _ in range(100_000):
            start = first + timedelta(days=rng.randrange(1500))
            anchor = start.day
            end = add_months(start, rng.choice((1, 3, 6, 12)), anchor)
            join = start + timedelta(days=rng.randrange((end - start).days))
            price, count = rng.randrange(1, 100_000), rng.randrange(1, 50)
            item = {"code": "seat", "quantity": count, "price": price}
            (line,) = pricing.quote([item], join, end, anchor)
            pieces = pricing.parts(join, end, anchor)
            assert pieces[0][0] == join and pieces[-1][1] == end
            assert all(p[1] == q[0] for p, q in zip(pieces, pieces[1:], strict=False))
            assert all(p[2] == p[3] for p in pieces[1:])
            assert line["amount"] == count * sum(
                (2 * price * p[2] + p[3]) // (2 * p[3]) for p in pieces
            )
            assert 0 <= line["unit"] <= price * len(pieces)

    def test_steps_by_quantity(self):
        rows = [(1, 200), (5, 180), (20, 150)]
        prices = [pricing.tier(rows, n) for n in (1, 4, 5, 19, 20, 99)]
        self.assertEqual(prices, [200, 200, 180, 180, 150, 150])
        self.assertIsNone(pricing.tier([], 1))
