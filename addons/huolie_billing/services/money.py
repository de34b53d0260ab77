"""Money is counted in integer fen; these are the only converters.

Nothing here touches the database. Floats appear at the two edges only: what the
ORM gives (a float with two decimals) and what it takes.
"""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

MAX_FEN = 10**12


class AmountError(ValueError):
    """A typed amount that cannot be taken; ``code`` says why."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def to_fen(value):
    """Return the integer fen of an amount in yuan.

    :param value: Decimal, str, int or a float as the ORM gives it (two decimals)
    :raise AmountError: when it is no number or has parts of a fen
    """
    if isinstance(value, float):
        value = repr(value)
    try:
        fen = Decimal(value) * 100
    except (InvalidOperation, TypeError, ValueError) as error:
        raise AmountError("not_number") from error
    if not fen.is_finite():
        raise AmountError("not_number")
    if fen != fen.to_integral_value():
        raise AmountError("too_fine")
    return int(fen)


def from_fen(fen):
    """Return the amount in yuan for an ORM field; exact below ``MAX_FEN``."""
    return float(Decimal(fen) / 100)


def show(fen, symbol=""):
    """Return ``1,000.00`` for 100000 fen, with a symbol ``¥1,000.00``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{symbol}{abs(Decimal(fen)) / 100:,.2f}"


def plain(fen):
    """Return ``1000.00`` for 100000 fen, as a person types it."""
    return f"{Decimal(fen) / 100:.2f}"


def parse(text):
    """Return the positive fen a person typed: ``1,000``, ``￥１０００``, ``1000元``.

    :raise AmountError: ``empty``, ``not_number``, ``too_fine``, ``not_positive``,
        ``too_big``
    """
    clean = unicodedata.normalize("NFKC", text or "").strip()
    clean = clean.removeprefix("CNY").lstrip("¥").removesuffix("元").strip()
    if not clean:
        raise AmountError("empty")
    if not re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?", clean):
        raise AmountError("not_number")
    clean = clean.replace(",", "")
    if len(clean) > 20:
        raise AmountError("too_big")
    fen = to_fen(clean)
    if fen <= 0:
        raise AmountError("not_positive")
    if fen > MAX_FEN:
        raise AmountError("too_big")
    return fen
