import logging
import random
import time
from datetime import timedelta
from functools import partial

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..services.dates import add_months, china_midnight
from .huolie_enterprise_service import MONTHS

_logger = logging.getLogger(__name__)
BATCH = 200
CONFLICTS = (OperationalError,)
# How long service goes on while the run of its last day has not looked at it: a late
# run cuts nobody off who can pay, a run that never comes serves nobody for nothing.
LEEWAY = timedelta(hours=12)
TRIES = 4


class HuolieEnterprise(models.Model):
    """Renewal: the nightly run, the button, suspension and coming back."""

    _inherit = "huolie.enterprise"
    _audit_fields = ("auto_renew",)

    auto_renew = fields.Boolean(
        string="Renew automatically", default=True, readonly=True, tracking=True
    )
    service_suspended = fields.Boolean(
        string="Interrupted", readonly=True, copy=False, index=True, tracking=True
    )

    # === UNTIL THE RUN DECIDES === #
    @api.model
    def _get_stage_fields(self):
        return super()._get_stage_fields() | {"auto_renew", "service_suspended"}

    @api.depends("service_end", "auto_renew", "service_suspended")
    def _compute_serve_until(self):
        return super()._compute_serve_until()

    def _get_serve_until(self):
        return self._with_leeway(super()._get_serve_until())

    def _with_leeway(self, until):
        """Return the moment at which service stops that was bought ``until`` then.

        It is later while the run has to decide about the renewal: what the run pays
        begins at the old end, and what it does not renew stops as it says so. Nothing
        is looked up: who decides about service reads one column.
        """
        self.ensure_one()
        undecided = self.auto_renew and not self.service_suspended and self.service_end
        if undecided and until == china_midnight(self.service_end):
            return until + LEEWAY
        return until

    # === PLAN === #
    def _get_renewable_seats(self):
        """Return the seats of the period that ends, stopped ones left out."""
        self.ensure_one()
        if not self.service_end:
            return self.seat_ids.browse()
        end = china_midnight(self.service_end)
        return self.seat_ids.filtered(
            lambda seat: seat.state != "stopped"
            and seat.bought_until
            and seat.bought_until >= end
        )

    def _get_kept_seats(self):
        """Return the seats that go on at the renewal."""
        return self._get_renewable_seats().filtered("renew")

    def _get_renewable_services(self):
        """Return the other services of the period that ends."""
        self.ensure_one()
        services = self.sudo().bought_service_ids
        if not self.service_end:
            return services.browse()
        end = china_midnight(self.service_end)
        return services.filtered(lambda one: one.until and one.until >= end)

    def _get_kept_codes(self):
        """Return the codes of the other services that go on at the renewal."""
        return self._get_renewable_services().filtered("renew").mapped("code")

    def _plan_renew(self, months, seats=None, codes=None, day=None):
        """Plan the renewal of what is kept, for whole months.

        In time (also in grace) it goes on from the old end with the old anchor day;
        after an interruption, or a whole month without service (an enterprise that
        was frozen), it begins today: nobody pays for months that did not serve.

        :param seats: to see the price of another choice of seats; as ``codes``
        :param day: the China day of the payment (today), for gifts
        :return: plan as ``_plan_open``, or None when nothing is kept
        """
        self.ensure_one()
        seats = self._get_kept_seats() if seats is None else seats
        codes = self._get_kept_codes() if codes is None else codes
        if not seats and not codes:
            return None
        start, anchor = self._get_renewal_start()
        end = add_months(start, months, anchor)
        items = self._prepare_items(len(seats), len(seats), codes)
        return self._make_plan("renew", items, start, end, anchor, seats, codes, day)

    def _try_plan_renew(self, day=None):
        """Return the plan of a month; None when nothing is kept or has no price."""
        try:
            return self._plan_renew(1, day=day)
        except UserError:
            return None

    def _get_renewal_start(self):
        """Return the first day that a renewal now pays, and its anchor day."""
        today = self._get_today()
        month_later = add_months(self.service_end, 1, self.anchor_day)
        if self.service_suspended or month_later <= today:
            return today, today.day
        return self.service_end, self.anchor_day

    # === BY HAND === #
    def _renew(self, months, key):
        """Renew by hand and pay from the balance (B6).

        :param str key: says which click this is; the same again changes nothing
        :return: the movement of the balance
        :raise BalanceTooLow: naming what is missing
        """
        self.ensure_one()
        if self.state != "formal" or months not in MONTHS:
            raise UserError(self.env._("Choose 1, 3, 6 or 12 months."))
        if done := self._find_movement(key):
            return done
        plan = self._plan_renew(months)
        if not plan:
            raise UserError(
                self.env._("There is nothing to renew. Open service for a seat first.")
            )
        return self._pay_renewal(plan, key)

    def _pay_renewal(self, plan, key=None):
        key = key or f"renew:{self.id}:{plan['start']}"
        if self._find_movement(key):
            raise UserError(self.env._("This renewal was paid already."))
        entry = self._get_wallet()._debit(
            plan["total"], key, "renew", self, self._tell(plan)
        )
        self._book_plan(plan, entry)
        return entry

    def _prepare_service_vals(self, plan):
        vals = super()._prepare_service_vals(plan)
        if self.service_suspended:
            vals["service_suspended"] = False
        return vals

    # === THE RUN === #
    @api.model
    def _cron_renew(self):
        """Renew, give grace or interrupt: every enterprise whose time is over.

        Looks at ``<=`` today, so missed days are caught up; each chunk is committed, so
        a killed run goes on where it was.
        """
        domain = self._get_due_domain()
        due = self.sudo().search(domain, order="service_end, id").ids
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for begin in range(0, len(due), BATCH):
            ids = due[begin : begin + BATCH]
            self._run_again(partial(self._renew_chunk, ids))
            if not self.env["ir.cron"]._commit_progress(len(ids)):
                break

    @api.model
    def _run_again(self, work):
        """Run a part of a run; when somebody moved one of its rows, once more.

        What still collides is found by the next run, in some minutes.

        :param work: function without arguments, begins a transaction of its own
        """
        for attempt in range(TRIES):
            try:
                work()
                self.env.flush_all()
                return
            except CONFLICTS as error:
                _logger.info("a batch collided, attempt %s: %s", attempt + 1, error)
                self._wait_for_others(attempt)

    @api.model
    def _wait_for_others(self, attempt):
        self.env.cr.rollback()
        time.sleep(random.uniform(0, 0.1 * 2**attempt))

    @api.model
    def _get_due_domain(self):
        return (
            Domain("state", "=", "formal")
            & Domain("service_end", "<=", self._get_today())
            & Domain("service_suspended", "=", False)
        )

    @api.model
    def _renew_chunk(self, ids):
        """Settle one chunk: who can simply pay together, the others one by one.

        A bad one does not stop the others.
        """
        enterprises = self.sudo().browse(ids).with_context(tracking_disable=True)
        # Read again what is due: another run may have been here.
        enterprises = enterprises.exists().filtered_domain(self._get_due_domain())
        try:
            with self.env.cr.savepoint():
                rest = enterprises - enterprises._renew_together()
        except CONFLICTS:
            raise
        except Exception:
            _logger.exception("renewing together failed, going one by one")
            rest = enterprises
        for enterprise in rest:
            enterprise._do_safely(enterprise._settle_due)

    def _do_safely(self, step):
        """Do a step of a renewal; whatever is wrong with it, all else goes on."""
        try:
            with self.env.cr.savepoint():
                step()
        except CONFLICTS:
            raise
        except UserError as error:
            self._tell_stuck(error.args[0])
        except Exception:
            _logger.exception("enterprise %s could not be renewed", self.code)

    def _renew_together(self):
        """Renew for a month all that can pay it and need no more than one.

        :return: those that were renewed
        """
        plans = self._plan_together()
        wallets = self.env["huolie.wallet"].sudo()
        moves = [
            {
                "wallet": enterprise.wallet_ids,
                "fen": plan["total"],
                "key": f"renew:{enterprise.id}:{plan['start']}",
                "source": enterprise,
                "note": enterprise._tell(plan),
            }
            for enterprise, plan in plans.items()
        ]
        entries = wallets._debit_many(moves, "renew") if moves else {}
        paid = {wallet.enterprise_id: entry for wallet, entry in entries.items()}
        self._book_together({e: (plans[e], entry) for e, entry in paid.items()})
        return self.browse([enterprise.id for enterprise in paid])

    def _plan_together(self):
        today, plans = self._get_today(), {}
        for enterprise in self:
            if not enterprise.auto_renew or not enterprise.wallet_ids:
                continue
            plan = enterprise._try_plan_renew()
            if (
                plan
                and plan["end"] > today
                and 0 < plan["total"] <= enterprise._get_balance_fen()
            ):
                plans[enterprise] = plan
        return plans

    @api.model
    def _book_together(self, paid):
        """Do for many what ``_book_plan`` does for one, with few statements."""
        charges = self.env["huolie.charge"].sudo()
        charges.create(
            [
                charges._prepare_charge_vals(enterprise, plan, line, entry)
                for enterprise, (plan, entry) in paid.items()
                for line in plan["lines"]
            ]
        )
        groups = {}
        for enterprise, (plan, _entry) in paid.items():
            if plan["discount"]:
                plan["gift"]._use(plan["discount"])
            key = (plan["end"], plan["anchor"])
            groups.setdefault(key, []).append((enterprise, plan))
        for found in groups.values():
            self._extend_together(found)

    @api.model
    def _extend_together(self, found):
        plan = found[0][1]
        until = china_midnight(plan["end"])
        enterprises = self.browse([enterprise.id for enterprise, _plan in found])
        seats = self.env["huolie.seat"].browse(
            [seat.id for _enterprise, one in found for seat in one["seats"]]
        )
        kept = {(e.id, code) for e, one in found for code in one["codes"]}
        services = enterprises.bought_service_ids.filtered(
            lambda service: (service.enterprise_id.id, service.code) in kept
        )
        services.write({"until": until, "renew": True})
        # All of them renew automatically; one write for all is the fast way.
        seats.write(
            {"bought_until": until, "serve_until": until + LEEWAY, "renew": True}
        )
        enterprises.with_context(tracking_disable=True).write(
            enterprises[:1]._prepare_service_vals(plan)
        )

    def _settle_due(self):
        """Renew for a month, or give grace, or interrupt."""
        self.ensure_one()
        if self.service_end > self._get_today():
            return
        plan = self._plan_renew(1) if self.auto_renew else None
        if plan and plan["total"] <= self._get_balance_fen():
            self._pay_renewal(plan)
        else:
            self._give_grace_or_suspend(plan)

    def _give_grace_or_suspend(self, plan):
        days = self.env["huolie.billing.config"]._get().grace_days if plan else 0
        until = self.service_end + timedelta(days=days)
        if self._get_today() >= until:
            self.service_suspended = True
            self._tell_suspended(plan)
        elif self.service_until != china_midnight(until):
            self._extend_to(china_midnight(until))
            self._tell_grace(plan, until)

    def _extend_to(self, until):
        """Let what is kept work on during the days of grace."""
        codes = self._get_kept_codes()
        self._get_kept_seats().write({"bought_until": until})
        self._set_services(codes, until)
        self.service_until = until

    def _on_money(self):
        """Money came: what was interrupted or in grace goes on at once."""
        for enterprise in self.sudo():
            if not enterprise.service_end or enterprise.state != "formal":
                continue
            if enterprise.auto_renew and not enterprise._is_running():
                # The money stays credited, also when the service has no price now.
                enterprise._do_safely(enterprise._try_resume)

    def _try_resume(self):
        plan = self._plan_renew(1)
        if plan and plan["total"] <= self._get_balance_fen():
            self._pay_renewal(plan)
            self._tell_resumed()
