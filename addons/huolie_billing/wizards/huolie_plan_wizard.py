import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError

from ..models.huolie_wallet import BalanceTooLow
from ..services import money


class HuoliePlanWizard(models.AbstractModel):
    """A page that shows what something will cost, and does exactly that.

    A page of its own defines ``_make_plan(enterprise)``, which returns the plan that is
    shown, ``_run(enterprise)``, which does it and returns the wallet movement, and
    ``_get_resume()``, which returns what is to be bought: a recharge goes on with it.
    """

    _name = "huolie.plan.wizard"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Plan with its price"

    key = fields.Char(default=lambda self: uuid.uuid4().hex, readonly=True)
    months = fields.Selection(
        selection=[
            ("1", "1 month"),
            ("3", "3 months"),
            ("6", "6 months"),
            ("12", "12 months"),
        ],
        required=True,
        default="1",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    covered = fields.Boolean(compute="_compute_preview")
    short = fields.Boolean(string="Money is missing", compute="_compute_preview")

    @api.model
    def _get_enterprise(self):
        user = self.env.user
        if not user.has_group("huolie_base.group_account_do") or not user.enterprise_id:
            raise AccessError(self.env._("You may not manage the account."))
        return user.enterprise_id

    @api.depends("months")
    @api.depends_context("lang", "uid")
    def _compute_preview(self):
        enterprise = self._get_enterprise()
        for wizard in self:
            plan, message = wizard._try_plan(enterprise)
            wizard.preview = wizard._render_plan(enterprise, plan, message)
            wizard.short = bool(plan and enterprise._get_shortfall(plan))
            wizard.covered = bool(plan) and not wizard.short

    def _try_plan(self, enterprise):
        """Return the plan, or None and the sentence that says why there is none."""
        try:
            return self._make_plan(enterprise), ""
        except UserError as error:
            return None, error.args[0]

    def _render_plan(self, enterprise, plan, message):
        """Return the preview of the charge as HTML."""
        render = self.env["ir.qweb"]._render
        if not plan:
            return render("huolie_billing.plan_message", {"message": message})
        prices = self.env["huolie.price"]
        values = {
            "plan": plan,
            "labels": dict(prices._selection_service()),
            "show": enterprise._show_money,
            "balance": enterprise._get_balance_fen(),
            "steps": lambda line: prices._get_shown_steps(enterprise, line["code"]),
        }
        return render("huolie_billing.plan_preview", values)

    def _get_click_key(self, enterprise):
        """Return the key of the movement that this page makes.

        What came from the browser stands behind the enterprise: it can be neither the
        key of another enterprise nor that of the nightly run.
        """
        return f"click:{enterprise.id}:{self.key}"

    def action_recharge(self):
        """Open the recharge page with what is missing; from there it goes on here.

        :return: action of the page
        """
        self.ensure_one()
        enterprise = self._get_enterprise()
        missing = enterprise._get_shortfall(self._make_plan(enterprise))
        pages = self.env["huolie.recharge.wizard"]
        return pages._get_page(missing, self._get_resume())

    def action_confirm(self):
        """Pay from the balance and do it.

        :raise RedirectWarning: naming what is missing, with the way to recharge
        """
        self.ensure_one()
        enterprise = self._get_enterprise()
        try:
            entry = self._run(enterprise)
        except BalanceTooLow as error:
            action = self.env.ref("huolie_billing.huolie_recharge_wizard_action")
            raise RedirectWarning(
                error.args[0], action.id, self.env._("Recharge now")
            ) from error
        # What was waiting for money is bought now, or something else instead.
        self.env["huolie.recharge"]._forget_resumes(enterprise)
        return self._get_done_action(entry)

    def _get_done_action(self, entry):
        show = self._get_enterprise()._show_money
        paid = show(-money.to_fen(entry.amount))
        left = show(money.to_fen(entry.balance_after))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Done"),
                "message": self.env._(
                    "%(paid)s was paid, the balance is %(left)s.", paid=paid, left=left
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
