from odoo import fields, models


class HuolieConversation(models.Model):
    _inherit = "huolie.conversation"

    robot_query_ids = fields.One2many(
        comodel_name="huolie.robot.query",
        inverse_name="conversation_id",
        string="Questions to the robot",
    )

    def _count_robot_misses(self):
        """Count the questions in a row, up to now, that had no answer."""
        count = 0
        log = self.env["huolie.robot.query"].sudo()
        for query in log.search([("conversation_id", "=", self.id)], limit=10):
            if query.decision != "miss":
                break
            count += 1
        return count
