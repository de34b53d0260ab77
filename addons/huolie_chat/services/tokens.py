"""Signed tokens: who is asking, without a look into the database.

``payload.signature``, both base64url. The payload is JSON with short names:
``k`` kind (``v`` visitor, ``a`` agent), ``d`` database, ``e`` enterprise, ``i`` issued
(seconds), ``x`` expires (seconds); visitor: ``s`` site, ``v`` visitor; agent: ``t``
seat, ``u`` user, ``n`` shown name, ``g`` groups, ``w`` scope.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time

VISITOR_SECONDS = 24 * 3600
AGENT_SECONDS = 600
FILE_SECONDS = 600
MAX_LENGTH = 2048


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text):
    return base64.b64decode(
        text + "=" * (-len(text) % 4), altchars=b"-_", validate=True
    )


def sign(secret, data):
    """Return the signature (base64url, 128 bits) of bytes under a secret."""
    digest = hmac.new(secret.encode(), data, hashlib.sha256).digest()
    return _encode(digest[:16])


def mint(secret, kind, seconds=None, **claims):
    """Make a token.

    :param str secret: of the database
    :param str kind: ``v`` or ``a``
    :param int seconds: lifetime; 24 h for visitors and 10 min for agents
    """
    now = time.time()
    life = seconds or (VISITOR_SECONDS if kind == "v" else AGENT_SECONDS)
    body = {"k": kind, "i": round(now, 3), "x": int(now) + life, **claims}
    text = _encode(json.dumps(body, separators=(",", ":")).encode())
    return f"{text}.{sign(secret, text.encode())}"


def peek(token):
    """Return the claims of a token **without** checking them, or None."""
    if not isinstance(token, str) or not 0 < len(token) <= MAX_LENGTH:
        return None
    text, dot, _signature = token.partition(".")
    if not dot:
        return None
    try:
        claims = json.loads(_decode(text))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def check(secret, token, kinds="va"):
    """Return the claims of a token, or None when forged, expired or of another kind."""
    claims = peek(token)
    if claims is None:
        return None
    text, _dot, signature = token.partition(".")
    try:
        if not hmac.compare_digest(sign(secret, text.encode()), signature):
            return None
    except TypeError:
        return None
    if claims.get("k") not in kinds or claims.get("x", 0) < time.time():
        return None
    return claims


def sign_id(secret, external_id):
    """Return the signature that a website's server gives for its own customer id."""
    return hmac.new(secret.encode(), external_id.encode(), hashlib.sha256).hexdigest()


def check_id(secret, external_id, signature):
    """Say whether a website signed this customer id with its secret (V14)."""
    given = signature if isinstance(signature, str) else ""
    good = sign_id(secret, external_id).encode()
    return bool(secret) and hmac.compare_digest(good, given.lower().encode())


def file_link(secret, file_id):
    """Return the path under which a file may be fetched for 10 to 20 minutes."""
    until = (int(time.time()) // FILE_SECONDS + 2) * FILE_SECONDS
    mark = sign(secret, f"f{file_id}.{until:x}".encode())
    return f"/huolie/f/{file_id}?s={until:x}.{mark}"


def check_file(secret, file_id, text):
    """Say whether a file link is genuine and not expired."""
    until, _dot, signature = (text or "").partition(".")
    try:
        late = int(until, 16) < time.time()
        good = hmac.compare_digest(
            sign(secret, f"f{file_id}.{until}".encode()), signature
        )
    except (ValueError, TypeError):
        return False
    return good and not late
