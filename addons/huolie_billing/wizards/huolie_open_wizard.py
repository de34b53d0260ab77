from odoo import api, fields, models


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
    robot_offered = fields.Boolean(string="Robot offered", compute="_compute_choices")
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
        key = self._get_click_key(enterprise)
        return enterprise._open_service(
            self.seat_ids, self._get_codes(), int(self.months), key
        )

    def _get_resume(self):
        return {
            "page": "open",
            "seats": self.seat_ids.ids,
            "robot": self.with_robot,
            "months": self.months,
        }
