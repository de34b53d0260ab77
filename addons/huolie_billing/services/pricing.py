"""What a service costs. ONE function for the preview and for the charge.

Amounts are fen, days are China dates. The end date is the first day without
service, the first day counts.
"""

from .dates import add_months
from .money import show


def half_up(numerator, denominator):
    """Return the quotient of two positive integers, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def parts(start, end, anchor):
    """Cut ``start`` .. ``end`` into anchor months counted back from ``end``.

    :return: list of ``(first day, end, days used, days of the month)``, oldest first;
        only the first one can be a part of a month
    """
    found = []
    back = 0
    stop = end
    while stop > start:
        back -= 1
        begin = add_months(end, back, anchor)
        first = max(begin, start)
        found.append((first, stop, (stop - first).days, (stop - begin).days))
        stop = begin
    return found[::-1]


def price_of(price, pieces):
    """Return the fen that one unit pays for ``pieces`` at ``price`` fen a month.

    Never nothing: a day at the smallest price costs a fen.
    """
    fen = sum(half_up(price * used, of) for _first, _end, used, of in pieces)
    return max(fen, 1) if pieces else 0


def formula(price, quantity, pieces):
    """Return the sum as a person would write it: ``2 × (199.00 × 12/30 + 199.00)``."""
    terms = []
    whole = 0
    for _first, _end, used, of in pieces:
        if used == of:
            whole += 1
        else:
            terms.append(f"{show(price)} × {used}/{of}")
    if whole:
        terms.append(show(price) + (f" × {whole}" if whole > 1 else ""))
    text = " + ".join(terms) or show(0)
    return (
        f"{quantity} × ({text})"
        if quantity > 1 and len(terms) > 1
        else (f"{quantity} × {text}" if quantity > 1 else text)
    )


def tier(rows, quantity):
    """Return the price of the highest step that ``quantity`` reaches.

    :param rows: list of ``(minimum quantity, fen)``
    :return: fen a month, or None when there is no price
    """
    fitting = [row for row in rows if row[0] <= quantity]
    return max(fitting)[1] if fitting else None


def quote(items, start, end, anchor):
    """Price ``items`` for the days from ``start`` to ``end``.

    :param items: list of dicts ``code, quantity, price`` (fen a month for one)
    :return: list of dicts with also ``unit`` and ``amount`` (fen), ``days``,
        ``start``, ``end``, ``formula``
    """
    pieces = parts(start, end, anchor)
    lines = []
    for item in items:
        unit = price_of(item["price"], pieces)
        lines.append(
            {
                **item,
                "unit": unit,
                "amount": unit * item["quantity"],
                "days": (end - start).days,
                "start": start,
                "end": end,
                "formula": formula(item["price"], item["quantity"], pieces),
            }
        )
    return lines


def deduct(lines, discount):
    """Spread a gift over lines in proportion to their amounts, to the fen.

    :param lines: as ``quote`` returns them
    :param int discount: fen in all, not more than the sum of the lines
    :return: the lines with ``gross`` and ``discount``; ``amount`` is what stays to pay
    """
    gross = sum(line["amount"] for line in lines)
    found, before, given = [], 0, 0
    for line in lines:
        before += line["amount"]
        # Up to here in all, so that the parts add up to the whole.
        upto = half_up(discount * before, gross) if discount else 0
        part, given = upto - given, upto
        net = line["amount"] - part
        found.append({**line, "gross": line["amount"], "discount": part, "amount": net})
    return found
