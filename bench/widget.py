"""What the widget costs a foreign website (PERFORMANCE.md §6), in real Chromium.

Differences to the same page without the snippet, median of ``RUNS``. Stock figures are
those measured for the design, on the same kind of machine.
"""

import time
import urllib.request

import psycopg2
from playwright.sync_api import sync_playwright

from bench.support import median, percentile, result, server
from huolie_tools import postgres
from tests.browser.widget_site import Site
from tests.support.chromium import CHROMIUM

RUNS = 5
SCRIPTS = 200
SETTLE_MS = 1500
# notes the moment at which the button has a size on the screen
WATCH = """
(function look() {
    var host = document.getElementById("huolie");
    var button = host && host.shadowRoot && host.shadowRoot.querySelector("button");
    if (button && button.getBoundingClientRect().width) {
        window.buttonAt = performance.now();
    } else {
        requestAnimationFrame(look);
    }
})();
"""
# opens by a click without hovering first: nothing was fetched ahead
OPEN = """
async () => {
    const root = document.getElementById("huolie").shadowRoot;
    const start = performance.now();
    root.querySelector("button").click();
    const ready = () => {
        const box = root.querySelector(".h-box:not([hidden])");
        const input = box && box.querySelector("textarea, input:not([hidden])");
        return input && input.getBoundingClientRect().height;
    };
    while (!ready()) {
        await new Promise(requestAnimationFrame);
    }
    return performance.now() - start;
}
"""


def results():
    """Measure all; one server, one browser."""
    with server("widget") as odoo, sync_playwright() as playwright:
        key = _site_key(odoo.name)
        address = f"{odoo.url}/huolie/w/{key}.js"
        found = _script(odoo.name, address)
        browser = playwright.chromium.launch(**CHROMIUM)
        bare = Site(odoo.url, "/empty.js")
        site = Site(odoo.url, address)
        _visit(browser, site)  # the first visit warms the server
        plain = [_visit(browser, bare) for _run in range(RUNS)]
        dressed = [_visit(browser, site) for _run in range(RUNS)]
        found += _button(plain, dressed) + _window(dressed)
        browser.close()
        bare.stop()
        site.stop()
    return found


def _query(name, sql):
    connection = psycopg2.connect(dbname=name, **_account())
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(sql)
    rows = cursor.fetchall()
    connection.close()
    return rows


def _account():
    names = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
    }
    known = postgres.environment()
    return {names[name]: known[name] for name in names if known.get(name)}


def _site_key(name):
    return _query(name, "SELECT key FROM huolie_site WHERE active ORDER BY id")[0][0]


# === SERVER === #
def _script(name, address):
    """Loader and configuration, warm: time, bytes, transactions in the database."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        size = len(answer.read())
    before = _transactions(name)
    times = []
    for _number in range(SCRIPTS):
        start = time.perf_counter()
        with urllib.request.urlopen(request) as answer:
            answer.read()
        times.append((time.perf_counter() - start) * 1000)
    # each look of ours is a transaction too; crons of the server may add a few
    spent = max(0, _transactions(name) - before - 1) // SCRIPTS
    return [
        result("widget.loader_gzip", size, "B", 5 * 1024, stock=1055990),
        result("widget.script_sql_warm", spent, "transactions", 0, stock=8),
        result("widget.script_p50", median(times), "ms"),
        result("widget.script_p95", percentile(times, 0.95), "ms"),
    ]


def _transactions(name):
    time.sleep(1.5)  # PostgreSQL adds its counts up once a second
    sql = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = "
    return _query("postgres", f"{sql}'{name}'")[0][0]


# === BROWSER === #
def _visit(browser, site):
    """Visit once with an empty cache; what it took, with and without opening."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    session = context.new_cdp_session(page)
    calls = []
    _count(session, calls, site.origin)
    session.send("Performance.enable")
    page.add_init_script(WATCH)
    page.goto(site.url, wait_until="load")
    page.wait_for_timeout(SETTLE_MS)
    seen = {"load": _loaded(page), "button": page.evaluate("window.buttonAt || 0")}
    seen["shift"] = page.evaluate("window.shifts")
    seen["first"] = list(calls)
    if seen["button"]:
        seen.update(_open(page, session, calls))
    context.close()
    return seen


def _count(session, calls, origin):
    """Note requests to the widget's server with the bytes that came over the wire."""
    ours = {}
    session.send("Network.enable")

    def sent(event):
        if event["request"]["url"].startswith(origin):
            ours[event["requestId"]] = event["request"]["url"]

    def came(event):
        if event["requestId"] in ours:
            url = ours.pop(event["requestId"])
            calls.append((url.split("/huolie/")[-1], event["encodedDataLength"]))

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.loadingFinished", came)


def _loaded(page):
    return page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")


def _open(page, session, calls):
    before, known = _metrics(session), len(calls)
    took = page.evaluate(OPEN)
    page.wait_for_timeout(SETTLE_MS)
    after = _metrics(session)
    return {
        "open": took,
        # nobody waits for the poll and the mark of what was read
        "second": [c for c in calls[known:] if not c[0].startswith(("poll", "v/read"))],
        "script": (after["ScriptDuration"] - before["ScriptDuration"]) * 1000,
        "heap": (after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / 1e6,
    }


def _metrics(session):
    session.send("HeapProfiler.collectGarbage")
    found = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in found}


def _button(plain, dressed):
    bare = median([visit["load"] for visit in plain])
    extra = median([visit["button"] for visit in dressed]) - bare
    first = dressed[-1]["first"]
    return [
        result("widget.button_ms", extra, "ms", 100, stock=1396),
        result("widget.button_requests", len(first), "requests", 2, stock=8),
        result("widget.button_bytes", sum(call[1] for call in first), "B"),
        result("widget.layout_shift", max(v["shift"] for v in dressed), "", 0),
    ]


def _window(dressed):
    second = dressed[-1]["second"]
    code = sum(call[1] for call in second if call[0].startswith("w/"))
    return [
        result("widget.open_ms", _of(dressed, "open"), "ms", 100, stock=550),
        result("widget.window_gzip", code, "B", 30 * 1024),
        result("widget.open_requests", len(second), "requests", 2, stock=4),
        result("widget.open_script_ms", _of(dressed, "script"), "ms", 50, stock=366),
        result("widget.open_heap_mb", _of(dressed, "heap"), "MB", 3, stock=15.7),
    ]


def _of(visits, name):
    return median([visit[name] for visit in visits])
