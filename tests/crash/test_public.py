"""The attack list V against a running server: raw bytes, floods, slow senders.

The same list through the controllers: `huolie_chat/tests/test_routes.py`.
"""

import json
import socket
import time

import pytest
import requests

ROUTES = [
    *(
        f"/huolie/v/{n}"
        for n in (
            "hello",
            "open",
            "send",
            "history",
            "typing",
            "human",
            "close",
            "rate",
            "form",
            "read",
            "bye",
        )
    ),
    *(f"/huolie/a/{n}" for n in ("send", "typing", "read", "recall", "history")),
    "/huolie/poll",
]
BODIES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"x"',
    b"{",
    b'{"token":NaN}',
    b"[" * 60000,
    b'{"token":' * 7000,
    b"\xff\xfe",
    b'{"token":null}',
    b'{"token":[]}',
    b'{"token":{"k":"v"}}',
    b'{"token":"a.b"}',
    b'{"token":"' + b"x" * 60000 + b'"}',
    b'{"token":"\\ud800"}',
    b'{"token":"\\u0000"}',
    b'{"token":1e999}',
    b'{"token":' + b"9" * 400 + b"}",
    b'{"key":"\' OR 1=1 --"}',
    b'{"key":["x"]}',
    b'{"key":"x","key":"y"}',
    b'{"token":"e30.x","db":"postgres"}',
    b'{"db":"../x"}',
    b'{"token":"eyJkIjoicG9zdGdyZXMifQ.x"}',
]


def raw(server, data, timeout=5):
    """Send bytes as they are; return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as sock:
        sock.sendall(data)
        sock.settimeout(timeout)
        try:
            return sock.recv(200).split(b"\r\n")[0].decode()
        except TimeoutError:
            return ""


@pytest.mark.parametrize("path", ROUTES)
def test_no_body_makes_an_error_of_ours(server, clean, path):
    for body in BODIES:
        answer = requests.post(
            server.url + path,
            data=body,
            headers={"Content-Type": "text/plain"},
            timeout=20,
        )
        assert 400 <= answer.status_code < 500, (path, body[:40], answer.status_code)
        assert "Traceback" not in answer.text
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
        assert isinstance(answer.json()["error"], str)


def test_every_argument_of_a_wrong_type(server, clean, client):
    clean.agents(1)
    token = client.hello(clean.key)
    conversation = client.open(token)["c"]["id"]
    good = {
        "token": token,
        "c": conversation,
        "u": "u",
        "b": "x",
        "s": 1,
        "score": 3,
        "fields": {},
        "seen": {},
        "wait": 0,
        "page": {},
        "k": "text",
        "p": {},
        "before": 5,
    }
    wrong = [
        None,
        True,
        -1,
        0,
        1.5,
        10**400,
        "x",
        "\ud800",
        [],
        [[]],
        {"a": []},
        {"x": 1},
    ]
    for path in ROUTES:
        for name in good:
            if name == "token":
                continue
            for value in wrong:
                body = json.dumps({**good, name: value})
                answer = requests.post(
                    server.url + path, data=body.encode(), timeout=20
                )
                assert answer.status_code < 500, (path, name, value, answer.text)


def test_oversize_and_missing_length(server, clean):
    head = b"POST /huolie/v/hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    assert " 413 " in raw(server, head + b"Content-Length: 20000000\r\n\r\n")
    assert " 400 " in raw(server, head + b"\r\n") or " 411 " in raw(
        server, head + b"\r\n"
    )
    answer = requests.post(
        server.url + "/huolie/v/hello",
        data=b"{}",
        headers={"Content-Type": "text/html"},
        timeout=10,
    )
    assert answer.status_code == 415


def test_slow_sender_is_cut_off_and_stops_nobody(server, clean, client):
    head = (
        b"POST /huolie/v/hello HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 500\r\n\r\n{"
    )
    slow = []
    for _number in range(20):
        sock = socket.create_connection(("127.0.0.1", server.port))
        sock.sendall(head)
        slow.append(sock)
    start = time.monotonic()
    client.hello(clean.key)
    assert time.monotonic() - start < 2
    for sock in slow:
        sock.settimeout(20)
        assert b" 408 " in sock.recv(100)
        sock.close()


def test_chunked_body_that_never_ends(server, clean, client):
    head = (
        b"POST /huolie/v/hello HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.settimeout(20)
        sock.sendall(head)
        try:
            for _number in range(100):
                sock.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:
            pass  # it hung up: that is the point
        try:
            first = sock.recv(100)
        except OSError:
            first = b" 413 "
    assert b" 413 " in first or b" 411 " in first, first
    client.hello(clean.key)


def test_guessed_conversations_look_alike(server, clean, client):
    clean.agents(1, cap=100)
    mine = client.hello(clean.key)
    for _number in range(20):
        client.open(client.hello(clean.key))
    low = server.query("SELECT min(id) FROM huolie_conversation")[0][0]
    answers = {
        client.post("/huolie/v/send", token=mine, c=low + n, u="u", b="x")[:2][0]
        for n in range(29)
    }
    assert answers == {404}


def test_flood_of_one_visitor_is_limited_and_others_go_on(server, clean, client):
    clean.agents(1, cap=100)
    token, other = client.hello(clean.key), client.hello(clean.key)
    conversation = client.open(token)["c"]["id"]
    codes = [
        client.post("/huolie/v/send", token=token, c=conversation, u=f"f{n}", b="x")[0]
        for n in range(200)
    ]
    assert codes.count(200) <= 30 * max(1, server.workers)
    assert set(codes) <= {200, 429}
    start = time.monotonic()
    client.open(other)
    assert time.monotonic() - start < 1


def test_third_poll_of_a_visitor_ends_the_first(server, clean, client):
    import threading

    clean.agents(1)
    token = client.hello(clean.key)
    took = []

    def poll():
        start = time.monotonic()
        client.poll(token, {}, 8)
        took.append(time.monotonic() - start)

    threads = []
    for _number in range(4):
        threads.append(threading.Thread(target=poll))
        threads[-1].start()
        time.sleep(0.7)
    for thread in threads:
        thread.join(20)
    assert sum(seconds < 4 for seconds in took) == 2, took
