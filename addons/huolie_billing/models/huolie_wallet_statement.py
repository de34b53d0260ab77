import io
import re
from datetime import date

import xlsxwriter

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..services import money
from ..services.dates import add_months, china_midnight


class HuolieWallet(models.Model):
    """The statement of one month, for the screen, as PDF and as xlsx."""

    _inherit = "huolie.wallet"

    def _get_month_range(self, month):
        """Return the first China day of ``YYYY-MM`` and of the next month."""
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month or ""):
            raise UserError(self.env._("Choose a month like 2026-01."))
        first = date.fromisoformat(f"{month}-01")
        return first, add_months(first, 1, 1)

    def _get_statement(self, month):
        """Return the movements of a month.

        :return: dict ``sums`` (fen: ``begin came went end``), ``begin``, ``came``,
            ``went``, ``end`` (texts) and ``rows`` (time kind note amount after, all
            texts; ``fen`` and ``after_fen`` as numbers)
        """
        self.ensure_one()
        before, rows = self._find_month(month)
        begin = money.to_fen(before.balance_after or 0)
        end = money.to_fen(rows[-1:].balance_after or 0) if rows else begin
        moved = [money.to_fen(row.amount) for row in rows]
        sums = {
            "begin": begin,
            "came": sum(fen for fen in moved if fen > 0),
            "went": sum(fen for fen in moved if fen < 0),
            "end": end,
        }
        return {
            "sums": sums,
            **{name: money.show(fen) for name, fen in sums.items()},
            "rows": [row._prepare_statement_row() for row in rows],
        }

    def _find_month(self, month):
        """Return the last movement before a month, and those of the month in order."""
        first, last = map(china_midnight, self._get_month_range(month))
        entries = self.env["huolie.wallet.entry"].sudo()
        mine = Domain("wallet_id", "=", self.id)
        earlier = mine & Domain("create_date", "<", first)
        within = Domain("create_date", ">=", first) & Domain("create_date", "<", last)
        rows = entries.search(mine & within, order="id")
        return entries.search(earlier, limit=1), rows

    def _get_statement_name(self, month):
        """Return the name of the file, without its ending."""
        label = self.env._("Statement")
        return f"{label}-{month}-{self.enterprise_id.code}"

    def _make_xlsx(self, month):
        """Return the statement of a month as an xlsx file (bytes)."""
        data = self._get_statement(month)
        out = io.BytesIO()
        book = xlsxwriter.Workbook(
            out, {"in_memory": True, "strings_to_formulas": False}
        )
        sheet = book.add_worksheet(month)
        bold = book.add_format({"bold": True})
        number = book.add_format({"num_format": "#,##0.00"})
        names = ("Time", "Kind", "Note", "Amount", "Balance")
        for column, name in enumerate(self._get_column_labels(names)):
            sheet.write_string(0, column, name, bold)
        for line, row in enumerate(data["rows"], start=1):
            for column, name in enumerate(("time", "kind", "note")):
                sheet.write_string(line, column, row[name])
            sheet.write_number(line, 3, money.from_fen(row["fen"]), number)
            sheet.write_number(line, 4, money.from_fen(row["after_fen"]), number)
        sheet.set_column(0, 1, 18)
        sheet.set_column(2, 2, 48)
        sheet.set_column(3, 4, 14)
        sheet.freeze_panes(1, 0)
        self._add_summary(book, month, data["sums"], number)
        book.close()
        return out.getvalue()

    def _add_summary(self, book, month, sums, number):
        """Add the sheet that says whose statement it is and what it adds up to."""
        sheet = book.add_worksheet(self.env._("Summary"))
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 36)
        enterprise = self.enterprise_id
        texts = [
            (self.env._("Enterprise"), enterprise.name),
            (self.env._("Enterprise ID"), enterprise.code),
            (self.env._("Month"), month),
        ]
        labels = {
            "begin": self.env._("Balance at the beginning"),
            "came": self.env._("Money in"),
            "went": self.env._("Money out"),
            "end": self.env._("Balance at the end"),
        }
        for line, (label, text) in enumerate(texts):
            sheet.write_string(line, 0, label)
            sheet.write_string(line, 1, text or "")
        for line, (name, fen) in enumerate(sums.items(), start=len(texts)):
            sheet.write_string(line, 0, labels[name])
            sheet.write_number(line, 1, money.from_fen(fen), number)

    def _get_column_labels(self, names):
        labels = {
            "Time": self.env._("Time"),
            "Kind": self.env._("Kind"),
            "Note": self.env._("Note"),
            "Amount": self.env._("Amount"),
            "Balance": self.env._("Balance"),
        }
        return [labels[name] for name in names]
