"""Notices over real HTTP, and refunds through a gateway whose callers are killed."""

import collections
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from odoo.addons.huolie_billing.services import wechat
from odoo.addons.huolie_billing.tests.gateway import Gateway

from .invariants import broken


@pytest.fixture(scope="module")
def gateway(pool):
    """The simulated gateway; ``gateway.path`` is where it sends its notices."""
    made = Gateway().start()
    made.path = pool.call("set_gateway", values=made.values("huolie_wechat"))
    yield made
    made.stop()


@pytest.fixture
def code(pool, request):
    """A formal enterprise; its code."""
    name = f"G{abs(hash(request.node.name)) % 10**9}"
    return pool.call("register", name=name, seats=1)


def _balance(connection, code):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT balance FROM huolie_wallet w JOIN huolie_enterprise e"
            " ON e.id = w.enterprise_id WHERE e.code = %s",
            [code],
        )
        return int(cursor.fetchone()[0] * 100)


def _credited(connection, code):
    """The recharges that were credited (fen), smallest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.amount FROM huolie_wallet_entry n JOIN huolie_enterprise e"
            " ON e.id = n.enterprise_id WHERE e.code = %s AND n.kind = 'recharge'"
            " ORDER BY n.amount",
            [code],
        )
        return [int(amount * 100) for (amount,) in cursor.fetchall()]


def _refund(connection, refund):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, gateway_number FROM huolie_refund WHERE id = %s", [refund]
        )
        return cursor.fetchone()


def test_p7_notices_and_openings_over_http(
    start_server, money_db, pool, connection, gateway, code
):
    """200 copies while seats are opened from the same balance: no 500, one credit."""
    server = start_server(workers=0, database_name=money_db)
    recharge = pool.call("file_transfer", code=code, fen=19900 * 40)
    pool.call("approve", recharge=recharge)
    pool.call("add_seats", code=code, count=40)
    reference = pool.call("order_online", code=code, fen=30000)["reference"]
    gateway.pay(reference)
    copies = [
        gateway.wechat_notice(reference, event="copy" if number % 2 else None)
        for number in range(200)
    ]

    def post(notice):
        headers, body = notice
        answer = requests.post(
            server.url + gateway.path, data=body, headers=headers, timeout=60
        )
        return answer.status_code, answer.text

    opened = []
    openings = threading.Thread(
        target=lambda: opened.extend(
            pool.all_at_once("open_any", each=8, threads=2, code=code, prefix="http")
        )
    )
    openings.start()
    since = time.monotonic()
    with ThreadPoolExecutor(40) as senders:
        answers = list(senders.map(post, copies))
    took = time.monotonic() - since
    openings.join()
    kinds = collections.Counter(status for status, _text in answers)
    print(f"200 notices in {took:.1f} s: {dict(kinds)}, {len(opened)} openings")
    assert set(kinds) <= {204, 503} and kinds[204]
    assert all('"FAIL"' in text for status, text in answers if status == 503)
    # What was too busy comes again, as the gateway would send it.
    assert post(copies[0])[0] == 204
    assert _credited(connection, code) == [30000, 19900 * 40]
    assert any("ok" in result for result in opened)
    assert not broken(connection)


def test_refund_killed_in_the_middle(pool, connection, gateway, code):
    """Whenever it dies: the payer gets it once, and the books know."""
    reference = pool.call("order_online", code=code, fen=200000)
    gateway.pay(reference["reference"])
    order = gateway.wechat_order(reference["reference"])
    data = {**wechat.read_order(order, order["appid"], order["mchid"])}
    event = f"paid-{reference['id']}"
    args = {name: data[name] for name in ("reference", "fen", "state")}
    pool.call("notice", event=event, **args)
    worker = pool.workers[-1]
    for delay in (0.0, 0.03, 0.06, 0.1, 0.15, 0.3):
        refund = pool.call(
            "ask_refund",
            code=code,
            kind="payout",
            fen=20000,
            source=reference["id"],
        )
        pool.call("refund_step", refund=refund, step="approve")
        worker.send("refund_step", refund=refund, step="gateway")
        time.sleep(delay)
        worker.kill()
        worker.start()
        assert not broken(connection)
        if _refund(connection, refund)[0] == "held":
            pool.call("refund_step", refund=refund, step="gateway")
        # killed after the commit: the sweeper sends it, or asks
        pool.call("sweep_refunds", patient=False)
        state, number = _refund(connection, refund)
        assert state == "sent" and gateway.refunds[number]["fen"] == 20000
        gateway.refunds[number]["status"] = "SUCCESS"
        # the notice and the question at the same time, in all processes
        answer = wechat.read_refund(gateway.wechat_refund(number))
        for turn, one in enumerate(pool.workers):
            if turn % 2:
                one.send("sweep_refunds", patient=False)
            else:
                one.send("refund_notice", data=answer, event=f"r{refund}-{turn}")
        results = [r for one in pool.workers for r in one.receive()]
        assert not [r for r in results if "error" in r], results
        assert _refund(connection, refund)[0] == "done"
        assert not broken(connection)
    assert gateway.paid_back(reference["reference"]) == 6 * 20000
    assert _balance(connection, code) == 80000
    assert not broken(connection)


def test_refund_failed_and_released_at_once(pool, connection, gateway, code):
    """Of giving it back and paying it by bank, after it failed, one happens."""
    order = pool.call("order_online", code=code, fen=50000)
    reference = order["reference"]
    gateway.pay(reference)
    pool.call("notice", reference=reference, fen=50000, event=f"f-{reference}")
    vals = {"code": code, "kind": "payout", "fen": 20000, "source": order["id"]}
    refund = pool.call("ask_refund", **vals)
    pool.call("refund_step", refund=refund, step="approve")
    pool.call("refund_step", refund=refund, step="gateway")
    number = _refund(connection, refund)[1]
    gateway.refunds[number]["status"] = "ABNORMAL"
    pool.call("sweep_refunds", patient=False)
    for turn, worker in enumerate(pool.workers):
        step = ("settle", "release", "gateway", "release")[turn]
        worker.send("refund_step", refund=refund, step=step)
    results = [r for w in pool.workers for r in w.receive()]
    assert sum("ok" in r for r in results) == 1, results
    state = _refund(connection, refund)[0]
    assert state in ("done", "released")
    assert _balance(connection, code) == (30000 if state == "done" else 50000)
    assert not broken(connection)
