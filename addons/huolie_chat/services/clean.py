"""Typed reading of what the public sends: wrong types refused, text made sane."""

import json

from .errors import Refused

MAX_BODY = 64 * 1024
MAX_TEXT = 2000
MAX_ID = 2**31 - 1


def _no_constants(_name):
    raise ValueError("not a number")


def parse(raw):
    """Return the JSON object in a body.

    :raise Refused: ``json`` 400
    """
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_constants)
    except (ValueError, RecursionError) as error:
        raise Refused("json", 400) from error
    if not isinstance(body, dict):
        raise Refused("json", 400)
    return body


def sane(value):
    """Return a text without NUL and lone surrogates."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def text(body, name, longest, required=False, cut=False):
    """Return a text field, or None where it is missing.

    :param int longest: in characters
    :param bool cut: shorten instead of refusing
    :raise Refused: ``type`` 400, ``long`` 422, ``empty`` 422
    """
    value = body.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Refused("type", 400, field=name)
    value = sane(value)
    if len(value) > longest:
        if not cut:
            raise Refused("long", 422, field=name, max=longest)
        value = value[:longest]
    if required and not value.strip():
        raise Refused("empty", 422, field=name)
    return value or None


def number(body, name, least=1, most=MAX_ID, default=None):
    """Return a whole number.

    :raise Refused: ``type`` 400
    """
    value = body.get(name, default)
    if value is default and default is not None:
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("type", 400, field=name)
    if not least <= value <= most:
        raise Refused("type", 400, field=name)
    return value


def identifier(body, name, default=None):
    """Return a record's id; one that cannot exist is the same as one that does not."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("type", 400, field=name)
    if not 0 < value <= MAX_ID:
        raise Refused("conversation", 404)
    return value


def mapping(body, name):
    """Return an object field, empty where it is missing."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused("type", 400, field=name)
    return value


def seen(body, most):
    """Return ``{conversation: seq}`` of a poll, at most ``most`` of them."""
    result = {}
    for key, value in list(mapping(body, "seen").items())[:most]:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused("type", 400, field="seen")
        if not key.isdecimal() or not key.isascii() or len(key) > 10:
            raise Refused("type", 400, field="seen")
        if 0 < int(key) <= MAX_ID and value >= 0:
            result[int(key)] = min(value, MAX_ID)
    return result
