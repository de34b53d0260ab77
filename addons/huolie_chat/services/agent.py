"""Handlers of the agent's hot routes, with the agent's short-lived token."""

from datetime import datetime, timezone

from . import clean, engine, limits, wire
from .db import Statement, notify, run
from .errors import Refused
from .fastpath import register

KINDS = ("text", "note")

MAY_READ = Statement(
    "may_read",
    ["int", "int", "int", "bool", "bool", "int[]", "timestamp"],
    """
    SELECT c.visitor_id, c.seat_id, c.state FROM huolie_conversation c
     WHERE c.id = $1 AND c.enterprise_id = $2
       AND (c.seat_id = $3 OR $4
            OR (c.group_id = ANY($6) AND ($5 OR c.state = 'waiting')) OR EXISTS (
            SELECT 1 FROM huolie_conversation_seat_rel r
             WHERE r.conversation_id = c.id AND r.seat_id = $3))
       AND EXISTS (SELECT 1 FROM huolie_agent_state a
                    WHERE a.seat_id = $3 AND a.token_from <= $7)
    """,
)

REVOKED = Statement(
    "token_revoked",
    ["int", "timestamp"],
    "SELECT 1 FROM huolie_agent_state WHERE seat_id = $1 AND token_from > $2",
)

BEFORE = Statement(
    "events_before",
    ["int", "int", "int"],
    f"""
    SELECT {wire.EVENT_COLUMNS} FROM huolie_message
     WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
    """,
)


def _issued(claims):
    """Return when the token was minted, as the database compares it."""
    moment = datetime.fromtimestamp(claims["i"], timezone.utc)
    return moment.replace(tzinfo=None)


def _readable(call, claims, conversation):
    """Return the conversation's visitor, agent and state when the agent may read it.

    The queue of one's groups may be read by all who take from it.

    :raise Refused: 404 ``conversation``, 403 ``token`` (revoked)
    """
    scope = claims.get("w")
    rows = run(
        call.cr,
        MAY_READ,
        conversation,
        claims["e"],
        claims["t"],
        scope == "e",
        scope == "g",
        claims.get("g") or [0],
        _issued(claims),
    )
    if rows:
        return rows[0]
    if run(call.cr, REVOKED, claims["t"], _issued(claims)):
        raise Refused("token", 403)
    raise Refused("conversation", 404)


@register("/huolie/a/send")
def send(call, body):
    """Store an agent's message exactly once: ``text``, or ``note`` for colleagues.

    :return: ``{"s": seq, "t": ms}``
    :raise Refused: 403 ``token``, 404 ``conversation``, 409 ``closed``/``duplicate``
    """
    claims = call.claims(body, "a")
    conversation = clean.identifier(body, "c")
    uid = clean.text(body, "u", 64, required=True)
    kind = body.get("k", "text")
    if kind not in KINDS:
        raise Refused("kind", 422)
    text = clean.text(body, "b", clean.MAX_TEXT, required=True)
    limits.take("agent", call.db, claims["t"])
    stored = engine.store(
        call.cr,
        conversation,
        "agent",
        kind,
        text,
        None,
        uid,
        name=claims["n"],
        seat=claims["t"],
        issued=_issued(claims),
    )
    return {"s": stored.seq, "t": wire.millis(stored.at)}


@register("/huolie/a/typing")
def typing(call, body):
    """Tell the visitor that the agent is typing (never stored)."""
    claims = call.claims(body, "a")
    conversation = clean.identifier(body, "c")
    limits.take("typing", call.db, "a", claims["t"])
    visitor, seat, _state = _readable(call, claims, conversation)
    if seat == claims["t"]:
        event = wire.passing([f"v{visitor}"], e="typing", c=conversation, n=claims["n"])
        notify(call.cr, [event])
    return {}


@register("/huolie/a/read")
def read(call, body):
    """Note how far the agent has read."""
    claims = call.claims(body, "a")
    limits.take("agent", call.db, claims["t"], "read")
    conversation = clean.identifier(body, "c")
    _readable(call, claims, conversation)
    engine.read(call.cr, conversation, clean.number(body, "s", 0), seat=claims["t"])
    return {}


@register("/huolie/a/recall")
def recall(call, body):
    """Take back an own message within two minutes.

    :return: ``{"s": seq of the event}``
    :raise Refused: ``late`` 409
    """
    claims = call.claims(body, "a")
    conversation = clean.identifier(body, "c")
    limits.take("agent", call.db, claims["t"], "recall")
    _readable(call, claims, conversation)
    seq = engine.recall(
        call.cr,
        conversation,
        clean.number(body, "s"),
        seat=claims["t"],
        name=claims["n"],
    )
    return {"s": seq}


@register("/huolie/a/history")
def history(call, body):
    """Return events of a conversation: the last ones, or those before ``before``.

    :return: ``{"events": oldest first, "before": seq|null}``
    """
    claims = call.claims(body, "a")
    conversation = clean.identifier(body, "c")
    limits.take("agent", call.db, claims["t"], "history")
    _readable(call, claims, conversation)
    before = clean.number(body, "before", default=clean.MAX_ID)
    rows = run(call.cr, BEFORE, conversation, before, 50)
    events = [wire.event(row) for row in reversed(rows)]
    return {
        "events": wire.dress(events, call.settings, "a"),
        "before": events[0]["s"] if len(rows) == 50 else None,
    }
