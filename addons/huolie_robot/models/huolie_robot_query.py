from odoo import fields, models


class HuolieRobotQuery(models.Model):
    _name = "huolie.robot.query"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Question asked of the robot"
    _order = "id desc"

    name = fields.Char(string="Asked", readonly=True)
    conversation_id = fields.Many2one(
        comodel_name="huolie.conversation",
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    site_id = fields.Many2one(
        comodel_name="huolie.site", readonly=True, ondelete="set null"
    )
    decision = fields.Selection(
        selection=[
            ("answer", "Answered"),
            ("pick", "Picked by the visitor"),
            ("suggest", "Did you mean"),
            ("miss", "No answer"),
            ("human", "Person asked for"),
        ],
        readonly=True,
        index=True,
    )
    how = fields.Selection(
        selection=[
            ("exact", "Very words"),
            ("keyword", "Keyword"),
            ("similar", "Likeness"),
            ("none", "Not matched"),
        ],
        string="Found by",
        readonly=True,
    )
    chance = fields.Float(string="Certainty", digits=(5, 3), readonly=True)
    top = fields.Json(string="Best three", readonly=True)
    faq_id = fields.Many2one(
        comodel_name="huolie.faq",
        string="Question answered",
        index="btree_not_null",
        readonly=True,
        ondelete="set null",
    )
    feedback = fields.Selection(
        selection=[("useful", "Useful"), ("useless", "Not useful")], readonly=True
    )
