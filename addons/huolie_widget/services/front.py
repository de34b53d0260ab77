"""The scripts from memory, before Odoo's request pipeline: no cursor, no SQL when warm.

What is not in memory goes on to Odoo, whose controller (``controllers/widget.py``)
reads it once and keeps it.
"""

from urllib.parse import parse_qs

import psycopg2

from odoo import http

from odoo.addons.huolie_chat.services import fastpath, settings

from . import scripts

STATUS = {200: "200 OK", 304: "304 Not Modified", 503: "503 Service Unavailable"}


def find_db(environ):
    """Return the database that a script's address means, or None."""
    name = fastpath.host(environ)
    asked = parse_qs(environ.get("QUERY_STRING", "")).get("db", [""])[0]
    if asked:
        return asked if settings.known(asked, name) else None
    return settings.only_database(name)


def before_odoo(environ):
    """Return ``(status, headers, body)`` for a script in memory, or None."""
    path = environ.get("PATH_INFO", "")
    if not path.startswith("/huolie/w/") or environ.get("REQUEST_METHOD") != "GET":
        return None
    if path == scripts.WINDOW_PATH:
        return scripts.window(environ)
    if settings.in_test() or not settings.fast_path_wanted():
        return None
    try:
        dbname = find_db(environ)
    except psycopg2.Error:
        # no button while the database is away, and no error page either
        return 503, [*scripts.HEADERS, ("Content-Length", "0")], b""
    script = scripts.find(dbname, path[len("/huolie/w/") :].removesuffix(".js"))
    return script and scripts.answer(script, environ)


def install():
    """Wrap Odoo's WSGI application, once per process."""
    stock = http.Application.__call__
    if getattr(stock, "huolie_widget", False):
        return

    def __call__(self, environ, start_response):
        found = before_odoo(environ)
        if not found:
            return stock(self, environ, start_response)
        status, headers, body = found
        start_response(STATUS[status], headers)
        return [body]

    __call__.huolie_widget = True
    # the wrapper of huolie_chat asks its own mark whether it is installed
    __call__.huolie = getattr(stock, "huolie", False)
    http.Application.__call__ = __call__
    settings.ON_FORGET.append(scripts.forget)
