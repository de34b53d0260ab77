from odoo import fields, models
from odoo.exceptions import UserError


class HuolieRenewWizard(models.TransientModel):
    _name = "huolie.renew.wizard"
    _inherit = ["huolie.plan.wizard"]
    _description = "Renew the service"

    seat_ids = fields.Many2many(
        comodel_name="huolie.seat",
        string="Seats that go on",
        compute="_compute_seat_ids",
    )

    def _compute_seat_ids(self):
        seats = self._get_enterprise()._get_kept_seats()
        for wizard in self:
            wizard.seat_ids = seats

    def _make_plan(self, enterprise):
        plan = enterprise._plan_renew(int(self.months or 1))
        if not plan:
            raise UserError(
                self.env._("There is nothing to renew. Open service for a seat first.")
            )
        return plan

    def _run(self, enterprise):
        return enterprise._renew(int(self.months), f"renew:{self.key}")
