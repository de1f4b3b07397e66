"""Keys that a person or an administrator gives: a passphrase, or a key in the environment."""

import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from jackfield._home import PASSPHRASE, STORE_KEY
from jackfield.errors import InputError, StoreError
from jackfield.secrets import Secret
from jackfield.vault.sealing import KEY_BYTES, is_key, wrapped_key

MIN_LENGTH = 8
"""Of a new passphrase, in characters. Source: NIST SP 800-63B, section 3.1.1.2, which allows no less."""

_TRIES = 3
_SALT_BYTES = 16
_COST = {"n": 2**17, "r": 8, "p": 1}
"""Of scrypt: 128 MiB, about 0.4 s. Source: OWASP's Password Storage Cheat Sheet."""
_MOST_MEMORY = 1024**3
_MOST_PARALLEL = 16
"""Of scrypt: it costs time alone, and a file that somebody else made must not take minutes to be refused."""


def derived(passphrase: Secret, parameters: Mapping[str, object]) -> Secret:
    """Make a key from a passphrase.

    Args:
        passphrase: As it was typed.
        parameters: ``salt`` in hexadecimal, ``n``, ``r``, ``p``.

    Raises:
        StoreError: The parameters are none, or would take more than 1 GiB.
    """
    try:
        salt = bytes.fromhex(str(parameters["salt"]))
        n, r, p = (int(str(parameters[name])) for name in ("n", "r", "p"))
        if min(n, r, p) < 1 or p > _MOST_PARALLEL or 128 * n * r * p > _MOST_MEMORY:
            raise ValueError  # noqa: TRY301  as the others here
        return wrapped_key(hashlib.scrypt(_typed(passphrase), salt=salt, n=n, r=r, p=p, maxmem=2**31 - 1, dklen=32))
    except (KeyError, ValueError):
        message = "What the key is made of, beside the passphrase, is damaged."
        raise StoreError(message, hint="Put a backup in its place.") from None


def _typed(passphrase: Secret) -> bytes:
    # One keyboard types an accent as a letter of its own, another as a part of the letter.
    return unicodedata.normalize("NFKC", passphrase.reveal()).encode("utf-8", "surrogatepass")


def fresh_parameters() -> dict[str, object]:
    """Make the parameters for a new passphrase."""
    return {"salt": os.urandom(_SALT_BYTES).hex(), **_COST}


def check_length(passphrase: Secret) -> Secret:
    """Give a passphrase that is long enough back.

    Raises:
        InputError: It is not.
    """
    if len(passphrase.reveal()) < MIN_LENGTH:
        message = f"A passphrase has at least {MIN_LENGTH} characters."
        raise InputError(message, hint="Several words that nobody would guess are easy to keep in mind.")
    return passphrase


class PassphraseKey:
    """A key made from a passphrase by scrypt."""

    def __init__(self, environ: Mapping[str, str], ask: Callable[[bool], str | Secret]) -> None:
        self._environ = environ
        self._ask = ask

    def candidates(self, _store: str, parameters: Mapping[str, object]) -> Iterator[Secret]:
        """Ask, several times if need be."""
        given = Secret(self._environ.get(PASSPHRASE, ""))
        if given:
            yield derived(given, parameters)
            return
        for _ in range(_TRIES):
            yield derived(Secret.of(self._ask(False)), parameters)

    def fresh(self, _store: str, passphrase: Secret) -> tuple[Secret, dict[str, object]]:
        """Take a new one, or ask for it."""
        given = check_length(passphrase or Secret.of(self._environ.get(PASSPHRASE) or self._ask(True)))
        parameters = fresh_parameters()
        return derived(given, parameters), parameters

    def settle(self, store: str, is_current: Callable[[Secret], bool]) -> None:
        """Forget nothing: nothing is kept."""

    def told(self) -> str:
        """Say where it is."""
        return "a passphrase"


class EnvironmentKey:
    """Keys in a variable, the newest first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def candidates(self, _store: str, _parameters: Mapping[str, object]) -> Iterator[Secret]:
        """Give them all."""
        if not self._environ.get(STORE_KEY):
            message = f"The store's key is to be in the variable {STORE_KEY}, which is not set."
            raise StoreError(message, hint=f"export {STORE_KEY}=...")
        for key in [Secret(written.strip()) for written in self._environ[STORE_KEY].split(",")]:
            if not is_key(key):
                message = f"{STORE_KEY} must hold keys of {KEY_BYTES} bytes in base64, with commas between them."
                raise StoreError(message, hint="Make one: head -c 32 /dev/urandom | base64")
            yield key

    def fresh(self, store: str, _passphrase: Secret) -> tuple[Secret, dict[str, object]]:
        """Give the first."""
        return next(self.candidates(store, {})), {}

    def settle(self, store: str, is_current: Callable[[Secret], bool]) -> None:
        """Forget nothing: the variable is not ours."""

    def told(self) -> str:
        """Say where it is."""
        return f"the variable {STORE_KEY}"
