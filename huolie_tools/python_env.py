"""The Python environment: requirements.txt installed once, keyed by its content."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import lock, places, system
from .errors import Halt
from .progress import step

OLDEST, NEWEST = (3, 10), (3, 13)


def key():
    wanted = places.REQUIREMENTS.read_bytes() + _version(_interpreter()).encode()
    return hashlib.sha256(wanted).hexdigest()[:12]


def folder():
    return places.cache() / f"venv-{key()}"


def python():
    """The interpreter of the environment, or the one HUOLIE_PYTHON names."""
    return Path(os.environ.get("HUOLIE_PYTHON") or folder() / "bin" / "python")


def is_ready():
    return bool(os.environ.get("HUOLIE_PYTHON")) or (folder() / "ready.json").exists()


def _interpreter():
    """As root Debian's own Python: root's private one is closed to other users."""
    system = Path("/usr/bin/python3")
    if places.is_root() and system.exists() and _fits(_version(system)):
        return system
    return Path(sys.executable)


def _version(interpreter):
    if Path(interpreter) == Path(sys.executable):
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    command = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([interpreter, "-c", command], capture_output=True, text=True)
    return done.stdout.strip()


def _fits(version):
    try:
        return OLDEST <= tuple(map(int, version.split("."))) <= NEWEST
    except ValueError:
        return False


def check_version():
    version = _version(_interpreter())
    if not _fits(version):
        raise Halt(
            f"Odoo 19 needs Python 3.10 to 3.13 and this is {version}: "
            "start it with a fitting one, e.g. python3.11 ./huolie run."
        )


def ensure():
    """Create the environment unless it stands; returns its interpreter."""
    if is_ready():
        return python()
    check_version()
    places.make_folder(places.cache())
    with lock.exclusive(places.cache() / "venv.lock", "the Python environment"):
        if not is_ready():
            _build(folder())
    return python()


def _build(target):
    interpreter = _interpreter()
    system.enough_disk(places.cache(), 1_200_000_000, "The Python environment")
    shutil.rmtree(target, ignore_errors=True)
    with step("Python environment"):
        _create(interpreter, target)
    names = _requirements()
    site = target / "lib"
    with step(
        f"Python packages ({len(names)} named in requirements.txt)",
        measure=lambda: _count_packages(site),
    ):
        _pip_install(target)
    ready = {"python": str(interpreter), "requirements": len(names)}
    (target / "ready.json").write_text(json.dumps(ready) + "\n")


def _create(interpreter, target):
    done = subprocess.run(
        [interpreter, "-m", "venv", target], capture_output=True, text=True
    )
    if done.returncode == 0:
        return
    if places.is_root():
        system.install(["python3-venv"], "the Python environment")
        shutil.rmtree(target, ignore_errors=True)
        done = subprocess.run([interpreter, "-m", "venv", target])
        if done.returncode == 0:
            return
    raise Halt(
        f"{interpreter} cannot make a virtual environment: "
        "install Debian's python3-venv (apt install python3-venv) and start again."
    )


def _requirements():
    lines = places.REQUIREMENTS.read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _count_packages(site):
    return f"{len(list(site.glob('*/site-packages/*.dist-info')))} packages"


def _pip_install(target):
    log = target / "pip.log"
    command = [
        target / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "-r",
        places.REQUIREMENTS,
    ]
    with log.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT)
    if done.returncode:
        errors = [row for row in log.read_text().splitlines() if "ERROR:" in row]
        said = errors[-1].partition("ERROR:")[2].strip() if errors else "nothing"
        raise Halt(
            f"pip could not install requirements.txt, it said “{said}”: mend the "
            f"network, proxy or disk and start again; all it said is in {log}."
        )
