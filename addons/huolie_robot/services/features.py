"""What the matcher knows of a pair (question asked, entry): numbers for the regression.

The order of NAMES is the order of the coefficients in ``model.json``.
"""

from math import log

import numpy as np
import rjieba
from rapidfuzz import fuzz

from . import normalise as norm

NAMES = (
    "char word sound ratio partial cover_query cover_entry unknown"
    " mix mix_square char_margin mix_margin top lead rank"
    " antonym negation kind_same kind_differs"
    " query_length entry_length length_gap missing_words extra_words rare_missing"
    " phrasings size mix_size margin_size"
).split()

_OPPOSITES = [
    pair.split("/")
    for pair in (
        "开通/关闭 开启/关闭 打开/关闭 最高/最低 提前/延期 提前/逾期"
        " 增加/减少 提高/降低 提升/降低 绑定/解绑 绑/解绑 存/取 转入/转出"
        " 收/付 收款/付款 借/还 借款/还款 登录/退出 注册/注销 手动/自动"
        " 线上/线下 男/女 上/下 前/后 买/卖 充值/提现 激活/停用 升级/降级"
        " 添加/删除 新增/删除 成功/失败 个人/企业 花呗/借呗 白天/晚上"
        " 国内/国外 邮寄/自取 专票/普票 early/late open/close"
        " activate/cancel increase/decrease on/off up/down before/after"
        " add/remove send/receive deposit/withdraw lost/found buy/sell"
        " minimum/maximum"
    ).split()
]
_NEGATION = (
    "不 没 无法 未 别 勿 不能 失败"
    " not can't cannot won't don't didn't isn't never unable"
).split()
_KINDS = {
    "why": "为什么 为啥 怎么会 什么原因 原因 why",
    "how": "怎么 如何 怎样 咋 流程 步骤 方法 how",
    "when": "什么时候 多久 几天 何时 几点 时间 多长时间 when long",
    "much": "多少 几个 额度 费用 价格 收费 多少钱 much many cost fee fees price",
    "where": "哪里 哪儿 在哪 地址 去哪 where",
    "what": "什么是 是什么 什么意思 啥意思 what mean",
    "can": "能不能 可以吗 可不可以 能否 是否 会不会 行吗 能吗 吗 can may",
    "who": "谁 哪位 客服 who",
}
_KINDS = {kind: words.split() for kind, words in _KINDS.items()}


def _contains(text, word, parts):
    return word in parts if word[0].isascii() else word in text


def traits(text, parts):
    """Return (opposite words present, negated?, kinds of question) of a text."""
    sides = set()
    for number, (left, right) in enumerate(_OPPOSITES):
        if _contains(text, left, parts) and not _contains(text, right, parts):
            sides.add((number, 0))
        elif _contains(text, right, parts) and not _contains(text, left, parts):
            sides.add((number, 1))
    negated = any(_contains(text, word, parts) for word in _NEGATION)
    kinds = {
        kind
        for kind, words in _KINDS.items()
        if any(_contains(text, word, parts) for word in words)
    }
    return sides, negated, kinds


class Query:
    """The question asked, normalised and cut once."""

    def __init__(self, text):
        self.text = text
        self.units = norm.units(text)
        self.token_list = norm.grams(self.units)
        self.grams = frozenset(self.token_list)
        self.words = [word for word in rjieba.cut(text) if word.strip()]
        self.sounds = norm.grams(norm.pinyin(self.units))
        self.traits = traits(text, self.units)


def candidates(index, query, count=10):
    """Return the best entries: [(entry, best phrasing's row, scores)], best first.

    ``scores`` are the best cosine of the entry in each space and their mix.
    """
    char = index.char.scores(query.token_list)
    word = index.word.scores(query.words)
    sound = index.sound.scores(query.sounds)
    mix = 0.45 * char + 0.3 * word + 0.25 * sound
    rows = np.argsort(-mix)[: count * 4]
    found = {}
    for row in rows:
        if mix[row] <= 0 or len(found) >= count + 1:
            break
        entry = int(index.owner[row])
        if entry not in found:
            mine = index.by_entry[entry]
            best = [float(space[mine].max()) for space in (char, word, sound)]
            found[entry] = (entry, int(row), [*best, float(mix[row])])
    return list(found.values())


def compute(index, query, found):
    """Return the matrix of features of the candidates ``found``."""
    return np.array(
        [_pair(index, query, found, rank) for rank in range(len(found))],
        dtype=np.float64,
    ).reshape(len(found), len(NAMES))


def _pair(index, query, found, rank):
    entry, row, (char, word, sound, mix) = found[rank]
    phrase = index.phrases[row]
    others = [item[2] for number, item in enumerate(found) if number != rank]
    best_char = max((scores[0] for scores in others), default=0.0)
    best_mix = max((scores[3] for scores in others), default=0.0)
    size = log(len(index) + 1) / 10
    margin = mix - best_mix
    return [
        char,
        word,
        sound,
        *_fuzzy(query, index, entry),
        *_coverage(index, query, phrase),
        mix,
        mix * mix,
        char - best_char,
        margin,
        float(rank == 0),
        margin if rank == 0 else 0.0,
        1 / (rank + 1),
        *_agreement(query, phrase),
        *_lengths(query, phrase),
        *_words(index, query, phrase),
        log(len(index.by_entry[entry])),
        size,
        mix * size,
        margin * size,
    ]


def _fuzzy(query, index, entry):
    rows = index.by_entry[entry][:8]
    texts = [index.phrases[row].text for row in rows]
    ratio = max(fuzz.ratio(query.text, text) for text in texts)
    partial = max(fuzz.partial_ratio(query.text, text) for text in texts)
    return ratio / 100, partial / 100


def _coverage(index, query, phrase):
    """Shares by idf: of the query in the entry, of the entry in the query, unknown."""
    space = index.char
    shared = sum(space.weight(gram) for gram in query.grams & phrase.grams)
    asked = sum(space.weight(gram) for gram in query.grams) or 1.0
    said = sum(space.weight(gram) for gram in phrase.grams) or 1.0
    unknown = sum(
        space.unknown_idf for gram in query.grams if gram not in space.vocabulary
    )
    return shared / asked, shared / said, unknown / asked


def _agreement(query, phrase):
    sides, negated, kinds = query.traits
    other_sides, other_negated, other_kinds = traits(phrase.text, phrase.units)
    conflict = sum((number, 1 - side) in other_sides for number, side in sides)
    differs = bool(kinds and other_kinds and not kinds & other_kinds)
    return (
        float(min(conflict, 2)),
        float(negated != other_negated),
        float(bool(kinds & other_kinds)),
        float(differs),
    )


def _lengths(query, phrase):
    asked, said = len(query.units) or 1, len(phrase.units) or 1
    return log(asked), log(said), abs(asked - said) / max(asked, said)


def _words(index, query, phrase):
    """Shares by idf of words on one side only; the rarest known word not met."""
    space = index.word
    asked, said = set(query.words), set(phrase.words)
    missing = [w for w in asked - said if w in space.vocabulary]
    total = sum(map(space.weight, asked)) or 1.0
    other = sum(map(space.weight, said)) or 1.0
    top = space.unknown_idf
    return (
        sum(map(space.weight, missing)) / total,
        sum(map(space.weight, said - asked)) / other,
        max(map(space.weight, missing), default=0.0) / top,
    )
