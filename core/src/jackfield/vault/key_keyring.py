"""Keys in the keyring of the operating system: Keychain, Credential Locker, Secret Service, KWallet."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jackfield.errors import StoreError
from jackfield.secrets import Secret
from jackfield.vault.sealing import is_key, new_key

_SERVICE = "jackfield"
_RECOMMENDED = 1
"""What keyring's own documentation calls the least priority of a backend to recommend; plain-text ones have less."""


def keyring_works() -> bool:
    """Tell whether there is a keyring that can be recommended."""
    try:
        import keyring  # noqa: PLC0415  an extra

        return bool(keyring.get_keyring().priority >= _RECOMMENDED)
    except Exception:  # noqa: BLE001  no such package, no bus, a backend's own troubles: there is none
        return False


class KeyringKey:
    """One entry for each store: its keys in base64, the newest first."""

    def candidates(self, store: str, _parameters: Mapping[str, object]) -> Iterator[Secret]:
        """Give the keys of a store."""
        found = _read(store)
        if not found:
            message = f"The keyring has no key for this store (service {_SERVICE}, name {store})."
            raise StoreError(message, hint="Use the account on the machine on which it was saved.")
        yield from found

    def fresh(self, store: str, _passphrase: Secret) -> tuple[Secret, dict[str, object]]:
        """Add a key."""
        made = new_key()
        _write(store, [made, *_read(store)])
        return made, {}

    def settle(self, store: str, is_current: Callable[[Secret], bool]) -> None:
        """Take away all other keys of a store."""
        known = _read(store)
        kept = [key for key in known if is_current(key)]
        if kept != known:
            _write(store, kept)

    def told(self) -> str:
        """Say where it is."""
        return "the keyring of the operating system"


def _read(store: str) -> list[Secret]:
    keys = [Secret(word) for word in (_called("get_password", store) or "").split()]
    if not all(map(is_key, keys)):
        message = f"The keyring's entry for this store is no key (service {_SERVICE}, name {store})."
        raise StoreError(message, hint="Put back the entry that was there.")
    return keys


def _write(store: str, keys: list[Secret]) -> None:
    _called("set_password", store, Secret(" ".join(key.reveal() for key in keys)))


def _called(name: str, store: str, *keys: Secret) -> Any:
    try:
        import keyring  # noqa: PLC0415  an extra
    except ImportError:
        message = "The store's key is to be in the keyring, and the package keyring is not installed."
        raise StoreError(message, hint="pip install 'jackfield[keyring]'") from None
    try:
        return getattr(keyring, name)(_SERVICE, store, *(key.reveal() for key in keys))
    except Exception as error:  # noqa: BLE001  backends raise what they like; their texts may hold what they were given
        reason = type(error).__name__
    # Here, since the variables of a backend are in the trace of its error.
    message = f"The keyring of the operating system cannot be used: {reason}."
    raise StoreError(message, hint="Unlock it, or use another protection: --protect file")
