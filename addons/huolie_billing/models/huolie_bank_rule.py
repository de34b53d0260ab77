import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..services.matching import plain_name

SHOWN = 20
# Words that are others in the next quarter.
PERIOD = re.compile(
    r"第?[一二三四五六七八九十上下本]*(?:季度?|年度?|半年|月份?|日|号|期)"
)


class HuolieBankRule(models.Model):
    """Lines of the bank that never matter, such as interest: left aside by themselves.

    A line with a valid remark code, or paid by an enterprise of ours, is never ignored.
    """

    _name = "huolie.bank.rule"
    _inherit = ["huolie.audited"]
    _description = "Rule: lines of the bank to ignore"
    _order = "name, id"

    active = fields.Boolean(default=True)
    name = fields.Char(required=True)
    bank_account_id = fields.Many2one(
        comodel_name="huolie.bank.account",
        string="Our account",
        ondelete="restrict",
        help="Empty: all our accounts.",
    )
    payer = fields.Char(string="Payer contains")
    remark = fields.Char(string="Remark contains")
    line_ids = fields.One2many(
        comodel_name="huolie.bank.line", inverse_name="rule_id", readonly=True
    )
    ignored_count = fields.Integer(
        string="Lines ignored", compute="_compute_ignored_count"
    )
    fitting_ids = fields.Many2many(
        comodel_name="huolie.bank.line",
        string="Open lines that it ignores now",
        compute="_compute_fitting",
    )
    fitting_count = fields.Integer(
        string="How many open lines", compute="_compute_fitting"
    )

    # === COMPUTE METHODS === #
    @api.depends("line_ids")
    def _compute_ignored_count(self):
        groups = self.env["huolie.bank.line"]._read_group(
            [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
        )
        counts = {rule.id: count for rule, count in groups}
        for rule in self:
            rule.ignored_count = counts.get(rule._origin.id, 0)

    @api.depends("bank_account_id", "payer", "remark")
    def _compute_fitting(self):
        lines = self.env["huolie.bank.line"].search(
            [("state", "=", "new")], order="amount desc, id"
        )
        spared = lines._get_never_ignored() if lines else lines
        for rule in self:
            found = (lines - spared).filtered(rule._fits) if rule._has_words() else []
            rule.fitting_count = len(found)
            rule.fitting_ids = found[:SHOWN] if found else False

    @api.constrains("name", "payer", "remark")
    def _check_words(self):
        for rule in self:
            if not rule._has_words():
                raise ValidationError(
                    self.env._(
                        "Write at least two characters of the payer or the remark:"
                        " else the rule would ignore every line."
                    )
                )

    def _has_words(self):
        """Whether each text given is long enough, and at least one is."""
        texts = [plain_name(text) for text in (self.payer, self.remark) if text]
        return bool(texts) and all(len(text) >= 2 for text in texts)

    def write(self, vals):
        """Write, and give back the lines that the rule does not ignore any more."""
        res = super().write(vals)
        lines = self.sudo().with_context(active_test=False).line_ids
        lost = lines.filtered(lambda x: not x.rule_id.active or not x.rule_id._fits(x))
        lost.write({"state": "new", "rule_id": False})
        return res

    # === RULES AT WORK === #
    def _fits(self, line):
        """Whether the words and the account of the rule are those of a line."""
        account = self.bank_account_id
        if account and account._origin != line.bank_account_id:
            return False
        pairs = ((self.payer, line.payer_name), (self.remark, line.remark))
        return all(plain_name(a) in plain_name(b) for a, b in pairs if a)

    def action_apply(self):
        """Ignore the open lines that fit, now.

        :raise AccessError: when the user is not finance
        """
        self.env["huolie.recharge"]._check_finance()
        lines = self.env["huolie.bank.line"].search([("state", "=", "new")])
        done = lines._ignore_by(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s lines are ignored now.", len(done)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _prepare_from_line(self, line):
        """Return the defaults of a rule for lines like this one."""
        words = re.split(r"[\d\W_]+", line.remark or "")
        word = max((w for w in words if not PERIOD.fullmatch(w)), key=len, default="")
        return {
            "default_name": line.payer_name or word or line.serial,
            "default_payer": line.payer_name,
            "default_remark": word,
            "default_bank_account_id": line.bank_account_id.id,
        }
