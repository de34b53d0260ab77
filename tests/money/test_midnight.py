"""At 00:00 in China: who can pay keeps receiving visitors, who cannot stops (B6)."""

import pytest

from .invariants import broken

OPENED = "2026-01-10 03:00:00"
MIDNIGHT = "2026-02-09 16:00:30"
RUN = "2026-02-09 16:02:00"
NOON = "2026-02-10 04:00:01"


@pytest.fixture
def served(pool, request):
    """Return a function: a formal enterprise with an agent in service; its code."""

    def make(fen):
        name = f"M{abs(hash(request.node.name)) % 10**9}x{fen}"
        code = pool.call("register", name=name, seats=1, now=OPENED)
        recharge = pool.call("file_transfer", code=code, fen=fen, now=OPENED)
        pool.call("approve", recharge=recharge, now=OPENED)
        pool.call("seat_people", code=code, now=OPENED)
        pool.call("open_seats", code=code, key=f"mid:{name}", count=1, now=OPENED)
        return code

    return make


def test_covered_and_uncovered_around_midnight(pool, connection, served):
    covered, uncovered = served(100000), served(19900)
    for code in (covered, uncovered):
        found = pool.call("visitor", code=code, at=MIDNIGHT, now=MIDNIGHT)
        assert found == {"widget": "on", "state": "open"}, code
    pool.call("renewal_run", now=RUN)
    found = pool.call("visitor", code=covered, at=RUN, now=RUN)
    assert found == {"widget": "on", "state": "open"}
    found = pool.call("visitor", code=uncovered, at=RUN, now=RUN)
    assert found["widget"] == "form" and found["state"] != "open"
    assert not broken(connection)


def test_without_any_run_it_ends(pool, connection, served):
    code = served(100000)
    found = pool.call("visitor", code=code, at=NOON, now=NOON)
    assert found["widget"] == "form" and found["state"] != "open"
    assert not broken(connection)
