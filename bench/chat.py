"""Conversations: opening, messages, waiting visitors, delivery (PERFORMANCE.md §6).

Workers answer the hot routes, the evented process the polls. Server, PostgreSQL and
load generator share the machine. ``HUOLIE_BENCH_IDLE`` sets the number of visitors who
wait (10,000).
"""

import asyncio
import os
import resource
import time

import psutil

from bench.support import connect, median, percentile, result, server
from tests.load.chat import Client, World
from tests.load.crowd import Sleeper, post

IDLE = int(os.environ.get("HUOLIE_BENCH_IDLE", "10000"))
OPENINGS = 60
MESSAGES = 200
SUSTAINED_SECONDS = 10
TALKS = 20
LISTENERS = 50
DELIVERIES = 300
WAIT = 50  # seconds, as Sleeper.live asks for


def results():
    """Measure all; one server for everything."""
    os.environ["HUOLIE_SHOW_SQL"] = "1"
    os.environ["HUOLIE_LIMITS_FACTOR"] = "1000000"
    _allow_files(IDLE + 2000)
    with server("chat", workers=2) as odoo, connect(odoo.name) as query:
        ports = odoo.front.http_port, odoo.front.evented_port
        world = World(query)
        client = Client(ports[0])
        client.hello(world.key)
        found = _opening(world, client)
        found += _messages(world, client)
        found += asyncio.run(_sustained(world, client, ports[0]))
        found += asyncio.run(_waiting(world, client, ports, odoo.process.pid))
        _check(query)
    return found


def _allow_files(count):
    """Let this process, and the server it starts, open that many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


# === ONE AFTER THE OTHER === #
def _opening(world, client):
    times, statements = {}, 0
    for count in (1, 10, 100, 1000):
        world.clear()
        world.agents(count, cap=100)
        world.query("ANALYZE huolie_agent_state, huolie_group_member")
        took = []
        for token in world.visitors(OPENINGS + 5):
            since = time.perf_counter()
            status, content, headers = client.post("/huolie/v/open", token=token)
            took.append((time.perf_counter() - since) * 1000)
            assert (status, content["c"]["state"]) == (200, "open"), content
        times[count] = took[5:]
        statements = max(statements, int(headers["X-Huolie-Sql"]))
    ratio = median(times[1000]) / median(times[1])
    return [
        result("chat.open_ms_p50", median(times[1]), "ms", 5),
        result("chat.open_ms_p95", percentile(times[1], 0.95), "ms", 12),
        result("chat.open_ms_p50_1000_agents", median(times[1000]), "ms"),
        result("chat.open_ratio_1000", ratio, "x", 1.2),
        result("chat.open_sql", statements, "statements", 6),
    ]


def _talks(world, client, count):
    """Return ``(visitor's token, agent's token, conversation)`` of new talks."""
    world.clear()
    seat = world.agents(1, cap=100)[0]
    agent = world.agent_token(seat)
    tokens = world.visitors(count)
    return [(t, agent, client.open(t)["c"]["id"]) for t in tokens]


def _messages(world, client):
    visitor, agent, conversation = _talks(world, client, 1)[0]
    took, statements = {"v": [], "a": []}, 0
    for number in range(MESSAGES):
        for who, token in (("v", visitor), ("a", agent)):
            body = {
                "token": token,
                "c": conversation,
                "u": f"{who}{number}",
                "b": "你好",
            }
            since = time.perf_counter()
            status, _content, headers = client.post(f"/huolie/{who}/send", **body)
            took[who].append((time.perf_counter() - since) * 1000)
            assert status == 200
            statements = max(statements, int(headers["X-Huolie-Sql"]))
    return [
        result("chat.message_ms_p50", median(took["v"][5:]), "ms", 3),
        result("chat.message_ms_p95", percentile(took["v"][5:], 0.95), "ms", 8),
        result("chat.agent_message_ms_p50", median(took["a"][5:]), "ms", 3),
        result("chat.message_sql", statements, "statements", 2),
    ]


# === ALL AT ONCE === #
async def _sustained(world, client, port):
    talks = _talks(world, client, TALKS)
    until = time.perf_counter() + SUSTAINED_SECONDS
    took = []

    async def chat(number, visitor, agent, conversation):
        turn = 0
        while time.perf_counter() < until:
            who, token = (("v", visitor), ("a", agent))[(number + turn) % 2]
            body = {"token": token, "c": conversation, "u": f"s{turn}", "b": "你好"}
            since = time.perf_counter()
            status, content = await post(port, f"/huolie/{who}/send", body)
            assert status == 200, content
            took.append((time.perf_counter() - since) * 1000)
            turn += 1

    await asyncio.gather(*(chat(n, *talk) for n, talk in enumerate(talks)))
    return [
        result(
            "chat.sustained_per_s", len(took) / SUSTAINED_SECONDS, "1/s", 500, "higher"
        ),
        result("chat.sustained_ms_p95", percentile(took, 0.95), "ms", 60),
    ]


async def _waiting(world, client, ports, pid):
    evented = _evented(pid)
    talks = _talks(world, client, LISTENERS)
    listeners = [Sleeper(ports[1], t, c, 2) for t, _agent, c in talks]
    crowd = [Sleeper(ports[1], t) for t in world.visitors(IDLE - LISTENERS)]
    await post(ports[1], "/huolie/poll", {"token": talks[0][0], "seen": {}, "wait": 0})
    before = evented.memory_info().rss
    since = time.perf_counter()
    tasks = await _arrive(listeners + crowd)
    arrived = time.perf_counter() - since
    await asyncio.sleep(3)
    memory = evented.memory_info().rss - before
    # one whole wait, in which each of them polls again once
    idle = await _cpu_share(evented, WAIT)
    delays = await _deliver(talks, listeners, ports[0])
    errors = sum(s.errors for s in listeners + crowd)
    doubles = sum(s.doubles for s in listeners)
    for task in tasks:
        task.cancel()
    return [
        result("chat.idle_visitors", len(tasks), "visitors"),
        result("chat.idle_kb_each", memory / 1024 / len(tasks), "KB", 25),
        result("chat.idle_cpu_percent", idle, "%", 15),
        result("chat.connects_per_s", len(tasks) / arrived, "1/s", 300, "higher"),
        result("chat.delivery_ms_p50", median(delays), "ms", 8 if IDLE > 5000 else 5),
        result(
            "chat.delivery_ms_p99",
            percentile(delays, 0.99),
            "ms",
            30 if IDLE > 5000 else 20,
        ),
        result("chat.poll_errors", errors, "errors", 0),
        result("chat.delivered_twice", doubles, "events", 0),
    ]


def _evented(pid):
    """The evented process of a server with workers."""
    for child in psutil.Process(pid).children(recursive=True):
        if "gevent" in child.cmdline():
            return child
    raise RuntimeError("no evented process")


async def _arrive(sleepers):
    """Let all begin to poll, 64 connects at a time; return when all are parked."""
    gate = asyncio.Semaphore(64)
    tasks = []

    async def enter(sleeper):
        async with gate:
            tasks.append(asyncio.ensure_future(sleeper.live()))
            await sleeper.asked.wait()

    await asyncio.gather(*(enter(s) for s in sleepers))
    # answered after those who came before
    body = {"token": sleepers[0].token, "seen": {}, "wait": 0}
    await post(sleepers[0].port, "/huolie/poll", body)
    return tasks


async def _cpu_share(process, seconds):
    used = process.cpu_times()
    await asyncio.sleep(seconds)
    now = process.cpu_times()
    return (now.user + now.system - used.user - used.system) / seconds * 100


async def _deliver(talks, listeners, port):
    """Send one message at a time; ms from the sender's answer to the receiver."""
    delays = []
    for number in range(DELIVERIES):
        which = number % len(talks)
        _visitor, agent, conversation = talks[which]
        body = {"token": agent, "c": conversation, "u": f"d{number}", "b": "你好"}
        status, content = await post(port, "/huolie/a/send", body)
        assert status == 200, content
        acknowledged = time.perf_counter()
        got = listeners[which].got
        for _turn in range(500):
            if content["s"] in got:
                break
            await asyncio.sleep(0.01)
        delays.append(max(0.0, (got[content["s"]] - acknowledged) * 1000))
        await asyncio.sleep(0.02)
    return delays


def _check(query):
    """Afterwards: numbers without gap, counters right."""
    wrong = query(
        "SELECT c.id FROM huolie_conversation c JOIN huolie_message m"
        " ON m.conversation_id = c.id GROUP BY c.id"
        " HAVING count(*) <> max(m.seq) OR max(m.seq) <> c.last_seq"
    )
    assert not wrong, wrong


if __name__ == "__main__":
    for row in results():
        print(row)
