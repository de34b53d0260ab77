"""One call to a payment gateway over HTTP: bounded in size and time, never led away."""

import queue
import threading
import time
from collections import namedtuple

import requests

from .gateway import GatewayError

# For each connecting and reading; for all of it together; bytes of an answer.
TIMEOUT, DEADLINE, MAX_ANSWER = 10, 15, 1024 * 1024

Answer = namedtuple("Answer", "status headers content")


def send(method, url, data, headers):
    """Send one request; nothing of it is logged (keys, signatures).

    A redirection is an answer like others: what is signed for one address goes to no
    other. In a thread of its own, as neither name servers nor headers that come in
    drops know a deadline.
    :return: ``Answer``
    :raise GatewayError: ``unreachable``, ``too_large``; what it did is not known
    """
    done = queue.SimpleQueue()
    end = time.monotonic() + DEADLINE

    def run():
        try:
            done.put(_send(method, url, data, headers, end))
        except Exception as error:
            done.put(error)

    threading.Thread(target=run, name="huolie_gateway", daemon=True).start()
    try:
        answer = done.get(timeout=DEADLINE)
    except queue.Empty:
        raise GatewayError("unreachable", "deadline") from None
    if isinstance(answer, requests.RequestException):
        raise GatewayError("unreachable") from answer
    if isinstance(answer, Exception):
        raise answer
    return answer


def _send(method, url, data, headers, end):
    with requests.request(
        method,
        url,
        data=data,
        headers={**headers, "Accept-Encoding": "identity"},
        # else a .netrc on the server would replace our Authorization
        auth=_leave_auth,
        timeout=TIMEOUT,
        allow_redirects=False,
        stream=True,
    ) as response:
        content = _read(response, end)
    return Answer(response.status_code, response.headers, content)


def _leave_auth(request):
    return request


def _read(response, end):
    content = b""
    for chunk in response.iter_content(8192):
        content += chunk
        if len(content) > MAX_ANSWER:
            raise GatewayError("too_large")
        if time.monotonic() > end:
            raise GatewayError("unreachable", "deadline")
    return content
