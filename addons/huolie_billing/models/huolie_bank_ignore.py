from odoo import api, models

from ..services import remark


class HuolieBankLine(models.Model):
    """Leaving lines of the bank aside: by hand, or by a rule."""

    _inherit = "huolie.bank.line"

    def action_ignore(self):
        """Leave lines aside that are no recharge."""
        self.env["huolie.recharge"]._check_finance()
        self.filtered(lambda x: x.state == "new").sudo().state = "ignored"

    def action_ignore_always(self):
        """Open a new rule that ignores lines like this one.

        :return: the form of the rule, filled in from the line
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Always ignore such lines"),
            "res_model": "huolie.bank.rule",
            "views": [
                (self.env.ref("huolie_billing.huolie_bank_rule_view_page").id, "form")
            ],
            "target": "new",
            "context": self.env["huolie.bank.rule"]._prepare_from_line(self),
        }

    def _ignore_by(self, rules):
        """Ignore the open lines that one of the rules fits.

        :return: the lines that are ignored now
        """
        lines = self.filtered(lambda line: line.state == "new")
        done = self.browse()
        for line in lines - lines._get_never_ignored():
            rule = next((rule for rule in rules if rule._fits(line)), None)
            if rule:
                line.sudo().write({"state": "ignored", "rule_id": rule.id})
                done |= line
        return done

    def _get_never_ignored(self):
        """Return the lines that no rule may touch: with a code, or of an enterprise."""
        ours = self._get_our_names()
        return self.filtered(
            lambda x: (
                remark.find(f"{x.remark or ''} {x.serial or ''}")
                or x.payer_name in ours
            )
        )

    @api.model
    def _get_our_names(self):
        names = [name for name in self.mapped("payer_name") if name]
        domain = ["|", ("name", "in", names), ("legal_name", "in", names)]
        # sudo: whether a payer is an enterprise of ours decides, nothing is shown
        found = self.env["huolie.enterprise"].sudo().search(domain)
        return {*found.mapped("name"), *found.mapped("legal_name")} - {False}
