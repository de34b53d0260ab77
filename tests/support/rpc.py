"""Talk to a running Odoo as its own web client does."""

import itertools

import requests


class RpcError(Exception):
    """Odoo's answer was an error; `data` is its `error.data`, `kind` its exception."""

    def __init__(self, error):
        self.data = error.get("data") or {}
        self.kind = self.data.get("name", "")
        super().__init__(f"{self.kind}: {self.data.get('message') or error}")


class Session:
    """Cookies of one user; without login the public user."""

    numbers = itertools.count(1)

    def __init__(self, url, database, login=None, password=None, timeout=60):
        """:param timeout: seconds to wait for each answer"""
        self.url, self.database, self.timeout = url, database, timeout
        self.http = requests.Session()
        self.uid = None
        if login:
            self.info = self.json(
                "/web/session/authenticate",
                {"db": database, "login": login, "password": password},
            )
            self.uid = self.info["uid"]

    def json(self, route, params=None):
        """Call a `type='jsonrpc'` route; its result, or RpcError."""
        body = {
            "jsonrpc": "2.0",
            "id": next(self.numbers),
            "method": "call",
            "params": params or {},
        }
        answer = self.http.post(
            self.url + route, json=body, timeout=self.timeout
        ).json()
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model as this user (`/web/dataset/call_kw`)."""
        return self.json(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def get(self, route, **options):
        return self.http.get(self.url + route, timeout=self.timeout, **options)

    def post(self, route, **options):
        return self.http.post(self.url + route, timeout=self.timeout, **options)
