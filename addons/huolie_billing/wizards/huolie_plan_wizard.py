import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError

from ..models.huolie_wallet import BalanceTooLow
from ..services import money


class HuoliePlanWizard(models.AbstractModel):
    """A page that shows what something will cost, and does exactly that.

    A page of its own defines ``_make_plan(enterprise)``, which returns the plan that is
    shown, and ``_run(enterprise)``, which does it and returns the wallet movement.
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
            wizard.preview, wizard.covered = wizard._render_plan(enterprise)

    def _render_plan(self, enterprise):
        """Return the preview of the charge as HTML, and whether money covers it."""
        render = self.env["ir.qweb"]._render
        try:
            plan = self._make_plan(enterprise)
        except UserError as error:
            message = {"message": error.args[0]}
            return render("huolie_billing.plan_message", message), False
        balance = enterprise._get_balance_fen()
        labels = dict(self.env["huolie.price"]._selection_service())
        values = {"plan": plan, "labels": labels, "show": money.show}
        values["balance"] = balance
        html = render("huolie_billing.plan_preview", values)
        return html, plan["total"] <= balance

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
        return self._get_done_action(entry)

    def _get_done_action(self, entry):
        paid = money.show(-money.to_fen(entry.amount))
        left = money.show(money.to_fen(entry.balance_after))
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
