"""Questions and answers of the knowledge base (E1)."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..services.plain import to_text

INDEX_FIELDS = {
    "name",
    "active",
    "match_mode",
    "keywords",
    "excluded_keywords",
    "phrase_ids",
    "phrases_text",
}
MAX_RELATED_SHOWN = 5


class HuolieFaq(models.Model):
    _name = "huolie.faq"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Question"
    _support_may = "*"
    _order = "sequence, id"
    _rec_names_search = ["name", "keywords"]

    name = fields.Char(string="Question", required=True, index="trigram")
    answer = fields.Html(required=True, sanitize_attributes=True)
    answer_text = fields.Text(string="Answer as sent", compute="_compute_answer_text")
    link_url = fields.Char(string="Link", help="Sent as a card below the answer.")
    link_title = fields.Char(string="Title of the link")
    category_id = fields.Many2one(
        comodel_name="huolie.faq.category",
        index="btree_not_null",
        ondelete="set null",
        group_expand="_read_group_categories",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_hot = fields.Boolean(
        string="Hot question", help="Offered to visitors as they open the window."
    )
    match_mode = fields.Selection(
        selection=[
            ("smart", "By likeness"),
            ("exact", "Only these very words"),
            ("contain", "Text contains a phrasing"),
        ],
        string="Matching",
        default="smart",
        required=True,
    )
    keywords = fields.Char(
        help="Separated by commas. Words joined by + must all be there:"
        " refund+postage.",
    )
    excluded_keywords = fields.Char(
        string="Excluded keywords",
        help="Never the answer when one of these words is there. Separated by commas.",
    )
    phrase_ids = fields.One2many(
        comodel_name="huolie.faq.phrase",
        inverse_name="faq_id",
        string="Similar phrasings",
        copy=True,
    )
    phrases_text = fields.Text(
        string="Phrasings, one per line",
        compute="_compute_phrases_text",
        inverse="_inverse_phrases_text",
        help="For import and export in one cell.",
    )
    phrase_count = fields.Integer(string="Phrasings", compute="_compute_phrase_count")
    related_ids = fields.Many2many(
        comodel_name="huolie.faq",
        relation="huolie_faq_related_rel",
        column1="faq_id",
        column2="related_id",
        string="Related questions",
        help="Any number; the first five are shown after the answer.",
    )
    hits = fields.Integer(compute="_compute_statistics")
    useful = fields.Integer(compute="_compute_statistics")
    useless = fields.Integer(string="Not useful", compute="_compute_statistics")

    # === COMPUTES === #
    @api.depends("answer")
    def _compute_answer_text(self):
        for faq in self:
            faq.answer_text = to_text(faq.answer)

    @api.depends("phrase_ids.name")
    def _compute_phrases_text(self):
        for faq in self:
            faq.phrases_text = "\n".join(faq.phrase_ids.mapped("name"))

    def _inverse_phrases_text(self):
        for faq in self:
            lines = [line.strip() for line in (faq.phrases_text or "").splitlines()]
            wanted = list(dict.fromkeys(line for line in lines if line))
            gone = faq.phrase_ids.filtered(lambda p, w=wanted: p.name not in w)
            known = set(faq.phrase_ids.mapped("name"))
            faq.phrase_ids = [fields.Command.delete(phrase.id) for phrase in gone] + [
                fields.Command.create({"name": line})
                for line in wanted
                if line not in known
            ]

    @api.depends("phrase_ids")
    def _compute_phrase_count(self):
        for faq in self:
            faq.phrase_count = len(faq.phrase_ids)

    def _compute_statistics(self):
        """Count from the log: a counter on the question would be fought over."""
        log = self.env["huolie.robot.query"].sudo()
        groups = log._read_group(
            [("faq_id", "in", self.ids), ("decision", "in", ("answer", "pick"))],
            ["faq_id", "feedback"],
            ["__count"],
        )
        counts = {}
        for faq, feedback, count in groups:
            counts.setdefault(faq.id, {})[feedback or "none"] = count
        for faq in self:
            mine = counts.get(faq.id, {})
            faq.hits = sum(mine.values())
            faq.useful = mine.get("useful", 0)
            faq.useless = mine.get("useless", 0)

    # === CONSTRAINTS === #
    @api.constrains("answer")
    def _check_answer(self):
        for faq in self:
            if not to_text(faq.answer):
                raise ValidationError(
                    self.env._(
                        "The answer to “%(question)s” is empty.", question=faq.name
                    )
                )

    @api.constrains("link_url")
    def _check_link_url(self):
        for faq in self:
            if faq.link_url and not re.match(r"https?://[^\s]+$", faq.link_url):
                raise ValidationError(
                    self.env._("The link must start with http:// or https://.")
                )

    @api.constrains("related_ids")
    def _check_related_ids(self):
        if any(faq in faq.related_ids for faq in self):
            raise ValidationError(self.env._("A question cannot be related to itself."))

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        """Create questions; the robot knows them from its next answer on."""
        faqs = super().create(vals_list)
        self.env["huolie.knowledge"]._bump(faqs.enterprise_id)
        unknown = self.env.context.get("robot_unknown_id")
        if unknown and len(faqs) == 1:
            self.env["huolie.robot.unknown"].browse(unknown).state = "added"
        return faqs

    def write(self, vals):
        """Write questions; the robot's index is built anew where it is touched."""
        res = super().write(vals)
        if INDEX_FIELDS & vals.keys():
            self.env["huolie.knowledge"]._bump(self.enterprise_id)
        return res

    def unlink(self):
        """Delete questions; the robot forgets them."""
        enterprises = self.enterprise_id
        res = super().unlink()
        self.env["huolie.knowledge"]._bump(enterprises)
        return res

    @api.model
    def get_import_templates(self):
        """Return the spreadsheet offered in the import screen."""
        return [
            {
                "label": self.env._("Template for questions"),
                "template": "/huolie_robot/static/xlsx/huolie_faq.xlsx",
            }
        ]

    # === ACTIONS === #
    def action_open_test(self):
        """Open the test pane."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "huolie_robot.huolie_faq_test_action"
        )

    # === HELPERS === #
    @api.model
    def _read_group_categories(self, categories, domain):
        return categories.search([])

    @api.model
    def _split_words(self, words):
        """Return the words of a comma-separated field, Chinese commas too."""
        parts = re.split(r"[,，、;；\n]", words or "")
        return [part.strip() for part in parts if part.strip()]

    @api.model
    def _get_hot(self, enterprise, limit=6):
        """Return the hot questions of an enterprise in their order."""
        return self.search(
            [("enterprise_id", "=", enterprise.id), ("is_hot", "=", True)], limit=limit
        )

    def _get_related_shown(self):
        """Return the related questions offered after the answer."""
        return self.related_ids.filtered("active")[:MAX_RELATED_SHOWN]
