import threading

from odoo.tests import BaseCase, tagged

from ..services.index import Index, IndexCache


def small_index(text="怎么退货"):
    return Index([{"id": 1, "phrases": [text]}])


@tagged("post_install", "-at_install")
class TestIndex(BaseCase):
    def test_keyword_group_needs_all_its_words(self):
        entry = {"id": 7, "phrases": ["退货运费谁出"], "keywords": [["退货", "运费"]]}
        index = Index([entry])
        self.assertEqual(index.find_keywords("退货的运费"), {0: 4})
        self.assertEqual(index.find_keywords("退货地址"), {})

    def test_unknown_grams_lower_the_score(self):
        index = small_index()
        full = index.char.scores(["退", "货"]).max()
        diluted = index.char.scores(["退", "货", "火", "星", "旅", "行"]).max()
        self.assertLess(diluted, full)

    def test_cache_builds_again_only_for_a_new_version(self):
        cache, built = IndexCache(10**9), []

        def build():
            built.append(1)
            return small_index()

        first = cache.get(("db", 1), 1, build)
        self.assertIs(cache.get(("db", 1), 1, build), first)
        self.assertIsNot(cache.get(("db", 1), 2, build), first)
        self.assertEqual(len(built), 2)

    def test_cache_drops_the_least_used_by_bytes(self):
        size = small_index().nbytes
        cache = IndexCache(size * 2 + size // 2)
        first = cache.get("a", 1, small_index)
        cache.get("b", 1, small_index)
        cache.get("c", 1, small_index)
        self.assertIsNot(cache.get("a", 1, small_index), first)

    def test_two_threads_build_once(self):
        cache, built, gate = IndexCache(10**9), [], threading.Event()

        def build():
            gate.wait(2)
            built.append(1)
            return small_index()

        threads = [
            threading.Thread(target=cache.get, args=("k", 1, build)) for _n in range(4)
        ]
        for thread in threads:
            thread.start()
        gate.set()
        for thread in threads:
            thread.join()
        self.assertEqual(len(built), 1)
