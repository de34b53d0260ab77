"""How each kind of process polls (ARCHITECTURE.md §4), and who must not starve."""

import threading
import time

from tests.load.chat import Client, World

from .parked import ParkedPoll


def park(client, token, count, wait=20):
    """Let polls of new visitors wait; return the threads and the answers."""
    answers = []

    def poll(own):
        start = time.monotonic()
        answers.append((client.poll(own, {}, wait), time.monotonic() - start))

    threads = [threading.Thread(target=poll, args=(own,), daemon=True) for own in token]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    return threads, answers


def test_threads_park_sixty_four_and_serve_others_meanwhile(start_server):
    server = start_server(workers=0)
    world, client = World(server.query), Client(server.port)
    tokens = [client.hello(world.key) for _i in range(90)]
    threads, answers = park(client, tokens, 90, wait=6)
    at_once = [content for (status, content), took in answers if took < 3]
    assert len(at_once) == 26
    assert all(content["retry"] == 4 for content in at_once)
    start = time.monotonic()
    client.hello(world.key)
    assert time.monotonic() - start < 2
    for thread in threads:
        thread.join(15)
    assert all(status == 200 for (status, _c), _t in answers)


def test_worker_never_waits_and_the_evented_process_does(start_server):
    server = start_server(workers=2)
    world = World(server.query)
    worker = Client(server.front.http_port)
    evented = Client(server.front.evented_port)
    token = worker.hello(world.key)
    seat = world.agents(1)[0]
    conversation = worker.open(token)["c"]["id"]
    start = time.monotonic()
    status, content = worker.poll(token, {conversation: 0}, 25)
    assert time.monotonic() - start < 2
    assert (status, content["retry"]) == (200, 4)
    assert [event["k"] for event in content["events"]] == ["opened", "joined"]
    # the evented process waits, and hears what a worker stored
    agent = world.agent_token(seat)
    waiting = ParkedPoll(evented, token, conversation)
    sent = time.monotonic()
    seq = worker.say(agent, conversation, "hello", agent=True)
    _status, content = waiting.answer()
    assert [event["s"] for event in content["events"]] == [seq]
    assert time.monotonic() - sent < 2
    # and it parks more than any number of threads
    tokens = [worker.hello(world.key) for _i in range(50)]
    tokens = [token for token in tokens for _twice in range(2)]
    threads, answers = park(evented, tokens, 100, wait=5)
    assert not answers
    for thread in threads:
        thread.join(15)
    assert all(status == 200 and "retry" not in c for (status, c), _t in answers)


def test_shutdown_does_not_wait_for_polls(start_server):
    server = start_server(workers=0)
    world, client = World(server.query), Client(server.port)
    tokens = [client.hello(world.key) for _i in range(5)]
    threads, answers = park(client, tokens, 5, wait=50)
    start = time.monotonic()
    server.stop()
    assert time.monotonic() - start < 10
    for thread in threads:
        thread.join(5)
    assert [status for (status, _c), _t in answers] == [200] * 5
