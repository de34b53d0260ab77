"""Ports: is it free, who holds it, the next free one."""

import errno
import socket
from pathlib import Path

from .errors import Halt
from .progress import say


def is_free(port, host="127.0.0.1"):
    """Whether we can listen there; Halt where we never could."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise Halt(
                f"This machine lets nobody listen on {host}:{port} ({error.strerror}): "
                "choose another --port (1024 or higher) or another --host."
            ) from error
    return True


def _listening_inodes(port):
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for columns in map(str.split, lines):
            if columns[3] == "0A" and int(columns[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    return inodes


def holder(port):
    """Name and number of the process that listens on `port`, as far as we may know."""
    inodes = _listening_inodes(port)
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) not in inodes:
                continue
            process = descriptor.parent.parent
            name = (process / "comm").read_text().strip()
        except OSError:
            continue
        return f"{name} (process {process.name})"
    return "another program (of another user)"


def choose(wanted, what, strict=False, host="127.0.0.1", taken=()):
    """`wanted`, or the next free port with a word about who holds it.

    :param strict: the user named the port: taken is an error, not a reason to move
    :param taken: ports already promised to others
    """
    for port in range(wanted, min(wanted + 200, 65536)):
        if port in taken or not is_free(port, host):
            if strict:
                raise Halt(
                    f"Port {port} for {what} is taken by {holder(port)}: "
                    "stop it or choose another one with --port."
                )
            continue
        if port != wanted and wanted not in taken:
            say(f"  {what}: port {wanted} is taken by {holder(wanted)}; using {port}")
        return port
    raise Halt(f"No free port from {wanted} on for {what}: choose one with --port.")
