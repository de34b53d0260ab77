from odoo import fields, models


class HuolieFaqTestLine(models.TransientModel):
    _name = "huolie.faq.test.line"
    _description = "Candidate found by the robot"
    _support_may = "*"
    _order = "chance desc"

    test_id = fields.Many2one(comodel_name="huolie.faq.test", ondelete="cascade")
    faq_id = fields.Many2one(comodel_name="huolie.faq", string="Question")
    chance = fields.Float(string="Certainty (%)", digits=(5, 1))
