"""C3, C4, C7, C8: limits hold, nobody overtakes, nobody is forgotten."""

import concurrent.futures
import random
import threading
import time

import psycopg2

from odoo.addons.huolie_chat.services import assign, db, engine
from odoo.addons.huolie_chat.services.errors import Refused


def open_many(client, world, count):
    """Open conversations of new visitors at once; return the answers."""
    tokens = [client.hello(world.key) for _i in range(count)]
    barrier = threading.Barrier(min(count, 20))

    def arrive(token):
        if count >= 20:
            barrier.wait(20)
        return client.open(token)

    with concurrent.futures.ThreadPoolExecutor(min(count, 20)) as pool:
        return list(pool.map(arrive, tokens))


def check(server):
    """The counters say what the conversations say."""
    wrong = server.query(
        """
        SELECT a.seat_id, a.load, a.cap, count(c.id) FROM huolie_agent_state a
          LEFT JOIN huolie_conversation c ON c.seat_id = a.seat_id AND c.state = 'open'
         GROUP BY a.seat_id, a.load, a.cap
        HAVING a.load <> count(c.id) OR count(c.id) > a.cap
        """
    )
    assert not wrong, wrong


def states(server):
    return dict(
        server.query("SELECT state, count(*) FROM huolie_conversation GROUP BY state")
    )


def test_hundred_arrivals_and_three_agents(server, clean, client):
    clean.agents(3, cap=5)
    opened = open_many(client, clean, 100)
    assert states(server) == {"open": 15, "waiting": 85}
    check(server)
    assert len({answer["c"]["id"] for answer in opened}) == 100
    # First in, first out, also while places free up at the same time
    order = [
        row[0]
        for row in server.query(
            "SELECT id FROM huolie_conversation WHERE state = 'waiting'"
            " ORDER BY waiting_since, id"
        )
    ]
    running = [
        row[0]
        for row in server.query(
            "SELECT id FROM huolie_conversation WHERE state = 'open'"
        )
    ]

    def end(conversation):
        link = db.Link(server.db)
        engine.close(link, conversation, "agent")
        link.close()

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(end, running[:10]))
    assert states(server) == {"open": 15, "waiting": 75, "closed": 10}
    check(server)
    now_open = {
        row[0]
        for row in server.query(
            "SELECT id FROM huolie_conversation WHERE state = 'open'"
        )
    }
    assert set(order[:10]) <= now_open


def test_two_agents_take_one_visitor(server, clean, client):
    seats = clean.agents(2, cap=5, online=True)
    for _round in range(10):
        clean.query("UPDATE huolie_agent_state SET status = 'busy', online = false")
        visitor = server.query(
            "INSERT INTO huolie_visitor (enterprise_id, site_id, uid) VALUES"
            " (%s, %s, md5(random()::text)) RETURNING id",
            clean.enterprise,
            clean.site,
        )[0][0]
        link = db.Link(server.db)
        conversation, _new = engine.open_conversation(
            link, visitor, group=clean.group, state="waiting"
        )
        link.close()

        def take(seat, conversation=conversation):
            own = db.Link(server.db)
            try:
                assign.give(
                    own, conversation, seat, kind="joined", must_be_online=False
                )
            except (Refused, psycopg2.errors.DeadlockDetected) as error:
                return error
            finally:
                own.close()
            return None

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            errors = [e for e in pool.map(take, seats) if e]
        assert not [e for e in errors if not isinstance(e, Refused)], errors
        check(server)
        assert server.query(
            "SELECT count(*) FROM huolie_conversation WHERE id = %s AND seat_id ="
            " ANY(%s) AND state = 'open'",
            conversation,
            seats,
        ) == [(1,)]
        link = db.Link(server.db)
        engine.close(link, conversation, "agent")
        link.close()


def test_random_work_keeps_the_counters_right(server, clean, client):
    """Arrivals, closing, transfers, status and limits, all at once, two groups."""
    seats = clean.agents(6, cap=3)
    other = server.query(
        "INSERT INTO huolie_group (enterprise_id, name, active) VALUES (%s, 'B', true)"
        " RETURNING id",
        clean.enterprise,
    )[0][0]
    server.query(
        "INSERT INTO huolie_group_member (enterprise_id, group_id, seat_id)"
        " SELECT %s, %s, unnest(%s)",
        clean.enterprise,
        other,
        seats[:4],
    )
    until = time.monotonic() + 12
    errors = []

    def work(number):
        chance = random.Random(number)
        link = db.Link(server.db)
        try:
            while time.monotonic() < until:
                one_step(link, chance, clean, [clean.group, other], seats)
        except Exception as error:
            errors.append(repr(error))
        finally:
            link.close()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert not errors, errors
    check(server)
    link = db.Link(server.db)
    for group in (clean.group, other):
        assign.drain(link, group)
        assert not db.run(link, assign.HAS_FREE, group)[0][0]
    link.close()
    check(server)
    gaps = server.query(
        "SELECT c.id FROM huolie_conversation c JOIN huolie_message m"
        " ON m.conversation_id = c.id GROUP BY c.id"
        " HAVING count(*) <> max(m.seq) OR max(m.seq) <> c.last_seq"
    )
    assert not gaps
    clean.query("DELETE FROM huolie_conversation")
    clean.query("DELETE FROM huolie_group WHERE id = %s", other)


def one_step(link, chance, world, groups, seats):
    """Do one random thing; what is refused is refused."""
    what = chance.random()
    link.execute(
        "SELECT id, state FROM huolie_conversation WHERE state <> 'closed'"
        " ORDER BY random() LIMIT 1"
    )
    row = link.fetchone()
    try:
        if what < 0.45 or not row:
            link.execute(
                "INSERT INTO huolie_visitor (enterprise_id, site_id, uid, seen_at)"
                " VALUES (%s, %s, md5(random()::text), now() AT TIME ZONE 'utc')"
                " RETURNING id",
                (world.enterprise, world.site),
            )
            visitor = link.fetchone()[0]
            group = chance.choice(groups)
            conversation, _new = engine.open_conversation(
                link, visitor, group=group, state="waiting"
            )
            assign.enter_queue(link, conversation, group)
        elif what < 0.75:
            engine.close(link, row[0], "agent")
        elif what < 0.83:
            assign.give(link, row[0], chance.choice(seats))
        elif what < 0.89:
            assign.release(link, row[0], group=chance.choice(groups))
        elif what < 0.95:
            assign.set_status(
                link, chance.choice(seats), chance.choice(["online"] * 3 + ["busy"])
            )
        else:
            assign.set_cap(link, chance.choice(seats), chance.randint(1, 4))
    except Refused:
        pass


def test_lost_agents_visitors_go_to_a_colleague(server, clean, client):
    """C5: silent for too long: head of the queue, once; the old one reads on."""
    clean.query("UPDATE huolie_chat_settings SET lost_seconds = 15")
    first, second = clean.agents(2, cap=5)
    clean.query(
        "UPDATE huolie_agent_state SET online = false, status = 'busy'"
        " WHERE seat_id = %s",
        second,
    )
    token = client.hello(clean.key)
    conversation = client.open(token)["c"]["id"]
    clean.query(
        "UPDATE huolie_agent_state SET online = true, status = 'online'"
        " WHERE seat_id = %s",
        second,
    )
    clean.query(
        "UPDATE huolie_agent_state SET seen_at = now() AT TIME ZONE 'utc'"
        " - interval '10 seconds' WHERE seat_id = %s",
        first,
    )
    # somebody polls, so that a hub keeps house
    agent = clean.agent_token(second)
    end = time.monotonic() + 40
    seat = first
    while seat != second and time.monotonic() < end:
        client.poll(agent, {}, 3)
        seat = server.query(
            "SELECT seat_id FROM huolie_conversation WHERE id = %s", conversation
        )[0][0]
    assert seat == second
    check(server)
    old = clean.agent_token(first)
    events = client.ok("/huolie/a/history", token=old, c=conversation)["events"]
    assert [event["k"] for event in events] == ["opened", "joined", "waiting", "joined"]
    status, _c, _h = client.post(
        "/huolie/a/send", token=old, c=conversation, u="x", b="still here"
    )
    assert status == 404
    clean.query("UPDATE huolie_chat_settings SET lost_seconds = 60")
