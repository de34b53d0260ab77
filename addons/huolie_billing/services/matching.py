"""How well does a bank line fit a filed transfer? Points as in docs/money.md."""

import unicodedata
from difflib import SequenceMatcher

SURE = 170


def plain_name(name):
    """Bring a company's name into one form: width, brackets and blanks do not count."""
    text = unicodedata.normalize("NFKC", name or "").upper()
    return "".join(char for char in text if char.isalnum())


def score(line, wanted):
    """Count the points of one pair.

    :param dict line: ``codes`` found in the remark, ``fen name account date``
    :param dict wanted: ``code fen name accounts`` (seen before) ``date``; ``exact``
        when another amount cannot be meant
    :return: ``(points, set of what fits)``
    """
    if wanted.get("exact") and line["fen"] != wanted["fen"]:
        return 0, set()
    fits = set()
    if wanted["code"] in line["codes"]:
        fits.add("code")
    if line["name"] and plain_name(line["name"]) == plain_name(wanted["name"]):
        fits.add("name")
    if line["account"] and line["account"] in wanted["accounts"]:
        fits.add("account")
    if line["fen"] == wanted["fen"]:
        fits.add("amount")
    if wanted["date"] and -2 <= (line["date"] - wanted["date"]).days <= 30:
        fits.add("date")
    points = {"code": 100, "name": 50, "account": 30, "amount": 20, "date": 10}
    return sum(points[what] for what in fits), fits


def best(line, candidates):
    """Return ``(key, points, fits)`` of the best candidate, or None.

    Without the code, two candidates with equal points are nobody's.
    :param dict candidates: key → ``wanted``
    """
    scored = sorted(
        ((*score(line, wanted), key) for key, wanted in candidates.items()),
        key=lambda found: -found[0],
    )
    scored = [found for found in scored if found[0] >= 60]
    if not scored:
        return None
    points, fits, key = scored[0]
    if "code" not in fits and len(scored) > 1 and scored[1][0] == points:
        return None
    return key, points, fits


def likeness(line, wanted):
    """Count how likely a person pairs the two: for an order, never for a decision.

    Beside the points of ``score`` names that resemble each other count, the declared
    payer too, and amounts that are close.
    :param dict wanted: as for ``score``, with ``payer`` as declared
    :return: points, 0 when another amount cannot be meant
    """
    if wanted.get("exact") and line["fen"] != wanted["fen"]:
        return 0
    points, _fits = score(line, wanted)
    ours = [plain_name(wanted["name"]), plain_name(wanted.get("payer"))]
    theirs = plain_name(line["name"])
    alike = max(SequenceMatcher(None, theirs, name).ratio() for name in ours)
    close = min(line["fen"], wanted["fen"]) / max(line["fen"], wanted["fen"], 1)
    return points + round(50 * alike) + round(10 * close)
