"""The daily trade bill that WeChat Pay and Alipay offer for download. Pure.

WeChat: csv (also gz), each value after a backtick, two lines of sums at the end.
Alipay: zip with csv in GB18030, lines with ``#`` before and after, values padded by
tabs; a second file in the zip has sums only.
"""

import csv
import gzip
import io
import re
import unicodedata
import zipfile
import zlib
from collections import namedtuple
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .bankfile import BankFileError
from .money import AmountError, to_fen

MAX_BYTES, MAX_ROWS = 64 * 1024 * 1024, 200_000
# Both gateways: our column → theirs, the first that is there.
COLUMNS = {
    "wechat": {
        "order": ("商户订单号",),
        "time": ("交易时间",),
        "kind": ("交易状态",),
        # what the payer ordered; 应结订单金额 leaves coupons out
        "amount": ("订单金额", "应结订单金额"),
        "refund": ("商户退款单号",),
        "back": ("申请退款金额", "退款金额"),
        "status": ("退款状态",),
        "fee": ("手续费",),
        "merchant": ("商户号",),
    },
    "alipay": {
        "order": ("商户订单号",),
        "time": ("完成时间", "创建时间"),
        "kind": ("业务类型",),
        "amount": ("订单金额(元)", "总金额(元)"),
        "refund": ("退款批次号/请求号", "退款批次号"),
        "back": ("订单金额(元)", "总金额(元)"),
        "fee": ("服务费(元)",),
    },
}
# By which a file is told: only this gateway has the column.
MARK = {"wechat": "交易状态", "alipay": "业务类型"}
NEEDED = ("order", "kind", "amount")
KINDS = {"SUCCESS": "paid", "交易": "paid", "REFUND": "refund", "退款": "refund"}

NOT_PAID_BACK = ("FAIL", "CLOSED")

Bill = namedtuple("Bill", "method merchant days rows")
# kind ``paid`` or ``refund``; fee as taken from us (negative: given back), in fen
Row = namedtuple("Row", "kind order refund fen fee")


def read_bill(content):
    """Read a bill as downloaded: csv, gz or zip.

    :param bytes content: the file
    :return: ``Bill``; merchant is empty where the file does not name it
    :raise BankFileError: ``empty format too_long no_header bad_row cut_off``
    """
    if not content:
        raise BankFileError("empty")
    lines = _read_csv(_decode(_unpack(content)))
    for index, line in enumerate(lines):
        method = _get_method(line)
        if method:
            names = _find_columns(line, COLUMNS[method])
            rows = _read_rows(lines[index + 1 :], names, index + 2)
            return _make_bill(method, lines[:index], names, rows)
    raise BankFileError("no_header")


# === THE FILE === #
def _unpack(content):
    try:
        if content.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(content)) as file:
                content = file.read(MAX_BYTES + 1)
        elif content.startswith(b"PK\x03\x04"):
            content = _unzip(content)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise BankFileError("format") from error
    if len(content) > MAX_BYTES:
        raise BankFileError("too_long")
    return content


def _unzip(content):
    """Return the file with the rows: the one with sums (汇总) has none of them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist()[:10]:
            with archive.open(info) as file:
                text = file.read(MAX_BYTES + 1)
            if any(_get_method(line) for line in _read_csv(_decode(text[:20_000]))):
                return text
    raise BankFileError("no_header")


def _decode(content):
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(coding)
        except UnicodeDecodeError as error:
            if error.start >= len(content) - 4:
                return content[: error.start].decode(coding)
            continue
        if "\0" not in text:
            return text
    raise BankFileError("format")


def _read_csv(text):
    lines = []
    try:
        for line in csv.reader(io.StringIO(text)):
            lines.append([cell.strip(" \t`") for cell in line])
            if len(lines) > MAX_ROWS:
                raise BankFileError("too_long")
    except csv.Error as error:
        raise BankFileError("format") from error
    return lines


def _plain_names(line):
    return [unicodedata.normalize("NFKC", cell) for cell in line]


def _get_method(line):
    if not any(cell in line for cell in COLUMNS["wechat"]["order"]):
        return None
    return next((name for name, mark in MARK.items() if mark in line), None)


def _find_columns(line, columns):
    names, line = {}, _plain_names(line)
    for name, words in columns.items():
        found = [line.index(word) for word in words if word in line]
        if found:
            names[name] = found[0]
    if not all(name in names for name in NEEDED):
        raise BankFileError("no_header")
    return names


# === THE ROWS === #
def _read_rows(lines, names, first):
    """Return dicts of texts of the rows, up to the sums."""
    width = 1 + max(names[name] for name in NEEDED)
    found = []
    for number, line in enumerate(lines, start=first):
        if not any(line):
            continue
        if line[0].startswith(("#", "总交易单数")):
            return found
        if len(line) < width:
            raise BankFileError("bad_row", str(number))
        cells = {n: line[i] if i < len(line) else "" for n, i in names.items()}
        found.append({**cells, "number": str(number)})
    # a bill ends with its sums: one that does not was cut off
    raise BankFileError("cut_off")


def _make_bill(method, head, names, found):
    rows, days = [], set()
    for cells in found:
        kind = KINDS.get(cells["kind"])
        if not kind or cells.get("status") in NOT_PAID_BACK:
            continue  # other business of the account, e.g. withdrawn orders
        try:
            rows.append(_make_row(kind, cells))
        except (AmountError, InvalidOperation) as error:
            raise BankFileError("bad_row", cells["number"]) from error
        days.add(_get_day(cells.get("time", ""), cells["number"]))
    merchants = {cells.get("merchant") for cells in found} - {None, ""}
    if method == "alipay":
        merchants = _get_sellers(head)
    return Bill(method, merchants, days - {None}, rows)


def _make_row(kind, cells):
    fen = to_fen(_plain(cells["amount" if kind == "paid" else "back"]))
    fee = Decimal(_plain(cells.get("fee") or "0")) * 100
    fee = int(fee.quantize(Decimal(1), ROUND_HALF_UP))
    # Alipay writes fees as what they do to the balance, WeChat as what they cost
    fee = -fee if cells["kind"] in ("交易", "退款") else fee
    refund = cells.get("refund", "") if kind == "refund" else ""
    return Row(kind, cells["order"], refund, abs(fen), fee)


def _plain(text):
    return text.replace(",", "")


def _get_day(text, number):
    found = re.match(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b", text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError as error:
        raise BankFileError("bad_row", number) from error


def _get_sellers(head):
    text = "".join(cell for line in head for cell in line)
    # 账号：[20880000000000010156]: the seller and four digits of its account
    found = re.search(r"账号[：:]\s*\[(\d{16})\d{4}\]", text)
    return {found[1]} if found else set()
