"""The daily bill that WeChat Pay and Alipay offer for download. Pure."""

import re

from .bankfile import BankFileError, read_rows
from .money import AmountError, to_fen

ORDER = ("商户订单号", "out_trade_no")
AMOUNT = ("应结订单金额", "订单金额", "总金额", "商家实收")
KIND = ("交易状态", "业务类型")
PAID = ("SUCCESS", "交易")


def read_bill(content):
    """Return ``{order number: fen}`` of the payments in a bill; refunds are left out.

    :param bytes content: the file as downloaded (csv, GB18030 or UTF-8)
    :raise BankFileError: ``empty format no_header bad_row``
    """
    rows = [[cell.lstrip("`\t ") for cell in row] for row in read_rows(content)]
    header = next((i for i, row in enumerate(rows) if _find(row, ORDER) >= 0), None)
    if header is None or _find(rows[header], AMOUNT) < 0:
        raise BankFileError("no_header")
    order, amount, kind = (_find(rows[header], w) for w in (ORDER, AMOUNT, KIND))
    width = 1 + max(order, amount, kind)
    found = {}
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        if len(row) < width or not re.fullmatch(r"[\w|*-]+", row[order]):
            continue
        if kind >= 0 and row[kind] not in PAID:
            continue
        try:
            found[row[order]] = to_fen(row[amount].replace(",", ""))
        except AmountError as error:
            raise BankFileError("bad_row", str(number)) from error
    return found


def _find(row, words):
    for word in words:
        for index, cell in enumerate(row):
            if cell.startswith(word):
                return index
    return -1


def compare(bill, ours):
    """Compare a bill with what we credited.

    :param dict bill: order number → fen
    :param dict ours: the same
    :return: list of ``(order number, fen in the bill or None, our fen or None)``
    """
    orders = sorted(bill.keys() | ours.keys())
    return [(o, bill.get(o), ours.get(o)) for o in orders if bill.get(o) != ours.get(o)]
