"""Fixtures of the money tests: a database of its own, worker processes."""

import os

import psycopg2
import pytest

from huolie_tools import database, places, postgres

from . import pool as processes

COUNT = 4


@pytest.fixture(scope="module")
def money_db(template):
    """Name of a fresh clone of the template, prepared by ``operations.setup``."""
    name = f"huolie_t_money_{os.getpid()}"
    database.drop(name)
    database.clone(template, name)
    yield name
    database.drop(name)


@pytest.fixture(scope="module")
def pool(money_db):
    """Real processes on the database."""
    log = places.make_folder(places.ARTEFACTS / "logs") / "money-workers.log"
    made = processes.Pool(money_db, COUNT, log)
    made.call("setup")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def connection(money_db, pool):
    """A connection that sees what is committed."""
    values = {
        k.lower().removeprefix("pg"): v for k, v in postgres.environment().items()
    }
    made = psycopg2.connect(dbname=money_db, **_arguments(values))
    made.autocommit = True
    yield made
    made.close()


def _arguments(values):
    names = {"host": "host", "port": "port", "user": "user", "password": "password"}
    return {names[key]: value for key, value in values.items() if key in names}
