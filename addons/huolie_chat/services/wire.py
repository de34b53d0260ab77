"""What travels: events to the two ends, and notices between the processes.

Between processes (NOTIFY): ``m:<conversation>:<visitor>:<seat>`` something with a
number was stored; ``e:{"to":[topic…],"e":{…}}`` something that may be lost;
``x:…`` forget what is kept in memory. Topics: ``c<id>`` conversation, ``v<id>``
visitor, ``a<id>`` agent's seat, ``g<id>`` group.
"""

import json
from datetime import timezone

from . import tokens

EVENT_COLUMNS = (
    "conversation_id, seq, kind, author, author_name, body, payload,"
    " create_date, client_uid, recalled"
)
EVENT_COLUMNS_M = ", ".join(f"m.{name.strip()}" for name in EVENT_COLUMNS.split(","))
MOST_TOPICS = 200
# What agents write among themselves.
HIDDEN_FROM_VISITOR = {"note"}


def millis(moment):
    """Return a naive UTC datetime as milliseconds since the epoch."""
    return int(moment.replace(tzinfo=timezone.utc).timestamp() * 1000)


def event(row):
    """Make the event of a row of ``EVENT_COLUMNS`` (docs/contracts.md)."""
    (conversation, seq, kind, author, name, body, payload, at, uid, recalled) = row
    made = {
        "c": conversation,
        "s": seq,
        "k": kind,
        "a": author,
        "n": name,
        "b": None if recalled else body,
        "p": None if recalled else payload,
        "t": millis(at),
        "u": uid,
    }
    if recalled:
        made["r"] = True
    return made


def dress(events, kept, kind):
    """Return the events for one end: links signed, internal ones left out.

    :param dict kept: ``settings.get()`` of the database
    """
    result = []
    for item in events:
        if kind == "v" and item.get("k") in HIDDEN_FROM_VISITOR:
            continue
        payload = item.get("p")
        if item.get("k") in ("image", "file") and payload:
            link = tokens.file_link(kept["secret"], payload["id"]) + kept["suffix"]
            item = {**item, "p": {**payload, "url": link}}
        result.append(item)
    return result


def stored(conversation, visitor, seat):
    """Notice: new numbered events in a conversation."""
    return f"m:{conversation}:{visitor or 0}:{seat or 0}"


def passing(topics, **content):
    """Notice: an event without number to the given topics (few of them)."""
    text = json.dumps({"to": topics, "e": content}, ensure_ascii=False)
    return f"e:{text}"


def passing_each(topics, **content):
    """Notices: the same to any number of topics; PostgreSQL takes 8000 bytes each."""
    return [
        passing(topics[start : start + MOST_TOPICS], **content)
        for start in range(0, len(topics), MOST_TOPICS)
    ]
