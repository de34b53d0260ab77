"""Kept PostgreSQL connections of the hot path, and one way to run a statement.

A kept connection (``Link``) is autocommit and READ COMMITTED, stays open between
requests and keeps its prepared statements. Every function of ``engine.py`` takes
either a ``Link`` or an Odoo cursor: a ``Link`` prepares the statement once, a cursor
gets the same text with its values filled in.
"""

import contextlib
import logging
import os
import re
import threading

import psycopg2
from psycopg2.pool import PoolError

from odoo.sql_db import connection_info_for

_logger = logging.getLogger(__name__)

CHANNEL = "huolie_chat"
MAX_LINKS = 16
LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Statement:
    """One SQL text with typed parameters ``$1 …``, for both kinds of connection."""

    def __init__(self, name, types, text):
        self.name = f"huolie_{name}"
        self.count = len(types)
        self.prepare = f"PREPARE {self.name}({', '.join(types)}) AS {text}"
        if not types:
            self.prepare = f"PREPARE {self.name} AS {text}"
        marks = ", ".join(["%s"] * self.count)
        self.execute = f"EXECUTE {self.name}" + (f"({marks})" if types else "")
        self.inline = re.sub(
            r"\$(\d+)",
            lambda match: f"%(p{match[1]})s::{types[int(match[1]) - 1]}",
            text.replace("%", "%%"),
        )


class Link:
    """A kept connection with its prepared statements."""

    def __init__(self, dbname):
        _db, info = connection_info_for(dbname)
        self.dbname = dbname
        self.pid = os.getpid()
        self.count = 0
        self.prepared = set()
        # A transaction begins together with its first statement.
        self.beginning = False
        self.cnx = psycopg2.connect(**info)
        self.cnx.autocommit = True
        self.cr = self.cnx.cursor()
        # jit costs 170 ms on the assignment when its estimate is wrong. A plan is kept
        # as long as the connection: made while a table was nearly empty it reads the
        # whole table for each message until the next ANALYZE.
        self.cr.execute(
            "SET jit = off; SET enable_seqscan = off;"
            " SET lock_timeout = '5s'; SET statement_timeout = '15s'"
        )

    def run(self, statement, params):
        """Run a prepared statement and return its rows."""
        if statement.name not in self.prepared:
            self.cr.execute(statement.prepare)
            self.prepared.add(statement.name)
        self.execute(statement.execute, params)
        return self.cr.fetchall() if self.cr.description else []

    def execute(self, query, params=None):
        """Run plain SQL; the rows are read as from a cursor."""
        self.count += 1
        if self.beginning:
            # one way to the server and back less than a BEGIN of its own
            query, self.beginning = "BEGIN; " + query, False
        self.cr.execute(query, params)

    @contextlib.contextmanager
    def transaction(self):
        """Hold a transaction; an error rolls it back."""
        self.beginning = True
        try:
            yield
        except BaseException:
            if not self.beginning and not self.cnx.closed:
                self.cr.execute("ROLLBACK")
            raise
        else:
            if not self.beginning:
                self.cr.execute("COMMIT")
        finally:
            self.beginning = False

    def fetchone(self):
        """Return the next row of ``execute``."""
        return self.cr.fetchone()

    def fetchall(self):
        """Return the rows of ``execute``."""
        return self.cr.fetchall()

    def is_usable(self):
        """Say whether the connection can serve another request."""
        status = self.cnx.info.transaction_status if not self.cnx.closed else None
        return status == psycopg2.extensions.TRANSACTION_STATUS_IDLE

    def close(self):
        """Close without complaint."""
        with contextlib.suppress(psycopg2.Error):
            self.cnx.close()


class Pool:
    """The free links of one database in this process, last used first."""

    def __init__(self, dbname):
        self.dbname = dbname
        self.pid = os.getpid()
        self.free = []
        self.slots = threading.BoundedSemaphore(MAX_LINKS)

    def take(self):
        """Return a link, a kept one where there is one.

        :raise PoolError: when all are in use for 5 seconds
        """
        if not self.slots.acquire(timeout=5):
            raise PoolError("all links are in use")
        try:
            link = self._pop()
            while link and not link.is_usable():
                link.close()
                link = self._pop()
            return link or Link(self.dbname)
        except BaseException:
            self.slots.release()
            raise

    def _pop(self):
        """Return a free link or None; another thread may take the last one first."""
        try:
            return self.free.pop()
        except IndexError:
            return None

    def give(self, link):
        """Put a link back, or close it when it broke."""
        if link.is_usable():
            self.free.append(link)
        else:
            link.close()
        self.slots.release()

    def drop(self):
        """Close the free links (after the server was lost)."""
        while link := self._pop():
            link.close()


_pools = {}


def pool(dbname):
    """Return the pool of a database, a new one after a fork."""
    found = _pools.get(dbname)
    if found is None or found.pid != os.getpid():
        found = _pools[dbname] = Pool(dbname)
    return found


_held = threading.local()


@contextlib.contextmanager
def link(dbname):
    """Lend a kept connection to a database; the one this thread holds, if it rests.

    So that work called by a handler never waits for a second slot.
    """
    held = _held.__dict__.get(dbname)
    if held is not None and held.is_usable():
        yield held
        return
    links = pool(dbname)
    lent = links.take()
    _held.__dict__[dbname] = lent
    try:
        yield lent
    finally:
        _held.__dict__[dbname] = held
        links.give(lent)


def run(cr, statement, *params):
    """Run a ``Statement`` on a ``Link`` or on an Odoo cursor; return the rows."""
    if isinstance(cr, Link):
        return cr.run(statement, params)
    # A collision is run again with the request: no error to log. All else is raised.
    named = {f"p{i}": value for i, value in enumerate(params, start=1)}
    cr.execute(statement.inline, named, log_exceptions=False)
    return cr.fetchall() if cr.description else []


def transaction(cr):
    """Hold a transaction on a link; an Odoo cursor is in one already."""
    return cr.transaction() if isinstance(cr, Link) else contextlib.nullcontext()


@contextlib.contextmanager
def attempt(cr):
    """Guard a statement that may break a constraint, also inside a transaction."""
    if isinstance(cr, Link):
        yield
    else:
        with cr.savepoint(flush=False):
            yield


NOTIFY = Statement(
    "notify", ["text[]"], f"SELECT pg_notify('{CHANNEL}', x) FROM unnest($1) x"
)


def notify(cr, payloads):
    """Tell all processes, after the commit (inside it, commits would queue up).

    :param list payloads: texts as ``wire.py`` makes them
    """
    if not payloads:
        return
    if isinstance(cr, Link):
        cr.run(NOTIFY, (payloads,))
        return
    waiting = cr.postcommit.data.setdefault("huolie_notify", [])
    if not waiting:
        cr.postcommit.add(lambda: _notify_now(cr.dbname, waiting))
    waiting.extend(payloads)


def _notify_now(dbname, waiting):
    payloads = list(dict.fromkeys(waiting))
    waiting.clear()
    try:
        with link(dbname) as lent:
            lent.run(NOTIFY, (payloads,))
    except (psycopg2.Error, PoolError):
        # The sweep of each hub finds what was not announced.
        _logger.info("huolie: notify failed, left to the sweep", exc_info=True)
