"""Bring a text into the one form in which questions are compared.

Pure functions, no Odoo. ``units`` are what the matcher counts: one Chinese character or
one latin word or number.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import opencc

_T2S = opencc.OpenCC("t2s")
_UNIT = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[\u3400-\u9fff\U00020000-\U0002fa1f]")
_CJK = re.compile(r"[\u3400-\u9fff]")
# said before the question and not part of it; the longest first
_PREFIXES = sorted(
    (
        "你好 您好 请问 请问一下 问一下 想问一下 我想问一下 我想问下 想问下"
        " 咨询一下 我想咨询一下 想咨询一下 亲 在吗 在么 你们好 早上好 下午好"
        " 晚上好 哈喽 麻烦问一下 打扰一下 不好意思 那个 我想知道 想知道"
    ).split(),
    key=len,
    reverse=True,
)
_SUFFIXES = ("谢谢", "谢谢了", "求解答", "呢", "呀", "啊", "哦", "哈", "吧")
_MAX_LENGTH = 400


def normalise(text):
    """Return ``text`` folded: width, case, Traditional to Simplified, no punctuation.

    Greetings before the question and politeness after it are dropped while at least two
    units remain.
    :param str text: what a person typed
    :rtype: str
    """
    valid = (text or "")[:_MAX_LENGTH].encode("utf-8", "ignore").decode()
    folded = unicodedata.normalize("NFKC", valid).lower()
    tokens = _UNIT.findall(_T2S.convert(folded))
    return _strip_phrases(_join(tokens))


def _join(tokens):
    """Write Chinese characters together and latin words apart."""
    out = []
    for token in tokens:
        if out and not (_CJK.match(token) or _CJK.match(out[-1][-1])):
            out.append(" ")
        out.append(token)
    return "".join(out)


def _strip_phrases(text):
    changed = True
    while changed:
        changed = False
        for prefix in _PREFIXES:
            if text.startswith(prefix) and len(text) - len(prefix) >= 2:
                text, changed = text[len(prefix) :].strip(), True
        for suffix in _SUFFIXES:
            if text.endswith(suffix) and len(text) - len(suffix) >= 2:
                text, changed = text[: -len(suffix)].strip(), True
    return text


def units(text):
    """Return the units of a normalised text."""
    return _UNIT.findall(text)


def grams(parts):
    """Return units and pairs of neighbours; of latin words also their 3-grams."""
    found = list(parts)
    found += [f"{a}\x1f{b}" for a, b in zip(parts, parts[1:], strict=False)]
    for part in parts:
        if len(part) > 3:
            padded = f"^{part}$"
            found += ["#" + padded[i : i + 3] for i in range(len(padded) - 2)]
    return found


def is_chinese(text):
    """Whether the text holds Chinese characters."""
    return bool(_CJK.search(text))


@lru_cache(maxsize=1)
def _pinyin_table():
    """Return {character: syllable}; the file holds ``syllable characters`` per line."""
    path = Path(__file__).with_name("pinyin.txt")
    table = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        syllable, _sep, characters = line.partition(" ")
        table.update(dict.fromkeys(characters, syllable))
    return table


def pinyin(parts):
    """Return the units as sounds, so that homophone typing errors meet."""
    table = _pinyin_table()
    return [table.get(part, part) for part in parts]
