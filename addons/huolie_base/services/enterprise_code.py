"""The 企业ID (PRODUCT A2): eight digits, the last one a check digit (Luhn)."""

import secrets


def check_digit(body):
    """Return the Luhn digit that makes ``body`` + digit valid."""
    total = 0
    for place, char in enumerate(reversed(body)):
        digit = int(char) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


def make():
    """Make a random code: not countable, so it tells nothing about our growth."""
    body = str(1 + secrets.randbelow(9)) + f"{secrets.randbelow(10**6):06d}"
    return body + check_digit(body)


def is_valid(code):
    """Say whether a typed code can be one of ours."""
    return len(code) == 8 and code.isdecimal() and check_digit(code[:-1]) == code[-1]
