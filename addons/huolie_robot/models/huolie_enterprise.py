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

    def _get_home_steps(self):
        steps = super()._get_home_steps()
        if self.env.user.has_group("huolie_robot.group_robot_do"):
            faqs = self.env["huolie.faq"].sudo()
            mine = [("enterprise_id", "=", self.id)]
            steps.append(
                {
                    "key": "robot",
                    "label": self.env._("Teach the robot the questions asked most"),
                    "done": bool(faqs.search_count(mine, limit=1)),
                    "action": "huolie_robot.huolie_faq_action",
                    "sequence": 35,
                }
            )
        return steps
