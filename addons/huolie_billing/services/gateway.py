"""What both payment gateways share: keys, signatures, the one kind of error."""

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate


class GatewayError(Exception):
    """A message that must not be trusted, or a call that failed; ``code`` says why.

    :param bool refused: the gateway answered and said no; else nobody knows what it
        did, and it must be asked
    """

    def __init__(self, code, detail="", refused=False):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.refused = refused


def _pem(text, kind):
    """Accept a PEM, or the bare base64 that gateways' pages show."""
    text = (text or "").strip()
    if "-----BEGIN" in text:
        return text.encode()
    body = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n".encode()


@lru_cache(maxsize=64)
def private_key(text):
    """Load an RSA private key (PKCS#8 or PKCS#1).

    :raise GatewayError: ``bad_key``
    """
    for kind in ("PRIVATE KEY", "RSA PRIVATE KEY"):
        try:
            key = serialization.load_pem_private_key(_pem(text, kind), password=None)
        except (ValueError, TypeError):
            continue
        if isinstance(key, rsa.RSAPrivateKey):
            return key
    raise GatewayError("bad_key", "private key")


@lru_cache(maxsize=64)
def public_key(text):
    """Load an RSA public key, from a key or a certificate.

    :raise GatewayError: ``bad_key``
    """
    data = _pem(text, "PUBLIC KEY")
    try:
        if b"BEGIN CERTIFICATE" in data:
            key = load_pem_x509_certificate(data).public_key()
        else:
            key = serialization.load_pem_public_key(data)
    except ValueError as error:
        raise GatewayError("bad_key", "public key") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise GatewayError("bad_key", "public key")
    return key


def sign(key_text, message):
    """Return the base64 RSA-SHA256 signature of a text."""
    key = private_key(key_text)
    raw = key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(raw).decode()


def verify(key_text, message, signature):
    """Check an RSA-SHA256 signature.

    :param bytes message: exactly what was signed
    :raise GatewayError: ``bad_signature``
    """
    try:
        raw = base64.b64decode(signature or "", validate=True)
        public_key(key_text).verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError, TypeError) as error:
        raise GatewayError("bad_signature") from error
