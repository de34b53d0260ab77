"""One real process with an Odoo registry: reads orders, does them, commits, answers.

Started by ``pool.py`` as ``python worker.py CONF DATABASE``. An order is one JSON line
``{"op", "now", "times", "threads", …}``; an answer is one line with ``results``: each
``{"ok": value}``, ``{"refused": text}`` (the product said no) or ``{"error": text}``.
Like a request of Odoo, an order that lost against another is run again up to 5 times.
"""

import json
import random
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import psycopg2
from freezegun import freeze_time

import odoo.cli  # noqa: F401  (sets up what Odoo patches)
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

from tests.money import operations

TRIES = 6
# taken before freezegun puts its own in the place
CLOCK = time.perf_counter


def run(registry, order):
    """Do one order in a transaction of its own, and commit."""
    registry.check_signaling()
    since = CLOCK()
    for attempt in range(TRIES):
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
                done = getattr(operations, order["op"])(env, **order.get("args", {}))
                env.flush_all()
            registry.signal_changes()
            return {"ok": done, "ms": (CLOCK() - since) * 1000}
        except UserError as error:
            return {"refused": str(error)}
        except (psycopg2.OperationalError, psycopg2.IntegrityError) as error:
            if attempt == TRIES - 1:
                return {"error": f"busy: {error}"}
            time.sleep(random.uniform(0, 0.05 * 2**attempt))
        except Exception:
            return {"error": traceback.format_exc()}
    return None


def answer(registry, order):
    times, threads = order.get("times", 1), order.get("threads", 1)
    if times == 1:
        return [run(registry, order)]
    barrier = threading.Barrier(min(times, threads))

    def one(_number):
        barrier.wait(30)
        return run(registry, order)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(times)))


class Clock:
    """The worker's clock; it stays stopped between orders, as stopping takes long."""

    def __init__(self):
        self.freezer = self.frozen = None

    def set(self, now):
        """Stand still at ``now`` (text, UTC); None lets the clock run."""
        if self.frozen and not now:
            self.freezer.stop()
            self.frozen = None
        elif self.frozen:
            self.frozen.move_to(now)
        elif now:
            self.freezer = freeze_time(now, ignore=["psycopg2", "threading"])
            self.frozen = self.freezer.start()


def main():
    """Serve orders until the input ends."""
    conf, database = sys.argv[1:]
    config.parse_config(["-c", conf, "-d", database, "--no-http"], setup_logging=False)
    registry = Registry(database)
    print("ready", flush=True)
    clock = Clock()
    for line in sys.stdin:
        order = json.loads(line)
        clock.set(order.get("now"))
        results = answer(registry, order)
        print(json.dumps({"results": results}, default=str), flush=True)


if __name__ == "__main__":
    main()
