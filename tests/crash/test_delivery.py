"""C1, C2, C4, C5, C16: never lost, never doubled, never out of order.

Real processes, real commits, real kills (SECURITY.md §7).
"""

import concurrent.futures
import contextlib
import random
import socket
import threading
import time
import uuid

import pytest
import requests

from odoo.addons.huolie_chat.services import db, engine

from tests.load.chat import Client

from .parked import ParkedPoll

SLOW = """
    CREATE OR REPLACE FUNCTION huolie_test_slow() RETURNS trigger AS $$
    BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$ LANGUAGE plpgsql;
    CREATE OR REPLACE TRIGGER huolie_test_slow AFTER INSERT ON huolie_message
    FOR EACH ROW WHEN (NEW.body = 'slow') EXECUTE FUNCTION huolie_test_slow();
"""


def talk(world, client):
    """Return a visitor's token, the agent's token and their conversation."""
    seat = world.agents(1, cap=50)[0]
    token = client.hello(world.key)
    opened = client.open(token)
    assert opened["state"] == "online", opened
    return token, world.agent_token(seat), opened["c"]["id"]


def numbers(server, conversation):
    rows = server.query(
        "SELECT seq FROM huolie_message WHERE conversation_id = %s ORDER BY seq",
        conversation,
    )
    return [row[0] for row in rows]


def test_killed_after_the_insert_the_message_is_stored_once(server, clean, client):
    token, _agent, conversation = talk(clean, client)
    server.query(SLOW)
    uid = uuid.uuid4().hex
    body = {"token": token, "c": conversation, "u": uid, "k": "text", "b": "slow"}
    errors = []
    # not through the front, which dies with the server and answers nobody
    port = server.front.http_port if server.workers else server.port
    direct = Client(port, timeout=8)

    def send():
        try:
            direct.post("/huolie/v/send", **body)
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    time.sleep(0.7)  # the insert has happened, the answer has not
    server.kill()
    thread.join(10)
    time.sleep(2.5)
    server.start()
    assert errors, "the answer must not have come through"
    server.query("DROP TRIGGER huolie_test_slow ON huolie_message")
    stored = server.query("SELECT seq FROM huolie_message WHERE client_uid = %s", uid)
    assert len(stored) == 1
    assert client.ok("/huolie/v/send", **body)["s"] == stored[0][0]
    assert numbers(server, conversation) == list(range(1, stored[0][0] + 1))


def test_lost_database_connections_lose_nothing(server, clean, client):
    token, agent, conversation = talk(clean, client)
    waiting = ParkedPoll(client, token, conversation)
    server.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    # the kept connection is gone: the same request gets a new one
    seq = client.say(agent, conversation, "after the break", agent=True)
    status, content = waiting.answer()
    assert status == 200
    assert [(e["s"], e["b"]) for e in content["events"]] == [(seq, "after the break")]


def test_lost_notice_is_repaired_by_the_sweep(server, clean, client):
    token, _agent, conversation = talk(clean, client)
    waiting = ParkedPoll(client, token, conversation)
    server.query(
        """
        WITH up AS (UPDATE huolie_conversation SET last_seq = last_seq + 1
                     WHERE id = %s RETURNING id, enterprise_id, last_seq)
        INSERT INTO huolie_message
            (conversation_id, enterprise_id, seq, kind, author, body, create_date)
        SELECT id, enterprise_id, last_seq, 'text', 'agent', 'unheard',
               now() AT TIME ZONE 'utc' FROM up
        """,
        conversation,
    )
    start = time.monotonic()
    _status, content = waiting.answer()
    assert [event["b"] for event in content["events"]] == ["unheard"]
    assert time.monotonic() - start < 12


def test_parallel_writers_leave_no_gap_and_no_double(server, clean, client):
    """C5: 20 writers in one conversation, a reader that breaks off at random."""
    token, _agent, conversation = talk(clean, client)
    reader = Reader(client, token, conversation)
    reader.start()

    def write(writer):
        link = db.Link(server.db)
        try:
            for number in range(25):
                uid = f"{writer}-{number}"
                for _twice in range(random.choice((1, 1, 2))):
                    engine.append(link, conversation, "agent", "text", uid, None, uid)
        finally:
            link.close()

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(20)))
    expected = list(range(1, 503))
    assert numbers(server, conversation) == expected
    reader.finish_at(502)
    assert reader.got == expected[2:], "lost, doubled or out of order"
    assert reader.aborts > 3, reader.aborts


def test_very_old_reader_gets_the_last_events_at_once(server, clean, client):
    token, _agent, conversation = talk(clean, client)
    link = db.Link(server.db)
    for number in range(400):
        engine.append(link, conversation, "agent", "text", f"{number}")
    link.close()
    start = time.monotonic()
    status, content = client.poll(token, {conversation: 0}, 20)
    assert time.monotonic() - start < 3
    assert status == 200
    got = [event["s"] for event in content["events"]]
    assert got == list(range(103, 403))


def test_false_number_of_one_end_withholds_nothing_from_the_other(
    server, clean, client
):
    token, agent, conversation = talk(clean, client)
    assert client.poll(token, {conversation: 10**6}, 1)[1]["events"] == []
    client.say(token, conversation, "hello")
    status, content = client.poll(agent, {conversation: 2}, 10)
    assert [event["b"] for event in content["events"] if "s" in event] == ["hello"]


class Reader(threading.Thread):
    """Polls one conversation, cuts some polls off, keeps what it got in order."""

    def __init__(self, client, token, conversation):
        super().__init__(daemon=True)
        self.client, self.token, self.conversation = client, token, conversation
        self.got, self.aborts, self.last, self.until = [], 0, 2, None

    def run(self):
        while self.until is None or self.last < self.until:
            if random.random() < 0.3:
                self._abort()
            else:
                self._read()

    def _abort(self):
        """Ask and hang up before the answer is read."""
        body = (
            f'{{"token":"{self.token}","seen":{{"{self.conversation}":{self.last}}},'
            '"wait":5}'
        )
        with socket.create_connection((self.client.host, self.client.port)) as sock:
            head = (
                "POST /huolie/poll HTTP/1.1\r\nHost: localhost\r\n"
                f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            sock.sendall((head + body).encode())
            time.sleep(random.random() * 0.05)
        self.aborts += 1

    def _read(self):
        status, content = self.client.poll(
            self.token, {self.conversation: self.last}, 3
        )
        if status == 429:
            time.sleep(content["retry"])
            return
        assert status == 200, content
        for event in content["events"]:
            if "s" in event and event["s"] > self.last:
                self.got.append(event["s"])
                self.last = event["s"]

    def finish_at(self, seq):
        self.until = seq
        self.join(90)


def test_same_message_sent_at_once_is_stored_once(server, clean, client):
    token, _agent, conversation = talk(clean, client)
    for number in range(3):
        body = {"token": token, "c": conversation, "u": f"u{number}", "b": "same"}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda b: client.ok("/huolie/v/send", **b)["s"], [body] * 8)
            )
        assert len(set(answers)) == 1, answers
    assert numbers(server, conversation) == [1, 2, 3, 4, 5]


def test_same_file_sent_at_once_is_stored_once(server, clean, client):
    token, _agent, conversation = talk(clean, client)
    form = {"token": token, "c": str(conversation), "u": "file"}

    def send(_turn):
        answer = requests.post(
            server.url + "/huolie/v/upload",
            data=form,
            files={"file": ("note.txt", b"the same words")},
            timeout=60,
        )
        return answer.status_code, answer.json().get("s")

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert answers == [(200, 3)] * 4, answers
    files = server.query(
        "SELECT count(*) FROM huolie_file WHERE conversation_id = %s", conversation
    )
    assert files[0][0] == 1


def test_opening_at_once_gives_one_conversation(server, clean, client):
    clean.agents(3)
    token = client.hello(clean.key)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _i: client.open(token), range(8)))
    assert len({answer["c"]["id"] for answer in opened}) == 1
    assert server.query("SELECT sum(load) FROM huolie_agent_state") == [(1,)]


def test_restart_of_the_server_is_no_loss_for_the_visitor(server, clean, client):
    token, agent, conversation = talk(clean, client)
    client.say(token, conversation, "before")
    server.restart()
    client.say(agent, conversation, "after", agent=True)
    status, content = client.poll(token, {conversation: 2}, 5)
    assert status == 200
    assert [event["b"] for event in content["events"]] == ["before", "after"]


def test_revoked_agent_is_out_within_seconds(server, clean, client):
    """T17: a poll that waits ends, a new one is refused, nothing is sent."""
    _token, agent, conversation = talk(clean, client)
    waiting = ParkedPoll(client, agent, conversation, wait=25)
    start = time.monotonic()
    server.query("UPDATE huolie_agent_state SET token_from = now() AT TIME ZONE 'utc'")
    status, content = waiting.answer()
    assert time.monotonic() - start < 10
    assert status == 403, content
    status, content, _h = client.post(
        "/huolie/a/send", token=agent, c=conversation, u="x", b="x"
    )
    assert (status, content["error"]) == (403, "token")


@pytest.mark.parametrize("value", ["0", "1"])
def test_fast_path_on_and_off_behave_alike(server, clean, client, value):
    set_fast_path(server, value)
    try:
        token, agent, conversation = talk(clean, client)
        waiting = ParkedPoll(client, token, conversation)
        seq = client.say(agent, conversation, "hello", agent=True)
        _status, content = waiting.answer()
        assert [event["s"] for event in content["events"]] == [seq]
        assert client.say(token, conversation, "x", "u1") == 4
        assert client.say(token, conversation, "x", "u1") == 4
        status, _c, _h = client.post(
            "/huolie/v/send", token=token, c=conversation, u="u1", b="y"
        )
        assert status == 409
        client.ok("/huolie/v/close", token=token, c=conversation)
        assert server.query("SELECT sum(load) FROM huolie_agent_state") == [(0,)]
    finally:
        set_fast_path(server, "1")


def set_fast_path(server, value):
    """Switch, and have the processes forget what they knew."""
    server.query(
        "INSERT INTO ir_config_parameter (key, value) VALUES ('huolie.fast_path', %s)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        value,
    )
    server.restart()


def test_poll_that_could_not_look_says_so(server, clean, client):
    """Nothing known is not nothing new: the page would pass over what it missed."""
    token, _agent, conversation = talk(clean, client)
    client.say(token, conversation, "hello")
    time.sleep(0.5)
    with contextlib.closing(server.connect(autocommit=False)) as other:
        other.cursor().execute("LOCK TABLE huolie_message")
        status, content = client.poll(token, {conversation: 0}, 1)
        # the status of the fall-back is sent before it waits
        assert (status, content["error"]) in ((503, "busy"), (200, "busy")), content
    status, content = client.poll(token, {conversation: 0}, 5)
    assert [event["s"] for event in content["events"]] == [1, 2, 3]
