from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HuolieFaqCategory(models.Model):
    _name = "huolie.faq.category"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Category of questions"
    _support_may = "*"
    _parent_name = "parent_id"
    _order = "sequence, name, id"

    name = fields.Char(string="Category name", required=True)
    parent_id = fields.Many2one(
        comodel_name="huolie.faq.category",
        string="Parent category",
        index="btree_not_null",
        ondelete="set null",
    )
    display_name = fields.Char(recursive=True)
    sequence = fields.Integer(default=10)
    faq_ids = fields.One2many(
        comodel_name="huolie.faq", inverse_name="category_id", string="Questions"
    )
    faq_count = fields.Integer(
        string="Number of questions", compute="_compute_faq_count"
    )

    def _compute_faq_count(self):
        counts = dict(
            self.env["huolie.faq"]._read_group(
                [("category_id", "in", self.ids)], ["category_id"], ["__count"]
            )
        )
        for category in self:
            category.faq_count = counts.get(category, 0)

    @api.depends("name", "parent_id.display_name")
    def _compute_display_name(self):
        for category in self:
            parent = category.parent_id.display_name
            category.display_name = (
                f"{parent} / {category.name}" if parent else category.name
            )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A category cannot lie inside itself."))
