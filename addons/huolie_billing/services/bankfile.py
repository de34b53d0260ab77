"""Bank statements as banks give them: xlsx, xls, csv in GB18030 or UTF-8. Pure."""

import csv
import hashlib
import io
import re
import unicodedata
from datetime import date, datetime

import openpyxl
import xlrd

from .money import AmountError, to_fen

MAX_ROWS = 20_000
COLUMNS = ("date", "credit", "debit", "balance", "name", "account", "remark", "serial")
# Words by which the header row is found; a saved template of a bank goes first.
KEYWORDS = {
    "date": ("交易日期", "交易时间", "记账日期", "入账日期", "日期", "date"),
    "credit": ("贷方发生额", "贷方金额", "收入金额", "收入", "贷方", "credit"),
    "debit": ("借方发生额", "借方金额", "支出金额", "支出", "借方", "debit"),
    "balance": ("账户余额", "余额", "balance"),
    "name": ("对方户名", "对方名称", "付款人名称", "对方单位", "payer"),
    "account": ("对方账号", "对方帐号", "付款人账号", "payer account"),
    "remark": ("附言", "摘要", "用途", "备注", "remark"),
    "serial": ("流水号", "交易流水", "凭证号", "serial"),
}


class BankFileError(ValueError):
    """A file that cannot be read; ``code`` says why."""

    def __init__(self, code, detail=""):
        super().__init__(code)
        self.code = code
        self.detail = detail


def read_rows(content, name=""):
    """Return the rows of the first sheet as lists of plain texts.

    :param bytes content: the file
    :raise BankFileError: ``empty``, ``format``, ``too_long``
    """
    if not content:
        raise BankFileError("empty")
    try:
        if content.startswith(b"PK\x03\x04"):
            rows = _read_xlsx(content)
        elif content.startswith(b"\xd0\xcf\x11\xe0"):
            rows = _read_xls(content)
        else:
            rows = _read_csv(content)
    except BankFileError:
        raise
    except Exception as error:
        raise BankFileError("format", name) from error
    if len(rows) > MAX_ROWS:
        raise BankFileError("too_long")
    return rows


def _read_xlsx(content):
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS + 1, values_only=True)
    return [[_text(cell) for cell in row] for row in rows]


def _read_xls(content):
    book = xlrd.open_workbook(file_contents=content)
    sheet = book.sheet_by_index(0)
    rows = []
    for index in range(min(sheet.nrows, MAX_ROWS + 1)):
        row = []
        for cell in sheet.row(index):
            value = cell.value
            if cell.ctype == xlrd.XL_CELL_DATE:
                value = xlrd.xldate_as_datetime(value, book.datemode)
            row.append(_text(value))
        rows.append(row)
    return rows


def _read_csv(content):
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(coding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BankFileError("format")
    if "\0" in text:
        raise BankFileError("format")
    first = text[:2000]
    separator = "\t" if first.count("\t") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    return [[cell.strip().strip("`'").strip() for cell in row] for row in rows]


def _text(value):
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value).strip()


def find_header(rows, template=None):
    """Find the header row and what each column is.

    :param dict template: saved for a bank: column kind → header text
    :return: ``(row number, {kind: column number})``
    :raise BankFileError: ``no_header``
    """
    words = dict(KEYWORDS)
    for kind, word in (template or {}).items():
        if word:
            words[kind] = (word, *words[kind])
    for number, row in enumerate(rows[:40]):
        found = _match_header(row, words)
        if "date" in found and "credit" in found:
            return number, found
    raise BankFileError("no_header")


def _match_header(row, words):
    cells = [re.sub(r"\s", "", cell).lower() for cell in row]
    found = {}
    for kind in COLUMNS:
        for word in words[kind]:
            word = word.replace(" ", "").lower()
            hits = [i for i, cell in enumerate(cells) if cell.startswith(word)]
            hits = [i for i in hits if i not in found.values()]
            if hits:
                found[kind] = hits[0]
                break
    return found


def read_lines(rows, template=None):
    """Read the movements below the header; totals and blank rows are left out.

    :return: list of dicts ``row date credit debit balance name account remark serial``
        (fen; balance None when the file has none)
    :raise BankFileError: ``no_header``, ``bad_row`` with the row's number
    """
    header, columns = find_header(rows, template)
    lines = []
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = {k: row[i] if i < len(row) else "" for k, i in columns.items()}
        day = _read_date(cells["date"])
        if day is None:
            continue
        try:
            lines.append(_read_line(number, day, cells))
        except AmountError as error:
            raise BankFileError("bad_row", str(number)) from error
    return lines


def _read_line(number, day, cells):
    return {
        "row": number,
        "date": day,
        "credit": _read_fen(cells.get("credit")) or 0,
        "debit": _read_fen(cells.get("debit")) or 0,
        "balance": _read_fen(cells.get("balance")),
        "name": cells.get("name", ""),
        "account": re.sub(r"\s", "", cells.get("account", "")),
        "remark": cells.get("remark", ""),
        "serial": cells.get("serial", ""),
    }


def _read_date(text):
    match = re.match(r"(20\d\d)[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})", text or "")
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _read_fen(text):
    clean = unicodedata.normalize("NFKC", text or "").replace(",", "").strip(" ¥+")
    return None if clean in ("", "-", "--") else to_fen(clean)


def find_gaps(lines):
    """Return the row numbers at which the balance does not follow from the one before.

    Files run upwards or downwards; the direction with fewer gaps is taken.
    """

    def gaps(ordered):
        wrong = []
        for before, after in zip(ordered, ordered[1:], strict=False):
            if before["balance"] is None or after["balance"] is None:
                continue
            moved = after["credit"] - after["debit"]
            if before["balance"] + moved != after["balance"]:
                wrong.append(after["row"])
        return wrong

    return min(gaps(lines), gaps(lines[::-1]), key=len)


def fingerprints(account, lines):
    """Return one fingerprint per line: the same line of another file has the same.

    Bank serial when there is one, else what the line says and its ordinal among equals.
    """
    seen, marks = {}, []
    for line in lines:
        if line["serial"]:
            key = ("serial", line["serial"], line["credit"], line["debit"])
        else:
            key = tuple(
                str(line[k])
                for k in ("date", "credit", "debit", "balance", "name", "account")
            )
        seen[key] = seen.get(key, 0) + 1
        text = "|".join(map(str, (account, *key, seen[key])))
        marks.append(hashlib.sha256(text.encode()).hexdigest())
    return marks
