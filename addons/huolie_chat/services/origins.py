"""Which websites may show the widget of a site (E2). Advisory: curl forges it."""

import re

HOST = re.compile(
    r"^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$"
)


def normal_host(text):
    """Return ``host[:port]`` of an address, IDN as punycode, or None."""
    text = text.strip().lower()
    text = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text).split("/")[0]
    host, colon, port = text.partition(":")
    star = "*." if host.startswith("*.") else ""
    try:
        host = host[len(star) :].rstrip(".").encode("idna").decode()
    except UnicodeError:
        return None
    if not host or not HOST.match(host) or (colon and not port.isdecimal()):
        return None
    return f"{star}{host}{colon}{port}"


def allowed(origin, domains, own_host=""):
    """Say whether a page of this origin may use the site.

    :param str origin: the header ``Origin``; browsers always send it with a POST
    :param str domains: allowed domains, one per line; sub-domains are included
    :param str own_host: the host of this server, whose own chat page is welcome
    """
    lines = [normal_host(line) for line in (domains or "").split()]
    lines = [line for line in lines if line]
    if not lines or not origin:
        return True
    asked = normal_host(origin)
    if asked is None or asked == "null":
        return False
    if asked == normal_host(own_host or "-"):
        return True
    return any(_matches(asked, line) for line in lines)


def _matches(asked, line):
    host, _colon, _port = asked.partition(":")
    if ":" in line:
        host = asked
    if line.startswith("*."):
        return host.endswith(line[1:])
    return host == line or host.endswith(f".{line}")
