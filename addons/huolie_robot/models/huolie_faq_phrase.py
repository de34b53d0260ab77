from odoo import api, fields, models


class HuolieFaqPhrase(models.Model):
    _name = "huolie.faq.phrase"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Similar phrasing of a question"
    _support_may = "*"
    _order = "id"

    name = fields.Char(string="Phrasing", required=True)
    faq_id = fields.Many2one(
        comodel_name="huolie.faq",
        string="Question",
        required=True,
        index=True,
        ondelete="cascade",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create phrasings; the robot knows them from its next answer on."""
        faqs = self.env["huolie.faq"].sudo()
        for vals in vals_list:
            owner = faqs.browse(vals.get("faq_id")).enterprise_id
            vals.setdefault("enterprise_id", owner.id)
        phrases = super().create(vals_list)
        self.env["huolie.knowledge"]._bump(phrases.enterprise_id)
        return phrases

    def write(self, vals):
        """Write phrasings; the robot's index is built anew where it is touched."""
        res = super().write(vals)
        self.env["huolie.knowledge"]._bump(self.enterprise_id)
        return res

    def unlink(self):
        """Delete phrasings; the robot forgets them."""
        enterprises = self.enterprise_id
        res = super().unlink()
        self.env["huolie.knowledge"]._bump(enterprises)
        return res
