"""Secrets that travel in links: 256 random bits, only their hash is stored."""

import hashlib
import secrets


def make():
    """Return a new secret for a link."""
    return secrets.token_urlsafe(32)


def digest(token):
    """Return what is stored and searched for a secret."""
    return hashlib.sha256((token or "").encode("utf-8", "replace")).hexdigest()
