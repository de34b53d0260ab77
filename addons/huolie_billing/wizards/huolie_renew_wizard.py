from odoo import api, fields, models
from odoo.exceptions import UserError


class HuolieRenewWizard(models.TransientModel):
    """Renew now, and choose what goes on at the next automatic renewal (B6)."""

    _name = "huolie.renew.wizard"
    _inherit = ["huolie.plan.wizard"]
    _description = "Renew the service"

    seat_ids = fields.Many2many(
        comodel_name="huolie.seat",
        string="Seats that go on",
        default=lambda self: self._get_enterprise()._get_kept_seats(),
    )
    seat_choice_ids = fields.Many2many(
        comodel_name="huolie.seat",
        string="Seats that could go on",
        compute="_compute_choices",
    )
    with_robot = fields.Boolean(
        string="AI robot goes on",
        default=lambda self: "robot" in self._get_enterprise()._get_kept_codes(),
    )
    robot_offered = fields.Boolean(string="Robot offered", compute="_compute_choices")
    auto_renew = fields.Boolean(string="Automatic renewal", compute="_compute_choices")

    @api.depends("months")
    @api.depends_context("uid")
    def _compute_choices(self):
        enterprise = self._get_enterprise()
        codes = enterprise._get_renewable_services().mapped("code")
        for wizard in self:
            wizard.seat_choice_ids = enterprise._get_renewable_seats()
            wizard.robot_offered = "robot" in codes
            wizard.auto_renew = enterprise.auto_renew

    @api.depends("seat_ids", "with_robot", "months")
    def _compute_preview(self):
        return super()._compute_preview()

    def _make_plan(self, enterprise):
        seats = self.seat_ids._origin & enterprise._get_renewable_seats()
        codes = ["robot"] if self.with_robot and self.robot_offered else []
        plan = enterprise._plan_renew(int(self.months or 1), seats, codes)
        if not plan:
            raise UserError(
                self.env._("There is nothing to renew. Open service for a seat first.")
            )
        return plan

    def _run(self, enterprise):
        self._save_choice(enterprise)
        return enterprise._renew(int(self.months), self._get_click_key(enterprise))

    def _save_choice(self, enterprise):
        seats = enterprise._get_renewable_seats().sudo()
        for seat in seats:
            seat.renew = seat in self.seat_ids
        robot = enterprise._get_renewable_services().filtered(
            lambda service: service.code == "robot"
        )
        robot.renew = self.with_robot

    def action_save(self):
        """Keep the choice for the next automatic renewal without paying now."""
        self.ensure_one()
        self._save_choice(self._get_enterprise())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The choice for the next renewal is saved."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_toggle_auto(self):
        """Switch automatic renewal on or off; the page stays as it was left."""
        self.ensure_one()
        self._get_enterprise().action_set_auto_renew()
        recharges = self.env["huolie.recharge"]
        return recharges._get_resume_action(self._get_resume())

    @api.model
    def _get_choices(self):
        return self._get_enterprise()._get_renewable_seats()

    def _get_resume(self):
        return {
            "page": "renew",
            "seats": self.seat_ids.ids,
            "robot": self.with_robot,
            "months": self.months,
        }
