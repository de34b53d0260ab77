"""Several databases on one server: the Host chooses (`dbfilter`), nothing mixes.

Both databases are clones, so that their numbers are the same: what came from the
other one would be shown.
"""

import contextlib
import os
import threading
import time

import psycopg2
import pytest
import requests

from huolie_tools import database, places, postgres
from huolie_tools.serve import OdooServer
from tests.load.chat import Client, World
from tests.support import logs
from tests.support.server import free_port

NAMES = [f"alpha{os.getpid()}", f"beta{os.getpid()}"]


class SharedServer(OdooServer):
    """One Odoo for both; the first label of the host is the database."""

    def __init__(self, workers):
        folder = places.make_folder(places.ARTEFACTS / "logs")
        log = folder / f"databases-{workers}.log"
        log.unlink(missing_ok=True)
        super().__init__(",".join(NAMES), free_port(), workers, log=log)

    def _options(self, *ports):
        return {**super()._options(*ports), "dbfilter": "^%d$"}

    def _answers(self, path):
        """Ask one of the databases: /websocket/health is no route without one."""
        with contextlib.suppress(requests.RequestException):
            return ask(self, f"{NAMES[0]}.localhost", path, timeout=5).ok
        return False


def ask(server, host, path, **options):
    headers = {"Host": f"{host}:{server.port}"}
    address = f"http://127.0.0.1:{server.port}{path}"
    return requests.get(address, headers=headers, **options)


class Tenant:
    """One of the databases, as its people and visitors reach it."""

    def __init__(self, server, name):
        self.name, self.server = name, server
        self.host = f"{name}.localhost:{server.port}"
        self.client = Client(server.port, name=self.host)
        self.world = World(self.query)
        self.world.clear()

    def query(self, sql, *values):
        where = postgres.environment()
        keys = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER"}
        given = {key: where.get(name) for key, name in keys.items()}
        secret = where.get("PGPASSWORD")
        connection = psycopg2.connect(dbname=self.name, password=secret, **given)
        connection.autocommit = True
        with contextlib.closing(connection):
            cursor = connection.cursor()
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    def get(self, path, **options):
        return ask(self.server, f"{self.name}.localhost", path, timeout=60, **options)

    def talk(self):
        """A visitor's token, an agent's, and their conversation."""
        token = self.client.hello(self.world.key)
        seat = self.world.agents(1, cap=50)[0]
        opened = self.client.open(token)
        return token, self.world.agent_token(seat), opened["c"]["id"]

    def listen(self, token, conversation, answers, wait):
        """Poll in a thread of its own."""
        thread = threading.Thread(
            target=lambda: answers.append(
                self.client.poll(token, {conversation: 2}, wait)
            )
        )
        thread.start()
        return thread


@pytest.fixture(scope="module", params=[0, 2], ids=["threads", "workers"])
def server(request, template):
    for name in NAMES:
        database.drop(name)
        database.clone(template, name)
    shared = SharedServer(request.param)
    try:
        shared.start()
        yield shared
    finally:
        shared.stop()
        for name in NAMES:
            database.drop(name)
    complaints = logs.complaints_of(shared.log, logs.place_of(__file__))
    logs.check("the log of two databases", complaints)


@pytest.fixture(scope="module")
def both(server):
    return [Tenant(server, name) for name in NAMES]


def test_pages_are_those_of_the_host(both):
    for tenant in both:
        login = tenant.get("/web/login")
        assert login.status_code == 200
        assert login.url.endswith("/web/login"), "sent to a choice of databases"
        session = requests.Session()
        session.headers["Host"] = tenant.host
        address = f"http://127.0.0.1:{tenant.server.port}"
        body = {"params": {"db": tenant.name, "login": "admin"}}
        body["params"]["password"] = database.TEST_PASSWORD
        answer = session.post(f"{address}/web/session/authenticate", json=body)
        assert answer.json()["result"]["db"] == tenant.name


def test_widget_script_and_hello_know_only_their_own_sites(both):
    alpha, beta = both
    for own, other in ((alpha, beta), (beta, alpha)):
        assert own.client.hello(own.world.key)
        status, content, _headers = own.client.post(
            "/huolie/v/hello", key=other.world.key
        )
        assert (status, content["error"]) == (404, "site")
        script = own.get(f"/huolie/w/{own.world.key}.js")
        assert script.status_code == 200 and own.world.key in script.text
        assert other.world.key not in own.get(f"/huolie/w/{other.world.key}.js").text


def test_token_of_one_is_no_token_of_the_other(both):
    alpha, beta = both
    token, agent, conversation = alpha.talk()
    for stolen, kind in ((token, "v"), (agent, "a")):
        body = {"token": stolen, "c": conversation, "u": "x", "b": "x"}
        status, content, _h = beta.client.post(f"/huolie/{kind}/send", **body)
        assert (status, content["error"]) == (403, "token")
        status, _content = beta.client.poll(stolen, {conversation: 0}, 1)
        assert status == 403
    assert alpha.client.say(token, conversation, "mine") == 3


@pytest.mark.parametrize("fast", ["1", "0"], ids=["fast path", "controllers"])
def test_same_numbers_in_both_and_each_hears_only_its_own(server, both, fast):
    for tenant in both:
        tenant.world.clear()
        tenant.query("ALTER SEQUENCE huolie_conversation_id_seq RESTART WITH 5000")
    # one database without its fast path does not switch the other's off
    set_fast_path(both[0], fast)
    server.stop()
    server.start()
    (alpha, beta), talks = both, [tenant.talk() for tenant in both]
    (token_a, agent_a, number), (token_b, agent_b, other) = talks
    assert number == other
    heard_a, heard_b = [], []
    threads = [
        alpha.listen(token_a, number, heard_a, 20),
        beta.listen(token_b, number, heard_b, 6),
    ]
    time.sleep(1.5)
    since = time.monotonic()
    seq = alpha.client.say(agent_a, number, "for alpha", agent=True)
    threads[0].join(25)
    assert time.monotonic() - since < 3
    threads[1].join(25)
    assert [event["b"] for event in heard_a[0][1]["events"]] == ["for alpha"]
    assert heard_b[0] == (200, {**heard_b[0][1], "events": []})
    assert beta.client.say(agent_b, number, "for beta", agent=True) == seq
    stored = "SELECT body FROM huolie_message WHERE body LIKE 'for %'"
    assert alpha.query(stored) == [("for alpha",)]
    assert beta.query(stored) == [("for beta",)]


def test_host_without_a_database_is_told_so(server):
    nobody = Client(server.port, name=f"gamma.localhost:{server.port}")
    for path in ("/huolie/v/hello", "/huolie/poll", "/huolie/v/send"):
        status, content, _headers = nobody.post(path, key="x", token="x")
        assert status in (403, 404), (path, status, content)
        assert "error" in content


def set_fast_path(tenant, value):
    tenant.query(
        "INSERT INTO ir_config_parameter (key, value) VALUES ('huolie.fast_path', %s)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        value,
    )
