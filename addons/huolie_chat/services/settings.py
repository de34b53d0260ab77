"""What every process keeps in memory of a database: secret, switches, sites.

Short-lived (seconds) and thrown away at once by the notice ``x:sites``.
"""

import os
import re
import secrets
import threading
import time
from collections import defaultdict

import odoo.modules.module
from odoo import SUPERUSER_ID, api
from odoo.http import db_filter
from odoo.modules.registry import Registry
from odoo.service.db import list_dbs
from odoo.tools import config

from odoo.addons.huolie_base.services import life

from . import db
from .db import Statement, run
from .engine import NOW
from .errors import Refused

SETTINGS_SECONDS = 60
SITE_SECONDS = 10
STATE_SECONDS = 2
# How long an old value serves the others while one thread reads the new one.
RENEW_SECONDS = 5
MAX_SITES = 20000
KEY = re.compile(r"[\w-]{1,64}", re.ASCII)

_cache = {}
_lock = threading.Lock()
_reading = defaultdict(threading.Lock)

PARAMETERS = Statement(
    "parameters",
    [],
    "SELECT key, value FROM ir_config_parameter WHERE key IN"
    " ('huolie.chat_secret', 'huolie.fast_path', 'huolie.poll_url')",
)

KEEP_SECRET = Statement(
    "keep_secret",
    ["text"],
    f"INSERT INTO ir_config_parameter (key, value, create_date, write_date)"
    f" VALUES ('huolie.chat_secret', $1, {NOW}, {NOW}) ON CONFLICT (key) DO NOTHING",
)

SITE = Statement(
    "site",
    ["text"],
    """
    SELECT s.id, s.enterprise_id, s.domains, s.last_seen_at, e.state, e.is_house,
           e.trial_until, e.serve_until,
           COALESCE(s.group_id, (SELECT g.id FROM huolie_group g
                                  WHERE g.enterprise_id = s.enterprise_id AND g.active
                                  ORDER BY g.id LIMIT 1)),
           s.secret
      FROM huolie_site s JOIN huolie_enterprise e ON e.id = s.enterprise_id
     WHERE s.key = $1 AND s.active
    """,
)

SITE_KEY = Statement("site_key", ["int"], "SELECT key FROM huolie_site WHERE id = $1")

GROUP_STATE = Statement(
    "group_state",
    ["int"],
    f"""
    SELECT count(*) FILTER (WHERE a.online), count(*) FILTER (WHERE a.load < a.cap),
           (SELECT count(*) FROM huolie_conversation c
             WHERE c.group_id = $1 AND c.state = 'waiting'),
           (SELECT t.queue_max FROM huolie_chat_settings t JOIN huolie_group g
             ON g.enterprise_id = t.enterprise_id WHERE g.id = $1)
      FROM huolie_agent_state a
     WHERE a.online AND a.serve_until > {NOW}
       AND a.seat_id IN (SELECT m.seat_id FROM huolie_group_member m
                           JOIN huolie_group g ON g.id = $1
                          WHERE m.group_id IN (g.id, g.overflow_group_id))
    """,
)


def in_test(registry=None):
    """Say whether tests run here, whose rows only their own cursor sees."""
    if odoo.modules.module.current_test:
        return True
    return registry is not None and not hasattr(registry.cursor, "__self__")


# What other addons keep of sites goes with it: functions (dbname).
ON_FORGET = []


def forget(dbname):
    """Throw away what is kept of a database."""
    with _lock:
        for key in [key for key in _cache if key[1] == dbname]:
            del _cache[key]
    for function in ON_FORGET:
        function(dbname)


def _kept(key, seconds, make):
    """Return a cached value or make it.

    While one thread makes it anew the others get the old one: ten thousand polls
    must not all ask the tables in the moment it runs out. Without an old one it may
    be made twice.
    """
    found = _cache.get(key)
    now = time.monotonic()
    if found and found[0] > now:
        return found[1]
    if found:
        _cache[key] = (now + RENEW_SECONDS, found[1])
    value = make()
    if not in_test():
        with _lock:
            if len(_cache) > MAX_SITES:
                _cache.clear()
            _cache[key] = (now + seconds, value)
    return value


def _databases(host):
    """Return the databases that this server serves to a host."""
    names = _kept(("dbs", None), SETTINGS_SECONDS, lambda: list_dbs(force=True))
    return db_filter(names, host=host)


def known(dbname, host):
    """Say whether this server serves a database of that name to that host."""
    return isinstance(dbname, str) and dbname in _databases(host)


def only_database(host):
    """Return the one database of a host, or None."""
    names = _databases(host)
    return names[0] if len(names) == 1 else None


def _with_env(dbname, cr, function):
    """Call a function with an environment: the given Odoo cursor's or a new one's."""
    if not isinstance(cr, db.Link):
        return function(api.Environment(cr, SUPERUSER_ID, {}))
    with Registry(dbname).cursor() as own:
        return function(api.Environment(own, SUPERUSER_ID, {}))


def get(dbname, cr):
    """Return the settings of a database.

    :return: ``{"secret", "fast", "poll", "suffix", "billed"}``
    """
    return _kept(("settings", dbname), SETTINGS_SECONDS, lambda: _read(dbname, cr))


def peek(dbname):
    """Return the settings if they are in memory and fresh, else None."""
    found = _cache.get(("settings", dbname))
    return found[1] if found and found[0] > time.monotonic() else None


def of(dbname):
    """Return the settings for who holds no connection; one reads, the others wait."""
    found = peek(dbname)
    if found is None:
        with _reading[dbname]:
            found = peek(dbname)
            if found is None:
                with db.link(dbname) as link:
                    found = get(dbname, link)
    return found


def _read(dbname, cr):
    values = dict(run(cr, PARAMETERS))
    if not values.get("huolie.chat_secret"):
        run(cr, KEEP_SECRET, secrets.token_hex(32))
        values = dict(run(cr, PARAMETERS))
    return {
        "secret": values["huolie.chat_secret"],
        "fast": values.get("huolie.fast_path", "1") not in ("0", "False", "false"),
        "poll": values.get("huolie.poll_url") or "",
        # a foreign page has no cookie that says which of several databases
        "suffix": "" if len(config["db_name"]) == 1 else f"&db={dbname}",
        "billed": _with_env(dbname, cr, _is_billed),
    }


def _is_billed(env):
    if "huolie.conversation" not in env:
        # another database of this server, or one that the addon was taken out of
        raise Refused("site", 404)
    return env["huolie.enterprise"]._is_billed()


def fast_path_wanted():
    """Say whether the process may use the fast path at all (environment)."""
    return os.environ.get("HUOLIE_FAST_PATH", "1") != "0"


def site(dbname, cr, key):
    """Return what is known of a site by its key.

    :return: ``{"id", "enterprise", "group", "domains", "seen", "widget", "robot",
        "start", "welcome", "secret"}``; ``widget`` is ``on form off``
    :raise Refused: ``site`` 404
    """
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Refused("site", 404)
    found = _kept(
        ("site", dbname, key), SITE_SECONDS, lambda: _read_site(dbname, cr, key)
    )
    if not found:
        raise Refused("site", 404)
    return found


def site_of(dbname, cr, site_id):
    """Return what is known of a site by its id, see ``site``."""
    key = _kept(
        ("key", dbname, site_id), SITE_SECONDS, lambda: run(cr, SITE_KEY, site_id)
    )
    if not key:
        raise Refused("site", 404)
    return site(dbname, cr, key[0][0])


def _read_site(dbname, cr, key):
    rows = run(cr, SITE, key)
    if not rows:
        return None
    site_id, enterprise, domains, seen, *life_of, group, secret = rows[0]
    now = run(cr, CLOCK)[0][0]
    billed = get(dbname, cr)["billed"]
    allows = life.ALLOWS[life.stage(*life_of, billed, now)]
    start, welcome = "waiting", None
    if allows["widget"] == "on":
        start, welcome = _with_env(dbname, cr, lambda env: _ask_addons(env, site_id))
    return {
        "id": site_id,
        "enterprise": enterprise,
        "group": group,
        "domains": domains,
        "seen": bool(seen and (now - seen).total_seconds() < 300),
        "widget": allows["widget"] if group else "form",
        "start": start,
        "welcome": welcome,
        "secret": secret or "",
    }


CLOCK = Statement("clock", [], f"SELECT {NOW}")


def _ask_addons(env, site_id):
    record = env["huolie.site"].browse(site_id)
    start = env["huolie.conversation"]._start_state(record)
    return start, record._get_welcome()


def group_state(dbname, cr, group, fresh=False):
    """Say what a visitor of a group would meet now: ``online``, ``queue`` or ``form``.

    :param bool fresh: do not believe what was read up to 2 seconds ago
    """
    key = ("group", dbname, group)
    if fresh:
        _cache.pop(key, None)
    rows = _kept(key, STATE_SECONDS, lambda: run(cr, GROUP_STATE, group))
    online, free, waiting, longest = rows[0]
    if free:
        return "online"
    if online and waiting < (50 if longest is None else longest):
        return "queue"
    return "form"
