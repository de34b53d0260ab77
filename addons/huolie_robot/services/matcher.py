"""Find the entry a visitor means, and how sure that is.

Order: exact wording, keywords, then similarity through a logistic regression whose
coefficients lie in ``model.json`` (no scikit-learn at run time). Pure, no Odoo.
"""

import json
from collections import namedtuple
from functools import lru_cache
from pathlib import Path

import numpy as np

from . import features
from . import normalise as norm

#: ``ranked``: [(entry id, probability)] best first; ``how``: exact keyword similar none
Match = namedtuple("Match", "ranked how text")

PRESETS = ("strict", "balanced", "eager")
_CERTAIN = 0.99
_KEYWORD = 0.97
# above this likeness another entry takes a keyword's certainty away
_RIVAL = 0.3
# how sure such a rival may still be: a suggestion in strict and balanced, not an answer
_CONTESTED = 0.69
_FLOOR = 0.002


@lru_cache(maxsize=1)
def load_model():
    """Return the fitted coefficients and thresholds, per language."""
    path = Path(__file__).with_name("model.json")
    model = json.loads(path.read_text(encoding="utf-8"))
    for part in model["languages"].values():
        part["weights"] = np.array(part["weights"])
        part["mean"] = np.array(part["mean"])
        part["scale"] = np.array(part["scale"])
    return model


def language(text):
    """Return the key of the coefficients for a normalised text."""
    return "zh" if norm.is_chinese(text) or not text else "en"


def thresholds(preset, lang="zh"):
    """Return (answer from, suggest from) as probabilities.

    :param str preset: one of PRESETS
    """
    part = load_model()["languages"][lang]
    return part["thresholds"][preset], part["suggest"]


def match(index, text, count=5):
    """Rank the entries of ``index`` for a question.

    :param str text: as typed
    :param int count: how many entries to return at most
    :rtype: Match
    """
    clean = norm.normalise(text)
    if not clean or not len(index):
        return Match([], "none", clean)
    number = index.exact.get(clean)
    similar = _similar(index, clean)
    if number is not None and not index.is_excluded(number, clean):
        return _result(index, {**similar, number: _CERTAIN}, "exact", clean, count)
    certain, boosted = _apply_keywords(index, clean, similar)
    return _result(index, boosted, "keyword" if certain else "similar", clean, count)


def _result(index, scores, how, clean, count):
    allowed = [
        (number, score)
        for number, score in scores.items()
        if score >= _FLOOR and not index.is_excluded(number, clean)
    ]
    allowed.sort(key=lambda item: (-item[1], item[0]))
    ranked = [(index.ids[number], round(score, 4)) for number, score in allowed[:count]]
    return Match(ranked, how if ranked else "none", clean)


def _similar(index, clean):
    """Return {entry: probability} by similarity."""
    query = features.Query(clean)
    found = features.candidates(index, query)
    if not found:
        return {}
    chances = probabilities(features.compute(index, query, found), language(clean))
    return {
        item[0]: float(chance)
        for item, chance in zip(found, chances, strict=True)
        if index.modes[item[0]] == "smart"
    }


def probabilities(matrix, lang):
    """Return the chance of each row of features to be the entry meant."""
    part = load_model()["languages"][lang]
    z = (matrix - part["mean"]) / part["scale"] @ part["weights"] + part["bias"]
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


def _apply_keywords(index, clean, similar):
    """Raise the entries whose keywords stand in the text.

    A keyword is sure when it is much of a short question, no other entry claims as much
    and none is much more alike; else it only helps into the list of suggestions.
    Keyword and likeness that point to different entries are both suggested: none of
    them is worth a wrong answer.
    :return: (is one entry certain?, {entry: probability})
    """
    hits = index.find_keywords(clean)
    for number, phrase in _contained(index, clean):
        hits[number] = max(hits.get(number, 0), len(phrase))
    if not hits:
        return False, similar
    scores = dict(similar)
    best = max(hits.values())
    leaders = [number for number, size in hits.items() if size == best]
    share = best / len(clean)
    short = len(norm.units(clean)) <= 12
    rival = max((p for n, p in similar.items() if n not in leaders), default=0.0)
    claimed = len(leaders) == 1 and (share >= 0.4 or (short and share >= 0.15))
    certain = claimed and rival <= max(_RIVAL, similar.get(leaders[0], 0.0))
    if claimed and not certain:
        scores = {
            number: min(score, _CONTESTED) if number not in hits else score
            for number, score in scores.items()
        }
    for number, size in hits.items():
        base = similar.get(number, 0.0)
        scores[number] = max(base, 0.35 + 0.4 * size / len(clean) * (size == best))
    if certain:
        scores[leaders[0]] = max(_KEYWORD, scores[leaders[0]])
    return certain, scores


def _contained(index, clean):
    """Yield (entry, phrasing) of entries in mode "contain" found in the text."""
    for number, mode in enumerate(index.modes):
        if mode == "contain":
            for row in index.by_entry[number]:
                if index.phrases[row].text in clean:
                    yield number, index.phrases[row].text


def decide(found, preset, count=3):
    """Return what the robot does with a match.

    :return: ("answer", [(id, p)]), ("suggest", up to ``count`` pairs) or ("miss", [])
    """
    if not found.ranked:
        return "miss", []
    sure, perhaps = thresholds(preset, language(found.text))
    if found.ranked[0][1] >= sure:
        return "answer", found.ranked[:1]
    listed = [item for item in found.ranked[:count] if item[1] >= perhaps / 3]
    if found.ranked[0][1] >= perhaps:
        return "suggest", listed
    return "miss", []
