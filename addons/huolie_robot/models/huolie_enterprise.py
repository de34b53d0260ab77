from odoo import api, models


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    @api.model
    def _get_role_modules(self):
        return [
            *super()._get_role_modules(),
            {
                "code": "robot",
                "label": self.env._("Robot"),
                "see": "huolie_robot.group_robot_see",
                "do": "huolie_robot.group_robot_do",
                "sequence": 65,
            },
        ]

    @api.model
    def _get_billable_services(self):
        return [
            *super()._get_billable_services(),
            {"code": "robot", "label": self.env._("AI robot")},
        ]
