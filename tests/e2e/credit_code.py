"""A fresh unified social credit code that passes the check (GB 32100-2015)."""

import random

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [pow(3, place, 31) for place in range(17)]
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def make(seed=None):
    """Return 18 characters; both check characters are right."""
    chance = random.Random(seed)
    body = "".join(chance.choice(LETTERS) for _place in range(8))
    pairs = zip(body, ORGANISATION_WEIGHTS, strict=True)
    total = sum(ORGANISATION_LETTERS.index(letter) * weight for letter, weight in pairs)
    check = (11 - total % 11) % 11
    organisation = body + ("X" if check == 10 else str(check))
    first = "91330106" + organisation
    total = sum(
        LETTERS.index(letter) * weight
        for letter, weight in zip(first, WEIGHTS, strict=True)
    )
    return first + LETTERS[(31 - total % 31) % 31]
