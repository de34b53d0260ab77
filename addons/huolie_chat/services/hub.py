"""Long polling without a cursor and without work while nothing happens.

One hub per process and database. A poll registers a ``Waiter`` under its topics
(``wire.py``) and sleeps; one thread LISTENs, fetches the events of all changed
conversations with one SELECT, and wakes the waiters. A sweep every 5 seconds repairs
lost notices. A second thread keeps presence and the things due by time.
"""

import contextlib
import json
import logging
import os
import select
import socket
import threading
import time
from collections import deque

import psycopg2

import odoo
from odoo.service.server import CommonServer
from odoo.tools import config

from . import db, settings, upkeep, wire
from .db import Statement, run
from .errors import Refused

_logger = logging.getLogger(__name__)

SWEEP_SECONDS = 5
GIVE_UP = 120
KEEP_SECONDS = 90
KEPT_EVENTS = 50
FETCHED_EVENTS = 300
MAX_PARKED_THREADS = 64
POLLS_AT_ONCE = {"v": 2, "a": 6}
RETRY_SECONDS = 4
NOTED_SECONDS = 10
MOST_NOTED = 20000

CONVERSATIONS = Statement(
    "hub_conversations",
    ["int[]"],
    "SELECT id, enterprise_id, visitor_id, COALESCE(seat_id, 0), group_id, last_seq"
    " FROM huolie_conversation WHERE id = ANY($1)",
)

NEWS = Statement(
    "hub_news",
    ["int[]", "int[]"],
    f"""
    SELECT {wire.EVENT_COLUMNS_M}
      FROM unnest($1, $2) AS want(id, seq)
      JOIN huolie_message m ON m.conversation_id = want.id AND m.seq > want.seq
     ORDER BY m.conversation_id, m.seq
    """,
)

SWEEP = Statement(
    "hub_sweep",
    ["int"],
    """
    SELECT m.conversation_id, max(m.seq), c.visitor_id, COALESCE(c.seat_id, 0),
           max(m.id)
      FROM huolie_message m JOIN huolie_conversation c ON c.id = m.conversation_id
     WHERE m.id > $1
     GROUP BY m.conversation_id, c.visitor_id, c.seat_id
    """,
)

LAST_ID = Statement(
    "hub_last_id", [], "SELECT COALESCE(max(id), 0) FROM huolie_message"
)

REVOKED = Statement(
    "hub_revoked",
    ["int[]"],
    "SELECT seat_id, extract(epoch FROM token_from)::float8 FROM huolie_agent_state"
    " WHERE seat_id = ANY($1)",
)

PLACES = Statement(
    "hub_places",
    [],
    """
    SELECT c.id, c.visitor_id, c.group_id,
           row_number() OVER (PARTITION BY c.group_id
                              ORDER BY c.priority DESC, c.waiting_since, c.id)
      FROM huolie_conversation c WHERE c.state = 'waiting' LIMIT 5000
    """,
)

# Seconds until one place frees up: how long conversations last, by how many at once.
PACE = Statement(
    "hub_pace",
    ["int"],
    """
    SELECT COALESCE((SELECT avg(extract(epoch FROM closed_at - opened_at))
                       FROM (SELECT closed_at, opened_at FROM huolie_conversation
                              WHERE group_id = $1 AND first_answer_at IS NOT NULL
                                AND closed_at IS NOT NULL
                              ORDER BY id DESC LIMIT 50) last), 300)
           / GREATEST((SELECT sum(a.cap) FROM huolie_group_member m
                         JOIN huolie_agent_state a ON a.seat_id = m.seat_id
                        WHERE m.group_id = $1 AND a.online), 1)
    """,
)

PEEK = Statement(
    "hub_peek",
    ["int[]", "int[]", "int", "int", "int", "bool", "int[]"],
    f"""
    SELECT {wire.EVENT_COLUMNS_M}
      FROM unnest($1, $2) AS want(id, seq)
      JOIN huolie_conversation c ON c.id = want.id AND c.enterprise_id = $3
       AND (c.visitor_id = $4 OR c.seat_id = $5 OR $6 OR c.group_id = ANY($7))
      JOIN huolie_message m ON m.conversation_id = c.id AND m.seq > want.seq
     ORDER BY m.conversation_id, m.seq LIMIT 300
    """,
)


class Talk:
    """What is in memory of a conversation that somebody polls."""

    __slots__ = (
        "enterprise",
        "visitor",
        "seat",
        "group",
        "events",
        "first",
        "last",
        "ready",
        "used",
    )

    def __init__(self):
        self.enterprise = self.visitor = self.seat = self.group = 0
        self.events = deque()
        self.first = self.last = 0
        self.ready = False
        self.used = time.monotonic()

    def may_see(self, claims):
        """Say whether the owner of a token may hear this conversation."""
        if self.enterprise != claims["e"]:
            return False
        if claims["k"] == "v":
            return self.visitor == claims["v"]
        if claims.get("w") == "e" or self.seat == claims["t"]:
            return True
        return claims.get("w") == "g" and self.group in claims["g"]

    def is_loaded(self):
        """Say whether events are kept here, not only whose conversation it is."""
        return self.first > 0

    def reaches(self, seq):
        """Say whether all after a number, or as much as is fetched, is in memory."""
        if not self.is_loaded():
            return False
        return max(seq, self.last - FETCHED_EVENTS) >= self.first - 1

    def take_back(self, seq):
        """Drop the words of a recalled message: who comes later must not get them."""
        for event in self.events:
            if event["s"] == seq:
                event.update(b=None, p=None, r=True)

    def after(self, seq, kind):
        """Return the events after a number that this kind of reader may see."""
        if seq >= self.last:
            return []
        hidden = wire.HIDDEN_FROM_VISITOR if kind == "v" else ()
        return [e for e in self.events if e["s"] > seq and e["k"] not in hidden]


class Waiter:
    """One parked poll."""

    __slots__ = ("wake", "claims", "topics", "is_patient", "passing", "cancelled")

    def __init__(self, claims, topics, is_patient=True):
        self.wake = threading.Event()
        self.claims = claims
        self.topics = topics
        self.is_patient = is_patient
        self.passing = []
        self.cancelled = False


class Hub:
    """The polls of one database in one process."""

    def __init__(self, dbname):
        self.dbname = dbname
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.talks = {}
        self.waiters = {}
        self.wanted = {}
        self.present = {"v": {}, "a": {}}
        self.revoked = {}
        self.parked = 0
        self.stopping = threading.Event()
        self.inside, self.outside = socket.socketpair()
        self.inside.setblocking(False)
        self.outside.setblocking(False)
        self.marks = deque()
        self.told = {}
        self.places = {}
        for target in (self._listen_for_ever, self._keep_for_ever):
            name = f"huolie.{target.__name__}.{dbname}"
            threading.Thread(target=target, name=name, daemon=True).start()

    # === POLLS === #
    def poll(self, claims, seen, wait):
        """Wait for news.

        :param dict claims: of a checked token
        :param dict seen: ``{conversation: last seq}``
        :param float wait: seconds at most
        :return: events, empty after ``wait``
        :raise Refused: ``token`` 403 when it was revoked; ``busy`` 503 when after
            ``wait`` the tables could still not be asked: nothing is not "no news"
        """
        own = f"{claims['k']}{claims['v'] if claims['k'] == 'v' else claims['t']}"
        topics = [own, *(f"g{group}" for group in claims.get("g", ()))]
        waiter = Waiter(claims, topics + [f"c{c}" for c in seen], wait > 0)
        self.present[claims["k"]][int(own[1:])] = time.monotonic()
        until = time.monotonic() + wait
        self._enter(waiter, own)
        try:
            return self._wait(waiter, seen, until)
        finally:
            self._leave(waiter)

    def _wait(self, waiter, seen, until):
        while True:
            waiter.wake.clear()
            if self.is_revoked(waiter.claims):
                raise Refused("token", 403)
            events, missing = self._collect(waiter, seen)
            left = until - time.monotonic()
            done = left <= 0 or waiter.cancelled or self.stopping.is_set()
            if done and missing and not events and waiter.is_patient:
                raise Refused("busy", 503)
            if events or done:
                return events
            waiter.wake.wait(left)

    def _collect(self, waiter, seen):
        """Return what the waiter has not seen, and what had to be asked for."""
        events, missing = [], {}
        with self.lock:
            events += waiter.passing
            waiter.passing = []
            now = time.monotonic()
            for conversation, seq in seen.items():
                talk = self.talks.setdefault(conversation, Talk())
                if talk.ready and not talk.may_see(waiter.claims):
                    continue
                talk.used = now
                if talk.reaches(seq):
                    events += talk.after(seq, waiter.claims["k"])
                else:
                    missing[conversation] = seq
        if missing:
            self._ask(missing)
        return events, missing

    def _enter(self, waiter, own):
        with self.lock:
            for topic in waiter.topics:
                self.waiters.setdefault(topic, []).append(waiter)
            mine = self.waiters[own]
            for old in mine[: -POLLS_AT_ONCE[own[0]]]:
                old.cancelled = True
                old.wake.set()
            self.parked += 1

    def _leave(self, waiter):
        with self.lock:
            self.parked -= 1
            for topic in waiter.topics:
                rest = self.waiters.get(topic, [])
                if waiter in rest:
                    rest.remove(waiter)
                if not rest:
                    self.waiters.pop(topic, None)

    def is_revoked(self, claims):
        """Say whether an agent's token was made void after it was minted."""
        return claims["k"] == "a" and claims["i"] < self.revoked.get(claims["t"], 0)

    # === NEWS === #
    def _ask(self, missing):
        """Have conversations fetched from a number on."""
        with self.lock:
            for conversation, seq in missing.items():
                self.wanted[conversation] = min(seq, self.wanted.get(conversation, seq))
        self._nudge()

    def _nudge(self):
        with contextlib.suppress(OSError):  # full: the thread is awake anyway
            self.inside.send(b"x")

    def _listen_for_ever(self):
        failures = 0
        while not self.stopping.is_set():
            link = None
            try:
                link = db.Link(self.dbname)
                failures = 0
                self._listen(link)
            except psycopg2.Error:
                _logger.info("huolie hub %s: connection lost", self.dbname)
                failures += 1
                if failures > GIVE_UP and not self.parked:
                    # the database was dropped; the next poll begins anew
                    _hubs.pop(self.dbname, None)
                    self.stopping.set()
                self.stopping.wait(1)
            except Exception:
                _logger.exception("huolie hub %s", self.dbname)
                self.stopping.wait(5)
            finally:
                if link:
                    link.close()

    def _listen(self, link):
        link.execute(f"LISTEN {db.CHANNEL}")
        if not self.marks:
            self.marks.append((time.monotonic(), run(link, LAST_ID)[0][0]))
        # What happened before LISTEN was heard by nobody: read everything again.
        self._sweep(link)
        self._refresh_all()
        self._refresh_lists()
        swept = time.monotonic()
        while not self.stopping.is_set():
            self._fetch(link)
            left = swept + SWEEP_SECONDS - time.monotonic()
            if left <= 0:
                self._sweep(link)
                swept = time.monotonic()
                continue
            if not link.cnx.notifies:
                ready = select.select([link.cnx, self.outside], [], [], left)[0]
                if self.outside in ready:
                    self._drain_pipe()
            link.cnx.poll()
            notices, link.cnx.notifies[:] = [n.payload for n in link.cnx.notifies], []
            for notice in dict.fromkeys(notices):
                self._hear(notice)

    def _drain_pipe(self):
        with contextlib.suppress(OSError):
            while self.outside.recv(4096):
                pass

    def _hear(self, notice):
        """Take in one notice of another process or of this one."""
        head, _colon, rest = notice.partition(":")
        try:
            if head == "m":
                conversation, visitor, seat = map(int, rest.split(":"))
                self._mark(conversation, visitor, seat)
            elif head == "e":
                content = json.loads(rest)
                self._pass_on(content["to"], content["e"])
            elif head == "x":
                self._forget(rest)
        except (ValueError, KeyError, TypeError):
            _logger.warning("huolie hub: notice not understood: %.80s", notice)

    def _forget(self, what):
        settings.forget(self.dbname)
        if what.startswith("seat:"):
            self.revoked[int(what[5:])] = time.time()
            self._wake([f"a{what[5:]}"])

    def _mark(self, conversation, visitor, seat):
        """Something was stored: fetch it if anybody here listens."""
        topic = f"c{conversation}"
        with self.lock:
            talk = self.talks.get(conversation)
            if topic in self.waiters or talk:
                last = talk.last if talk and talk.ready else 0
                self.wanted[conversation] = min(
                    last, self.wanted.get(conversation, last)
                )
            agent = f"a{seat}"
            others = [w for w in self.waiters.get(agent, ()) if topic not in w.topics]
            guest = f"v{visitor}"
            strangers = [
                w for w in self.waiters.get(guest, ()) if topic not in w.topics
            ]
        for waiter in others:
            self._hand(waiter, {"e": "list"})
        for waiter in strangers:
            self._hand(waiter, {"e": "open", "c": conversation})

    def _hand(self, waiter, event):
        with self.lock:
            if event not in waiter.passing:
                waiter.passing.append(event)
        waiter.wake.set()

    def _pass_on(self, topics, event):
        with self.lock:
            found = {id(w): w for t in topics for w in self.waiters.get(t, ())}
        for waiter in found.values():
            self._hand(waiter, event)

    def _wake(self, topics):
        with self.lock:
            found = [w for topic in topics for w in self.waiters.get(topic, ())]
        for waiter in found:
            waiter.wake.set()

    def _fetch(self, link):
        """Read all that is asked for with two statements and wake who waits for it."""
        with self.lock:
            wanted, self.wanted = self.wanted, {}
        if not wanted:
            return
        try:
            heads = run(link, CONVERSATIONS, list(wanted))
            since = self._know(heads, wanted)
            rows = run(link, NEWS, list(since), list(since.values())) if since else ()
        except psycopg2.Error:
            self._ask(wanted)
            raise
        news = {}
        for row in rows:
            news.setdefault(row[0], []).append(wire.event(row))
        with self.lock:
            for conversation, seq in since.items():
                self._put(conversation, seq, news.get(conversation, []))
        self._wake([f"c{conversation}" for conversation in wanted])

    def _know(self, heads, wanted):
        """Note whose the conversations are; return from where events are needed.

        Not where nobody here may read them: a poll may name any number, and must
        not fill this process with strangers' words.
        """
        since = {}
        with self.lock:
            for conversation in wanted:
                self.talks.setdefault(conversation, Talk()).ready = True
            for conversation, enterprise, visitor, seat, group, last in heads:
                talk = self.talks[conversation]
                talk.enterprise, talk.visitor = enterprise, visitor
                talk.seat, talk.group = seat, group
                if talk.is_loaded() or self._has_reader(conversation, talk):
                    # never beyond the last number, whatever a client says it saw
                    least = max(last - FETCHED_EVENTS, 0)
                    since[conversation] = max(min(wanted[conversation], last), least)
        return since

    def _has_reader(self, conversation, talk):
        waiters = self.waiters.get(f"c{conversation}", ())
        return any(talk.may_see(waiter.claims) for waiter in waiters)

    def _put(self, conversation, since, events):
        """Bring the events of one conversation up to date (lock held)."""
        talk = self.talks.setdefault(conversation, Talk())
        if not talk.is_loaded() or since < talk.first - 1:
            talk.events = deque(events)
        else:
            talk.events.extend(e for e in events if e["s"] > talk.last)
        for event in events:
            if event["k"] == "recalled" and event["p"]:
                talk.take_back(event["p"].get("s"))
        while len(talk.events) > max(KEPT_EVENTS, len(events)):
            talk.events.popleft()
        if talk.events:
            talk.first, talk.last = talk.events[0]["s"], talk.events[-1]["s"]
        else:
            talk.first, talk.last = since + 1, since

    # === REPAIR === #
    def _refresh_all(self):
        with self.lock:
            for conversation, talk in self.talks.items():
                if talk.ready:
                    self.wanted[conversation] = talk.last

    def _refresh_lists(self):
        """Let consoles read their lists again: notices about them have no number."""
        with self.lock:
            agents = [topic for topic in self.waiters if topic.startswith("a")]
        self._pass_on(agents, {"e": "list"})

    def _sweep(self, link):
        """Find what was stored in the last 15 seconds and not heard of."""
        now = time.monotonic()
        while len(self.marks) > 1 and self.marks[1][0] < now - 3 * SWEEP_SECONDS:
            self.marks.popleft()
        highest = self.marks[-1][1]
        for conversation, seq, visitor, seat, high in run(
            link, SWEEP, self.marks[0][1]
        ):
            highest = max(highest, high)
            talk = self.talks.get(conversation)
            if talk and talk.ready and talk.last < seq:
                self._mark(conversation, visitor, seat)
            elif self.told.get(conversation) != (seq, seat):
                self._mark(conversation, visitor, seat)
            self.told[conversation] = (seq, seat)
        self.marks.append((now, highest))
        self._check_revoked(link)
        self._clean(now)

    def _check_revoked(self, link):
        with self.lock:
            seats = [int(t[1:]) for t in self.waiters if t.startswith("a")]
        if seats:
            for seat, moment in run(link, REVOKED, seats):
                if moment > self.revoked.get(seat, 0):
                    self.revoked[seat] = moment
                    self._wake([f"a{seat}"])

    def _clean(self, now):
        with self.lock:
            for conversation, talk in list(self.talks.items()):
                if now - talk.used > KEEP_SECONDS and (
                    f"c{conversation}" not in self.waiters
                ):
                    del self.talks[conversation]
        if len(self.told) > 20000:
            self.told.clear()

    # === PRESENCE AND TIME === #
    def _keep_for_ever(self):
        turn = 0
        while not self.stopping.wait(SWEEP_SECONDS):
            turn += 1
            try:
                with db.link(self.dbname) as link:
                    self._keep(link, turn)
            except (psycopg2.Error, psycopg2.pool.PoolError):
                _logger.info("huolie hub %s: upkeep waits for the server", self.dbname)
            except Exception:
                _logger.exception("huolie hub %s: upkeep", self.dbname)

    def _keep(self, link, turn):
        agents = self._who_is_there("a", 10)
        if agents:
            upkeep.present_agents(link, agents)
        if turn % 6 == 0:
            visitors = self._who_is_there("v", 35)
            for start in range(0, len(visitors), 1000):
                upkeep.present_visitors(link, visitors[start : start + 1000])
        upkeep.sweep(link)
        self._tell_places(link)

    def _tell_places(self, link):
        """Tell waiting visitors here their place when it changed, and the wait."""
        waiting = run(link, PLACES)
        with self.lock:
            here = [row for row in waiting if f"v{row[1]}" in self.waiters]
        pace, told = {}, {}
        for conversation, visitor, group, number in here:
            told[conversation] = number
            if self.places.get(conversation) == number:
                continue
            if group not in pace:
                pace[group] = float(run(link, PACE, group)[0][0])
            seconds = int(number * pace[group])
            event = {"e": "place", "c": conversation, "n": number, "w": seconds}
            self._pass_on([f"v{visitor}"], event)
        self.places = told

    def _who_is_there(self, kind, seconds):
        """Return who has a poll parked or had one within the last seconds."""
        now = time.monotonic()
        with self.lock:
            parked = {int(t[1:]) for t in self.waiters if t[0] == kind}
            recent = self.present[kind]
            for who, moment in list(recent.items()):
                if now - moment > seconds:
                    del recent[who]
            return sorted(parked | recent.keys())

    def stop(self):
        """Let all polls answer and the threads end."""
        self.stopping.set()
        self._nudge()
        with self.lock:
            found = [w for waiters in self.waiters.values() for w in waiters]
        for waiter in found:
            waiter.wake.set()


_hubs = {}
_hubs_lock = threading.Lock()


def of(dbname):
    """Return the hub of a database, a new one after a fork."""
    found = _hubs.get(dbname)
    if found is None or found.pid != os.getpid():
        with _hubs_lock:
            found = _hubs.get(dbname)
            if found is None or found.pid != os.getpid():
                found = _hubs[dbname] = Hub(dbname)
    return found


def stop_all():
    """Stop every hub of this process (server shutdown)."""
    for found in list(_hubs.values()):
        found.stop()
    _hubs.clear()


CommonServer.on_stop(stop_all)


def may_park(dbname):
    """Say whether a poll may wait in this process.

    Evented: always. Threads: up to 64, and half of the threads the server may have.
    A prefork HTTP worker: never, it would be lost for everything else.
    """
    if getattr(odoo, "evented", False):
        return True
    if config["workers"]:
        return False
    most = os.environ.get("ODOO_MAX_HTTP_THREADS", "")
    longest = MAX_PARKED_THREADS
    if most.isdecimal() and int(most):
        longest = min(longest, int(most) // 2)
    return of(dbname).parked < longest


_noted = {}


def _note(cr, database, kind, who):
    """Note that a console or a page is there, once in ten seconds."""
    key, now = (database, kind, who), time.monotonic()
    if now - _noted.get(key, -NOTED_SECONDS) < NOTED_SECONDS:
        return
    if len(_noted) > MOST_NOTED:
        _noted.clear()
    _noted[key] = now
    note = upkeep.present_agents if kind == "a" else upkeep.present_visitors
    note(cr, [who])


def _check_token(cr, seat, issued):
    rows = run(cr, REVOKED, [seat])
    if not rows or issued < rows[0][1]:
        raise Refused("token", 403)


def peek(cr, claims, seen):
    """Answer a poll that may not wait: what is there now, straight from the tables.

    :raise Refused: ``token`` 403 when it was revoked
    """
    kind = claims["k"]
    agent = claims["t"] if kind == "a" else None
    if agent:
        _check_token(cr, agent, claims["i"])
    _note(cr, claims["d"], kind, agent or claims["v"])
    scope, groups = claims.get("w"), claims.get("g") or [0]
    rows = run(
        cr,
        PEEK,
        list(seen) or [0],
        list(seen.values()) or [0],
        claims["e"],
        claims.get("v"),
        agent,
        bool(agent and scope == "e"),
        groups if agent and scope == "g" else [0],
    )
    events = [wire.event(row) for row in rows]
    return events + ([{"e": "list"}] if agent else [])
