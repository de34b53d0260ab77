"""A real Odoo for tests, on a clone of the template database."""

import contextlib
import os
import socket

import psycopg2

from huolie_tools import database, places, postgres
from huolie_tools.serve import OdooServer

from . import logs
from .rpc import Session


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TestServer(OdooServer):
    """`url`, `db`, `password`, `connect()`, `rpc(login)`, `restart()`, `kill()`."""

    __test__ = False  # no test class, whatever its name

    def __init__(self, title, template, workers, mailbox, database_name=None, where=""):
        """:param where: the test file, as allowed_log.txt names it"""
        self.owns_database = database_name is None
        self.db = database_name or title
        if self.owns_database:
            database.drop(self.db)
            database.clone(template, self.db)
        folder = places.ARTEFACTS / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            self.db,
            free_port(),
            workers,
            smtp_port=mailbox.smtp_port,
            log=folder / f"{title}.log",
        )
        self.password = database.TEST_PASSWORD
        self.mailbox, self.where = mailbox, where
        database.set_parameter(self.db, "web.base.url", self.url)
        database.set_parameter(self.db, "web.base.url.freeze", "True")

    def connect(self, autocommit=True):
        """A psycopg2 connection of its own to the server's database."""
        with _environment(postgres.environment()):
            connection = psycopg2.connect(dbname=self.db)
        connection.autocommit = autocommit
        return connection

    def query(self, sql, *values):
        """Rows of one statement on a connection of its own."""
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    def rpc(self, login, password=None):
        """A logged-in session: `.call(model, method, *args)`, `.get()`, `.json()`."""
        return Session(self.url, self.db, login, password or self.password)

    def restart(self):
        self.stop()
        self.start()

    def finish(self):
        """Stop, drop the database, and return the complaints of the log."""
        self.stop()
        if self.owns_database and not os.environ.get("HUOLIE_KEEP"):
            database.drop(self.db)
        return logs.complaints_of(self.log, self.where)


@contextlib.contextmanager
def _environment(values):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
