"""./huolie bench: every bench/*.py with a function `results()`, each in a process.

`results()` returns a list of `bench.support.result(…)`. The file of `--json` is
`{"machine": {…}, "results": [{id, value, unit, target, stock, better, ok}, …]}`.
"""

import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from . import configuration, places, postgres, processes, python_env
from .errors import Halt
from .progress import elapsed, say
from .testing import template

FOLDER = places.PROJECT / "bench"
# money makes 10,000 invoices twice
LIMIT_SECONDS = 3600
ONE = """
import importlib, json, sys
found = importlib.import_module(sys.argv[1]).results()
open(sys.argv[2], "w").write(json.dumps(found))
"""


def available():
    """Names of the benchmarks: files of bench/ that define results()."""
    files = sorted(FOLDER.glob("*.py"))
    return [file.stem for file in files if "\ndef results(" in file.read_text()]


def main(names, json_file=None):
    """Run the benchmarks named (default all); 1 if one misses its target."""
    unknown = set(names) - set(available())
    if unknown:
        raise Halt(
            f"There is no benchmark {sorted(unknown)[0]!r}: "
            f"choose of {', '.join(available())}."
        )
    found, broken = [], []
    with postgres.server():
        for name in names or available():
            results = _run(name)
            found += results or []
            broken += [] if results is not None else [name]
    document = {"machine": machine(), "results": found}
    if json_file:
        Path(json_file).write_text(json.dumps(document, indent=1) + "\n")
    missed = [result for result in found if result["ok"] is False]
    say(f"\n{len(found)} measured, {len(missed)} miss their target")
    for name in broken:
        say(f"{name} broke off")
    return 1 if missed or broken else 0


def _run(name):
    say(f"\n=== {name} ===")
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="huolie-bench-") as folder:
        target = Path(folder, "results.json")
        code = _call(f"bench.{name}", target)
        results = json.loads(target.read_text()) if target.exists() else None
    for result in results or []:
        say(_line(result))
    state = "" if results is not None else f", broke off with code {code}"
    say(f"=== {name}: {elapsed(since)}{state} ===")
    return results


def _call(module, target):
    environment = {
        **configuration.environment(),
        "HUOLIE_AS_ROOT": "1",
        "HUOLIE_TEMPLATE": template(),
        "HUOLIE_PYTHON": str(python_env.python()),
    }
    command = [sys.executable, "-c", ONE, module, str(target)]
    return processes.call(command, LIMIT_SECONDS, cwd=places.PROJECT, env=environment)


def _line(result):
    mark = {True: "ok", False: "MISS", None: ""}[result["ok"]]
    parts = [f"{mark:5}{result['id']:42} {result['value']:>10} {result['unit']}"]
    if result["target"] is not None:
        sign = "<=" if result["better"] == "lower" else ">="
        parts.append(f"(target {sign} {result['target']})")
    if result["stock"] is not None:
        parts.append(f"(stock {result['stock']})")
    return "  ".join(parts)


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpus": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }
