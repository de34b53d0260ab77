from odoo import fields, models
from odoo.exceptions import UserError

from ..services import checks

MOST_AT_ONCE = 200


class HuolieSeatAdd(models.TransientModel):
    _name = "huolie.seat.add"
    _description = "Adding of seats"

    people = fields.Text(
        required=True,
        help="One person per line: name, and after a comma the e-mail address if the"
        " link shall be mailed. Rows copied from a sheet work too.",
    )

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
        for line in (self.people or "").splitlines():
            if line.strip():
                rows.append(self._parse_line(line))
        if not rows:
            raise UserError(self.env._("Please enter at least one name."))
        if len(rows) > MOST_AT_ONCE:
            raise UserError(self.env._("At most %s seats at once.", MOST_AT_ONCE))
        return rows

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
