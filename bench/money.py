"""Money at the size of BILLING.md §7: 10,000 enterprises with 3 seats and the robot.

Runs twice, with fsync and without, on a PostgreSQL of its own. One enterprise in fifty
cannot pay its renewal. ``MONEY_ENTERPRISES`` makes it smaller. The ids are those of
the issue; ``…_nofsync`` are the same without fsync.
"""

import contextlib
import os
import time
from datetime import UTC, datetime, timedelta

import psycopg2

from bench.mass import Mass
from bench.own_server import own_server, set_fsync
from bench.support import median, percentile, result
from huolie_tools import database, places, postgres
from huolie_tools.progress import say
from tests.money.invariants import broken
from tests.money.pool import Pool

COUNT = int(os.environ.get("MONEY_ENTERPRISES", "10000"))
SHORT = COUNT // 50
MARKS = {"": True, "_nofsync": False}
FILLED, NAME = "huolie_bench_money_filled", "huolie_bench_money"
MONTH, ROBOT = 3 * 199 * 100, 29900
# Service that was opened then ends today or some days ago; always a past month.
START = datetime.now(UTC) - timedelta(days=31)
NEXT = datetime.now(UTC) + timedelta(days=31)


def results():
    """Measure everything with fsync and without; the long part, invoices, goes last."""
    found = []
    with own_server(os.environ["HUOLIE_TEMPLATE"], FILLED):
        with _pool(FILLED) as pool:
            _fill(pool)
        for measure in (_measure, _measure_invoices):
            for mark, fsync in MARKS.items():
                set_fsync(fsync)
                if not database.exists(NAME + mark):
                    database.clone(FILLED, NAME + mark)
                with _pool(NAME + mark) as pool:
                    found += _with_load(mark, measure(pool))
    return found


def _with_load(mark, measured):
    """Mark the results and say how busy the machine was."""
    found = [{**one, "id": one["id"] + mark} for one in measured]
    for one in found:
        load = f"load {os.getloadavg()[1]:.1f}"
        say(f"{one['id']}: {one['value']} {one['unit']}, {load}")
    return found


@contextlib.contextmanager
def _pool(name):
    log = places.make_folder(places.ARTEFACTS / "logs") / "huolie_bench_money.log"
    pool = Pool(name, 4, log)
    pool.name = name
    try:
        yield pool
    finally:
        pool.stop()


@contextlib.contextmanager
def _cursor(name):
    before = dict(os.environ)
    os.environ.update(postgres.environment())
    connection = psycopg2.connect(dbname=name)
    os.environ.clear()
    os.environ.update(before)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _value(pool, sql):
    with _cursor(pool.name) as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


# === MASS === #
def _fill(pool):
    """Two enterprises through the product, the others as their copies."""
    pool.call("setup")
    rich = _formal(pool, "Rich", 3, 3 * (MONTH + ROBOT))
    poor = _formal(pool, "Poor", 3, MONTH + ROBOT + 10000)
    for code in (rich, poor):
        order = {"code": code, "key": f"open:{code}", "count": 3, "robot": True}
        pool.call("open_seats", now=_text(START), **order)
    with _cursor(FILLED) as cursor:
        cursor.execute("UPDATE ir_cron SET active = false")
        _copy(cursor, rich, COUNT - SHORT - 1)
        _copy(cursor, poor, SHORT - 1)
        cursor.execute("VACUUM ANALYZE")


def _copy(cursor, code, count):
    cursor.execute(
        "SELECT id, partner_id FROM huolie_enterprise WHERE code = %s", [code]
    )
    enterprise, partner = cursor.fetchone()
    mass = Mass(cursor, {"huolie_enterprise": [enterprise], "res_partner": [partner]})
    recharges = mass.new("huolie_recharge", "source.res_id")
    cursor.execute("SELECT max(sequence_number) FROM account_move")
    number = f"{cursor.fetchone()[0]} + n"
    mass.copy(
        count,
        account_move__name=f"source.sequence_prefix || lpad(({number})::text, 5, '0')",
        account_move__sequence_number=number,
        huolie_wallet_entry__res_id="CASE source.res_model WHEN 'huolie.recharge'"
        f" THEN {recharges} ELSE {mass.new('huolie_enterprise', 'source.res_id')} END",
    )


def _text(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _formal(pool, name, seats, fen, now=START):
    now = now and _text(now)
    code = pool.call("register", name=name, seats=seats, now=now)
    recharge = pool.call("file_transfer", code=code, fen=fen, now=now)
    pool.call("approve", recharge=recharge, now=now)
    return code


# === MEASURING === #
def _measure(pool):
    found = [*_single(pool), *_races(pool)]
    found.append(result("money.renewal_s", _timed(pool, "renewal_run"), "s", 60))
    _check_renewed(pool, 1)
    found.append(_killed_run(pool))
    _check_books(pool)
    return found


def _measure_invoices(pool):
    found = [result("money.invoices_s", _timed(pool, "bench_invoices"), "s", 900)]
    _check_books(pool)
    return found


def _check_books(pool):
    assert not pool.call("compare_books")
    with _cursor(pool.name) as cursor:
        assert not (wrong := broken(cursor.connection)), wrong


def _timed(pool, op, **order):
    since = time.perf_counter()
    say(f"{op}: {pool.call(op, **order)}")
    return time.perf_counter() - since


def _check_renewed(pool, times):
    """Each of the mass paid exactly ``times`` renewals; the poor are interrupted."""
    mass = "IN (SELECT enterprise_id FROM huolie_service)"
    entries = f"FROM huolie_wallet_entry WHERE kind = 'renew' AND enterprise_id {mass}"
    renewed = _value(pool, f"SELECT COUNT(*) {entries}")
    assert renewed == times * (COUNT - SHORT), renewed
    most = f"SELECT COUNT(*) {entries} GROUP BY enterprise_id ORDER BY 1 DESC LIMIT 1"
    assert _value(pool, most) == times
    stopped = f"FROM huolie_enterprise WHERE service_suspended AND id {mass}"
    assert _value(pool, f"SELECT COUNT(*) {stopped}") == SHORT


def _killed_run(pool):
    """A month later: the run is killed three times, then ends; nobody pays twice."""
    since, now = time.perf_counter(), _text(NEXT)
    for worker in pool.workers[1:]:
        worker.send("renewal_run", now=now)
        time.sleep(3)
        worker.kill()
        worker.start()
    pool.call("renewal_run", now=now)
    _check_renewed(pool, 2)
    seconds = time.perf_counter() - since
    return result("money.renewal_killed_thrice_s", seconds, "s")


def _single(pool):
    """One seat opened, one notice taken, each 60 times, at the real clock."""
    code = _formal(pool, "Single", 60, 10_000_000, now=None)
    opening, taking = [], []
    for number in range(60):
        order = {"code": code, "key": f"b:{number}", "count": 1}
        opening.append(_server_ms(pool, "open_seats", **order))
    for number in range(60):
        order = pool.call("open_online", code=code, fen=10000)
        args = {"reference": order["reference"], "fen": 10000, "event": f"b{number}"}
        taking.append(_server_ms(pool, "notice", **args))
    return [
        result("money.open_seat_ms_p50", median(opening), "ms", 150),
        result("money.open_seat_ms_p95", percentile(opening, 0.95), "ms"),
        result("money.notice_ms_p50", median(taking), "ms"),
        result("money.notice_ms_p95", percentile(taking, 0.95), "ms", 500),
    ]


def _server_ms(pool, op, **order):
    """Milliseconds in the server, from the cursor to the commit."""
    answer = pool.workers[0].call(op, **order)
    assert "ok" in answer, answer
    return answer["ms"]


def _races(pool):
    """200 copies of one notice; 50 openings with money for one."""
    code = _formal(pool, "Race", 1, 19900, now=None)
    order = pool.call("open_online", code=code, fen=30000)
    before = pool.call("balance", code=code)
    args = {"reference": order["reference"], "fen": 30000, "event": "copy"}
    pool.all_at_once("notice", each=50, threads=10, **args)
    credited = (pool.call("balance", code=code) - before) // 30000

    code = _formal(pool, "Race2", 50, 19900, now=None)
    for number, worker in enumerate(pool.workers):
        count = (13, 13, 12, 12)[number]
        order = {"code": code, "prefix": f"r{number}", "count": 1}
        worker.send("open_any", times=count, threads=count, **order)
    answers = [one for worker in pool.workers for one in worker.receive()]
    opened = sum("ok" in one for one in answers)
    return [
        result("money.duplicate_credits", credited - 1, "credits", 0),
        result("money.double_openings", opened - 1, "openings", 0),
    ]
