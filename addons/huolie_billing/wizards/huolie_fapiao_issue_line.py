from odoo import api, fields, models

from ..services import fapiaofile, money


class HuolieFapiaoIssueLine(models.TransientModel):
    """One request in the dialog, with what finance got from the tax system."""

    _name = "huolie.fapiao.issue.line"
    _description = "Fapiao to issue"

    issue_id = fields.Many2one(
        comodel_name="huolie.fapiao.issue", required=True, ondelete="cascade"
    )
    fapiao_id = fields.Many2one(
        comodel_name="huolie.fapiao", required=True, ondelete="cascade"
    )
    enterprise_id = fields.Many2one(related="fapiao_id.enterprise_id")
    title = fields.Char(related="fapiao_id.title")
    tax_number = fields.Char(related="fapiao_id.tax_number")
    kind = fields.Selection(related="fapiao_id.kind")
    currency_id = fields.Many2one(related="fapiao_id.currency_id")
    amount = fields.Monetary(related="fapiao_id.amount")
    number = fields.Char(string="Fapiao number")
    file_id = fields.Many2one(comodel_name="ir.attachment")
    problem = fields.Char(compute="_compute_problem")
    doubt = fields.Char(compute="_compute_problem")

    @api.depends("number", "file_id", "issue_id.line_ids.number")
    def _compute_problem(self):
        for line in self:
            line.problem = line._get_problem() or False
            line.doubt = line._get_doubt() or False

    def _get_problem(self):
        """Say why this line cannot be issued; nothing for a line left empty."""
        if not self.number and not self.file_id:
            return None
        if not self.number:
            return self.env._("The number is missing.")
        if not self.file_id:
            return self.env._("The file is missing.")
        twins = self.issue_id.line_ids.filtered(lambda x: x.number == self.number)
        if len(twins) > 1:
            return self.env._("Two lines have this number.")
        fapiao = self.fapiao_id
        return fapiao._get_number_fault(self.number) or fapiao._get_file_fault(
            self.file_id.datas
        )

    def _get_doubt(self):
        """Say what in the file looks like another fapiao; a person decides."""
        if not self.file_id or not self.number:
            return None
        facts = self.file_id._get_fapiao_facts()
        if facts["number"] and facts["number"] != self.number:
            return self.env._("The file says number %s.", facts["number"])
        name, text = facts["name"], facts["text"]
        _points, fits = fapiaofile.score(name, text, self._prepare_wanted())
        if not fits and (text or fapiaofile.names_somebody(name)):
            return self.env._("The file does not name this title or tax number.")
        if text and "amount" not in fits:
            return self.env._("The file does not show this amount.")
        return None

    def _prepare_wanted(self):
        return {
            "title": self.title,
            "tax_number": self.tax_number,
            "fen": money.to_fen(self.amount),
        }

    def _prepare_issue_vals(self):
        return {
            "number": self.number.strip(),
            "issued_on": self.issue_id.issued_on,
            "file": self.file_id.datas,
            "file_name": self.file_id.name,
        }
