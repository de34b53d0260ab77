"""Files of rows for people: CSV that a spreadsheet opens without running anything."""

import csv
import io
from datetime import date

# A cell that begins so is run as a formula (SECURITY X10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value):
    """Turn a value into the text of a cell."""
    if value is None or value is False:
        return ""
    if isinstance(value, (int, float)) or isinstance(value, date):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def to_csv(names, rows):
    """Return a CSV file with a header row, in UTF-8 with the mark that Excel needs."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([cell(value) for value in row] for row in rows)
    return "\ufeff".encode() + out.getvalue().encode("utf-8", "replace")
