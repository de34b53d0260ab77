import base64
import io
import re

from openpyxl import load_workbook

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import checks

MOST_AT_ONCE = 200
MOST_BYTES = 1024 * 1024
HEADINGS = {"姓名", "名称", "邮箱", "电子邮箱", "name", "email", "e-mail"}


class HuolieSeatAdd(models.TransientModel):
    _name = "huolie.seat.add"
    _description = "Adding of seats"

    people = fields.Text(
        help="One person per line: name, and after a comma the e-mail address if the"
        " link shall be mailed. Rows copied from a sheet work too.",
    )

    sheet = fields.Binary(
        string="Or a sheet",
        help="XLSX; first column the name, second the e-mail address.",
    )
    sheet_name = fields.Char(string="Sheet name")

    def action_add(self):
        """Add the seats and show each one's personal invitation link."""
        self.ensure_one()
        rows = self._parse()
        seats = self.env["huolie.seat"].create(
            [{"name": name, "email": email} for name, email in rows]
        )
        return seats.action_invite()

    def _parse(self):
        """Split what was pasted into ``(name, email or False)``.

        :raise UserError: names the line that cannot be read
        """
        rows = []
        for line in (self.people or "").splitlines() + self._read_sheet():
            if line.strip() and not self._is_heading(line):
                rows.append(self._parse_line(line))
        if not rows:
            raise UserError(self.env._("Please enter at least one name."))
        if len(rows) > MOST_AT_ONCE:
            raise UserError(self.env._("At most %s seats at once.", MOST_AT_ONCE))
        return rows

    @api.model
    def _is_heading(self, line):
        """Say whether a line is the heading of a list, not a person."""
        words = {word.strip().lower() for word in re.split("[,，;；\t]", line)}
        return bool(words & HEADINGS)

    def _read_sheet(self):
        """Return the rows of the XLSX file as lines.

        :raise UserError: when the file is no XLSX
        """
        if not self.sheet:
            return []
        data = base64.b64decode(self.sheet)
        try:
            if len(data) > MOST_BYTES:
                raise ValueError("too large")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            rows = book.worksheets[0].iter_rows(
                max_row=MOST_AT_ONCE + 1, max_col=2, values_only=True
            )
            return [",".join(str(cell or "").strip() for cell in r) for r in rows]
        except Exception as error:  # openpyxl raises anything on foreign files
            raise UserError(
                self.env._("This file cannot be read. Save it as XLSX and try again.")
            ) from error

    def _parse_line(self, line):
        for mark in ("，", ";", "；", "\t"):
            line = line.replace(mark, ",")
        parts = [part.strip() for part in line.split(",")]
        name, typed = checks.text(parts[0], 50), parts[1] if len(parts) > 1 else ""
        email = checks.email(typed)
        if not name or (typed and not email):
            raise UserError(
                self.env._("This line cannot be read: %s", line.strip()[:80])
            )
        return name, email or False
