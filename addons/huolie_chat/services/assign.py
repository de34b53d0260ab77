"""One path to an agent: wait in the queue, then ``drain(group)`` assigns from the head.

``drain`` holds the row of the group by updating it, so nobody overtakes; agents' rows
are picked with SKIP LOCKED (an agent may be in several groups), and a place that was
only locked for an instant is tried again. Order of locks everywhere: group,
conversation, agents by seat; SECURITY.md §7, HOTPATH.md §3.
"""

import time

from . import wire
from .db import Statement, notify, run, transaction
from .engine import NOW, ONE_LESS, as_json
from .errors import Refused

MAX_TRIES = 40

HOLD_GROUP = Statement(
    "hold_group",
    ["int"],
    "UPDATE huolie_group SET drain_no = COALESCE(drain_no, 0) + 1 WHERE id = $1"
    " RETURNING enterprise_id",
)

# One assignment: head of the queue, the agent (same one as last time, else least
# loaded, else longest idle), both rows, the event. Says also whether to go on.
ASSIGN = Statement(
    "assign",
    ["int", "int"],
    f"""
    WITH head AS (
        SELECT c.id, c.last_seat_id FROM huolie_conversation c
         WHERE c.group_id = $1 AND c.state = 'waiting'
         ORDER BY c.priority DESC, c.waiting_since, c.id LIMIT 1 FOR UPDATE
    ), same AS (
        SELECT a.id FROM huolie_agent_state a
          JOIN head ON head.last_seat_id = a.seat_id
          JOIN huolie_chat_settings t ON t.enterprise_id = $2 AND t.sticky
         WHERE a.online AND a.load < a.cap AND a.serve_until > {NOW}
           AND EXISTS (SELECT 1 FROM huolie_group_member m
                        WHERE m.group_id = $1 AND m.seat_id = a.seat_id)
           FOR UPDATE OF a SKIP LOCKED
    ), best AS (
        SELECT a.id FROM huolie_agent_state a
         WHERE a.enterprise_id = $2 AND a.online AND a.load < a.cap
           AND a.serve_until > {NOW}
           AND EXISTS (SELECT 1 FROM head) AND NOT EXISTS (SELECT 1 FROM same)
           AND EXISTS (SELECT 1 FROM huolie_group_member m
                        WHERE m.group_id = $1 AND m.seat_id = a.seat_id)
         ORDER BY a.load, a.last_assigned LIMIT 1 FOR UPDATE OF a SKIP LOCKED
    ), agent AS (
        UPDATE huolie_agent_state a
           SET load = a.load + 1, last_assigned = {NOW}
         WHERE a.id IN (SELECT id FROM same UNION ALL SELECT id FROM best)
        RETURNING a.seat_id
    ), conv AS (
        UPDATE huolie_conversation c
           SET state = 'open', seat_id = agent.seat_id, last_seq = c.last_seq + 1,
               write_date = {NOW}
          FROM head, agent
         WHERE c.id = head.id
        RETURNING c.id, c.enterprise_id, c.visitor_id, c.seat_id, c.last_seq
    ), member AS (
        INSERT INTO huolie_conversation_seat_rel (conversation_id, seat_id)
        SELECT id, seat_id FROM conv ON CONFLICT DO NOTHING
    ), msg AS (
        INSERT INTO huolie_message
            (enterprise_id, conversation_id, seq, kind, author, author_name, seat_id,
             payload, create_date)
        SELECT conv.enterprise_id, conv.id, conv.last_seq, 'joined', 'system', s.name,
               s.id, jsonb_build_object('name', s.name, 'seat', s.id), {NOW}
          FROM conv JOIN huolie_seat s ON s.id = conv.seat_id
    )
    SELECT conv.id, conv.visitor_id, conv.seat_id, conv.last_seq,
           (SELECT s.name FROM huolie_seat s WHERE s.id = conv.seat_id),
           (SELECT count(*) FROM (SELECT 1 FROM huolie_conversation c
             WHERE c.group_id = $1 AND c.state = 'waiting' LIMIT 2) w)
      FROM (SELECT 1) one LEFT JOIN conv ON true
    """,
)

HAS_FREE = Statement(
    "has_free",
    ["int"],
    f"""
    SELECT EXISTS (SELECT 1 FROM huolie_conversation c
                    WHERE c.group_id = $1 AND c.state = 'waiting')
       AND EXISTS (SELECT 1 FROM huolie_group_member m
                     JOIN huolie_agent_state a ON a.seat_id = m.seat_id
                    WHERE m.group_id = $1 AND a.online AND a.load < a.cap
                      AND a.serve_until > {NOW})
    """,
)

# Where a visitor stands, how long the queue may be, whether anybody is online.
PLACE = Statement(
    "place",
    ["int"],
    f"""
    SELECT c.state, g.overflow_group_id, t.queue_max,
           (SELECT count(*) FROM huolie_conversation o
             WHERE o.group_id = c.group_id AND o.state = 'waiting'
               AND (o.priority > c.priority OR (o.priority = c.priority
                    AND (o.waiting_since, o.id) <= (c.waiting_since, c.id)))),
           EXISTS (SELECT 1 FROM huolie_group_member m
              JOIN huolie_agent_state a ON a.seat_id = m.seat_id
             WHERE m.group_id = c.group_id AND a.online AND a.serve_until > {NOW}),
           s.name, c.last_seq
      FROM huolie_conversation c
      JOIN huolie_group g ON g.id = c.group_id
      LEFT JOIN huolie_chat_settings t ON t.enterprise_id = c.enterprise_id
      LEFT JOIN huolie_seat s ON s.id = c.seat_id
     WHERE c.id = $1
    """,
)

MOVE_GROUP = Statement(
    "move_group",
    ["int", "int"],
    "UPDATE huolie_conversation SET group_id = $2 WHERE id = $1 AND state = 'waiting'"
    " RETURNING id",
)

ASK_HUMAN = Statement(
    "ask_human",
    ["int", "int"],
    f"""
    WITH up AS (
        UPDATE huolie_conversation c
           SET state = 'waiting', waiting_since = {NOW}, last_seq = c.last_seq + 1,
               write_date = {NOW}
         WHERE c.id = $1 AND c.state = 'robot' AND ($2 IS NULL OR c.visitor_id = $2)
        RETURNING c.id, c.enterprise_id, c.visitor_id, c.group_id, c.last_seq
    ), msg AS (
        INSERT INTO huolie_message
            (enterprise_id, conversation_id, seq, kind, author, create_date)
        SELECT enterprise_id, id, last_seq, 'human', 'system', {NOW} FROM up
    )
    SELECT group_id, visitor_id FROM up
    """,
)

ANYBODY = Statement(
    "anybody",
    ["int"],
    f"""
    SELECT c.group_id, c.state, c.visitor_id,
           EXISTS (SELECT 1 FROM huolie_group_member m
                     JOIN huolie_agent_state a ON a.seat_id = m.seat_id
                    WHERE m.group_id IN (c.group_id, g.overflow_group_id)
                      AND a.online AND a.serve_until > {NOW})
      FROM huolie_conversation c JOIN huolie_group g ON g.id = c.group_id
     WHERE c.id = $1
    """,
)

# Back to the head of a queue: connection lost, or handed to a group.
RELEASE = Statement(
    "release",
    ["int", "int", "int", "text", "jsonb"],
    f"""
    WITH old AS (
        SELECT c.id, c.seat_id FROM huolie_conversation c
         WHERE c.id = $1 AND c.state = 'open' AND ($2 IS NULL OR c.seat_id = $2)
           FOR UPDATE
    ), up AS (
        UPDATE huolie_conversation c
           SET state = 'waiting', seat_id = NULL, last_seat_id = NULL, priority = 10,
               waiting_since = {NOW}, group_id = COALESCE($3, c.group_id),
               last_seq = c.last_seq + 1, write_date = {NOW}
          FROM old WHERE c.id = old.id
        RETURNING c.id, c.enterprise_id, c.visitor_id, c.group_id, c.last_seq
    ), agent AS (
        UPDATE huolie_agent_state a
           SET {ONE_LESS}
          FROM old WHERE a.seat_id = old.seat_id
    ), msg AS (
        INSERT INTO huolie_message
            (enterprise_id, conversation_id, seq, kind, author, payload, create_date)
        SELECT enterprise_id, id, last_seq, $4, 'system', $5, {NOW} FROM up
    )
    SELECT up.group_id, up.visitor_id, old.seat_id FROM up, old
    """,
)

HOLD_CONVERSATION = Statement(
    "hold_conversation",
    ["int"],
    "SELECT group_id, seat_id, state, visitor_id, enterprise_id"
    " FROM huolie_conversation WHERE id = $1 FOR UPDATE",
)

HOLD_SEATS = Statement(
    "hold_seats",
    ["int[]"],
    "SELECT seat_id FROM huolie_agent_state WHERE seat_id = ANY($1)"
    " ORDER BY seat_id FOR UPDATE",
)

# Give an open or waiting conversation to one agent who has a place free.
GIVE = Statement(
    "give",
    ["int", "int", "text", "jsonb", "bool"],
    f"""
    WITH old AS (
        SELECT c.id, c.seat_id FROM huolie_conversation c
         WHERE c.id = $1 AND c.state IN ('open', 'waiting', 'robot')
           AND c.seat_id IS DISTINCT FROM $2
    ), agent AS (
        UPDATE huolie_agent_state a SET load = a.load + 1, last_assigned = {NOW}
          FROM old
         WHERE a.seat_id = $2 AND a.load < a.cap AND a.serve_until > {NOW}
           AND (a.online OR NOT $5)
        RETURNING a.seat_id
    ), before AS (
        UPDATE huolie_agent_state a
           SET {ONE_LESS}
          FROM old, agent WHERE a.seat_id = old.seat_id
    ), conv AS (
        UPDATE huolie_conversation c
           SET state = 'open', seat_id = agent.seat_id, last_seq = c.last_seq + 1,
               unread_agent = GREATEST(c.unread_agent, 1), write_date = {NOW}
          FROM old, agent WHERE c.id = old.id
        RETURNING c.id, c.enterprise_id, c.visitor_id, c.group_id, c.last_seq
    ), member AS (
        INSERT INTO huolie_conversation_seat_rel (conversation_id, seat_id)
        SELECT id, $2 FROM conv ON CONFLICT DO NOTHING
    ), msg AS (
        INSERT INTO huolie_message
            (enterprise_id, conversation_id, seq, kind, author, author_name, seat_id,
             payload, create_date)
        SELECT conv.enterprise_id, conv.id, conv.last_seq, $3, 'system', s.name, s.id,
               jsonb_build_object('name', s.name, 'seat', s.id) || COALESCE($4, '{{}}'),
               {NOW}
          FROM conv JOIN huolie_seat s ON s.id = $2
    )
    SELECT conv.visitor_id, conv.group_id FROM conv
    """,
)

SET_STATUS = Statement(
    "set_status",
    ["int", "text"],
    f"""
    WITH up AS (
        UPDATE huolie_agent_state a
           SET status = $2, online = ($2 = 'online'), seen_at = {NOW}
         WHERE a.seat_id = $1 AND ($2 = 'offline' OR a.serve_until > {NOW})
        RETURNING a.enterprise_id
    )
    INSERT INTO huolie_agent_log (enterprise_id, seat_id, status, create_date)
    SELECT enterprise_id, $1, $2, {NOW} FROM up
    RETURNING id
    """,
)

SET_CAP = Statement(
    "set_cap",
    ["int", "int"],
    "UPDATE huolie_agent_state SET cap_wished = $2, cap = GREATEST($2, load)"
    " WHERE seat_id = $1",
)

REVOKE = Statement(
    "revoke",
    ["int[]"],
    "UPDATE huolie_agent_state SET token_from = (clock_timestamp() AT TIME ZONE 'utc')"
    " WHERE seat_id = ANY($1)",
)

WAITING_GROUPS = Statement(
    "waiting_groups",
    ["int"],
    """
    SELECT c.group_id FROM huolie_group_member m
      JOIN huolie_conversation c ON c.group_id = m.group_id AND c.state = 'waiting'
     WHERE m.seat_id = $1
     GROUP BY c.group_id ORDER BY min(c.waiting_since)
    """,
)


def _announce(conversation, visitor, seat, group):
    """Notices of an assignment: the event, the agent's alarm, the others' lists."""
    return [
        wire.stored(conversation, visitor, seat),
        wire.passing([f"a{seat}"], e="alert", c=conversation),
        wire.passing([f"g{group}", f"a{seat}"], e="list"),
    ]


def _drain_once(cr, group, assigned):
    """Assign while there is a visitor and a free agent; return how many waited then."""
    rows = run(cr, HOLD_GROUP, group)
    if not rows:
        return 0
    enterprise = rows[0][0]
    while True:
        *given, waiting = run(cr, ASSIGN, group, enterprise)[0]
        if not given[0]:
            return waiting
        assigned.append(given)
        # The count was taken before this assignment: one means nobody is left.
        if waiting <= 1:
            return 0


def drain(cr, group):
    """Assign the visitors of a group's queue, first in first out.

    :return: ``[[conversation, visitor, seat, seq, agent's name]]``
    """
    assigned = []
    for turn in range(MAX_TRIES):
        with transaction(cr):
            left = _drain_once(cr, group, assigned)
        if not left or not run(cr, HAS_FREE, group)[0][0]:
            break
        # A free agent's row was locked for an instant by another group.
        time.sleep(0.001 * (turn + 1))
    notices = []
    for conversation, visitor, seat, _seq, _name in assigned:
        notices += _announce(conversation, visitor, seat, group)
    notify(cr, notices)
    return assigned


def drain_of_seat(cr, seat):
    """Drain the queues that an agent with a new free place may take from."""
    for (group,) in run(cr, WAITING_GROUPS, seat):
        drain(cr, group)


def place(cr, conversation):
    """Say where a visitor stands.

    :return: ``{"state", "overflow", "max", "place", "agents", "agent", "s"}``
    """
    rows = run(cr, PLACE, conversation)
    if not rows:
        raise Refused("conversation", 404)
    keys = ("state", "overflow", "max", "place", "agents", "agent", "s")
    return dict(zip(keys, rows[0], strict=True))


def enter_queue(cr, conversation, group):
    """Find an agent for a waiting conversation, or say its place in the queue.

    Nobody online: the overflow group; nobody there either, or the queue is too long:
    the conversation is closed and the visitor gets the message form.

    :return: ``{"state": "open"|"waiting"|"form", "place", "agent", "s"}``
    """
    from . import engine

    for given, _visitor, _seat, seq, name in drain(cr, group):
        if given == conversation:
            return {"state": "open", "agent": name, "s": seq, "place": 0}
    found = place(cr, conversation)
    if found["state"] == "waiting" and not found["agents"] and found["overflow"]:
        run(cr, MOVE_GROUP, conversation, found["overflow"])
        group = found["overflow"]
        drain(cr, group)
        found = place(cr, conversation)
    if found["state"] != "waiting":
        return found
    longest = 50 if found["max"] is None else found["max"]
    if not found["agents"] or found["place"] > longest:
        reason = "full" if found["agents"] else "nobody"
        if engine.close(cr, conversation, reason, state="waiting"):
            return {**found, "state": "form", "reason": reason}
        return place(cr, conversation)
    notify(cr, [wire.passing([f"g{group}"], e="list")])
    return found


def ask_human(cr, conversation, visitor=None):
    """Leave the robot and ask for an agent (E4).

    Where nobody is online the robot goes on and the visitor gets the form.

    :return: ``{"state", "place"?, "agent"?}``
    """
    rows = run(cr, ANYBODY, conversation)
    if not rows or (visitor and rows[0][2] != visitor):
        raise Refused("conversation", 404)
    _group, state, _visitor, anybody = rows[0]
    if state == "closed":
        raise Refused("closed", 409)
    if state == "robot" and not anybody:
        return {"state": "form"}
    moved = run(cr, ASK_HUMAN, conversation, visitor)
    if not moved:
        return place(cr, conversation)
    group, visitor_id = moved[0]
    notify(cr, [wire.stored(conversation, visitor_id, None)])
    return enter_queue(cr, conversation, group)


def release(cr, conversation, *, seat=None, group=None, kind="waiting", **payload):
    """Put an open conversation at the head of a queue and look for another agent.

    :param int seat: only while it is this agent's
    :param int group: another group, or None for its own
    :return: whether it was open
    """
    rows = run(cr, RELEASE, conversation, seat, group, kind, as_json(payload))
    if not rows:
        return False
    group_id, visitor, old_seat = rows[0]
    topics = [f"g{group_id}", f"a{old_seat}"]
    notify(
        cr,
        [wire.stored(conversation, visitor, old_seat), wire.passing(topics, e="list")],
    )
    drain(cr, group_id)
    # the agent it was taken from has a place free, in this group or another
    drain_of_seat(cr, old_seat)
    return True


def give(cr, conversation, seat, *, kind="transferred", must_be_online=True, **payload):
    """Give a conversation to one agent: take it, or transfer it (C7).

    :raise Refused: ``conversation`` 404, ``closed`` 409, ``full`` 409 (limit reached,
        not online, or without service)
    """
    with transaction(cr):
        rows = run(cr, HOLD_CONVERSATION, conversation)
        if not rows:
            raise Refused("conversation", 404)
        # The group before the conversation: begin again with both locks in order.
        group = rows[0][0]
    with transaction(cr):
        run(cr, HOLD_GROUP, group)
        _group, old, state, visitor, _enterprise = run(
            cr, HOLD_CONVERSATION, conversation
        )[0]
        if state == "closed":
            raise Refused("closed", 409)
        if old == seat:
            return
        run(cr, HOLD_SEATS, [seat, old or seat])
        given = run(
            cr, GIVE, conversation, seat, kind, as_json(payload or None), must_be_online
        )
        if not given:
            raise Refused("full", 409)
    notices = _announce(conversation, visitor, seat, group)
    if old:
        notices.append(wire.passing([f"a{old}"], e="list"))
        notices.append(wire.stored(conversation, visitor, old))
    notify(cr, notices)
    if old:
        drain_of_seat(cr, old)


def set_status(cr, seat, status):
    """Set an agent's status (C1); online takes visitors from the queues.

    :param str status: ``online busy rest offline``
    :raise Refused: ``service`` 403 when the seat is not in service
    """
    if not run(cr, SET_STATUS, seat, status):
        raise Refused("service", 403)
    notify(cr, [wire.passing([f"a{seat}"], e="list")])
    if status == "online":
        drain_of_seat(cr, seat)


def set_cap(cr, seat, cap):
    """Set an agent's limit; lower than the load takes effect as conversations end."""
    run(cr, SET_CAP, seat, cap)
    drain_of_seat(cr, seat)


def revoke(cr, seats):
    """Make agents' tokens minted so far void, in every process within seconds."""
    if not seats:
        return
    run(cr, REVOKE, seats)
    notify(cr, [f"x:seat:{seat}" for seat in seats])
    notify(cr, wire.passing_each([f"a{seat}" for seat in seats], e="out"))
