"""Handlers of the visitor's routes (docs/contracts.md §2). No ORM on the hot ones."""

import logging
import re
import secrets
from urllib.parse import parse_qs, urlsplit

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from . import assign, clean, db, engine, leads, limits, origins, settings, tokens, wire
from .db import Statement, notify, run
from .engine import NOW
from .errors import Refused
from .fastpath import host, register

_logger = logging.getLogger(__name__)

UID = re.compile(r"[0-9a-f]{32}")
KINDS = ("text", "pick")
# (mark in the user agent, name), the most particular first: all claim to be Safari
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)

HELLO = Statement(
    "hello",
    ["int", "int", "text", "text", "text", "text", "text", "text", "text", "text"],
    f"""
    WITH who AS (
        INSERT INTO huolie_visitor AS v
            (enterprise_id, site_id, uid, last_page, last_title, source, lang, device,
             browser, ip, visits, first_seen_at, seen_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, {NOW}, {NOW})
        ON CONFLICT (site_id, uid) DO UPDATE
           SET last_page = COALESCE($4, v.last_page),
               last_title = COALESCE($5, v.last_title),
               source = COALESCE(v.source, $6), lang = $7, device = $8,
               browser = $9, ip = $10,
               visits = COALESCE(v.visits, 0)
                        + CASE WHEN v.seen_at < {NOW} - interval '30 minutes'
                               THEN 1 ELSE 0 END,
               seen_at = {NOW}
        RETURNING id, xmax = 0 AS is_new
    ), trail AS (
        INSERT INTO huolie_page_view
            (enterprise_id, visitor_id, url, title, create_date)
        SELECT $1, who.id, $4, $5, {NOW} FROM who WHERE $4 IS NOT NULL
    )
    SELECT id, is_new FROM who
    """,
)

KNOWN = Statement(
    "known_visitor",
    ["int", "text"],
    "SELECT 1 FROM huolie_visitor WHERE site_id = $1 AND uid = $2",
)

SITE_SEEN = Statement(
    "site_seen",
    ["int"],
    f"""
    UPDATE huolie_site
       SET last_seen_at = {NOW}, first_seen_at = COALESCE(first_seen_at, {NOW})
     WHERE id = $1
       AND (last_seen_at IS NULL OR last_seen_at < {NOW} - interval '5 minutes')
    """,
)

HISTORY = Statement(
    "visitor_history",
    ["int", "int", "int"],
    f"""
    SELECT m.id, {wire.EVENT_COLUMNS_M}
      FROM huolie_conversation c JOIN huolie_message m ON m.conversation_id = c.id
     WHERE c.visitor_id = $1 AND m.id < $2
     ORDER BY m.id DESC LIMIT $3
    """,
)

WHOSE = Statement(
    "whose",
    ["int"],
    "SELECT visitor_id, seat_id, state, group_id FROM huolie_conversation"
    " WHERE id = $1",
)

BYE = Statement(
    "bye",
    ["int"],
    f"UPDATE huolie_visitor SET seen_at = {NOW} - interval '75 seconds' WHERE id = $1",
)


def _page(body):
    """Return url, title and where the visitor came from."""
    page = clean.mapping(body, "page")
    url = clean.text(page, "url", 1000, cut=True)
    if url and not url.startswith(("http://", "https://")):
        url = None
    title = clean.text(page, "title", 200, cut=True)
    return url, title, _source(url, clean.text(page, "ref", 1000, cut=True))


def _source(url, referrer):
    """Return the campaign, else the host that linked here, else None."""
    try:
        campaign = parse_qs(urlsplit(url or "").query).get("utm_source")
        if campaign:
            return clean.sane(campaign[0])[:100]
        came = urlsplit(referrer or "").hostname
        own = urlsplit(url or "").hostname
    except ValueError:
        return None
    return came[:100] if came and came != own else None


def _device(environ):
    """Return the device, as huolie.visitor's selection has it, and the browser."""
    agent = environ.get("HTTP_USER_AGENT", "")
    small = any(word in agent for word in ("Mobile", "Android", "iPhone"))
    browser = next((name for mark, name in BROWSERS if mark in agent), None)
    return "mobile" if small else "desktop", browser


def _mine(call, body, conversation):
    """Check that a conversation is the visitor's; return claims and its row.

    :raise Refused: ``conversation`` 404, the same for not mine and not there
    """
    claims = call.claims(body, "v")
    rows = run(call.cr, WHOSE, conversation)
    if not rows or rows[0][0] != claims["v"]:
        raise Refused("conversation", 404)
    return claims, rows[0]


def _brief(found):
    """Return the ``c`` of an answer."""
    return {key: found[key] for key in ("id", "s", "state", "agent", "unread")}


def _state(call, site, fresh=False):
    """Return what the window should be: ``online queue form off``."""
    if site["widget"] != "on":
        return site["widget"]
    if site["start"] == "robot":
        return "online"
    return settings.group_state(call.db, call.cr, site["group"], fresh)


@register("/huolie/v/hello")
def hello(call, body):
    """Greet a page: who is there, what can the window offer. Also the page view.

    :raise Refused: ``site`` 404, ``domain`` 403, ``limit`` 429
    """
    site = settings.site(call.db, call.cr, body.get("key"))
    if not origins.allowed(call.origin, site["domains"], host(call.environ)):
        raise Refused("domain", 403)
    if site["widget"] == "off":
        return {"state": "off"}
    uid = body.get("uid")
    if not isinstance(uid, str) or not UID.fullmatch(uid):
        uid = secrets.token_hex(16)
    limits.take("hello", call.db, uid)
    visitor = _welcome(call, body, site, uid)
    if not site["seen"]:
        run(call.cr, SITE_SEEN, site["id"])
        site["seen"] = True
    found = engine.find_open(call.cr, visitor)
    kept = call.settings
    token = tokens.mint(
        kept["secret"], "v", d=call.db, e=site["enterprise"], s=site["id"], v=visitor
    )
    return {
        "token": token,
        "uid": uid,
        "state": _state(call, site),
        "robot": site["start"] == "robot",
        "c": _brief(found) if found else None,
        "welcome": site["welcome"],
        "poll": kept["poll"],
    }


def _welcome(call, body, site, uid):
    """Note the visitor's coming and return its id; new ones are counted by address."""
    url, title, source = _page(body)
    lang = clean.text(body, "lang", 16, cut=True)
    values = (url, title, source, lang, *_device(call.environ), call.ip[:64])
    # An id of one's own making is new as well: what counts is who is known.
    crowd = ("new", call.db, site["id"], call.ip)
    if limits.spent(*crowd) and not run(call.cr, KNOWN, site["id"], uid):
        limits.take(*crowd)
    who = (site["enterprise"], site["id"], uid)
    visitor, is_new = run(call.cr, HELLO, *who, *values)[0]
    if is_new:
        limits.take(*crowd)
    return visitor


@register("/huolie/v/open")
def open_(call, body):
    """Get or create the conversation and route it.

    :return: ``{"state", "c", "events", "place"?}``; ``state`` is ``form`` when nobody
        can take it
    :raise Refused: ``off`` 403, ``token`` 403, ``limit`` 429
    """
    claims = call.claims(body, "v")
    visitor = claims["v"]
    site = settings.site_of(call.db, call.cr, claims["s"])
    if site["widget"] == "off":
        raise Refused("off", 403)
    place = None
    conversation, created = None, False
    if _state(call, site) != "form" or _state(call, site, fresh=True) != "form":
        conversation, created = _create(call, body, visitor, site)
    if created and site["start"] == "waiting":
        place = assign.enter_queue(call.cr, conversation, site["group"])
        if place["state"] == "form":
            return {"state": "form", "reason": place["reason"], "c": None, "events": []}
    if created and site["start"] == "robot":
        _auto_reply(call, conversation, {"c": conversation, "s": 1, "k": "opened"})
    return _opened(call, visitor, conversation, place)


def _create(call, body, visitor, site):
    url, title, _ref = _page(body)
    found = engine.find_open(call.cr, visitor) if _is_flooding(call, visitor) else None
    if found:
        return found["id"], False
    return engine.open_conversation(
        call.cr,
        visitor,
        group=site["group"],
        state=site["start"],
        page=url,
        title=title,
    )


def _is_flooding(call, visitor):
    """Count an opening; over the limit only what is open already may be had."""
    try:
        limits.take("open", call.db, visitor)
    except Refused:
        if not engine.find_open(call.cr, visitor):
            raise
        return True
    return False


def _opened(call, visitor, conversation, place):
    """Make the answer of ``open``."""
    if place:
        brief = {"id": conversation, "unread": 0}
        brief.update({key: place[key] for key in ("s", "state", "agent")})
    else:
        found = engine.find_open(call.cr, visitor)
        if not found:
            return {"state": "form", "c": None, "events": []}
        conversation, brief = found["id"], _brief(found)
        if brief["state"] == "waiting":
            # a reload: the place is told again only when it changes
            place = assign.place(call.cr, conversation)
    events = engine.last_events(call.cr, conversation)
    result = {
        "state": "queue" if brief["state"] == "waiting" else "online",
        "c": brief,
        "events": wire.dress(events, call.settings, "v"),
    }
    if place and brief["state"] == "waiting":
        result["place"] = place["place"]
    return result


@register("/huolie/v/history")
def history(call, body):
    """Return earlier events of this visitor, over all conversations.

    :return: ``{"events": oldest first, "before": cursor|null}``
    """
    claims = call.claims(body, "v")
    limits.take("other", call.db, claims["v"])
    before = clean.number(body, "before", default=clean.MAX_ID)
    rows = run(call.cr, HISTORY, claims["v"], before, 50)
    events = [wire.event(row[1:]) for row in reversed(rows)]
    return {
        "events": wire.dress(events, call.settings, "v"),
        "before": rows[-1][0] if len(rows) == 50 else None,
    }


def _content(body):
    """Return kind, text and payload of a visitor's message.

    :raise Refused: ``kind`` 422, ``empty`` 422, ``long`` 422
    """
    kind = body.get("k", "text")
    if kind not in KINDS:
        raise Refused("kind", 422)
    if kind == "text":
        return kind, clean.text(body, "b", clean.MAX_TEXT, required=True), None
    pick = clean.mapping(body, "p")
    item = pick.get("id")
    if isinstance(item, bool) or not isinstance(item, (int, str)):
        raise Refused("type", 400, field="p")
    if isinstance(item, str):
        item = clean.text(pick, "id", 64, required=True)
    elif not -(2**53) < item < 2**53:
        raise Refused("type", 400, field="p")
    label = clean.text(pick, "label", 200, required=True)
    return kind, label, {"id": item, "label": label}


@register("/huolie/v/send")
def send(call, body):
    """Store a visitor's message exactly once.

    :return: ``{"s": seq, "t": ms}``; the same ``u`` again gives the same ``s``
    :raise Refused: 404 ``conversation``, 409 ``closed``/``duplicate``, 422, 429
    """
    claims = call.claims(body, "v")
    conversation = clean.identifier(body, "c")
    uid = clean.text(body, "u", 64, required=True)
    kind, text, payload = _content(body)
    limits.take("message", call.db, claims["v"])
    stored = engine.store(
        call.cr,
        conversation,
        "visitor",
        kind,
        text,
        payload,
        uid,
        visitor=claims["v"],
    )
    if stored.state == "robot":
        event = {"k": kind, "b": text, "p": payload, "u": uid, "s": stored.seq}
        _auto_reply(call, conversation, {"c": conversation, "a": "visitor", **event})
    return {"s": stored.seq, "t": wire.millis(stored.at)}


def _auto_reply(call, conversation, event):
    """Let the robot answer a committed message, in a transaction of its own."""
    message = {"conversation": conversation, **event}
    if isinstance(call.cr, db.Link):
        _reply_now(call.db, message)
    elif settings.in_test():
        env = api.Environment(call.cr, SUPERUSER_ID, {})
        env["huolie.conversation"]._auto_reply(message)
    else:
        call.cr.postcommit.add(lambda: _reply_now(call.db, message))


def _reply_now(dbname, message):
    try:
        try:
            _reply(dbname, message)
        except db.LOST:
            # once more on a connection that is not lost: each answer is stored once
            _reply(dbname, message)
    except Exception:
        # The visitor's message is safe; whoever asks for a human still gets one.
        _logger.exception("huolie: no automatic reply in %s", message["conversation"])


def _reply(dbname, message):
    with Registry(dbname).cursor() as cr:
        # As the engine: a second writer waits instead of failing.
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["huolie.conversation"]._auto_reply(message)


PREVIEW = Statement(
    "preview",
    ["int"],
    "SELECT typing_preview FROM huolie_chat_settings WHERE enterprise_id = $1",
)


def previewed(cr, enterprise, text):
    """Return what agents may see of unsent words: nothing where it is switched off."""
    rows = run(cr, PREVIEW, enterprise)
    return text[:500] if rows and rows[0][0] else ""


@register("/huolie/v/typing")
def typing(call, body):
    """Pass on what the visitor is typing (never stored)."""
    conversation = clean.identifier(body, "c")
    claims, row = _mine(call, body, conversation)
    limits.take("typing", call.db, claims["v"])
    text = clean.text(body, "b", clean.MAX_TEXT, cut=True) or ""
    if row[1] and row[2] == "open":
        shown = previewed(call.cr, claims["e"], text)
        event = wire.passing(
            [f"a{row[1]}"], e="typing", c=conversation, n=None, b=shown
        )
        notify(call.cr, [event])
    return {}


@register("/huolie/v/human")
def human(call, body):
    """Ask for an agent.

    :return: ``{"state": "open"|"queue"|"form", "place"?}``
    """
    conversation = clean.identifier(body, "c")
    claims = call.claims(body, "v")
    limits.take("other", call.db, claims["v"])
    found = assign.ask_human(call.cr, conversation, claims["v"])
    if found["state"] == "waiting":
        return {"state": "queue", "place": found["place"]}
    return {"state": found["state"], "agent": found.get("agent")}


@register("/huolie/v/close")
def close(call, body):
    """End the conversation."""
    conversation = clean.identifier(body, "c")
    claims, _row = _mine(call, body, conversation)
    limits.take("other", call.db, claims["v"])
    engine.close(
        call.cr, conversation, "visitor", visitor=claims["v"], author="visitor"
    )
    return {}


@register("/huolie/v/rate")
def rate(call, body):
    """Store the rating: ``score`` 1 to 5, ``solved``, ``text``; the first counts."""
    conversation = clean.identifier(body, "c")
    claims, _row = _mine(call, body, conversation)
    limits.take("other", call.db, claims["v"])
    score = clean.number(body, "score", 1, 5)
    solved = body.get("solved")
    if solved not in (True, False, None) or isinstance(solved, int) != isinstance(
        solved, bool
    ):
        raise Refused("type", 400, field="solved")
    text = clean.text(body, "text", 500)
    engine.rate(call.cr, conversation, claims["v"], score, solved, text)
    return {}


@register("/huolie/v/read")
def read(call, body):
    """Note how far the visitor has read."""
    claims = call.claims(body, "v")
    limits.take("other", call.db, claims["v"])
    conversation = clean.identifier(body, "c")
    engine.read(call.cr, conversation, clean.number(body, "s", 0), visitor=claims["v"])
    return {}


@register("/huolie/v/bye")
def bye(call, body):
    """Note that the page was left (sendBeacon)."""
    claims = call.claims(body, "v")
    limits.take("other", call.db, claims["v"])
    run(call.cr, BYE, claims["v"])
    return {}


@register("/huolie/v/form")
def form(call, body):
    """Leave a message: a lead in the public pool, once per ``u``.

    :raise Refused: ``fields`` 422 with ``fields: {name: reason}``
    """
    claims = call.claims(body, "v")
    uid = clean.text(body, "u", 64, required=True)
    fields = clean.mapping(body, "fields")
    limits.take("form", call.db, claims["v"])
    site = settings.site_of(call.db, call.cr, claims["s"])
    if site["widget"] == "off":
        raise Refused("off", 403)
    values = leads.read_fields(fields)
    found = engine.find_open(call.cr, claims["v"])
    conversation = found["id"] if found and found["state"] == "waiting" else None
    _with_env(
        call,
        lambda env: leads.leave(
            env, claims["s"], claims["v"], values, uid, conversation
        ),
    )
    if conversation:
        engine.close(
            call.cr, conversation, "form", visitor=claims["v"], state="waiting"
        )
    return {"ok": True}


def _with_env(call, function):
    if isinstance(call.cr, db.Link):
        with Registry(call.db).cursor() as cr:
            return function(api.Environment(cr, SUPERUSER_ID, {}))
    return function(api.Environment(call.cr, SUPERUSER_ID, {}))
