"""Fetch a file over HTTP so that an interrupted download goes on where it stopped."""

import os
import subprocess
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from .errors import Halt
from .progress import say

CHUNK = 256 * 1024
SILENCE_SECONDS = 60


def fetch(address, part, size, apt_options=()):
    """Bring `part` to `size` bytes; what is there already is not fetched again.

    With another transport than HTTP (a mirror on a disk, `mirror+file:`) apt's own
    helper does it.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        _with_apt(address, part, apt_options)
        return
    if part.exists() and part.stat().st_size > size:
        part.unlink()
    for _attempt in range(3):
        before = part.stat().st_size if part.exists() else 0
        try:
            _continue(address, part, before)
        except (OSError, urllib.error.URLError) as error:
            reason = error
        else:
            reason = "the connection was cut"
        now = part.stat().st_size if part.exists() else 0
        if now == size:
            return
        if now <= before:
            break
    raise Halt(
        f"{part.stem} did not arrive whole ({reason}): mend the network (or proxy, or "
        "disk) and start again; what has arrived is kept."
    )


def _continue(address, part, start):
    request = urllib.request.Request(address)
    if start:
        say(f"  going on after {start / 1e6:.1f} MB")
        request.add_header("Range", f"bytes={start}-")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(_proxies()))
    with opener.open(request, timeout=SILENCE_SECONDS) as answer:
        # a server that does not know ranges sends it all again
        mode = "ab" if answer.status == 206 else "wb"
        with part.open(mode) as target:
            while chunk := answer.read(CHUNK):
                target.write(chunk)


def _proxies():
    """The proxies of the environment, or those that apt is configured with."""
    found = urllib.request.getproxies()
    for scheme in ("http", "https"):
        if scheme not in found:
            option = f"Acquire::{scheme}::Proxy"
            command = ["apt-config", "shell", "PROXY", option]
            done = subprocess.run(command, capture_output=True, text=True)
            value = done.stdout.partition("=")[2].strip().strip("'")
            if value and value != "DIRECT":
                found[scheme] = value
    return found


def _with_apt(address, part, apt_options):
    command = ["/usr/lib/apt/apt-helper", *apt_options, "download-file", address]
    done = subprocess.run([*command, os.fspath(part)], capture_output=True, text=True)
    if done.returncode:
        raise Halt(f"apt could not fetch {address}: {done.stderr.strip()[-300:]}")
