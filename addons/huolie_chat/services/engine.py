"""Conversations: open, append, read, recall, close. Plain SQL, no ORM.

Each function takes ``cr``: a ``db.Link`` (each statement commits by itself) or an Odoo
cursor. ``seq`` is taken by updating the conversation's row, so that in a conversation
the order of numbers is the order of commits. Who gets an agent: ``assign.py``.
"""

import json
from typing import NamedTuple

import psycopg2

from . import wire
from .db import Statement, attempt, notify, run
from .errors import Refused

NOW = "(statement_timestamp() AT TIME ZONE 'utc')"
# After the end of its service a seat may finish what is open.
FINISH = "interval '30 minutes'"
EVENTS_AT_ONCE = 200
# One conversation less for agent ``a``; a limit lowered meanwhile takes effect. Never
# below zero: PostgreSQL checks a row's constraints on the version that the statement
# began with, before it finds that somebody else changed the row and computes again.
ONE_LESS = """load = GREATEST(a.load - 1, 0),
               cap = GREATEST(a.cap_wished, a.load - 1)"""


class Stored(NamedTuple):
    """What became of a message."""

    seq: int
    at: object
    doubled: bool
    same: bool
    visitor_id: int
    seat_id: int
    state: str


OPEN = Statement(
    "open",
    ["int", "int", "text", "text", "text", "jsonb"],
    f"""
    WITH conv AS (
        INSERT INTO huolie_conversation
            (enterprise_id, site_id, group_id, visitor_id, state, last_seq, priority,
             waiting_since, opened_at, last_visitor_at, unread_agent, unread_visitor,
             read_agent, read_visitor, page, title, last_seat_id, create_date,
             write_date)
        SELECT v.enterprise_id, v.site_id, $2, v.id, $3, 1, 0,
               CASE WHEN $3 = 'waiting' THEN {NOW} END, {NOW}, {NOW}, 0, 0, 0, 0,
               $4, $5,
               (SELECT c.seat_id FROM huolie_conversation c
                 WHERE c.visitor_id = v.id AND c.seat_id IS NOT NULL
                 ORDER BY c.id DESC LIMIT 1),
               {NOW}, {NOW}
          FROM huolie_visitor v
         WHERE v.id = $1
        ON CONFLICT (visitor_id, site_id) WHERE state <> 'closed' DO NOTHING
        RETURNING id, enterprise_id, opened_at
    ), msg AS (
        INSERT INTO huolie_message
            (enterprise_id, conversation_id, seq, kind, author, payload, create_date)
        SELECT enterprise_id, id, 1, 'opened', 'system', $6, opened_at FROM conv
    )
    SELECT id FROM conv
    """,
)

FIND_OPEN = Statement(
    "find_open",
    ["int"],
    """
    SELECT c.id, c.last_seq, c.state, c.unread_visitor, s.name, c.group_id
      FROM huolie_conversation c
      LEFT JOIN huolie_seat s ON s.id = c.seat_id
     WHERE c.visitor_id = $1 AND c.state <> 'closed'
    """,
)

EVENTS = Statement(
    "events",
    ["int", "int", "int"],
    f"""
    SELECT {wire.EVENT_COLUMNS} FROM huolie_message
     WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
    """,
)

LAST_EVENTS = Statement(
    "last_events",
    ["int", "int"],
    f"""
    SELECT {wire.EVENT_COLUMNS} FROM huolie_message
     WHERE conversation_id = $1 ORDER BY seq DESC LIMIT $2
    """,
)

APPEND = Statement(
    "append",
    ["int", "text", "text", "text", "text", "jsonb", "text", "int", "int", "timestamp"],
    f"""
    WITH dup AS (
        SELECT m.seq, m.create_date, c.visitor_id, c.seat_id, c.state,
               m.author = $2 AND m.kind = $4 AND m.body IS NOT DISTINCT FROM $5
               AND m.payload IS NOT DISTINCT FROM $6 AS same
          FROM huolie_message m
          JOIN huolie_conversation c ON c.id = m.conversation_id
         WHERE m.conversation_id = $1 AND m.client_uid = $7
           AND ($8 IS NULL OR c.visitor_id = $8) AND ($9 IS NULL OR m.seat_id = $9)
    ), up AS (
        UPDATE huolie_conversation c
           SET last_seq = c.last_seq + 1,
               last_body = CASE WHEN $2 = 'system' THEN c.last_body
                                ELSE left(COALESCE($5, '[' || $4 || ']'), 120) END,
               last_visitor_at =
                   CASE WHEN $2 = 'visitor' THEN {NOW} ELSE c.last_visitor_at END,
               last_agent_at = CASE WHEN $2 IN ('agent', 'robot') AND $4 <> 'note'
                                    THEN {NOW} ELSE c.last_agent_at END,
               first_answer_at = CASE WHEN $2 = 'agent' AND $4 <> 'note'
                                      THEN COALESCE(c.first_answer_at, {NOW})
                                      ELSE c.first_answer_at END,
               unread_agent = CASE $2 WHEN 'visitor' THEN c.unread_agent + 1
                                      WHEN 'agent' THEN 0
                                      ELSE c.unread_agent END,
               unread_visitor = CASE WHEN $2 = 'visitor' THEN 0
                                     WHEN $4 = 'note' THEN c.unread_visitor
                                     ELSE c.unread_visitor + 1 END,
               warned_at = CASE WHEN $2 = 'visitor' THEN NULL ELSE c.warned_at END
         WHERE c.id = $1 AND c.state <> 'closed' AND NOT EXISTS (SELECT 1 FROM dup)
           AND ($8 IS NULL OR c.visitor_id = $8)
           AND ($2 <> 'robot' OR c.state = 'robot')
           AND ($9 IS NULL OR (c.seat_id = $9 AND EXISTS (
                SELECT 1 FROM huolie_agent_state a
                 WHERE a.seat_id = $9 AND a.token_from <= $10
                   AND a.serve_until > {NOW} - {FINISH})))
        RETURNING c.enterprise_id, c.visitor_id, c.seat_id, c.state, c.last_seq
    ), ins AS (
        INSERT INTO huolie_message
            (enterprise_id, conversation_id, seq, kind, author, author_name, seat_id,
             body, payload, client_uid, create_date)
        SELECT enterprise_id, $1, last_seq, $4, $2, $3, $9, $5, $6, $7, {NOW} FROM up
        RETURNING seq, create_date
    )
    SELECT ins.seq, ins.create_date, false, true, up.visitor_id, up.seat_id, up.state
      FROM up, ins
    UNION ALL
    SELECT seq, create_date, true, same, visitor_id, seat_id, state FROM dup
    """,
)

WHY_NOT = Statement(
    "why_not",
    ["int"],
    "SELECT visitor_id, seat_id, state FROM huolie_conversation WHERE id = $1",
)

CLOSE = Statement(
    "close",
    ["int", "text", "int", "int", "text", "jsonb", "text", "int"],
    f"""
    WITH conv AS (
        UPDATE huolie_conversation c
           SET state = 'closed', closed_at = {NOW}, close_reason = $2,
               last_seq = c.last_seq + 1, unread_agent = 0, write_date = {NOW}
         WHERE c.id = $1 AND c.state <> 'closed'
           AND ($3 IS NULL OR c.visitor_id = $3) AND ($4 IS NULL OR c.seat_id = $4)
           AND ($7 IS NULL OR c.state = $7) AND ($8 IS NULL OR c.last_seq = $8)
        RETURNING c.id, c.enterprise_id, c.visitor_id, c.seat_id, c.group_id, c.last_seq
    ), agent AS (
        UPDATE huolie_agent_state a
           SET {ONE_LESS}, last_assigned = {NOW}
          FROM conv
         WHERE a.seat_id = conv.seat_id
    ), msg AS (
        INSERT INTO huolie_message
            (enterprise_id, conversation_id, seq, kind, author, seat_id, payload,
             create_date)
        SELECT enterprise_id, id, last_seq, 'closed', $5, $4, $6, {NOW} FROM conv
    )
    SELECT visitor_id, seat_id, group_id FROM conv
    """,
)

READ = Statement(
    "read",
    ["int", "int", "int", "int"],
    """
    UPDATE huolie_conversation c
       SET read_visitor = CASE WHEN $3 IS NULL THEN c.read_visitor
                               ELSE GREATEST(c.read_visitor, LEAST($2, c.last_seq)) END,
           unread_visitor = CASE WHEN $3 IS NOT NULL AND $2 >= c.last_seq THEN 0
                                 ELSE c.unread_visitor END,
           read_agent = CASE WHEN $4 IS NULL THEN c.read_agent
                             ELSE GREATEST(c.read_agent, LEAST($2, c.last_seq)) END,
           unread_agent = CASE WHEN $4 IS NOT NULL AND $2 >= c.last_seq THEN 0
                               ELSE c.unread_agent END
     WHERE c.id = $1 AND ($3 IS NULL OR c.visitor_id = $3)
       AND ($4 IS NULL OR c.seat_id = $4)
    RETURNING visitor_id, seat_id
    """,
)

RECALL = Statement(
    "recall",
    ["int", "int", "int", "text"],
    f"""
    WITH old AS (
        UPDATE huolie_message m SET recalled = true
         WHERE m.conversation_id = $1 AND m.seq = $2 AND m.seat_id = $3
           AND m.author = 'agent' AND m.recalled IS NOT TRUE
           AND m.create_date > {NOW} - interval '2 minutes'
        RETURNING m.seq
    ), up AS (
        UPDATE huolie_conversation c SET last_seq = c.last_seq + 1
          FROM old WHERE c.id = $1
        RETURNING c.enterprise_id, c.visitor_id, c.seat_id, c.last_seq
    )
    INSERT INTO huolie_message
        (enterprise_id, conversation_id, seq, kind, author, author_name, seat_id,
         payload, create_date)
    SELECT enterprise_id, $1, last_seq, 'recalled', 'agent', $4, $3,
           jsonb_build_object('s', $2), {NOW}
      FROM up
    RETURNING seq, (SELECT visitor_id FROM up), (SELECT seat_id FROM up)
    """,
)

RATE = Statement(
    "rate",
    ["int", "int", "int", "bool", "text"],
    f"""
    WITH up AS (
        UPDATE huolie_conversation c
           SET score = $3,
               solved = CASE $4 WHEN true THEN 'yes' WHEN false THEN 'no' END,
               rating_text = $5, last_seq = c.last_seq + 1
         WHERE c.id = $1 AND c.visitor_id = $2 AND c.score IS NULL
        RETURNING c.enterprise_id, c.last_seq, c.seat_id
    )
    INSERT INTO huolie_message
        (enterprise_id, conversation_id, seq, kind, author, body, payload, create_date)
    SELECT enterprise_id, $1, last_seq, 'rated', 'visitor', $5,
           jsonb_build_object('score', $3, 'solved', $4), {NOW}
      FROM up
    RETURNING seq, (SELECT seat_id FROM up)
    """,
)


def as_json(payload):
    """Return a payload as the text of a jsonb parameter."""
    return None if payload is None else json.dumps(payload, ensure_ascii=False)


def store(
    cr,
    conversation,
    author,
    kind,
    body=None,
    payload=None,
    client_uid=None,
    *,
    name=None,
    visitor=None,
    seat=None,
    issued=None,
):
    """Store a message exactly once and announce it.

    :param int conversation: id
    :param str author: ``visitor agent robot system``
    :param str kind: see docs/contracts.md
    :param dict payload: typed content, or None
    :param str client_uid: the sender's id; the same id again gives the same ``seq``
    :param str name: shown name of the author
    :param int visitor: the conversation must be this visitor's
    :param int seat: the conversation must be this agent's
    :param datetime issued: when the agent's token was minted (naive UTC)
    :return: ``Stored``
    :raise Refused: ``conversation`` 404, ``closed`` 409, ``duplicate`` 409 (same id
        with other content), ``taken`` 409 (the robot, after a person took over),
        ``token`` 403 (revoked)
    """
    said = (author, name, kind, body, as_json(payload), client_uid)
    values = (conversation, *said, visitor, seat, issued)
    try:
        with attempt(cr):
            rows = run(cr, APPEND, *values)
    except psycopg2.errors.UniqueViolation:
        # The same id at the same moment by another connection: it is stored now.
        rows = run(cr, APPEND, *values)
    if not rows:
        raise _why_not(cr, conversation, author, visitor, seat)
    stored = Stored(*rows[0])
    if not stored.same:
        raise Refused("duplicate", 409)
    if not stored.doubled:
        notify(cr, [wire.stored(conversation, stored.visitor_id, stored.seat_id)])
    return stored


def append(
    cr, conversation, author, kind, body=None, payload=None, client_uid=None, **kw
):
    """Store a message exactly once; see ``store``.

    :return: ``(seq, doubled)``
    """
    stored = store(cr, conversation, author, kind, body, payload, client_uid, **kw)
    return stored.seq, stored.doubled


def _why_not(cr, conversation, author, visitor, seat):
    """Find the reason why nothing was stored (error path only)."""
    rows = run(cr, WHY_NOT, conversation)
    if not rows or (visitor and rows[0][0] != visitor):
        return Refused("conversation", 404)
    if rows[0][2] == "closed":
        return Refused("closed", 409)
    if author == "robot":
        return Refused("taken", 409)
    if seat and rows[0][1] != seat:
        return Refused("conversation", 404)
    return Refused("token", 403)


def events_after(cr, conversation, seq, limit=EVENTS_AT_ONCE):
    """Return the events of a conversation after a number, oldest first."""
    return [wire.event(row) for row in run(cr, EVENTS, conversation, seq, limit)]


def last_events(cr, conversation, limit=50):
    """Return the last events of a conversation, oldest first."""
    rows = run(cr, LAST_EVENTS, conversation, limit)
    return [wire.event(row) for row in reversed(rows)]


def find_open(cr, visitor):
    """Return the visitor's open conversation, or None.

    :return: ``{"id", "s", "state", "agent", "unread", "group"}``
    """
    rows = run(cr, FIND_OPEN, visitor)
    if not rows:
        return None
    keys = ("id", "s", "state", "unread", "agent", "group")
    return dict(zip(keys, rows[0], strict=True))


def open_conversation(cr, visitor, *, group, state, page=None, title=None):
    """Get the visitor's open conversation, or create it (without assigning).

    :param int visitor: id
    :param int group: the group that receives
    :param str state: ``robot`` or ``waiting``
    :return: ``(id, created)``
    """
    payload = as_json({"page": page, "title": title})
    for _attempt in range(3):
        rows = run(cr, OPEN, visitor, group, state, page, title, payload)
        if rows:
            return rows[0][0], True
        found = find_open(cr, visitor)
        if found:
            return found["id"], False
    raise Refused("visitor", 404)


def close(
    cr,
    conversation,
    reason,
    *,
    visitor=None,
    seat=None,
    author="system",
    name=None,
    state=None,
    last=None,
):
    """End a conversation and give its place to the next visitor.

    :param str reason: ``visitor agent idle wait left full form freeze``
    :param int visitor: only while it is this visitor's
    :param int seat: only while it is this agent's
    :param str state: only while it is in this state (nobody took it meanwhile)
    :param int last: only while this is its last number (nobody spoke meanwhile)
    :return: whether this call closed it
    """
    from . import assign

    payload = as_json({"reason": reason, "name": name})
    who = (visitor, seat, author, payload, state, last)
    rows = run(cr, CLOSE, conversation, reason, *who)
    if not rows:
        return False
    visitor_id, seat_id, group_id = rows[0]
    notices = [wire.stored(conversation, visitor_id, seat_id)]
    topics = [f"g{group_id}"] + ([f"a{seat_id}"] if seat_id else [])
    notices.append(wire.passing(topics, e="list"))
    notify(cr, notices)
    if seat_id:
        assign.drain_of_seat(cr, seat_id)
    return True


def read(cr, conversation, seq, *, visitor=None, seat=None):
    """Note how far one end has read; the other end is told (may be lost)."""
    rows = run(cr, READ, conversation, seq, visitor, seat)
    if not rows:
        raise Refused("conversation", 404)
    visitor_id, seat_id = rows[0]
    topic = f"v{visitor_id}" if seat else f"a{seat_id}"
    if visitor_id and seat_id:
        notify(cr, [wire.passing([topic], e="read", c=conversation, s=seq)])


def recall(cr, conversation, seq, *, seat, name=None):
    """Take back an agent's own message within two minutes.

    :return: seq of the event ``recalled``
    :raise Refused: ``late`` 409
    """
    rows = run(cr, RECALL, conversation, seq, seat, name)
    if not rows:
        raise Refused("late", 409)
    new_seq, visitor_id, seat_id = rows[0]
    notify(cr, [wire.stored(conversation, visitor_id, seat_id)])
    return new_seq


def rate(cr, conversation, visitor, score, solved=None, text=None):
    """Store the visitor's rating, once per conversation, also after its end."""
    rows = run(cr, RATE, conversation, visitor, score, solved, text)
    if rows:
        notify(cr, [wire.stored(conversation, visitor, rows[0][1])])
    return bool(rows)
