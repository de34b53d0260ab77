import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import bankfile, money


class HuolieBankImport(models.Model):
    """One statement file: read, looked at, imported, matched."""

    _name = "huolie.bank.import"
    _inherit = ["mail.thread"]
    _description = "Bank statement"
    _order = "id desc"
    _rec_name = "file_name"

    file = fields.Binary(required=True, attachment=True)
    file_name = fields.Char()
    bank_account_id = fields.Many2one(
        comodel_name="huolie.bank.account",
        string="Our account",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["huolie.bank.account"].search([], limit=1),
    )
    template_id = fields.Many2one(
        comodel_name="huolie.bank.template",
        string="Columns as",
        help="Empty: the columns are found by their usual names.",
    )
    state = fields.Selection(
        selection=[("draft", "Preview"), ("done", "Imported")],
        default="draft",
        required=True,
        readonly=True,
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    line_ids = fields.One2many(
        comodel_name="huolie.bank.line", inverse_name="import_id", readonly=True
    )
    result = fields.Char(readonly=True)

    @api.depends("file", "template_id", "state")
    def _compute_preview(self):
        render = self.env["ir.qweb"]._render
        for statement in self:
            if not statement.file or statement.state == "done":
                statement.preview = False
                continue
            try:
                lines = statement._read_lines()
            except UserError as error:
                values = {"message": error.args[0]}
                statement.preview = render("huolie_billing.plan_message", values)
                continue
            values = {"lines": lines, "gaps": bankfile.find_gaps(lines)}
            values["show"] = money.show
            statement.preview = render("huolie_billing.bank_preview", values)

    def _read_lines(self):
        """Read the file.

        :raise UserError: in words, when it cannot be read
        """
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        try:
            rows = bankfile.read_rows(content, self.file_name or "")
            return bankfile.read_lines(rows, self.template_id._get_columns())
        except bankfile.BankFileError as error:
            raise UserError(self._get_message(error)) from error

    def _get_message(self, error):
        messages = {
            "empty": self.env._("The file is empty."),
            "format": self.env._("This is no xlsx, xls or csv file."),
            "too_long": self.env._("The file has too many rows."),
            "no_header": self.env._(
                "No header row with date and money in was found."
                " Make a template for this bank."
            ),
            "bad_row": self.env._("Row %s has no right amount.", error.detail),
        }
        return messages[error.code]

    def action_import(self):
        """Import the lines, each once over all files, and match them.

        :raise AccessError: when the user is not finance
        """
        self.env["huolie.recharge"]._check_finance()
        for statement in self.filtered(lambda s: s.state == "draft"):
            lines = statement._read_lines()
            new = statement._create_lines(lines)
            new._match()
            sure = new.filtered("sure")
            statement.sudo().write(
                {
                    "state": "done",
                    "result": statement.env._(
                        "%(all)s rows, %(new)s new, %(matched)s matched, %(sure)s sure",
                        all=len(lines),
                        new=len(new),
                        matched=len(new.filtered("recharge_id")),
                        sure=len(sure),
                    ),
                }
            )
            statement._approve_small(sure)

    def _create_lines(self, lines):
        model = self.env["huolie.bank.line"].sudo()
        marks = bankfile.fingerprints(self.bank_account_id.number, lines)
        known = set(model.search([("fingerprint", "in", marks)]).mapped("fingerprint"))
        return model.create(
            [
                self._prepare_line_vals(line, mark)
                for line, mark in zip(lines, marks, strict=True)
                if mark not in known and line["credit"] > 0
            ]
        )

    def _prepare_line_vals(self, line, mark):
        return {
            "import_id": self.id,
            "bank_account_id": self.bank_account_id.id,
            "fingerprint": mark,
            "date": line["date"],
            "amount": money.from_fen(line["credit"]),
            "payer_name": line["name"],
            "payer_account": line["account"],
            "remark": line["remark"],
            "serial": line["serial"],
        }

    def _approve_small(self, lines):
        """Approve sure lines up to the limit of the settings (0: none).

        What needs another person (four eyes) stays for that person.
        """
        limit = self.env["huolie.billing.config"]._get().auto_approve_below
        small = lines.filtered(lambda line: limit and line.amount <= limit)
        for recharge in small.recharge_id.with_user(self.env.user):
            recharge._approve_one()

    def action_approve_sure(self):
        """Approve every sure line of the statement with one click (B3).

        :return: the page that shows the progress and what is left, with the reason
        """
        self.env["huolie.recharge"]._check_finance()
        sure = self.line_ids.filtered(lambda x: x.sure and x.state == "matched")
        return sure.recharge_id.action_approve_many()
