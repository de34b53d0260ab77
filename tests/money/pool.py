"""A few worker processes; any of them can be killed and comes back."""

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path

from huolie_tools import configuration

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent


class Worker:
    """One process; ``send`` and ``receive`` lines, ``kill`` it without a goodbye."""

    def __init__(self, database, log):
        self.database, self.log = database, log
        conf = configuration.write(
            f"{database}-worker", db_maxconn=80, max_cron_threads=0
        )
        environment = configuration.environment()
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(PROJECT), environment["PYTHONPATH"]]
        )
        self.command = [
            str(configuration.python_env.python()),
            str(HERE / "worker.py"),
            str(conf),
            database,
        ]
        self.environment = environment
        self.start()

    def start(self):
        """Start the process and wait until it is ready."""
        with self.log.open("a") as errors:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=PROJECT,
                env=self.environment,
            )
        line = self.process.stdout.readline()
        assert line == "ready\n", f"the worker did not start, see {self.log}"

    def send(self, op, now=None, times=1, threads=1, **args):
        """Give an order without waiting for it."""
        order = {"op": op, "args": args, "now": now, "times": times, "threads": threads}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def receive(self):
        """Return the results of the order, or None when the process died."""
        line = self.process.stdout.readline()
        return json.loads(line)["results"] if line else None

    def call(self, op, **order):
        """Give one order and return its result (a dict)."""
        self.send(op, **order)
        return self.receive()[0]

    def kill(self):
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Let it end."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


class Pool:
    """Workers on one database; orders at the same time to all of them."""

    def __init__(self, database, count, log):
        self.workers = [Worker(database, log) for _ in range(count)]

    def call(self, op, **order):
        """One order to the first worker; the value, or raise what it said."""
        result = self.workers[0].call(op, **order)
        if "ok" not in result:
            raise AssertionError(f"{op}: {result}")
        return result["ok"]

    def all_at_once(self, op, each, threads, **order):
        """Give an order ``each`` times to every worker at once; all results."""
        found = []

        def one(worker):
            worker.send(op, times=each, threads=threads, **order)
            found.extend(worker.receive())

        runners = [threading.Thread(target=one, args=(w,)) for w in self.workers]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        return found

    def stop(self):
        """End all workers."""
        for worker in self.workers:
            worker.stop()
