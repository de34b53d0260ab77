from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import money, pricing
from ..services.dates import add_months, china_day, china_midnight

MONTHS = (1, 3, 6, 12)


class HuolieEnterprise(models.Model):
    """Opening service: one end date for all, days up to it, paid from the balance."""

    _inherit = "huolie.enterprise"

    service_end = fields.Date(
        string="Service ends",
        readonly=True,
        copy=False,
        index=True,
        help="The first day without service.",
    )
    anchor_day = fields.Integer(string="Anchor day", readonly=True, copy=False)
    bought_service_ids = fields.One2many(
        string="Bought service",
        comodel_name="huolie.service",
        inverse_name="enterprise_id",
        readonly=True,
    )

    @api.model
    def _get_today(self):
        """Return today's date in China."""
        return china_day(fields.Datetime.now())

    def _is_running(self):
        """Whether bought service runs today (grace does not count)."""
        return bool(self.service_end and self._get_today() < self.service_end)

    def _has_feature(self, code):
        if super()._has_feature(code):
            return True
        if self.state != "formal" or not self._is_in_service():
            return False
        services = self.sudo().bought_service_ids.filtered(lambda s: s.code == code)
        return any(service._is_on() for service in services)

    # === PLANS: what something costs; the screen and the charge use the same === #
    def _plan_open(self, seats, codes, months):
        """Plan opening service now for seats and other services.

        While service runs, the days up to the common end are paid; otherwise a new
        period of ``months`` begins today.

        :param seats: recordset of huolie.seat without service
        :param codes: list of codes of other services, e.g. ``["robot"]``
        :param int months: 1, 3, 6 or 12
        :return: dict ``kind today start end anchor lines total seats codes``
        :raise UserError: when something cannot be opened
        """
        self.ensure_one()
        self._check_can_open(seats, codes, months)
        today = self._get_today()
        end, anchor = self.service_end, self.anchor_day
        if not self._is_running():
            end, anchor = add_months(today, months, today.day), today.day
        served = self.seat_ids.filtered(lambda seat: seat._is_served()) | seats
        items = self._prepare_items(len(seats), len(served), codes)
        return self._make_plan("open", items, today, end, anchor, seats, codes)

    def _check_can_open(self, seats, codes, months):
        if self.is_house or self.state != "formal":
            raise UserError(
                self.env._(
                    "Service is opened by formal enterprises:"
                    " have the enterprise verified and recharge first."
                )
            )
        if months not in MONTHS:
            raise UserError(self.env._("Choose 1, 3, 6 or 12 months."))
        if not seats and not codes:
            raise UserError(self.env._("Choose at least one seat or service."))
        if self._is_undecided():
            raise UserError(self.env._("Renew the service first: its time is over."))
        self._check_not_open_yet(seats, codes)

    def _check_not_open_yet(self, seats, codes):
        for seat in seats:
            if seat.enterprise_id != self or seat.state == "stopped":
                raise UserError(
                    self.env._("Seat %s cannot be opened.", seat.display_name)
                )
            if seat._is_served():
                raise UserError(
                    self.env._("Seat %s is in service already.", seat.display_name)
                )
        for service in self.sudo().bought_service_ids:
            if service.code in codes and service._is_on():
                raise UserError(self.env._("%s is in service already.", service.label))

    def _prepare_items(self, seat_count, tier_count, codes):
        """Return what is bought, each with its price for this enterprise (fen)."""
        prices = self.env["huolie.price"]
        items = []
        if seat_count:
            price = prices._get_price(self, "seat", tier_count)
            items.append({"code": "seat", "quantity": seat_count, "price": price})
        for code in codes:
            price = prices._get_price(self, code, 1)
            items.append({"code": code, "quantity": 1, "price": price})
        if any(item["price"] is None for item in items):
            raise UserError(
                self.env._("There is no price for this service yet. Please contact us.")
            )
        return items

    def _make_plan(self, kind, items, start, end, anchor, seats, codes, day=None):
        """Price what is bought, less the gift that is valid on ``day`` (today)."""
        today = self._get_today()
        lines = pricing.quote(items, start, end, anchor)
        gross = sum(line["amount"] for line in lines)
        gift, discount = self._pick_gift(gross, day or today)
        lines = pricing.deduct(lines, discount)
        return {
            "kind": kind,
            "today": today,
            "gross": gross,
            "gift": gift,
            "discount": discount,
            "start": start,
            "end": end,
            "anchor": anchor,
            "lines": lines,
            "total": sum(line["amount"] for line in lines),
            "seats": seats,
            "codes": codes,
        }

    # === DOING IT === #
    def _open_service(self, seats, codes, months, key):
        """Open service now and pay it from the balance (B5, B7).

        :param str key: says which click this is; the same again changes nothing
        :return: the movement of the balance
        :raise BalanceTooLow: naming what is missing
        """
        self.ensure_one()
        wallet = self._get_wallet()
        if done := self._find_movement(key):
            return done
        plan = self._plan_open(seats, codes, months)
        entry = wallet._debit(plan["total"], key, "open", self, self._tell(plan))
        self._book_plan(plan, entry)
        return entry

    def _find_movement(self, key):
        """Return the movement of a click or run that happened already, if any."""
        return self.env["huolie.wallet.entry"].sudo().search([("key", "=", key)])

    def _tell(self, plan):
        """Return the note of a movement: what was paid, up to when."""
        env = self._with_own_lang().env
        labels = dict(env["huolie.price"]._selection_service())
        what = ", ".join(
            f"{labels.get(line['code'], line['code'])} × {line['quantity']}"
            for line in plan["lines"]
        )
        if plan["discount"]:
            given = money.show(plan["discount"])
            what = env._("%(what)s, gift −%(gift)s", what=what, gift=given)
        return env._(
            "%(what)s, %(start)s to %(end)s",
            what=what,
            start=plan["start"],
            end=plan["end"],
        )

    def _book_plan(self, plan, entry):
        """Write the charges of a paid plan and set the dates of the service."""
        charges = self.env["huolie.charge"].sudo()
        charges.create(
            [
                charges._prepare_charge_vals(self, plan, line, entry)
                for line in plan["lines"]
            ]
        )
        if plan["discount"]:
            plan["gift"]._use(plan["discount"])
        until = china_midnight(plan["end"])
        self._set_services(plan["codes"], until)
        self.sudo().write(self._prepare_service_vals(plan))
        plan["seats"].sudo().write({"bought_until": until, "renew": True})

    def _prepare_service_vals(self, plan):
        return {
            "service_end": plan["end"],
            "anchor_day": plan["anchor"],
            "service_until": china_midnight(plan["end"]),
        }

    def _set_services(self, codes, until):
        services = self.env["huolie.service"].sudo()
        for code in codes:
            found = self.sudo().bought_service_ids.filtered(
                lambda service, code=code: service.code == code
            )
            if found:
                found.write({"until": until, "renew": True})
            else:
                services.create(
                    {"enterprise_id": self.id, "code": code, "until": until}
                )

    def _is_undecided(self):
        """Whether the end passed, but not the decision: grace, or before the run.

        A new period now would leave out everything whose renewal is pending.
        """
        return bool(
            self.service_end and not self._is_running() and not self.service_suspended
        )

    def _get_balance_fen(self):
        return money.to_fen(self._get_wallet().balance)
