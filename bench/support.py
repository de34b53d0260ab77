"""What the benchmarks share: the form of a result, servers, percentiles."""

import contextlib
import os
import statistics

import psycopg2

from huolie_tools import database, places, postgres
from huolie_tools.ports import choose
from huolie_tools.serve import OdooServer

FIRST_PORT = 8110


def result(name, value, unit, target=None, better="lower", stock=None):
    """One measured value.

    :param name: `<benchmark>.<what>`
    :param target: what it must reach; None = only measured
    :param better: "lower" or "higher"
    :param stock: the same measured on a peer that ran beside ours
    """
    reached = None
    if target is not None:
        reached = value <= target if better == "lower" else value >= target
    return {
        "id": name,
        "value": round(value, 3),
        "unit": unit,
        "target": target,
        "stock": stock,
        "better": better,
        "ok": reached,
    }


def percentile(values, share):
    """The value below which `share` (0..1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values):
    return statistics.median(values)


@contextlib.contextmanager
def connect(name):
    """A function that runs SQL on a database, each statement by itself."""
    before = dict(os.environ)
    os.environ.update(postgres.environment())
    connection = psycopg2.connect(dbname=name)
    connection.autocommit = True
    os.environ.clear()
    os.environ.update(before)

    def query(sql, *values, **named):
        cursor = connection.cursor()
        cursor.execute(sql, values or named or None)
        return cursor.fetchall() if cursor.description else []

    try:
        yield query
    finally:
        connection.close()


@contextlib.contextmanager
def server(title, workers=0):
    """An Odoo on a clone of the template; `.url`, `.name` (the database)."""
    name = f"huolie_bench_{title}"
    with postgres.server():
        database.drop(name)
        database.clone(os.environ["HUOLIE_TEMPLATE"], name)
        log = places.make_folder(places.ARTEFACTS / "logs") / f"{name}.log"
        odoo = OdooServer(name, choose(FIRST_PORT, "Odoo"), workers, log=log)
        try:
            odoo.start()
            yield odoo
        finally:
            odoo.stop()
            database.drop(name)
