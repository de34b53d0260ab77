"""Links, decisions and tabs that are used at once, against a running server.

SEC-I5 (two clicks), SEC-Z1-Z3 (freezing running sessions), presence: what a test
transaction cannot show, because its cursor hides conflicts.
"""

import contextlib
import re
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.support.rpc import RpcError

ADMIN = "chenguang.admin@demo.huolie.example"
MANAGER = "manager@demo.huolie.example"
PASSWORD = "Feuer2026x"


class Form:
    """A public page of the product and its form, as a browser uses it."""

    def __init__(self, server, path):
        self.http, self.url = requests.Session(), server.url + path
        page = self.http.get(self.url, timeout=60).text
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    def send(self, **values):
        data = {**values, "csrf_token": self.token}
        headers = {"Accept": "application/json"}
        answer = self.http.post(self.url, data=data, headers=headers, timeout=120)
        assert answer.status_code == 200, answer.text[:500]
        return answer.json()


def log_in(server, login):
    """Return a session of a person: people of enterprises have the page only."""
    form = Form(server, "/huolie/login")
    assert form.send(login=login, password=server.password) == {"redirect": "/odoo"}
    session = server.rpc(None)
    session.http = form.http
    return session


def at_once(forms, values):
    """Send all forms in the same moment."""
    with ThreadPoolExecutor(len(forms)) as pool:
        sent = [
            pool.submit(form.send, **one)
            for form, one in zip(forms, values, strict=True)
        ]
        return [one.result() for one in sent]


def wait_until(is_so):
    """Ask five times a second until the answer is yes, ten seconds at most."""
    since = time.monotonic()
    while not is_so():
        assert time.monotonic() - since < 10
        time.sleep(0.2)


def is_refused(person):
    try:
        person.call("huolie.enterprise", "get_home_page")
    except RpcError:
        return True
    return False


def test_two_clicks_on_an_invitation_make_one_person(server):
    admin = log_in(server, ADMIN)
    wizard = admin.call("huolie.seat.add", "create", {"people": "Li Lei"})
    action = admin.call("huolie.seat.add", "action_add", [wizard])
    token = action["params"]["links"][0]["link"].split("#")[1]
    forms = [Form(server, "/huolie/invite") for _turn in range(4)]
    values = [
        {
            "token": token,
            "name": f"Li {number}",
            "email": f"li{number}@race.example",
            "password": PASSWORD,
        }
        for number in range(len(forms))
    ]
    answers = at_once(forms, values)
    assert [a for a in answers if "redirect" in a] == [{"redirect": "/odoo"}]
    people = server.query(
        "SELECT count(*) FROM res_users WHERE login LIKE %s", "li_@race.example"
    )
    assert people == [(1,)]


def test_two_confirmations_make_one_enterprise(server, mailbox):
    email = "race@confirm.example"
    answer = Form(server, "/huolie/register").send(
        name="Race Ltd",
        contact="Wang",
        email=email,
        phone="13911112222",
        password=PASSWORD,
        terms="1",
    )
    assert answer == {"errors": {}, "done": True}
    mail = mailbox.wait_for(email, "")
    token = re.search(r"register/confirm#([\w-]+)", str(mail))[1]
    forms = [Form(server, "/huolie/register/confirm") for _turn in range(3)]
    at_once(forms, [{"token": token, "password": PASSWORD}] * len(forms))
    made = server.query("SELECT count(*) FROM res_users WHERE login = %s", email)
    assert made == [(1,)]
    made = server.query(
        "SELECT count(*) FROM huolie_enterprise e JOIN res_partner p"
        " ON p.id = e.partner_id WHERE p.name = 'Race Ltd'"
    )
    assert made == [(1,)]


def test_freezing_ends_running_sessions_and_unfreezing_restores(server):
    admin, manager = log_in(server, ADMIN), server.rpc(MANAGER)
    enterprise = server.query(
        "SELECT res_id FROM ir_model_data WHERE module = 'huolie_base'"
        " AND name = 'enterprise_chenguang'"
    )[0][0]
    serving = "SELECT serve_until FROM huolie_seat WHERE enterprise_id = %s ORDER BY id"
    before = server.query(serving, enterprise)
    assert admin.call("huolie.enterprise", "get_home_page")
    wizard = manager.call(
        "huolie.enterprise.freeze",
        "create",
        {"enterprise_id": enterprise, "reason": "fraud", "text": "Test"},
    )
    manager.call("huolie.enterprise.freeze", "action_freeze", [wizard])
    wait_until(lambda: is_refused(admin))
    assert "Test" in admin.get("/odoo").text
    assert not any(row[0] for row in server.query(serving, enterprise))
    manager.call("huolie.enterprise", "action_unfreeze", [enterprise])
    assert admin.call("huolie.enterprise", "get_home_page")["stage"] != "frozen"
    assert server.query(serving, enterprise) == before


def test_two_tabs_may_write_presence_at_once(server):
    manager = server.rpc(MANAGER)
    row = "INSERT INTO mail_presence (user_id, status) VALUES (%s, 'online')"
    set_row = "UPDATE mail_presence SET status = %s WHERE user_id = %s"
    server.query(f"{row} RETURNING id", manager.uid)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with contextlib.closing(server.connect(autocommit=False)) as tab:
        tab.cursor().execute(set_row, ("away", manager.uid))
        with ThreadPoolExecutor(1) as pool:
            closing = pool.submit(manager.json, "/websocket/on_closed")
            wait_until(lambda: server.query(waiting) != [(0,)])
            tab.commit()
            # That nothing is in the log is seen by the fixture.
            assert closing.result() is None
    status = "SELECT status FROM mail_presence WHERE user_id = %s"
    assert server.query(status, manager.uid) == [("away",)]
    manager.json("/websocket/on_closed")
    assert server.query(status, manager.uid) == [("offline",)]
