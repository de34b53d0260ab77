"""The remark code that ties a bank transfer to an enterprise: HL + 6 + check.

The alphabet has no I, L, O, U. The check character is a weighted sum in the field
of 32 elements: every single wrong character and every swap of two neighbours shows.
"""

import re
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PATTERN = re.compile(rf"HL([{ALPHABET}]{{7}})")


def _times(a, b):
    """Multiply in GF(32) with x^5 + x^2 + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return product


def _check(body):
    total, weight = 0, 2
    for char in body:
        total ^= _times(ALPHABET.index(char), weight)
        weight = _times(weight, 2)
    return ALPHABET[total]


def new():
    """Return a new random code such as ``HL3K7Z9QX``."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"HL{body}{_check(body)}"


def is_valid(code):
    """Whether ``code`` is well formed and its check character fits."""
    match = _PATTERN.fullmatch(code or "")
    return bool(match) and _check(match[1][:6]) == match[1][6]


def find(text):
    """Return all valid codes in a bank's remark, whatever blanks or width it has."""
    clean = re.sub(r"[\s\-_]", "", unicodedata.normalize("NFKC", text or "")).upper()
    starts = (m.start() for m in re.finditer("HL", clean))
    return [clean[i : i + 9] for i in starts if is_valid(clean[i : i + 9])]
