import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain

from ..services.dates import add_months

_logger = logging.getLogger(__name__)
# Days before the end at which people are told when money will not do.
STEPS = (1, 3, 7)


class HuolieEnterprise(models.Model):
    """Telling in time: reminders with the exact shortfall, and the forecast."""

    _inherit = "huolie.enterprise"

    last_reminder = fields.Char(string="Last reminder", readonly=True, copy=False)

    @api.model
    def _cron_remind(self):
        """Remind 7, 3 and 1 days before the end; silent when the balance covers."""
        due = self._find_to_remind()
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for enterprise_id in due.ids:
            # Alone: a commit empties the cache, and each would read all the others.
            due.browse(enterprise_id)._remind_safely()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _find_to_remind(self):
        """Return the enterprises whose service ends within the longest step (sudo)."""
        today = self._get_today()
        domain = (
            Domain("state", "=", "formal")
            & Domain("service_suspended", "=", False)
            & Domain("service_end", ">", today)
            & Domain("service_end", "<=", fields.Date.add(today, days=max(STEPS)))
        )
        return self.sudo().search(domain, order="service_end, id")

    def _remind_safely(self):
        """Remind one; whatever is wrong with it, the others are reminded too."""
        try:
            with self.env.cr.savepoint():
                self._remind(self._get_today())
        except OperationalError as error:
            # Somebody changed it meanwhile: the mark makes up for it tomorrow.
            _logger.info("enterprise %s is in use: %s", self.code, error)
            self.env.cr.rollback()
        except Exception:
            _logger.exception("enterprise %s could not be reminded", self.code)

    def _remind(self, today):
        days = (self.service_end - today).days
        step = min(step for step in STEPS if step >= days)
        mark = f"{self.service_end}:{step}"
        plan = self._foresee_renewal()
        missing = self._get_shortfall(plan)
        if self.last_reminder == mark or not plan or (self.auto_renew and not missing):
            return
        self.last_reminder = mark
        if self.auto_renew:
            self._tell_short(days, missing)
        else:
            self._tell_ending(days)

    # === FORECAST === #
    def _get_shortfall(self, plan):
        """Return how many fen are missing for a plan (0 when the balance covers it)."""
        return max(0, plan["total"] - self._get_balance_fen()) if plan else 0

    def _is_short_at_end(self):
        """Whether the balance does not cover the automatic renewal at the end."""
        self.ensure_one()
        if not self.auto_renew:
            return False
        return bool(self._get_shortfall(self._foresee_renewal()))

    def _foresee_renewal(self):
        """Return the plan of the automatic renewal at the end, or None.

        A gift counts when it is still valid on that day.
        """
        return self._try_plan_renew(day=self.service_end)

    def _get_lasts_until(self):
        """Return the day up to which the balance pays what is kept, or None."""
        self.ensure_one()
        plan = self._foresee_renewal() if self._is_running() else None
        if not plan or not plan["gross"]:
            return None
        months = min(self._get_balance_fen() // plan["gross"], 1200)
        return add_months(self.service_end, months, self.anchor_day)

    def _get_forecast_lines(self):
        until = self._get_lasts_until()
        if not until:
            return super()._get_forecast_lines()
        return [
            *super()._get_forecast_lines(),
            {"label": self.env._("Balance lasts until"), "value": str(until)},
            *self._get_next_lines(),
        ]

    def _get_next_lines(self):
        """Say what the next automatic renewal costs, and what is missing for it."""
        plan = self._foresee_renewal() if self.auto_renew else None
        if not plan:
            return []
        missing = self._get_shortfall(plan)
        cost = self._show_money(plan["total"])
        line = {
            "label": self.env._("Next renewal"),
            "value": self.env._("%(cost)s on %(day)s", cost=cost, day=self.service_end),
        }
        if missing:
            short = self._show_money(missing)
            line["tone"] = "bad"
            line["help"] = self.env._("%(missing)s is missing", missing=short)
        return [line]
