import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import bankfile, money

PREVIEW = 20


class HuolieBankImport(models.Model):
    """One statement file: read, looked at, imported, matched."""

    _name = "huolie.bank.import"
    _inherit = ["mail.thread"]
    _description = "Bank statement"
    _order = "id desc"
    _rec_name = "file_name"

    file = fields.Binary(required=True, attachment=True)
    file_name = fields.Char(string="File name")
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
                values = statement._prepare_preview()
            except bankfile.BankFileError as error:
                values = statement._prepare_fault(error)
            statement.preview = render("huolie_billing.bank_preview", values)

    def _prepare_preview(self):
        """Return what the preview shows.

        :raise bankfile.BankFileError: when the file cannot be read
        """
        rows, template = self._read_rows(), self.template_id._get_columns()
        lines = bankfile.read_lines(rows, template)
        gaps = bankfile.find_gaps(lines)
        odd = {row for row, _expected, _found in gaps}
        return {
            "fault": "",
            "rows": [],
            "lines": lines,
            "shown": lines[:PREVIEW] + [x for x in lines[PREVIEW:] if x["row"] in odd],
            "gaps": gaps,
            "odd": odd,
            "summary": self._sum_up_preview(lines),
            "columns": self._describe_columns(bankfile.name_columns(rows, template)),
            "other_account": self._find_other_account(rows, template),
            "show": money.show,
        }

    def _prepare_fault(self, error):
        """Return what the preview shows of a file that cannot be read."""
        rows = []
        if error.code in ("no_header", "bad_row", "bad_date"):
            rows = self._read_rows()[:PREVIEW]
        return {"fault": self._get_message(error), "rows": rows}

    def _sum_up_preview(self, lines):
        """Say how much the file holds, and how much of it is not new."""
        came = sum(1 for line in lines if line["credit"])
        known = self._count_known(lines)
        text = self.env._(
            "%(all)s rows found, %(came)s with money in.", all=len(lines), came=came
        )
        if known:
            text += " " + self.env._("%s of them were imported before.", known)
        return text

    def _count_known(self, lines):
        """Return how many lines with money in were imported before."""
        marks = bankfile.fingerprints(self.bank_account_id.number, lines)
        domain = [("fingerprint", "in", marks)]
        return self.env["huolie.bank.line"].sudo().search_count(domain)

    def _describe_columns(self, columns):
        """Return ``[(what it is, header in the file)]`` and what was not found."""
        labels = self.env["huolie.bank.columns.line"]._get_kinds(short=True)
        usual = ("date", "credit", "name", "remark", "balance", "serial")
        if "amount" in columns and "credit" not in columns:
            usual = ("date", "amount", "name", "remark", "balance", "serial")
        kinds = [kind for kind in bankfile.COLUMNS if kind in columns or kind in usual]
        skipped = {"amount", "direction"} if "credit" in columns else set()
        return [(labels[k], columns.get(k, "")) for k in kinds if k not in skipped]

    def _find_other_account(self, rows, template):
        """Return the account number in the file when it is not the chosen account's."""
        ours = "".join(c for c in self.bank_account_id.number or "" if c.isdigit())
        found = bankfile.find_accounts(rows, template)
        return "" if not found or ours in found else ", ".join(sorted(found))

    def _read_rows(self):
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        return bankfile.read_rows(content, self.file_name or "")

    def _read_lines(self):
        """Read the file.

        :raise UserError: in words, when it cannot be read
        """
        try:
            return bankfile.read_lines(
                self._read_rows(), self.template_id._get_columns()
            )
        except bankfile.BankFileError as error:
            raise UserError(self._get_message(error)) from error

    def _get_message(self, error):
        messages = self._get_file_messages() | self._get_row_messages(error.detail)
        return messages[error.code]

    def _get_file_messages(self):
        return {
            "empty": self.env._("The file is empty."),
            "format": self.env._(
                "This file cannot be read. Download the statement as Excel (xlsx, xls)"
                " or csv from your bank and upload it unchanged."
            ),
            "pdf": self.env._(
                "This is a PDF. Download the statement as Excel (xlsx, xls) or csv from"
                " your bank."
            ),
            "password": self.env._(
                "This file has a password. Open it in Excel, save it without a password"
                " and upload it again."
            ),
            "too_long": self.env._(
                "The file has more than %s rows. Download a shorter period.",
                f"{bankfile.MAX_ROWS:,}",
            ),
        }

    def _get_row_messages(self, number):
        return {
            "no_header": self.env._(
                "No header row with date and money in was found."
                " Press “Name the columns” and say what each column is."
            ),
            "bad_row": self.env._(
                "The amount in row %s is no number. Is another column meant? Press"
                " “Name the columns”.",
                number,
            ),
            "bad_date": self.env._(
                "The date in row %s cannot be read: it is written year, month, day,"
                " as 2026-01-31. Change it in the file, or press “Name the columns”.",
                number,
            ),
        }

    def action_import(self):
        """Import the lines, each once over all files, and match them.

        :raise AccessError: when the user is not finance
        """
        self.env["huolie.recharge"]._check_finance()
        for statement in self.filtered(lambda s: s.state == "draft"):
            lines = statement._read_lines()
            new = statement._create_lines(lines)
            new._match()
            new._ignore_by(self.env["huolie.bank.rule"].search([]))
            sure = new.filtered("sure")
            result = statement._get_result(lines, new)
            statement.sudo().write({"state": "done", "result": result})
            statement._approve_small(sure)

    def _get_result(self, lines, new):
        return self.env._(
            "%(all)s rows, %(new)s new, %(matched)s matched, %(sure)s sure,"
            " %(ignored)s ignored",
            all=len(lines),
            new=len(new),
            matched=len(new.filtered("recharge_id")),
            sure=len(new.filtered("sure")),
            ignored=len(new.filtered("rule_id")),
        )

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

    def action_name_columns(self):
        """Open the page that says what each column of the file is.

        :raise UserError: when the file cannot be read at all
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        page = self.env["huolie.bank.columns"]._open(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Name the columns"),
            "res_model": page._name,
            "res_id": page.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_approve_sure(self):
        """Approve every sure line of the statement with one click (B3).

        :return: the page that shows the progress and what is left, with the reason
        """
        self.env["huolie.recharge"]._check_finance()
        sure = self.line_ids.filtered(lambda x: x.sure and x.state == "matched")
        return sure.recharge_id.action_approve_many()

    def action_approve_matched(self):
        """Approve every paired line of the statement, also those paired by hand.

        :return: the page that asks one reason for those held, and shows the progress
        """
        return self.line_ids.action_approve_matched()
