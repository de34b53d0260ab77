"""Accounts at 10,000 enterprises and 30,000 people: log-in, home, lists, creating.

``ACCOUNTS_ENTERPRISES`` makes it smaller. The mass is made by SQL, by copying the rows
of the demo data.
"""

import hashlib
import json
import os
import re
import subprocess
import time

import requests

from bench.support import connect, median, result, server
from huolie_tools import configuration, database, places

COUNT = int(os.environ.get("ACCOUNTS_ENTERPRISES", "10000"))
PEOPLE = 3
TURNS = 20
PASSWORD = "Bench-2026-x"
ADMIN = "chenguang.admin@demo.huolie.example"
MANAGER = "manager@demo.huolie.example"

# One row copied many times; the named columns differ.
COPY = """
    INSERT INTO {table}
    SELECT copied.* FROM {table} source,
           generate_series(1, %(count)s) AS n,
           jsonb_populate_record(source, jsonb_build_object({columns})) AS copied
     WHERE source.id = %(source)s
"""
CREATE = """
import statistics, time
cleared = []
registry = type(env.registry)
clear = registry.clear_cache
def counted(self, *names):
    cleared.append(names or ("default",))
    return clear(self, *names)
registry.clear_cache = counted
times, most = [], 0
for number in range(12):
    cleared.clear()
    since = time.perf_counter()
    env["huolie.enterprise"]._register_enterprise({
        "name": f"Bench {number}", "contact": "Bench", "lang": "zh_CN",
        "email": f"bench{number}@bench.huolie.example", "phone": "",
    })
    env.flush_all()
    times.append((time.perf_counter() - since) * 1000)
    most = max(most, sum("default" in names for names in cleared))
print("BENCH", statistics.median(times[2:]), most)
"""


def results():
    """Measure everything on one clone of the template."""
    with server("accounts") as odoo, connect(odoo.name) as query:
        database.set_demo_password(odoo.name, PASSWORD)
        _fill(query)
        admin, log_in = _log_in(odoo.url, ADMIN)
        manager, _ms = _log_in(odoo.url, MANAGER)
        found = [
            result("accounts.load", os.getloadavg()[0], "processes"),
            result("accounts.password_hash_ms", _hash_ms(), "ms"),
            result("accounts.login_ms", log_in, "ms", 300),
            result("accounts.home_ms", _home(odoo.url, admin), "ms", 300),
            result(
                "accounts.enterprise_list_ms",
                _enterprises(odoo.url, manager),
                "ms",
                300,
            ),
            result("accounts.seat_list_ms", _seats(odoo.url, admin), "ms", 300),
        ]
        milliseconds, cleared = _create(odoo.name)
        found.append(result("accounts.create_enterprise_ms", milliseconds, "ms", 150))
        found.append(result("accounts.caches_cleared", cleared, "times", 1))
    return found


# === MASS === #
def _fill(query):
    """Copy one demo enterprise, its partner, an agent and a seat, many times."""
    source = _sources(query)
    start = {
        table: query(f"SELECT max(id) FROM {table}")[0][0]
        for table in ("res_partner", "huolie_enterprise", "res_users", "huolie_seat")
    }
    _fill_enterprises(query, source, start)
    _fill_people(query, source, start)
    for table in start:
        query(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
        query(f"ANALYZE {table}")


def _fill_enterprises(query, source, start):
    partner = f"{start['res_partner']} + n"
    _copy(
        query,
        "res_partner",
        source["enterprise_partner"],
        COUNT,
        id=partner,
        name="'企业 ' || n",
        complete_name="'企业 ' || n",
        enterprise_id="NULL",
    )
    _copy(
        query,
        "huolie_enterprise",
        source["enterprise"],
        COUNT,
        id=f"{start['huolie_enterprise']} + n",
        partner_id=partner,
        code="'B' || lpad(n::text, 7, '0')",
        next_remark_code="NULL",
    )
    query(
        "UPDATE res_partner p SET enterprise_id = e.id FROM huolie_enterprise e"
        " WHERE e.partner_id = p.id AND p.enterprise_id IS NULL"
    )


def _fill_people(query, source, start):
    """Agents of the new enterprises, each with its partner and its seat."""
    people = COUNT * PEOPLE
    partner = f"{start['res_partner'] + COUNT} + n"
    user = f"{start['res_users']} + n"
    enterprise = f"{start['huolie_enterprise']} + (n - 1) / {PEOPLE} + 1"
    _copy(
        query,
        "res_partner",
        source["user_partner"],
        people,
        id=partner,
        name="'客服 ' || n",
        complete_name="'客服 ' || n",
        enterprise_id=enterprise,
    )
    _copy(
        query,
        "res_users",
        source["user"],
        people,
        id=user,
        login="'mass' || n || '@x.example'",
        partner_id=partner,
        mobile_login="NULL",
    )
    _copy_groups(query, source["user"], start["res_users"], people)
    _copy(
        query,
        "huolie_seat",
        source["seat"],
        people,
        id=f"{start['huolie_seat']} + n",
        user_id=user,
        enterprise_id=enterprise,
        number="n",
    )


def _copy_groups(query, source, base, count):
    """Give the users after `base` the groups of one."""
    query(
        "INSERT INTO res_groups_users_rel (gid, uid) SELECT gid, %(base)s + n"
        " FROM res_groups_users_rel, generate_series(1, %(count)s) n"
        " WHERE uid = %(source)s",
        base=base,
        count=count,
        source=source,
    )


def _sources(query):
    rows = query(
        "SELECT name, res_id FROM ir_model_data"
        " WHERE module = 'huolie_base' AND name IN"
        " ('enterprise_yunfan', 'user_chenguang_agent1', 'seat_chenguang_agent1')"
    )
    ids = dict(rows)
    found = {
        "enterprise": ids["enterprise_yunfan"],
        "user": ids["user_chenguang_agent1"],
        "seat": ids["seat_chenguang_agent1"],
    }
    for key, table in (("enterprise", "huolie_enterprise"), ("user", "res_users")):
        found[f"{key}_partner"] = query(
            f"SELECT partner_id FROM {table} WHERE id = %(id)s", id=found[key]
        )[0][0]
    return found


def _copy(query, table, source, count, **columns):
    rows = query(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %(t)s",
        t=table,
    )
    known = {row[0] for row in rows}
    pairs = [f"'{name}', {value}" for name, value in columns.items() if name in known]
    sql = COPY.format(table=table, columns=", ".join(pairs))
    query(sql, count=count, source=source)


# === MEASURING === #
def _hash_ms():
    """Return what one password hash costs here (never lowered, only reported)."""
    return median([_hash_once() for _turn in range(5)])


def _hash_once():
    since = time.perf_counter()
    hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), b"salt" * 4, 600_000)
    return (time.perf_counter() - since) * 1000


def _log_in(url, login):
    """Return a session, and the milliseconds of a log-in less the hash beside it."""
    times, session = [], None
    for _turn in range(5):
        session = requests.Session()
        page = session.get(f"{url}/huolie/login").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        data = {"csrf_token": token, "login": login, "password": PASSWORD}
        hashing = _hash_once()
        since = time.perf_counter()
        answer = session.post(f"{url}/huolie/login", data=data).json()
        times.append((time.perf_counter() - since) * 1000 - hashing)
        assert answer == {"redirect": "/odoo"}, answer
    return session, median(times)


def _call(url, session, model, method, *args, **kwargs):
    params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
    times = []
    for _turn in range(TURNS):
        since = time.perf_counter()
        address = f"{url}/web/dataset/call_kw/{model}/{method}"
        answer = session.post(address, json={"params": params}).json()
        times.append((time.perf_counter() - since) * 1000)
        assert "result" in answer, json.dumps(answer)[:500]
    return median(times)


def _home(url, session):
    return _call(url, session, "huolie.enterprise", "get_home_page")


def _enterprises(url, session):
    names = "code name stage verified trial_until service_until create_date".split()
    return _search(url, session, "huolie.enterprise", names)


def _seats(url, session):
    names = "number name state is_serving served_until invite_until".split()
    return _search(url, session, "huolie.seat", names)


def _search(url, session, model, names):
    specification = {name: {} for name in names}
    query = {"domain": [], "specification": specification, "limit": 80, "order": ""}
    return _call(url, session, model, "web_search_read", **query, count_limit=10001)


def _create(name):
    """Return milliseconds of creating an enterprise, and the caches it cleared."""
    conf = configuration.write("setup", http_interface="127.0.0.1")
    done = subprocess.run(
        configuration.odoo_command("shell", "-c", conf, "-d", name, "--no-http"),
        cwd=places.PROJECT,
        env=configuration.environment(),
        input=CREATE,
        capture_output=True,
        text=True,
    )
    found = re.search(r"BENCH (\S+) (\d+)", done.stdout)
    assert found, done.stderr[-2000:]
    return float(found[1]), int(found[2])
