"""pytest fixtures: a real Odoo, a foreign website, a mailbox, a browser.

- `server` (module): an Odoo on a clone of the template database; with
  `HUOLIE_WORKERS=2` prefork and evented behind the front
- `start_server` (module): `start_server(workers=…)`, for a test that kills servers
- `mailbox` (module): takes the mail of `server`; `mailbox.wait_for(to, subject)`
- `foreign_site` (module): another origin; `.url`, `.set_snippet(html)`
- `browser` (session): Playwright's Chromium
- `new_page` (test): `new_page(locale="zh-CN", width=1440, height=900)`, a page in a
  context of its own; `page.problems` lists console errors and failed requests
- `shot` (test): `shot(page, "name")`, a numbered screenshot in artefacts/screens/

A WARNING or ERROR in the log of a server, or of the test process, fails the test,
unless `allowed_log.txt` has a line with the reason.
"""

import os
import re
import resource
import sys
from pathlib import Path

import pytest

import odoo.release

PROJECT = Path(__file__).resolve().parent.parent.parent
# by hand (plain pytest) what runs is what the user runs: this Python, this Odoo
os.environ.setdefault("HUOLIE_PYTHON", sys.executable)
os.environ.setdefault(
    "ODOO_HOME", str(Path(odoo.release.__file__).resolve().parent.parent)
)
os.environ.setdefault("HUOLIE_AS_ROOT", "1")

from huolie_tools import database, places, postgres  # noqa: E402
from huolie_tools.foreign_site import ForeignSite  # noqa: E402
from huolie_tools.mailbox import Mailbox  # noqa: E402

from . import logs  # noqa: E402
from .chromium import CHROMIUM  # noqa: E402
from .server import TestServer  # noqa: E402


def pytest_configure(config):
    """Watch what Odoo logs in this process, after it has set up its logging."""
    config.pluginmanager.register(logs.ProcessLog(), "huolie-process-log")


@pytest.fixture(scope="session")
def template():
    """Name of the template database to clone."""
    lift_memory_limit()
    with postgres.server():
        yield os.environ.get("HUOLIE_TEMPLATE") or database.template()


@pytest.fixture(scope="module")
def start_server(template, mailbox, request):
    """Start servers, each on a clone of its own; all end with the module."""
    started = []

    def start(workers=None, database_name=None):
        if workers is None:
            workers = int(os.environ.get("HUOLIE_WORKERS", "0"))
        title = _title(request.module.__name__, len(started))
        where = logs.place_of(request.module.__file__)
        server = TestServer(title, template, workers, mailbox, database_name, where)
        started.append(server)
        server.start()
        return server

    yield start
    complaints = [line for server in started for line in server.finish()]
    logs.check("the server's log", complaints)


def lift_memory_limit():
    """By hand Odoo has limited this process, and Chromium would inherit that."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _title(module, number):
    name = re.sub(r"\W+", "_", module.rsplit(".", 1)[-1])[:30]
    return f"huolie_t_{name}_{os.getpid()}_{number}"


@pytest.fixture(scope="module")
def server(start_server):
    """The Odoo under test: `.url .db .connect() .rpc(login)`."""
    return start_server()


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory):
    taken = _free_ports(2)
    box = Mailbox(tmp_path_factory.mktemp("mail"), *taken)
    box.start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def foreign_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    site = ForeignSite(folder / "snippet.html", _free_ports(1)[0])
    site.start()
    yield site
    site.stop()


def _free_ports(count):
    from .server import free_port

    return [free_port() for _number in range(count)]


# === BROWSER === #


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    lift_memory_limit()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser, request):
    """Pages, each with cookies of its own; a screenshot of each when a test fails."""
    pages = []

    def open_page(locale="zh-CN", width=1440, height=900, **options):
        context = browser.new_context(
            locale=locale,
            viewport={"width": width, "height": height},
            timezone_id="Asia/Shanghai",
            **options,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.problems = []
        _watch(page)
        pages.append(page)
        return page

    yield open_page
    failed = getattr(request.node, "failed", False)
    for number, page in enumerate(pages):
        if failed and not page.is_closed():
            target = _screens(request) / f"failed-{number}.png"
            page.screenshot(path=str(target))
        page.context.close()


def _watch(page):
    def failed_answer(response):
        if response.status >= 400:
            page.problems.append(f"{response.status} {response.url}")

    def console(message):
        # a failed request is listed by its address already
        if message.type == "error" and "Failed to load resource" not in message.text:
            page.problems.append(f"console: {message.text[:500]}")

    page.on("response", failed_answer)
    page.on("console", console)
    page.on("pageerror", lambda error: page.problems.append(f"error: {error}"))


@pytest.fixture
def shot(request):
    """`shot(page, name)` saves a screenshot; returns its path."""
    count = iter(range(1, 1000))

    def take(page, name, **options):
        target = _screens(request) / f"{next(count):02d}-{name}.png"
        page.screenshot(path=str(target), **options)
        return target

    return take


def _screens(request):
    mode = "workers" if os.environ.get("HUOLIE_WORKERS", "0") != "0" else "threaded"
    name = re.sub(r"\W+", "_", request.node.name)
    folder = places.ARTEFACTS / "screens" / mode / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.failed = outcome.get_result().failed
