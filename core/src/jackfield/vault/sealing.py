"""Sealing texts: AES-256-GCM, with what a text belongs to as associated data.

A sealed text that is moved to another store, connection or field no longer opens, and neither does one with a changed
bit. Source of the parameters: NIST SP 800-38D (a 96-bit nonce from a random generator, at most 2**32 texts a key).
"""

import hashlib
import hmac
import json
import os
from typing import NamedTuple

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = 1


class SealError(Exception):
    """A sealed text does not open: it was changed, moved, or sealed with another key."""


class Place(NamedTuple):
    """What a sealed text belongs to.

    Attributes:
        store: The store's id.
        owner: The connection's id; or what the store itself keeps.
        field: Which part of it.
    """

    store: str
    owner: str
    field: str

    def bound(self) -> bytes:
        """Give the associated data; JSON, so that no two places give the same."""
        return json.dumps(["jackfield", _FORMAT, *self]).encode()


def new_key() -> bytes:
    """Make a key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, text: bytes, place: Place) -> bytes:
    """Encrypt a text for a place."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  it brings OpenSSL

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, place.bound())


def unseal(key: bytes, sealed: bytes, place: Place) -> bytes:
    """Decrypt what was sealed for a place.

    Raises:
        SealError: It was not, or not with this key.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.bound())
    except (InvalidTag, ValueError):  # ValueError: too short to be one
        raise SealError from None


def key_check(key: bytes, store: str) -> bytes:
    """Give what tells a wrong key from a damaged store, and says nothing about the key."""
    return hmac.digest(key, json.dumps(["jackfield", _FORMAT, store, "key check"]).encode(), hashlib.sha256)[:8]
