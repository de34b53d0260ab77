from odoo import models


class HuolieEnterprise(models.Model):
    """What people, and finance, are told about the service of an enterprise."""

    _inherit = "huolie.enterprise"

    def _tell_short(self, days, missing):
        end, amount = self.service_end, self._show_money(missing)
        self._notify(
            lambda env: self._say_end(env, days),
            lambda env: env._(
                "The balance does not cover the renewal on %(end)s: %(amount)s is"
                " missing. Please recharge, or leave seats out of the renewal.",
                end=end,
                amount=amount,
            ),
            url=self._get_recharge_url(),
            kind="warning",
        )

    def _tell_ending(self, days):
        end = self.service_end
        self._notify(
            lambda env: self._say_end(env, days),
            lambda env: env._(
                "Automatic renewal is off: the service stops on %(end)s unless you"
                " renew it.",
                end=end,
            ),
            url=self._get_recharge_url(),
            kind="warning",
        )

    def _say_end(self, env, days):
        # The end is the first day without: one day before it is tonight.
        if days == 1:
            return env._("Your service ends tonight at 24:00")
        return env._("Your service ends in %(days)s days", days=days)

    def _tell_grace(self, plan, until):
        missing = self._show_money(self._get_shortfall(plan))
        self._notify(
            lambda env: env._("Your service could not be renewed"),
            lambda env: env._(
                "Missing: %(missing)s. The service goes on until %(until)s;"
                " please recharge before.",
                missing=missing,
                until=until,
            ),
            url=self._get_recharge_url(),
            kind="warning",
        )

    def _tell_suspended(self, plan):
        """Say how it goes on: by money, or by renewing it oneself.

        :param plan: the renewal that was too dear; None when none was wanted
        """
        missing = self._show_money(self._get_shortfall(plan))
        self._notify(
            lambda env: env._("Your service is interrupted"),
            lambda env: env._(
                "The service ended and was not renewed. Missing: %(missing)s."
                " Recharge and it goes on at once, with all settings.",
                missing=missing,
            )
            if plan
            else env._(
                "The service ended without automatic renewal. Renew it and it goes on"
                " at once, with all settings."
            ),
            url=self._get_recharge_url(),
            kind="warning",
        )

    def _tell_resumed(self):
        end = self.service_end
        self._notify(
            lambda env: env._("Your service goes on"),
            lambda env: env._("The service was renewed until %(end)s.", end=end),
        )

    def _tell_stuck(self, why):
        """Tell finance, once, that a renewal is due and cannot be made."""
        mark, name = f"{self.service_end}:stuck", self.name
        if self.last_reminder == mark:
            return
        self.last_reminder = mark
        self._tell_finance(
            lambda env: env._("A service cannot be renewed"),
            lambda env: env._("%(name)s: %(why)s", name=name, why=why),
            "/odoo/action-huolie_billing.huolie_price_action",
        )

    def _get_recharge_url(self):
        # The page with what is missing and [Recharge now]; a dialog alone at an address
        # would leave an empty page behind it.
        return "/odoo/action-huolie_base.huolie_enterprise_account_action"
