from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import bankfile

SAMPLES = 3


class HuolieBankColumns(models.TransientModel):
    """What each column of a bank's file is; kept as a template for that bank (B3)."""

    _name = "huolie.bank.columns"
    _description = "Columns of a statement"

    import_id = fields.Many2one(
        comodel_name="huolie.bank.import",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    name = fields.Char(string="Name of the bank")
    header_row = fields.Integer(string="Row with the names of the columns")
    line_ids = fields.One2many(
        comodel_name="huolie.bank.columns.line", inverse_name="page_id"
    )

    @api.model
    def _open(self, statement):
        """Make the page for a statement, with what can be guessed.

        :raise UserError: when the file cannot be read at all
        """
        try:
            rows = statement._read_rows()
        except bankfile.BankFileError as error:
            raise UserError(statement._get_message(error)) from error
        template = statement.template_id
        try:
            header, _columns = bankfile.find_header(rows, template._get_columns())
        except bankfile.BankFileError:
            header = bankfile.guess_header(rows)
        page = self.create({"import_id": statement.id, "header_row": header + 1})
        page.name = template.name or statement.bank_account_id.bank
        page.line_ids = page._prepare_lines(rows)
        return page

    def _prepare_lines(self, rows):
        header = min(max(self.header_row - 1, 0), len(rows) - 1) if rows else 0
        names = rows[header] if rows else []
        template = self.import_id.template_id._get_columns()
        below = rows[header + 1 : header + 1 + SAMPLES]
        guessed = bankfile.guess_columns(names, template, below)
        return [(5, 0, 0)] + [
            (
                0,
                0,
                {
                    "header": name,
                    "kind": guessed.get(index, "none"),
                    "samples": " · ".join(
                        row[index] for row in below if index < len(row) and row[index]
                    )[:120],
                },
            )
            for index, name in enumerate(names)
            if name
        ]

    @api.onchange("header_row")
    def _onchange_header_row(self):
        """Show the columns of another row."""
        self.line_ids = self._prepare_lines(self.import_id._read_rows())

    def action_save(self):
        """Keep the template for this bank and read the statement with it.

        :raise AccessError: when the user is not finance
        :raise UserError: when date or money in is missing, or a meaning is used twice
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        vals = self._prepare_template_vals()
        template = self.import_id.template_id
        if template and template.name == vals["name"]:
            template.write(vals)
        else:
            template = template.create(vals)
        self.import_id.template_id = template
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _prepare_template_vals(self):
        if not (self.name or "").strip():
            raise UserError(self.env._("Please write the name of the bank."))
        named = self.line_ids.filtered(lambda line: line.kind != "none")
        kinds = named.mapped("kind")
        if len(set(kinds)) < len(kinds):
            raise UserError(self.env._("Two columns have the same meaning."))
        if "date" not in kinds or not {"credit", "amount"} & set(kinds):
            raise UserError(
                self.env._("Say which column is the date, and which is money in.")
            )
        names = self.env["huolie.bank.template"]._get_names()
        found = {line.kind: line.header for line in named}
        vals = {field: found.get(kind, False) for kind, field in names.items()}
        return {**vals, "name": self.name.strip()}
