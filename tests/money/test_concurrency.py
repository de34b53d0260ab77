"""Many real processes at once (SEC-W1, W2, W6, W8, P6, P7)."""

import time

import pytest

from .invariants import broken

NOW = "2026-03-10 03:00:00"


@pytest.fixture
def enterprise(pool, request):
    """Return ``(code, fill)`` of a new formal enterprise."""
    name = f"E{abs(hash(request.node.name)) % 10**9}"
    code = pool.call("register", name=name, seats=3, now=NOW)

    def fill(fen):
        recharge = pool.call("file_transfer", code=code, fen=fen, now=NOW)
        pool.call("approve", recharge=recharge, now=NOW)

    return code, fill


def _balance(connection, code):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT balance FROM huolie_wallet w JOIN huolie_enterprise e"
            " ON e.id = w.enterprise_id WHERE e.code = %s",
            [code],
        )
        return int(cursor.fetchone()[0] * 100)


def _sum_up(results):
    errors = [r["error"] for r in results if "error" in r]
    assert not errors, errors[0]
    return sum("ok" in r for r in results), sum("refused" in r for r in results)


def test_w1_fifty_openings_with_money_for_one(pool, connection, enterprise):
    code, fill = enterprise
    fill(19900)
    seats = pool.call("add_seats", code=code, count=1, now=NOW)
    results = []
    for worker, count in zip(pool.workers, (13, 13, 12, 12), strict=True):
        worker.send(
            "open_these",
            code=code,
            seats=seats,
            key=f"w1:{id(worker)}",
            times=count,
            threads=count,
            now=NOW,
        )
    for worker in pool.workers:
        results += worker.receive()
    assert len(results) == 50
    _sum_up(results)
    ids = {r["ok"] for r in results if "ok" in r}
    assert len(ids) == 1
    assert _balance(connection, code) == 0
    assert not broken(connection)


def test_w1_other_clicks_on_other_seats(pool, connection, enterprise):
    code, fill = enterprise
    fill(19900)
    for number, worker in enumerate(pool.workers):
        worker.send("open_seats", code=code, key=f"w1b:{number}", count=1, now=NOW)
    done, refused = _sum_up([r for w in pool.workers for r in w.receive()])
    assert (done, refused) == (1, 3)
    assert _balance(connection, code) == 0
    assert not broken(connection)


def test_same_seat_with_plenty_of_money_pays_once(pool, connection, enterprise):
    code, fill = enterprise
    fill(1_000_000)
    seats = pool.call("add_seats", code=code, count=1, now=NOW)
    for number, worker in enumerate(pool.workers):
        worker.send("open_these", code=code, seats=seats, key=f"s:{number}", now=NOW)
    done, refused = _sum_up([r for w in pool.workers for r in w.receive()])
    assert (done, refused) == (1, 3)
    assert _balance(connection, code) == 1_000_000 - 19900
    assert not broken(connection)


def test_w2_opening_renewal_and_robot_at_once(pool, connection, enterprise):
    code, fill = enterprise
    fill(19900)
    pool.call("open_seats", code=code, key="w2:first", count=1, now=NOW)
    fill(29900)
    orders = [
        ("open_seats", {"key": "w2:open", "count": 1}),
        ("renew", {"key": "w2:renew", "months": 1}),
        ("open_seats", {"key": "w2:robot", "count": 0, "robot": True}),
        ("renew", {"key": "w2:renew2", "months": 1}),
    ]
    for worker, (op, args) in zip(pool.workers, orders, strict=True):
        worker.send(op, code=code, now=NOW, **args)
    done, _refused = _sum_up([r for w in pool.workers for r in w.receive()])
    assert done >= 1
    assert _balance(connection, code) >= 0
    assert not broken(connection)


def test_w6_transfer_approved_by_two_at_once(pool, connection, enterprise):
    code, _fill = enterprise
    for _ in range(3):
        before = _balance(connection, code)
        recharge = pool.call("file_transfer", code=code, fen=50000, now=NOW)
        for number, worker in enumerate(pool.workers):
            finance = number % 2 + 1
            worker.send("approve", recharge=recharge, finance=finance, now=NOW)
        done, refused = _sum_up([r for w in pool.workers for r in w.receive()])
        assert (done, refused) == (1, 3)
        assert _balance(connection, code) - before == 50000
    assert not broken(connection)


def test_withdraw_and_approve_at_once(pool, connection, enterprise):
    code, _fill = enterprise
    recharge = pool.call("file_transfer", code=code, fen=50000, now=NOW)
    for number, worker in enumerate(pool.workers):
        worker.send("withdraw" if number % 2 else "approve", recharge=recharge, now=NOW)
    done, refused = _sum_up([r for w in pool.workers for r in w.receive()])
    assert (done, refused) == (1, 3)
    assert not broken(connection)


def test_p7_two_hundred_copies_of_a_notice(pool, connection, enterprise):
    code, _fill = enterprise
    order = pool.call("open_online", code=code, fen=30000, now=NOW)
    results = pool.all_at_once(
        "notice",
        each=50,
        threads=10,
        reference=order["reference"],
        fen=30000,
        event="copy",
        now=NOW,
    )
    assert len(results) == 200
    busy = [r for r in results if "error" in r]
    assert all(r["error"].startswith("busy") for r in busy), busy[:1]
    assert _balance(connection, code) == 30000
    assert not broken(connection)


def test_p10_notice_and_query_at_once(pool, connection, enterprise):
    code, _fill = enterprise
    order = pool.call("open_online", code=code, fen=30000, now=NOW)
    for number, worker in enumerate(pool.workers):
        worker.send(
            "notice",
            reference=order["reference"],
            fen=30000,
            event="" if number % 2 else f"n{number}",
            now=NOW,
        )
    _sum_up([r for w in pool.workers for r in w.receive()])
    assert _balance(connection, code) == 30000
    assert not broken(connection)


def test_w9_refund_settled_and_released_at_once(pool, connection, enterprise):
    code, fill = enterprise
    fill(50000)
    refund = pool.call("ask_refund", code=code, kind="payout", fen=20000, now=NOW)
    for worker in pool.workers:
        worker.send("refund_step", refund=refund, step="approve", now=NOW)
    assert _sum_up([r for w in pool.workers for r in w.receive()])[0] == 1
    for number, worker in enumerate(pool.workers):
        step = "settle" if number % 2 else "release"
        worker.send("refund_step", refund=refund, step=step, now=NOW)
    assert _sum_up([r for w in pool.workers for r in w.receive()])[0] == 1
    assert not broken(connection)


def test_w11_two_runs_at_once(pool, connection, enterprise):
    code, fill = enterprise
    fill(19900 * 5)
    pool.call("open_seats", code=code, key="run:first", count=1, now=NOW)
    later = "2026-04-09 16:00:00"
    for worker in pool.workers:
        worker.send("renewal_run", now=later)
    _sum_up([r for w in pool.workers for r in w.receive()])
    assert _balance(connection, code) == 19900 * 3
    assert not broken(connection)


def test_two_invoicings_at_once(pool, connection, enterprise):
    code, fill = enterprise
    fill(19900)
    pool.call("open_seats", code=code, key="inv:first", count=1, now=NOW)
    for worker in pool.workers:
        worker.send("invoice", now="2026-04-02 03:00:00")
    for worker in pool.workers:
        worker.receive()
    pool.call("invoice", now="2026-04-02 03:00:00")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM account_move m JOIN huolie_enterprise e"
            " ON e.id = m.huolie_enterprise_id"
            " WHERE e.code = %s AND m.move_type = 'out_invoice' AND m.state = 'posted'",
            [code],
        )
        assert cursor.fetchone() == (1,)
    assert not broken(connection)


def test_w8_killed_in_the_middle(pool, connection, enterprise):
    code, fill = enterprise
    fill(19900)
    recharge = pool.call("file_transfer", code=code, fen=50000, now=NOW)
    worker = pool.workers[-1]
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        worker.send("approve", recharge=recharge, now=NOW)
        worker.process.stdin.flush()
        time.sleep(delay)
        worker.kill()
        assert not broken(connection)
        worker.start()
    worker.call("approve", recharge=recharge, now=NOW)
    assert _balance(connection, code) == 19900 + 50000
    assert not broken(connection)
