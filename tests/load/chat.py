"""Plain HTTP clients of the conversation routes, and a world of agents made by SQL.

Shared by the crash tests and the benchmark: nothing here knows Odoo.
"""

import base64
import hashlib
import hmac
import http.client
import json
import time
import uuid

FAR = "2999-01-01 00:00:00"


class Client:
    """Posts JSON to one server; each call is a connection of its own.

    :param name: the Host that is asked, where it is not the address
    """

    def __init__(self, port, host="127.0.0.1", timeout=70, name=None):
        self.port, self.host, self.timeout = port, host, timeout
        self.headers = {"Content-Type": "text/plain"}
        if name:
            self.headers["Host"] = name

    def post(self, path, **body):
        """Return ``(status, content, headers)``."""
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=self.timeout
        )
        try:
            data = json.dumps(body)
            connection.request("POST", path, data, self.headers)
            answer = connection.getresponse()
            content = json.loads(answer.read() or b"{}")
            return answer.status, content, answer.headers
        finally:
            connection.close()

    def ok(self, path, **body):
        """Return the content of an answer that must be 200."""
        status, content, _headers = self.post(path, **body)
        assert status == 200, (path, status, content)
        return content

    def hello(self, key, **more):
        """Return the token of a new visitor."""
        return self.ok("/huolie/v/hello", key=key, **more)["token"]

    def open(self, token):
        """Return the answer of ``open``."""
        return self.ok("/huolie/v/open", token=token)

    def say(self, token, conversation, text, uid=None, agent=False):
        """Send a text; return its number."""
        path = f"/huolie/{'a' if agent else 'v'}/send"
        uid = uid or uuid.uuid4().hex
        return self.ok(path, token=token, c=conversation, u=uid, k="text", b=text)["s"]

    def poll(self, token, seen, wait=25):
        """Return ``(status, content)`` of a poll."""
        seen = {str(key): value for key, value in seen.items()}
        status, content, _h = self.post(
            "/huolie/poll", token=token, seen=seen, wait=wait
        )
        return status, content


class World:
    """Agents and a site in the house enterprise of a database, made by SQL.

    :param query: function ``(sql, *values) -> rows``
    """

    def __init__(self, query):
        self.query = query
        self.key_of_all = None
        self.db = query("SELECT current_database()")[0][0]
        self.enterprise = query("SELECT id FROM huolie_enterprise WHERE is_house")[0][0]
        self.key = uuid.uuid4().hex[:24]
        # a site of its own, made without the ORM: no robot answers there
        self.group, self.site = query(
            """
            WITH g AS (
                INSERT INTO huolie_group (enterprise_id, name, active)
                VALUES (%s, 'Load', true) RETURNING id
            )
            INSERT INTO huolie_site
                (enterprise_id, name, key, secret, group_id, active)
            SELECT %s, 'Load', %s, 'load', g.id, true FROM g
            RETURNING group_id, id
            """,
            self.enterprise,
            self.enterprise,
            self.key,
        )[0]
        query(
            "UPDATE huolie_chat_settings SET queue_max = 10000, queue_minutes = 1440"
            " WHERE enterprise_id = %s",
            self.enterprise,
        )
        # other agents of the demonstration are not on duty here
        query("UPDATE huolie_agent_state SET online = false, status = 'offline'")

    def secret(self):
        """Return the secret of the database; a first hello has made it."""
        return self.query(
            "SELECT value FROM ir_config_parameter WHERE key = 'huolie.chat_secret'"
        )[0][0]

    def agents(self, count, cap=5, online=True):
        """Make agents; return their seats."""
        rows = self.query(
            """
            WITH seat AS (
                INSERT INTO huolie_seat
                    (enterprise_id, number, name, state, serve_until)
                SELECT %s,
                       1000 + n + COALESCE((SELECT max(number) FROM huolie_seat), 0),
                       'Agent ' || n, 'active', %s
                  FROM generate_series(1, %s) n
                RETURNING id
            ), state AS (
                INSERT INTO huolie_agent_state
                    (enterprise_id, seat_id, online, status, load, cap, cap_wished,
                     last_assigned, seen_at, serve_until, token_from)
                SELECT %s, id, %s, %s, 0, %s, %s, '2000-01-01',
                       now() AT TIME ZONE 'utc' + interval '1 day', %s, '2000-01-01'
                  FROM seat
            ), member AS (
                INSERT INTO huolie_group_member (enterprise_id, group_id, seat_id)
                SELECT %s, %s, id FROM seat
            )
            SELECT id FROM seat ORDER BY id
            """,
            self.enterprise,
            FAR,
            count,
            self.enterprise,
            online,
            "online" if online else "offline",
            cap,
            cap,
            FAR,
            self.enterprise,
            self.group,
        )
        return [row[0] for row in rows]

    def agent_token(self, seat, **more):
        """Return a token as ``/huolie/a/token`` mints it."""
        claims = {
            "k": "a",
            "d": self.db,
            "e": self.enterprise,
            "t": seat,
            "u": 1,
            "n": f"Agent {seat}",
            "g": [self.group],
            "w": "o",
        }
        return self._mint(600, **{**claims, **more})

    def _mint(self, seconds, **claims):
        now = time.time()
        self.key_of_all = self.key_of_all or self.secret().encode()
        body = _base64(
            json.dumps({"i": now, "x": int(now) + seconds, **claims}).encode()
        )
        mark = hmac.new(self.key_of_all, body.encode(), hashlib.sha256).digest()
        return f"{body}.{_base64(mark[:16])}"

    def visitors(self, count):
        """Make visitors; return their tokens (one day)."""
        rows = self.query(
            "INSERT INTO huolie_visitor (enterprise_id, site_id, uid, seen_at)"
            " SELECT %s, %s, md5(random()::text || n), now() AT TIME ZONE 'utc'"
            " FROM generate_series(1, %s) n RETURNING id",
            self.enterprise,
            self.site,
            count,
        )
        common = {"d": self.db, "e": self.enterprise, "s": self.site}
        return [self._mint(86400, k="v", v=row[0], **common) for row in rows]

    def clear(self):
        """End everything and remove the agents made before."""
        self.query("DELETE FROM huolie_conversation")
        self.query(
            "DELETE FROM huolie_seat WHERE enterprise_id = %s AND number > 1000",
            self.enterprise,
        )
        self.query("UPDATE huolie_agent_state SET load = 0")


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
