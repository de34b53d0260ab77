from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..services import money
from ..services.dates import add_months, china_midnight

ACTION = "huolie_billing.%s"
MONTHS = 6
# Days that a transfer waits: key, from, up to (None: for ever).
AGES = (("age_1", 0, 1), ("age_3", 1, 3), ("age_more", 3, None))


class HuolieMoneyBoard(models.AbstractModel):
    """The numbers of the operator's money on one page (B10); each opens its list.

    A card is a dict ``key label value sub tone action filters``: ``filters`` are names
    of filters of that action's search view.
    """

    _name = "huolie.money.board"
    _description = "Money at a glance"

    @api.model
    def get_board(self):
        """Return the numbers of today (finance, manager; B10).

        :return: dict ``month`` (YYYY-MM), ``groups`` (``key title cards``), ``months``
            (``month``, ``in`` and ``out`` as texts, ``in_part`` and ``out_part`` 0-100)
        :raise AccessError: for others
        """
        self._check_operator()
        today = self.env["huolie.enterprise"]._get_today()
        # sudo: checked above; these are sums over all enterprises
        board = self.sudo()
        return {
            "month": today.strftime("%Y-%m"),
            "groups": [
                board._make_group("todo", self.env._("To do"), board._get_todo()),
                board._make_group(
                    "month", self.env._("This month"), board._get_month_cards(today)
                ),
                board._make_group(
                    "service", self.env._("Services"), board._get_service_cards(today)
                ),
            ],
            "months": board._get_months(today),
        }

    @api.model
    def _check_operator(self):
        if not self.env.user.has_groups(
            "huolie_base.group_operator_finance,huolie_base.group_operator_manager"
        ):
            raise AccessError(self.env._("Only finance and managers see this."))

    def _make_group(self, key, title, cards):
        return {"key": key, "title": title, "cards": cards}

    def _make_card(self, key, label, value, action, filters=(), sub="", tone=""):
        return {
            "key": key,
            "label": label,
            "value": value,
            "sub": sub,
            "tone": tone,
            "action": ACTION % action,
            "filters": list(filters),
        }

    def _sum(self, model, domain, name):
        """Return the sum of a money field (fen) and the number of rows."""
        rows = self.env[model]._read_group(
            domain, aggregates=[f"{name}:sum", "__count"]
        )
        total, count = rows[0]
        return money.to_fen(total or 0), count

    def _get_count_text(self, count):
        return self.env._("%(count)s entries", count=count)

    # === TO DO === #
    def _get_todo(self):
        return [
            *self._get_age_cards(),
            self._get_fapiao_card(),
            self._get_refund_card(),
            self._get_line_card(),
            *self._get_invoice_cards(),
            self._get_books_card(),
        ]

    def _get_age_cards(self):
        """Waiting transfers by the days they wait."""
        labels = {
            "age_1": self.env._("Transfers waiting up to 1 day"),
            "age_3": self.env._("Transfers waiting 1 to 3 days"),
            "age_more": self.env._("Transfers waiting over 3 days"),
        }
        tones = {"age_3": "warning", "age_more": "danger"}
        cards = []
        for key, begin, end in AGES:
            fen, count = self._sum(
                "huolie.recharge", self._get_age_domain(begin, end), "amount"
            )
            cards.append(
                self._make_card(
                    key,
                    labels[key],
                    str(count),
                    "huolie_recharge_action_review",
                    ("open", key),
                    money.show(fen),
                    tones.get(key, "") if count else "",
                )
            )
        return cards

    def _get_age_domain(self, begin, end):
        now = fields.Datetime.now()
        domain = (
            Domain("method", "=", "transfer")
            & Domain("state", "in", ("filed", "matched"))
            & Domain("create_date", "<=", now - timedelta(days=begin))
        )
        if end is not None:
            domain &= Domain("create_date", ">", now - timedelta(days=end))
        return domain

    def _get_fapiao_card(self):
        domain = [("state", "in", ("submitted", "accepted"))]
        fen, count = self._sum("huolie.fapiao", domain, "amount")
        return self._make_card(
            "fapiao",
            self.env._("Fapiao to issue"),
            str(count),
            "huolie_fapiao_action",
            ("open",),
            money.show(fen),
        )

    def _get_refund_card(self):
        domain = [("state", "in", ("requested", "held"))]
        fen, count = self._sum("huolie.refund", domain, "amount")
        return self._make_card(
            "refund",
            self.env._("Refunds to decide or pay"),
            str(count),
            "huolie_refund_action",
            ("open",),
            money.show(fen),
        )

    def _get_line_card(self):
        fen, count = self._sum("huolie.bank.line", [("state", "=", "new")], "amount")
        return self._make_card(
            "bank",
            self.env._("Bank lines without a transfer"),
            str(count),
            "huolie_bank_line_action",
            ("new",),
            money.show(fen),
        )

    def _get_invoice_cards(self):
        """Enterprises whose invoice failed; no card when there are none."""
        domain = [("invoice_error", "!=", False)]
        count = self.env["huolie.wallet"].search_count(domain)
        if not count:
            return []
        return [
            self._make_card(
                "bad_invoice",
                self.env._("Invoices that failed"),
                str(count),
                "huolie_wallet_action",
                ("bad_invoice",),
                tone="danger",
            )
        ]

    def _get_books_card(self):
        check = self.env["huolie.books.check"].search([], limit=1)
        value = str(check.different) if check else "–"
        when = self.env._("not compared yet")
        if check:
            local = fields.Datetime.context_timestamp(self, check.create_date)
            when = self.env._(
                "compared %(moment)s", moment=local.strftime("%Y-%m-%d %H:%M")
            )
        return self._make_card(
            "books",
            self.env._("Differences between the books"),
            value,
            "huolie_books_check_action",
            sub=when,
            tone="danger" if check.different else ("success" if check else "warning"),
        )

    # === THIS MONTH === #
    def _get_month_cards(self, today):
        first = today.replace(day=1)
        return [
            *self._get_method_cards(first),
            self._get_income_card(first),
            self._get_gift_card(first),
            self._get_liability_card(),
        ]

    def _get_method_cards(self, first):
        """Recharges that arrived this month, by way of paying."""
        methods = self.env["huolie.recharge"]._fields["method"]
        cards = []
        for method, label in methods._description_selection(self.env):
            domain = self._get_arrived_domain(first) & Domain("method", "=", method)
            fen, count = self._sum("huolie.recharge", domain, "amount_received")
            cards.append(
                self._make_card(
                    method,
                    self.env._("Recharged by %(way)s", way=label),
                    money.show(fen),
                    "huolie_recharge_action",
                    ("arrived", "this_month", method),
                    self._get_count_text(count),
                )
            )
        return cards

    def _get_arrived_domain(self, first):
        end = china_midnight(add_months(first, 1, 1))
        return (
            Domain("state", "=", "approved")
            & Domain("decided_at", ">=", china_midnight(first))
            & Domain("decided_at", "<", end)
        )

    def _get_charged_domain(self, first):
        return Domain("charged_on", ">=", first) & Domain(
            "charged_on", "<", add_months(first, 1, 1)
        )

    def _get_income_card(self, first):
        domain = self._get_charged_domain(first)
        fen, count = self._sum("huolie.charge", domain, "amount")
        return self._make_card(
            "income",
            self.env._("Income, tax included"),
            money.show(fen),
            "huolie_charge_action",
            ("this_month",),
            self._get_count_text(count),
        )

    def _get_gift_card(self, first):
        domain = self._get_charged_domain(first) & Domain("discount", ">", 0)
        fen, count = self._sum("huolie.charge", domain, "discount")
        return self._make_card(
            "gift",
            self.env._("Gifts deducted"),
            money.show(fen),
            "huolie_charge_action",
            ("this_month", "with_gift"),
            self._get_count_text(count),
        )

    def _get_liability_card(self):
        fen, count = self._sum("huolie.wallet", [("balance", ">", 0)], "balance")
        return self._make_card(
            "liability",
            self.env._("Prepaid by enterprises (we owe it)"),
            money.show(fen),
            "huolie_wallet_action",
            ("with_money",),
            self.env._("%(count)s enterprises", count=count),
        )

    # === SERVICES === #
    def _get_service_cards(self, today):
        soon = [
            ("service_end", ">", today),
            ("service_end", "<=", today + timedelta(days=7)),
        ]
        running = [("service_end", ">", today)]
        interrupted = [("service_suspended", "=", True)]
        by_hand = [*running, ("auto_renew", "=", False)]
        cards = (
            ("running", self.env._("Enterprises in service"), running, ""),
            ("expiring", self.env._("End within 7 days"), soon, "warning"),
            ("interrupted", self.env._("Interrupted"), interrupted, "danger"),
            ("by_hand", self.env._("Without automatic renewal"), by_hand, ""),
        )
        return [self._get_service_card(*card) for card in cards]

    def _get_service_card(self, key, label, domain, tone):
        domain = [*domain, ("is_house", "=", False)]
        count = self.env["huolie.enterprise"].search_count(domain)
        sub = self._get_short_text(domain) if key == "expiring" and count else ""
        return self._make_card(
            key,
            label,
            str(count),
            "huolie_enterprise_service_action",
            (key,),
            sub,
            tone if count else "",
        )

    def _get_short_text(self, domain):
        found = self.env["huolie.enterprise"].search(domain)
        short = sum(1 for one in found if one._is_short_at_end())
        return self.env._("%(count)s with too little balance", count=short)

    # === MONTHS === #
    def _get_months(self, today):
        """Recharges and income of the last months, oldest first."""
        firsts = [add_months(today, -back, 1) for back in range(MONTHS - 1, -1, -1)]
        rows = []
        for first in firsts:
            domain = self._get_arrived_domain(first)
            came, _count = self._sum("huolie.recharge", domain, "amount_received")
            domain = self._get_charged_domain(first)
            spent, _count = self._sum("huolie.charge", domain, "amount")
            rows.append((first, came, spent))
        most = max(1, *(max(came, spent) for _first, came, spent in rows))
        return [
            {
                "month": first.strftime("%Y-%m"),
                "in": money.show(came),
                "out": money.show(spent),
                "in_part": round(100 * max(0, came) / most),
                "out_part": round(100 * max(0, spent) / most),
            }
            for first, came, spent in rows
        ]
