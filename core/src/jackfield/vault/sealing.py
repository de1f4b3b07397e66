"""Sealing texts: AES-256-GCM, with what a text belongs to as associated data.

A key is a Secret of base64 wherever it has a name: who shows the variables of a traceback shows no key.

A sealed text that is moved to another store, connection or field no longer opens, and neither does one with a changed
bit. Source of the parameters: NIST SP 800-38D (a 96-bit nonce from a random generator, at most 2**32 texts a key).
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from typing import NamedTuple

from jackfield.secrets import Secret

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


def wrapped_key(data: bytes) -> Secret:
    """Give a key as it is passed around, and written into files."""
    return Secret(base64.b64encode(data).decode())


def new_key() -> Secret:
    """Make a key."""
    return wrapped_key(os.urandom(KEY_BYTES))


def is_key(key: Secret) -> bool:
    """Tell whether a text that somebody wrote is a key."""
    try:
        return len(base64.b64decode(key.reveal(), validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _bytes_of(key: Secret) -> bytes:
    return base64.b64decode(key.reveal())


def seal(key: Secret, text: bytes, place: Place) -> bytes:
    """Encrypt a text for a place."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  it brings OpenSSL

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_bytes_of(key)).encrypt(nonce, text, place.bound())


def unseal(key: Secret, sealed: bytes, place: Place) -> bytes:
    """Decrypt what was sealed for a place.

    Raises:
        SealError: It was not, or not with this key.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        return AESGCM(_bytes_of(key)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.bound())
    except (InvalidTag, ValueError):  # ValueError: too short to be one
        raise SealError from None


def seal_key(key: Secret, other: Secret, place: Place) -> bytes:
    """Encrypt another key for a place."""
    return seal(key, _bytes_of(other), place)


def unseal_key(key: Secret, sealed: bytes, place: Place) -> Secret:
    """Decrypt another key; as ``unseal``."""
    return wrapped_key(unseal(key, sealed, place))


def key_check(key: Secret, store: str) -> bytes:
    """Give what tells a wrong key from a damaged store, and says nothing about the key."""
    said = json.dumps(["jackfield", _FORMAT, store, "key check"]).encode()
    return hmac.digest(_bytes_of(key), said, hashlib.sha256)[:8]
