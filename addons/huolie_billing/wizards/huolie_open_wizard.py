import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError

from ..models.huolie_wallet import BalanceTooLow
from ..services import money


class HuoliePlanWizard(models.AbstractModel):
    """A page that shows what something will cost, and does exactly that."""

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

    def _make_plan(self, enterprise):
        raise NotImplementedError

    def _run(self, enterprise):
        raise NotImplementedError

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


class HuolieOpenWizard(models.TransientModel):
    _name = "huolie.open.wizard"
    _inherit = ["huolie.plan.wizard"]
    _description = "Open service"

    seat_ids = fields.Many2many(
        comodel_name="huolie.seat",
        string="Seats to open",
        default=lambda self: self._default_seat_ids(),
    )
    seat_choice_ids = fields.Many2many(
        comodel_name="huolie.seat",
        string="Seats without service",
        compute="_compute_choices",
    )
    with_robot = fields.Boolean(string="AI robot")
    robot_offered = fields.Boolean(compute="_compute_choices")
    running = fields.Boolean(compute="_compute_choices")
    service_end = fields.Date(string="Common end date", compute="_compute_choices")

    @api.model
    def _default_seat_ids(self):
        """Propose the active seats, or those the page was opened from."""
        chosen = self._get_choices()
        if self.env.context.get("active_model") == "huolie.seat":
            ids = self.env.context.get("active_ids") or []
            return chosen.filtered(lambda seat: seat.id in ids)
        now = fields.Datetime.now()
        return chosen.filtered(
            lambda seat: seat.state == "active"
            and not (seat.serve_until and seat.serve_until > now)
        )

    @api.model
    def _get_choices(self):
        seats = self._get_enterprise().seat_ids
        return seats.filtered(
            lambda seat: seat.state != "stopped" and not seat._is_served()
        )

    @api.depends_context("uid")
    def _compute_choices(self):
        enterprise = self._get_enterprise()
        codes = {s["code"] for s in enterprise._get_billable_services()}
        robot = any(
            service.code == "robot"
            and service.until
            and service.until > fields.Datetime.now()
            for service in enterprise.sudo().bought_service_ids
        )
        for wizard in self:
            wizard.seat_choice_ids = wizard._get_choices()
            wizard.robot_offered = "robot" in codes and not robot
            wizard.running = enterprise._is_running()
            wizard.service_end = enterprise.service_end

    @api.depends("seat_ids", "with_robot", "months")
    def _compute_preview(self):
        return super()._compute_preview()

    def _get_codes(self):
        return ["robot"] if self.with_robot and self.robot_offered else []

    def _make_plan(self, enterprise):
        return enterprise._plan_open(
            self.seat_ids._origin, self._get_codes(), int(self.months or 0)
        )

    def _run(self, enterprise):
        return enterprise._open_service(
            self.seat_ids, self._get_codes(), int(self.months), f"open:{self.key}"
        )
