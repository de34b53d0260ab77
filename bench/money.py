"""Money at the size of BILLING.md §7: 10,000 enterprises with 3 seats and the robot.

``MONEY_ENTERPRISES`` makes it smaller. The ids are those of the issue.
"""

import contextlib
import os
import time

from bench.support import median, percentile, result
from huolie_tools import database, places
from tests.money.pool import Pool

COUNT = int(os.environ.get("MONEY_ENTERPRISES", "10000"))
NAME = "huolie_bench_money"
START, DUE, MONTH = "2026-01-10 03:00:00", "2026-02-09 16:00:00", "2026-03-02 03:00:00"


def results():
    """Measure everything on one clone of the template."""
    with _pool() as pool:
        found = [*_single(pool), *_races(pool)]
        pool.call("bench_fill", count=COUNT, now=START)
        # charges of the preparation are not what is measured
        pool.call("bench_settle", now=START)
        seconds = _timed(pool, "bench_renewal", now=DUE)
        found.append(result("money.renewal_s", seconds, "s", 60))
        seconds = _timed(pool, "bench_invoices", now=MONTH)
        found.append(result("money.invoices_s", seconds, "s", 900))
        assert not pool.call("compare_books", now=MONTH)
    return found


@contextlib.contextmanager
def _pool():
    database.drop(NAME)
    database.clone(os.environ["HUOLIE_TEMPLATE"], NAME)
    log = places.make_folder(places.ARTEFACTS / "logs") / f"{NAME}.log"
    pool = Pool(NAME, 4, log)
    try:
        pool.call("setup")
        yield pool
    finally:
        pool.stop()
        database.drop(NAME)


def _timed(pool, op, **order):
    since = time.perf_counter()
    pool.call(op, **order)
    return time.perf_counter() - since


def _formal(pool, name, seats, fen):
    code = pool.call("register", name=name, seats=seats, now=START)
    recharge = pool.call("file_transfer", code=code, fen=fen, now=START)
    pool.call("approve", recharge=recharge, now=START)
    return code


def _single(pool):
    """One seat opened, one notice taken, each 40 times."""
    code = _formal(pool, "Single", 60, 10_000_000)
    opening, taking = [], []
    for number in range(40):
        key = f"b:{number}"
        opening.append(
            _timed(pool, "open_seats", code=code, key=key, count=1, now=START)
        )
    for number in range(40):
        order = pool.call("open_online", code=code, fen=10000, now=START)
        args = {"reference": order["reference"], "fen": 10000, "event": f"b{number}"}
        taking.append(_timed(pool, "notice", now=START, **args))
    return [
        result("money.open_seat_ms_p50", median(opening) * 1000, "ms", 150),
        result("money.notice_ms_p95", percentile(taking, 0.95) * 1000, "ms", 500),
    ]


def _races(pool):
    """200 copies of one notice; 50 openings with money for one."""
    code = _formal(pool, "Race", 1, 19900)
    order = pool.call("open_online", code=code, fen=30000, now=START)
    before = pool.call("balance", code=code)
    args = {"reference": order["reference"], "fen": 30000, "event": "copy"}
    pool.all_at_once("notice", each=50, threads=10, now=START, **args)
    credited = (pool.call("balance", code=code) - before) // 30000

    code = _formal(pool, "Race2", 50, 19900)
    order = {"code": code, "count": 1, "now": START}
    results = []
    for number, worker in enumerate(pool.workers):
        count = (13, 13, 12, 12)[number]
        worker.send(
            "open_any", prefix=f"r{number}", times=count, threads=count, **order
        )
    for worker in pool.workers:
        results += worker.receive()
    opened = sum("ok" in one for one in results)
    return [
        result("money.duplicate_credits", credited - 1, "credits", 0),
        result("money.double_openings", opened - 1, "openings", 0),
    ]
