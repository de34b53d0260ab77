import io
import re
from datetime import date

import xlsxwriter

from odoo import models
from odoo.exceptions import UserError

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

        :return: dict ``begin``, ``end`` (texts) and ``rows`` (time kind note amount
            after, all texts; ``fen`` and ``after_fen`` as numbers)
        """
        self.ensure_one()
        first, last = self._get_month_range(month)
        entries = self.env["huolie.wallet.entry"].sudo()
        mine = [("wallet_id", "=", self.id)]
        rows = entries.search(
            mine
            + [
                ("create_date", ">=", china_midnight(first)),
                ("create_date", "<", china_midnight(last)),
            ],
            order="id",
        )
        before = entries.search(
            mine + [("create_date", "<", china_midnight(first))], limit=1
        )
        begin = money.to_fen(before.balance_after or 0)
        end = money.to_fen(rows[-1:].balance_after or 0) if rows else begin
        return {
            "begin": money.show(begin),
            "end": money.show(end),
            "rows": [row._prepare_statement_row() for row in rows],
        }

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
        book.close()
        return out.getvalue()

    def _get_column_labels(self, names):
        labels = {
            "Time": self.env._("Time"),
            "Kind": self.env._("Kind"),
            "Note": self.env._("Note"),
            "Amount": self.env._("Amount"),
            "Balance": self.env._("Balance"),
        }
        return [labels[name] for name in names]
