"""Bank statements as banks give them: xlsx, xls, csv in GB18030 or UTF-8. Pure."""

import csv
import hashlib
import io
import re
import unicodedata
from datetime import date, datetime

import openpyxl
import xlrd
from lxml import html

from .money import AmountError, to_fen

MAX_ROWS = 20_000
COLUMNS = (
    "date",
    "credit",
    "debit",
    "balance",
    "name",
    "account",
    "remark",
    "serial",
    # Banks with one column of amounts: by sign, or with a column of the direction.
    "amount",
    "direction",
)
# Words by which the header row is found; a saved template of a bank goes first.
KEYWORDS = {
    "date": (
        "交易日期",
        "交易时间",
        "记账日期",
        "记账时间",
        "入账日期",
        "交易日",
        "日期",
        "date",
    ),
    "credit": ("贷方发生额", "贷方金额", "收入金额", "收入", "贷方", "credit"),
    "debit": ("借方发生额", "借方金额", "支出金额", "支出", "借方", "debit"),
    "balance": (
        "账户余额",
        "交易后余额",
        "当前余额",
        "余额",
        "当前结余",
        "结余",
        "balance",
    ),
    "name": (
        "对方户名",
        "对方名称",
        "对方账户名",
        "付款人名称",
        "收(付)方名称",
        "收付方名称",
        "对方单位",
        "往来单位",
        "payer",
    ),
    "account": (
        "对方账号",
        "对方帐号",
        "对方账户",
        "付款人账号",
        "收(付)方账号",
        "收(付)方帐号",
        "收付方账号",
        "往来账户",
        "payer account",
    ),
    "remark": (
        "附言",
        "交易附言",
        "摘要",
        "交易摘要",
        "用途",
        "交易用途",
        "备注",
        "remark",
    ),
    "serial": (
        "流水号",
        "交易流水",
        "账户明细编号",
        "凭证号",
        "凭证编号",
        "serial",
    ),
    "amount": ("交易金额", "发生额", "发生金额", "金额", "amount"),
    "direction": ("借贷标志", "借贷方向", "收支方向", "收付标志", "收支", "direction"),
}
MONEY_IN = ("贷", "收", "来", "入", "C", "+", "IN")
# A day in an order that is not ours: left out like a total, money would be missed.
UNREAD_DATE = re.compile(r"\s*\d{1,4}\s*[-/.年]\s*\w{1,9}\s*[-/.月]\s*\d{1,4}")
HTML_HEADS = (b"<html", b"<!doc", b"<table", b"<meta")


class BankFileError(ValueError):
    """A file that cannot be read; ``code`` says why."""

    def __init__(self, code, detail=""):
        super().__init__(code)
        self.code = code
        self.detail = detail


def read_rows(content, name=""):
    """Return the rows of the first sheet as lists of plain texts.

    :param bytes content: the file
    :raise BankFileError: ``empty format too_long pdf password``
    """
    if not content:
        raise BankFileError("empty")
    if content.startswith(b"%PDF-"):
        raise BankFileError("pdf")
    try:
        if content.startswith(b"PK\x03\x04"):
            rows = _read_xlsx(content)
        elif content.startswith(b"\xd0\xcf\x11\xe0"):
            rows = _read_xls(content)
        elif content.lstrip(b"\xef\xbb\xbf \r\n\t")[:20].lower().startswith(HTML_HEADS):
            rows = _read_html(content)
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
    # A workbook with a password is an OLE file too, with this stream in it.
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise BankFileError("password")
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


def _read_html(content):
    """Read the table that some banks offer under the name ``.xls``."""
    parser = html.HTMLParser(encoding="utf-8")
    tree = html.fromstring(_decode(content).encode(), parser=parser)
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("./td|./th")]
        for row in tree.xpath("//tr")
    ]


def _decode(content):
    codings = ["utf-8-sig", "gb18030"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codings = ["utf-16"]
    for coding in codings:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BankFileError("format")


def _read_csv(content):
    text = _decode(content)
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
    words = _get_words(template)
    for number, row in enumerate(rows[:40]):
        found = _match_header(row, words)
        if "date" in found and ("credit" in found or "amount" in found):
            return number, found
    raise BankFileError("no_header")


def _get_words(template):
    """Return kind → words; what a template names goes first, then the usual words."""
    named = {kind: word for kind, word in (template or {}).items() if word}
    words = {kind: (word, *KEYWORDS[kind]) for kind, word in named.items()}
    return words | {k: v for k, v in KEYWORDS.items() if k not in named}


def _plain_header(text):
    """Bring a header into one form: width, blanks and capitals do not count."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


def _match_header(row, words):
    cells = [_plain_header(cell) for cell in row]
    found = {}
    for kind in words:
        for word in words[kind]:
            word = _plain_header(word)
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
    :raise BankFileError: ``no_header``; ``bad_row`` or ``bad_date`` with the number
    """
    header, columns = find_header(rows, template)
    others = _find_other_remarks(rows[header], columns)
    lines = []
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = {k: row[i] if i < len(row) else "" for k, i in columns.items()}
        cells["remark"] = _join_remarks(cells.get("remark", ""), row, others)
        day = _read_date(cells["date"])
        if day is None and UNREAD_DATE.match(cells["date"]):
            raise BankFileError("bad_date", str(number))
        if day is None:
            continue
        try:
            lines.append(_read_line(number, day, cells))
        except AmountError as error:
            raise BankFileError("bad_row", str(number)) from error
    return lines


def _find_other_remarks(names, columns):
    """Return the numbers of more columns with words of the payer (摘要 beside 备注)."""
    words = tuple(KEYWORDS["remark"])
    return [
        index
        for index, name in enumerate(names)
        if _plain_header(name).startswith(words) and index not in columns.values()
    ]


def _join_remarks(first, row, others):
    """Put together what the payer may have written, each text once."""
    texts = [first, *(row[index] for index in others if index < len(row))]
    return " ".join(dict.fromkeys(text for text in texts if text))


def _read_line(number, day, cells):
    credit, debit = _read_moved(cells)
    return {
        "row": number,
        "date": day,
        "credit": credit,
        "debit": debit,
        "balance": _read_fen(cells.get("balance")),
        "name": cells.get("name", ""),
        "account": re.sub(r"\s", "", cells.get("account", "")),
        "remark": cells.get("remark", ""),
        "serial": cells.get("serial", ""),
    }


def _read_moved(cells):
    """Return money in and money out (fen), from two columns or from one."""
    if "credit" in cells:
        return _read_fen(cells["credit"]) or 0, _read_fen(cells.get("debit")) or 0
    fen = _read_fen(cells.get("amount")) or 0
    direction = cells.get("direction", "").strip().upper()
    comes = direction.startswith(MONEY_IN) if direction else fen >= 0
    return (abs(fen), 0) if comes else (0, abs(fen))


def _read_date(text):
    match = re.match(r"(20\d\d)[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})", text or "")
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _read_fen(text):
    clean = unicodedata.normalize("NFKC", text or "").replace(",", "").strip()
    clean = clean.removeprefix("CNY").removeprefix("RMB").removesuffix("元")
    clean = clean.strip(" ¥+")
    return None if clean in ("", "-", "--") else to_fen(clean)


def find_gaps(lines):
    """Return where the balance does not follow from the line before.

    Files run upwards or downwards; the direction with fewer gaps is taken.
    :return: list of ``(row number, balance expected, balance found)`` in fen
    """
    return min(_find_gaps(lines), _find_gaps(lines[::-1]), key=len)


def _find_gaps(ordered):
    wrong = []
    for before, after in zip(ordered, ordered[1:], strict=False):
        if before["balance"] is None or after["balance"] is None:
            continue
        expected = before["balance"] + after["credit"] - after["debit"]
        if expected != after["balance"]:
            wrong.append((after["row"], expected, after["balance"]))
    return wrong


def name_columns(rows, template=None):
    """Return what was recognised: column kind → text of its header."""
    header, columns = find_header(rows, template)
    return {kind: rows[header][index] for kind, index in columns.items()}


def find_accounts(rows, template=None):
    """Return the account numbers (digits) that stand above the header row."""
    header, _columns = find_header(rows, template)
    text = "\n".join(" | ".join(row) for row in rows[:header])
    found = re.findall(r"(?:账|帐|卡|account)\D{0,12}(\d[\d ]{10,30}\d)", text, re.I)
    return {re.sub(r"\s", "", number) for number in found}


def guess_columns(names, template=None, below=()):
    """Return column number → kind for the texts of a header row.

    :param below: rows under it: a column that holds days only is the date
    """
    found = _match_header(names, _get_words(template))
    if "date" not in found:
        days = [i for i in range(len(names)) if _holds_days(below, i)]
        found |= {"date": days[0]} if days else {}
    return {index: kind for kind, index in found.items()}


def _holds_days(rows, index):
    cells = [row[index] for row in rows if index < len(row)]
    return bool(cells) and all(
        len(cell) <= 19 and _read_date(cell) is not None for cell in cells
    )


def guess_header(rows):
    """Return the number of the row that looks most like a header: many short words."""

    def words(row):
        return sum(1 for cell in row if cell and not re.search(r"\d{3}", cell))

    return max(range(min(len(rows), 40)), key=lambda i: words(rows[i]), default=0)


def fingerprints(account, lines):
    """Return one fingerprint per line: the same line of another file has the same.

    Blanks in the account number do not count: people write it in groups or not.
    Bank serial when there is one, else what the line says and its ordinal among equals.
    """
    account = re.sub(r"[\s-]", "", account or "")
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
