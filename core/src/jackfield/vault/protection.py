"""What protects the key of a store: which sources of keys there are, and how the store's own key is wrapped by one."""

import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from jackfield._home import PASSPHRASE, STORE_KEY
from jackfield.errors import StoreError
from jackfield.secrets import Secret
from jackfield.vault.key_file import KeyFile
from jackfield.vault.key_keyring import KeyringKey, keyring_works
from jackfield.vault.key_typed import EnvironmentKey, PassphraseKey
from jackfield.vault.sealing import Place, SealError, key_check, new_key, seal_key, unseal_key

__all__ = ["Protection"]

_NONE = Secret("")


class Protection(StrEnum):
    """What protects the key of a store of connections."""

    FILE = "file"
    """A key file that only its owner may read."""
    KEYRING = "keyring"
    """The keyring of the operating system; needs ``jackfield[keyring]``."""
    PASSPHRASE = "passphrase"  # noqa: S105  the word, not one
    """A passphrase, asked for or in ``JACKFIELD_PASSPHRASE``."""
    ENVIRONMENT = "environment"
    """A key in ``JACKFIELD_STORE_KEY``: 32 bytes in base64. Of several with commas between, the first is used anew."""


class Source(Protocol):
    """Where keys that wrap a store's own key come from."""

    def candidates(self, store: str, parameters: Mapping[str, object]) -> Iterator[Secret]:
        """Give the keys that may be the right one."""

    def fresh(self, store: str, passphrase: Secret) -> tuple[Secret, dict[str, object]]:
        """Give a key to wrap with from now on, and what it takes to find it again; it is kept before this returns.

        ``passphrase`` is a new one, if it was given already; a source that has no use for it passes it over.
        """

    def settle(self, store: str, is_current: Callable[[Secret], bool]) -> None:
        """Forget all keys of a store but the current one."""

    def told(self) -> str:
        """Say in words where the keys are."""


class Wrapped(NamedTuple):
    """A store's own key, wrapped.

    Attributes:
        method: Of Protection.
        parameters: What it takes to find the wrapping key, as JSON.
        check: Tells a wrong key from a damaged store.
        key_id: Names the store's own key; another one for each rotation.
        sealed: The store's own key.
    """

    method: str
    parameters: str
    check: bytes
    key_id: str
    sealed: bytes

    def place(self, store: str) -> Place:
        """Give what the sealed key is bound to."""
        return Place(store, "key", json.dumps([self.method, self.parameters, self.key_id]))


class Keys:
    """Wraps and unwraps the keys of stores.

    Args:
        key_file: Where keys are kept in a file.
        environ: Where keys and passphrases are looked up.
        ask: Asks a person for a passphrase; is told whether it is a new one. Raises if there is nobody to ask.
    """

    def __init__(self, key_file: Path, environ: Mapping[str, str], ask: Callable[[bool], str | Secret]) -> None:
        self._environ = environ
        self._ask = ask
        self._sources: Mapping[Protection, Source] = {
            Protection.FILE: KeyFile(key_file),
            Protection.KEYRING: KeyringKey(),
            Protection.PASSPHRASE: PassphraseKey(environ, ask),
            Protection.ENVIRONMENT: EnvironmentKey(environ),
        }

    def usual(self) -> Protection:
        """Give what protects a new store: what the environment says, else the keyring if one works, else a file."""
        if self._environ.get(STORE_KEY):
            return Protection.ENVIRONMENT
        if self._environ.get(PASSPHRASE):
            return Protection.PASSPHRASE
        return Protection.KEYRING if keyring_works() else Protection.FILE

    def new_passphrase(self) -> Secret:
        """Ask for a new passphrase, unless the environment has it."""
        return Secret.of(self._environ.get(PASSPHRASE) or self._ask(True))

    def told(self, protection: Protection) -> str:
        """Say in words where the keys are."""
        return self._sources[protection].told()

    def wrap(self, store: str, protection: Protection, passphrase: Secret = _NONE) -> tuple[Wrapped, Secret]:
        """Make a new key for a store; gives it wrapped, and as it is."""
        wrapping, parameters = self._sources[protection].fresh(store, passphrase)
        own, written = new_key(), json.dumps(parameters, sort_keys=True)
        bare = Wrapped(protection.value, written, key_check(wrapping, store), secrets.token_hex(8), b"")
        return bare._replace(sealed=seal_key(wrapping, own, bare.place(store))), own

    def settle(self, store: str, wrapped: Wrapped) -> None:
        """Forget the keys that wrapped a store's key before; nobody else may be changing it meanwhile."""
        for method, source in self._sources.items():
            if method == wrapped.method:
                source.settle(store, lambda key: hmac.compare_digest(key_check(key, store), wrapped.check))

    def unwrap(self, store: str, wrapped: Wrapped) -> Secret:
        """Give a store's own key.

        Raises:
            StoreError: The key that wraps it is not to be had, or is another one.
        """
        try:
            source = self._sources[Protection(wrapped.method)]
            parameters = json.loads(wrapped.parameters)
        except ValueError:
            raise _damaged() from None
        for candidate in source.candidates(store, parameters):
            if hmac.compare_digest(key_check(candidate, store), wrapped.check):
                try:
                    return unseal_key(candidate, wrapped.sealed, wrapped.place(store))
                except SealError:
                    raise _damaged() from None
        raise _another(Protection(wrapped.method), source.told())


def _another(protection: Protection, told: str) -> StoreError:
    if protection is Protection.PASSPHRASE:
        hint = f"Give the one that it was saved with: where you are asked, or in {PASSPHRASE}."
        return StoreError("The passphrase is not the one of the store.", hint=hint)
    message = f"This is not the key of the store: {told}."
    return StoreError(message, hint="Bring back the key that it was saved with; without it nobody can read it.")


def _damaged() -> StoreError:
    message = "The store's own key is damaged, or was changed by something else than Jackfield."
    return StoreError(message, hint="Put a backup of the store in its place.")
