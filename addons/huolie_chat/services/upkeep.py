"""What time alone brings about: lost agents, waits too long, silence, forgotten queues.

Run every few seconds by one hub of the database (advisory lock) and every minute by
the cron. Each step is a conditional update, so that running twice does no harm.
"""

from . import assign, engine, wire
from .db import Statement, notify, run
from .engine import NOW

LOCK = 4770219

TRY_LOCK = Statement("try_lock", ["int"], "SELECT pg_try_advisory_lock($1)")
UNLOCK = Statement("unlock", ["int"], "SELECT pg_advisory_unlock($1)")

# Agents whose console is silent: no new visitors for them.
LOSE_AGENTS = Statement(
    "lose_agents",
    [],
    f"""
    WITH up AS (
        UPDATE huolie_agent_state a SET online = false
          FROM huolie_chat_settings t
         WHERE a.online AND t.enterprise_id = a.enterprise_id
           AND a.seen_at < {NOW} - make_interval(secs => t.lost_seconds)
        RETURNING a.seat_id, a.enterprise_id
    )
    INSERT INTO huolie_agent_log (enterprise_id, seat_id, status, create_date)
    SELECT enterprise_id, seat_id, 'lost', {NOW} FROM up RETURNING seat_id
    """,
)

LEFT_BEHIND = Statement(
    "left_behind",
    [],
    f"""
    SELECT c.id, c.seat_id
      FROM huolie_agent_state a
      JOIN huolie_chat_settings t ON t.enterprise_id = a.enterprise_id
      JOIN huolie_conversation c ON c.seat_id = a.seat_id AND c.state = 'open'
     WHERE a.load > 0 AND NOT a.online
       AND COALESCE(a.seen_at, '2000-01-01')
           < {NOW} - make_interval(secs => t.lost_seconds)
     ORDER BY c.id LIMIT 200
    """,
)

WAITED_TOO_LONG = Statement(
    "waited_too_long",
    [],
    f"""
    SELECT c.id,
           CASE WHEN v.seen_at < {NOW} - interval '3 minutes' THEN 'left'
                ELSE 'wait' END
      FROM huolie_conversation c
      JOIN huolie_visitor v ON v.id = c.visitor_id
      JOIN huolie_chat_settings t ON t.enterprise_id = c.enterprise_id
     WHERE c.state = 'waiting'
       AND (c.waiting_since < {NOW} - make_interval(mins => t.queue_minutes)
            OR v.seen_at < {NOW} - interval '3 minutes')
     LIMIT 200
    """,
)

# Silence of the visitor after an answer; never while the visitor waits for one (C6).
SILENT = Statement(
    "silent",
    [],
    f"""
    SELECT c.id, c.warned_at IS NOT NULL, t.warn_minutes, v.lang, c.last_seq
      FROM huolie_conversation c
      JOIN huolie_chat_settings t ON t.enterprise_id = c.enterprise_id
      JOIN huolie_visitor v ON v.id = c.visitor_id
     WHERE c.state IN ('open', 'robot') AND t.close_minutes > 0
       AND (c.state = 'robot' OR c.last_agent_at >= c.last_visitor_at)
       AND GREATEST(c.last_agent_at, c.last_visitor_at)
           < {NOW} - make_interval(mins => t.close_minutes
             - CASE WHEN c.warned_at IS NULL
                    THEN LEAST(t.warn_minutes, t.close_minutes) ELSE 0 END)
       AND (c.warned_at IS NULL
            OR c.warned_at <= {NOW} - make_interval(mins => t.warn_minutes))
     LIMIT 200
    """,
)

WARN = Statement(
    "warn",
    ["int", "text", "int", "int"],
    f"""
    WITH up AS (
        UPDATE huolie_conversation c
           SET warned_at = {NOW}, last_seq = c.last_seq + 1
         WHERE c.id = $1 AND c.state <> 'closed' AND c.warned_at IS NULL
           AND c.last_seq = $4
        RETURNING c.enterprise_id, c.last_seq, c.visitor_id, c.seat_id
    )
    INSERT INTO huolie_message
        (enterprise_id, conversation_id, seq, kind, author, body, payload, create_date)
    SELECT enterprise_id, $1, last_seq, 'idle', 'system', $2,
           jsonb_build_object('minutes', $3), {NOW}
      FROM up
    RETURNING (SELECT visitor_id FROM up), (SELECT seat_id FROM up)
    """,
)

STUCK_GROUPS = Statement(
    "stuck_groups",
    [],
    f"""
    SELECT DISTINCT c.group_id FROM huolie_conversation c
     WHERE c.state = 'waiting' AND EXISTS (
           SELECT 1 FROM huolie_group_member m
             JOIN huolie_agent_state a ON a.seat_id = m.seat_id
            WHERE m.group_id = c.group_id AND a.online AND a.load < a.cap
              AND a.serve_until > {NOW})
    """,
)

PRESENT_AGENTS = Statement(
    "present_agents",
    ["int[]"],
    f"""
    WITH old AS (
        SELECT id, online FROM huolie_agent_state
         WHERE seat_id = ANY($1) ORDER BY seat_id FOR UPDATE SKIP LOCKED
    ), up AS (
        UPDATE huolie_agent_state a
           SET seen_at = {NOW}, online = (a.status = 'online')
          FROM old WHERE a.id = old.id
        RETURNING a.seat_id, a.enterprise_id, a.online AND NOT old.online AS back
    ), log AS (
        INSERT INTO huolie_agent_log (enterprise_id, seat_id, status, create_date)
        SELECT enterprise_id, seat_id, 'back', {NOW} FROM up WHERE back
    )
    SELECT seat_id FROM up WHERE back
    """,
)

PRESENT_VISITORS = Statement(
    "present_visitors",
    ["int[]"],
    f"UPDATE huolie_visitor SET seen_at = {NOW} WHERE id = ANY($1)",
)

IDLE_TEXT = {
    "zh": "您已有一段时间没有回复，对话将在 {} 分钟后自动结束。",
    "en": "We have not heard from you; this chat will end in {} minutes.",
}


def present_agents(cr, seats):
    """Note that these agents' consoles are connected; who came back gets visitors."""
    for (seat,) in run(cr, PRESENT_AGENTS, seats):
        assign.drain_of_seat(cr, seat)


def present_visitors(cr, visitors):
    """Note that these visitors' pages are open."""
    run(cr, PRESENT_VISITORS, visitors)


def sweep(cr):
    """Do what is due. One at a time per database.

    :return: whether this call did it
    """
    if not run(cr, TRY_LOCK, LOCK)[0][0]:
        return False
    try:
        _hand_over(cr)
        _end_waits(cr)
        _end_silent(cr)
        for (group,) in run(cr, STUCK_GROUPS):
            assign.drain(cr, group)
    finally:
        run(cr, UNLOCK, LOCK)
    return True


def _hand_over(cr):
    """Connection lost (C5): back to the head of the queue, oldest first."""
    lost = [seat for (seat,) in run(cr, LOSE_AGENTS)]
    notify(cr, [wire.passing([f"a{seat}"], e="list") for seat in lost])
    for conversation, seat in run(cr, LEFT_BEHIND):
        assign.release(cr, conversation, seat=seat, reason="lost")


def _end_waits(cr):
    for conversation, reason in run(cr, WAITED_TOO_LONG):
        engine.close(cr, conversation, reason, state="waiting")


def _end_silent(cr):
    for conversation, warned, minutes, lang, last in run(cr, SILENT):
        if warned or not minutes:
            engine.close(cr, conversation, "idle", last=last)
            continue
        text = IDLE_TEXT["zh" if (lang or "zh").startswith("zh") else "en"]
        rows = run(cr, WARN, conversation, text.format(minutes), minutes, last)
        for visitor, seat in rows:
            notify(cr, [wire.stored(conversation, visitor, seat)])
