"""Packages of the machine that some commands need: Chromium, fonts, wkhtmltopdf."""

import os
import shutil
import subprocess
from pathlib import Path

from . import places
from .errors import Halt
from .progress import say, step

CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")

# what, how we see that it is there, Debian's package
NEEDS = {
    "chromium": ("browser tests", lambda: shutil.which("chromium"), "chromium"),
    "cjk": ("Chinese in screenshots", CHINESE_FONT.exists, "fonts-noto-cjk"),
    "wkhtmltopdf": ("PDF", lambda: shutil.which("wkhtmltopdf"), "wkhtmltopdf"),
}


def missing(names):
    """Those of `names` that the machine lacks."""
    return [name for name in names if not NEEDS[name][1]()]


def ensure(names, purpose):
    """Install what is missing as root; tell an ordinary user what to install."""
    lacking = missing(names)
    if not lacking:
        return
    packages = [NEEDS[name][2] for name in lacking]
    if places.is_root():
        install(packages, purpose)
        return
    raise Halt(
        f"For {purpose} this machine lacks {', '.join(packages)}: "
        f"have root run: apt install {' '.join(packages)}"
    )


def install(packages, purpose):
    """Install Debian packages as root, refreshing the package lists if needed."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    with step(f"Debian packages for {purpose}: {' '.join(packages)}"):
        for attempt in (1, 2):
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True
            )
            if done.returncode == 0:
                return
            if attempt == 1:
                refresh_lists()
    say((done.stderr or done.stdout)[-600:])
    raise Halt(
        f"apt could not install {' '.join(packages)} (needed for {purpose}): "
        "mend apt as it says above and start again."
    )


def refresh_lists():
    subprocess.run(["apt-get", "update"], capture_output=True)


def enough_disk(folder, needed, what):
    """Halt unless `needed` bytes are free where `folder` will be."""
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if free < needed:
        raise Halt(
            f"{what} needs {needed / 1e9:.1f} GB in {folder}, {free / 1e9:.1f} GB are "
            "free: make room, or name another folder with HUOLIE_CACHE / HUOLIE_DATA."
        )
