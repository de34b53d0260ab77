"""The in-memory index of one knowledge base, and the bounded cache of indexes.

Pure numpy, no Odoo. The index holds ids and normalised texts of one enterprise only;
answers are read from the database when they are sent.
"""

import threading
from collections import OrderedDict, defaultdict
from math import log

import numpy as np
import rjieba

from . import normalise as norm


class Space:
    """TF-IDF vectors of one kind of token over all phrasings, as postings."""

    def __init__(self, documents):
        self.size = len(documents)
        self.vocabulary = {}
        gram_ids, doc_ids, counts = self._count(documents)
        df = np.bincount(gram_ids, minlength=len(self.vocabulary)).astype(np.float32)
        self.idf = np.log((self.size + 1) / (df + 1)) + 1
        self.unknown_idf = log(self.size + 1) + 1
        weights = (1 + np.log(counts)) * self.idf[gram_ids]
        norms = np.sqrt(np.bincount(doc_ids, weights**2, minlength=self.size))
        weights = weights / np.maximum(norms, 1e-9)[doc_ids]
        order = np.argsort(gram_ids, kind="stable")
        self.docs = doc_ids[order]
        self.weights = weights[order].astype(np.float32)
        self.start = np.concatenate(([0], np.cumsum(df))).astype(np.int32)

    def _count(self, documents):
        gram_ids, doc_ids, counts = [], [], []
        for doc, tokens in enumerate(documents):
            seen = {}
            for token in tokens:
                seen[token] = seen.get(token, 0) + 1
            for token, count in seen.items():
                gram_ids.append(self.vocabulary.setdefault(token, len(self.vocabulary)))
                doc_ids.append(doc)
                counts.append(count)
        return (
            np.array(gram_ids, dtype=np.int32),
            np.array(doc_ids, dtype=np.int32),
            np.array(counts, dtype=np.float32),
        )

    def weight(self, token):
        """Return the idf of ``token``, known or not."""
        gram = self.vocabulary.get(token)
        return self.unknown_idf if gram is None else float(self.idf[gram])

    def scores(self, tokens):
        """Return the cosine of ``tokens`` with every phrasing.

        Grams the knowledge base has never seen count in the query's norm: else a
        question that shares two characters looks like a perfect match.
        """
        tf = {}
        for token in tokens:
            tf[token] = tf.get(token, 0) + 1
        out = np.zeros(self.size, dtype=np.float32)
        square = 0.0
        for token, count in tf.items():
            value = (1 + log(count)) * self.weight(token)
            square += value * value
            gram = self.vocabulary.get(token)
            if gram is not None:
                part = slice(self.start[gram], self.start[gram + 1])
                out[self.docs[part]] += value * self.weights[part]
        return out / (square**0.5) if square else out

    @property
    def nbytes(self):
        arrays = self.docs.nbytes + self.weights.nbytes + self.start.nbytes
        return arrays + self.idf.nbytes + 110 * len(self.vocabulary)


class Phrase:
    """One phrasing of an entry, normalised once."""

    __slots__ = ("entry", "grams", "text", "units", "words")

    def __init__(self, entry, text):
        self.entry = entry
        self.text = text
        self.units = norm.units(text)
        self.grams = frozenset(norm.grams(self.units))
        self.words = [word for word in rjieba.cut(text) if word.strip()]


class Index:
    """Searchable knowledge base.

    :param list entries: dicts ``{"id", "phrases": [str], "keywords": [[str]],
        "excluded": [str], "mode": "smart"|"exact"|"contain"}``
    """

    def __init__(self, entries):
        self.ids = [entry["id"] for entry in entries]
        self.modes = [entry.get("mode") or "smart" for entry in entries]
        self.excluded = [
            [norm.normalise(word) for word in entry.get("excluded", ())]
            for entry in entries
        ]
        self.phrases, self.exact = [], {}
        self.by_entry = defaultdict(list)
        for number, entry in enumerate(entries):
            self._add_phrases(number, entry["phrases"])
        self._index_keywords(entries)
        self.char = Space([norm.grams(p.units) for p in self.phrases])
        self.word = Space([p.words for p in self.phrases])
        self.sound = Space([norm.grams(norm.pinyin(p.units)) for p in self.phrases])
        self.owner = np.array([p.entry for p in self.phrases], dtype=np.int32)

    def _add_phrases(self, number, texts):
        for text in dict.fromkeys(norm.normalise(text) for text in texts):
            if text:
                self.exact.setdefault(text, number)
                self.by_entry[number].append(len(self.phrases))
                self.phrases.append(Phrase(number, text))

    def _index_keywords(self, entries):
        """Keep each keyword group under its first word: {word: [(entry, group)]}."""
        self.keywords = defaultdict(list)
        self.longest_keyword = 0
        for number, entry in enumerate(entries):
            for group in entry.get("keywords", ()):
                group = [word for word in map(norm.normalise, group) if word]
                if group:
                    self.keywords[group[0]].append((number, group))
                    self.longest_keyword = max(self.longest_keyword, len(group[0]))

    def __len__(self):
        return len(self.ids)

    @property
    def nbytes(self):
        """Roughly how much memory the index holds (bytes)."""
        texts = sum(120 + 70 * len(p.grams) + 60 * len(p.words) for p in self.phrases)
        return texts + self.char.nbytes + self.word.nbytes + self.sound.nbytes

    def find_keywords(self, text):
        """Return {entry: characters of ``text`` that its keywords cover}."""
        found = {}
        for start in range(len(text)):
            for end in range(
                start + 1, min(len(text), start + self.longest_keyword) + 1
            ):
                for number, group in self.keywords.get(text[start:end], ()):
                    if all(word in text for word in group):
                        size = sum(map(len, group))
                        found[number] = max(found.get(number, 0), size)
        return found

    def is_excluded(self, number, text):
        """Whether an excluded keyword of the entry stands in ``text``."""
        return any(word and word in text for word in self.excluded[number])


class IndexCache:
    """Indexes of many enterprises, the least recently used dropped by bytes."""

    def __init__(self, limit):
        self.limit = limit
        self._items = OrderedDict()
        self._lock = threading.Lock()
        self._building = defaultdict(threading.Lock)

    def get(self, key, version, build):
        """Return the index of ``key`` at ``version``, building it when it is stale.

        :param key: hashable, names database and enterprise
        :param int version: number of the last change of the knowledge base
        :param build: function without arguments that returns an Index
        """
        found = self._peek(key, version)
        if found:
            return found
        with self._building[key]:
            found = self._peek(key, version)
            if not found:
                found = build()
                self._store(key, version, found)
        return found

    def _peek(self, key, version):
        with self._lock:
            item = self._items.get(key)
            if item and item[0] == version:
                self._items.move_to_end(key)
                return item[1]
        return None

    def _store(self, key, version, index):
        with self._lock:
            self._items[key] = (version, index, index.nbytes)
            self._items.move_to_end(key)
            total = sum(item[2] for item in self._items.values())
            while total > self.limit and len(self._items) > 1:
                old, item = self._items.popitem(last=False)
                self._building.pop(old, None)
                total -= item[2]
