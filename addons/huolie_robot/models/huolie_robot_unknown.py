from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..services import normalise as norm


class HuolieRobotUnknown(models.Model):
    _name = "huolie.robot.unknown"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Question the robot could not answer"
    _support_may = "*"
    _order = "count desc, id desc"

    name = fields.Char(string="Asked", required=True, readonly=True)
    key = fields.Char(string="Normalised", required=True, readonly=True)
    count = fields.Integer(string="Times", default=1, readonly=True)
    last_at = fields.Datetime(string="Last time", readonly=True)
    faq_id = fields.Many2one(
        comodel_name="huolie.faq",
        string="Belongs to",
        index="btree_not_null",
        ondelete="set null",
        help="The likeliest question; change it before adding.",
    )
    chance = fields.Float(string="Certainty", digits=(5, 3), readonly=True)
    state = fields.Selection(
        selection=[("new", "New"), ("added", "Added"), ("ignored", "Ignored")],
        default="new",
        required=True,
        readonly=True,
        index=True,
    )

    _key_uniq = models.UniqueIndex("(enterprise_id, key)")

    @api.model
    def _collect(self, enterprise, text, found):
        """Count a question that was not answered for sure."""
        key = norm.normalise(text)
        if not key:
            return
        best, chance = found.ranked[0] if found.ranked else (None, 0.0)
        self.env.execute_query(
            SQL(
                """INSERT INTO huolie_robot_unknown
                     (enterprise_id, name, key, count, last_at, faq_id, chance, state,
                      create_date, write_date)
                   VALUES (%s, %s, %s, 1, now() AT TIME ZONE 'UTC', %s, %s, 'new',
                           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                   ON CONFLICT (enterprise_id, key) DO UPDATE
                   SET count = huolie_robot_unknown.count + 1,
                       last_at = EXCLUDED.last_at
                   RETURNING id""",
                enterprise.id,
                text[:500],
                key[:500],
                best,
                chance,
            )
        )

    def action_add_phrasing(self):
        """Add the texts as phrasings of the questions they belong to (E6)."""
        self.env["huolie.faq"].check_access("write")
        for unknown in self:
            if not unknown.faq_id:
                raise UserError(
                    self.env._(
                        "Choose in “Belongs to” which question “%(text)s” asks.",
                        text=unknown.name,
                    )
                )
            unknown.faq_id.phrase_ids = [fields.Command.create({"name": unknown.name})]
        self.state = "added"

    def action_new_question(self):
        """Open the form of a new question with this text."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New question"),
            "res_model": "huolie.faq",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_name": self.name, "robot_unknown_id": self.id},
        }

    def action_ignore(self):
        """Put the texts aside."""
        self.state = "ignored"
