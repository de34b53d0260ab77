"""Checks of what people type; pure, so that pages, imports and tests share them."""

import re

MOBILE = re.compile(r"1[3-9]\d{9}")
FOREIGN = re.compile(r"\+[1-9]\d{6,14}")
EMAIL = re.compile(r"[^@\s,;<>\"'\\()\[\]]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
PASSWORD_MIN, PASSWORD_MAX = 8, 128
# The most used passwords that have letters and digits (lower case).
COMMON = set(
    "password1 password12 password123 passw0rd p@ssw0rd qwerty123 qwerty12 abc12345"
    " abcd1234 abc123456 a1234567 a12345678 a123456789 aa123456 aa12345678 1q2w3e4r"
    " 1qaz2wsx q1w2e3r4 qq123456 zxcvbnm1 asdf1234 admin123 admin1234 huolie123"
    " iloveyou1 woaini1314 woaini520 wang1234 test1234 welcome1 qazwsx123".split()
)


def mobile(value):
    """Bring a mobile number into one form, or return None.

    Chinese mobiles become 11 digits; others need ``+`` and country code.
    """
    value = re.sub(r"[\s\-()\u3000]", "", value or "")
    value = re.sub(r"^(\+|00)86(?=1)", "", value)
    if MOBILE.fullmatch(value) or FOREIGN.fullmatch(value):
        return value
    return None


def email(value):
    """Bring an e-mail address into one form, or return None."""
    value = (value or "").strip().lower()
    fits = len(value) <= 120 and value.isprintable() and EMAIL.fullmatch(value)
    return value if fits else None


def text(value, most):
    """Bring a line of text into one form, or return None when empty or too long."""
    value = " ".join(
        "".join(c if c.isprintable() else " " for c in value or "").split()
    )
    return value if 0 < len(value) <= most else None


def password_fault(value, personal=()):
    """Say what is wrong with a password.

    :param iterable personal: texts the password must not contain (e-mail, mobile …)
    :return: ``None short long signs digits letters common personal``
    """
    value = value or ""
    if len(value) < PASSWORD_MIN:
        return "short"
    if len(value) > PASSWORD_MAX:
        return "long"
    if not value.isprintable():
        return "signs"
    if not any(char.isdigit() for char in value):
        return "digits"
    if not any(char.isalpha() for char in value):
        return "letters"
    lower = value.lower()
    if lower in COMMON or len(set(lower)) < 4:
        return "common"
    if any(len(p) >= 4 and p.lower() in lower for p in personal if p):
        return "personal"
    return None
