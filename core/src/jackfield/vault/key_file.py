"""Keys in a file that only its owner may read."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from jackfield._privacy import REPLACE_SECRETS, check_private, make_folder, write_private
from jackfield.errors import StoreError
from jackfield.secrets import Secret
from jackfield.vault.sealing import is_key, new_key

_LOST = "If it is lost, so are the secrets: move the store away, and save them anew."
_HEAD = "# Protects the secrets of saved connections. Whoever has this file and the store can read them."


class KeyFile:
    """A line for each key: the id of its store, the key in base64; the newest first.

    While a key is changed, the old one and the new one are both there: whichever the store was saved with opens it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def candidates(self, store: str, _parameters: Mapping[str, object]) -> Iterator[Secret]:
        """Give the keys of a store."""
        lines = self._lines()
        if lines is None:
            message = f"The key file {self._path} is missing."
            raise StoreError(message, hint=f"Put it back, or name its place in JACKFIELD_KEY_FILE. {_LOST}")
        yield from (key for owner, key in lines if owner == store)

    def fresh(self, store: str, _passphrase: Secret) -> tuple[Secret, dict[str, object]]:
        """Add a key."""
        made = new_key()
        make_folder(self._path.parent)
        self._write([(store, made), *(self._lines() or [])])
        return made, {}

    def settle(self, store: str, is_current: Callable[[Secret], bool]) -> None:
        """Take away all other keys of a store."""
        lines = self._lines() or []
        kept = [(owner, key) for owner, key in lines if owner != store or is_current(key)]
        if kept != lines:
            self._write(kept)

    def told(self) -> str:
        """Say where it is."""
        return f"the key file {self._path}"

    def _lines(self) -> list[tuple[str, Secret]] | None:
        reason = ""
        try:
            check_private(self._path, self._path.stat(), "The key file", then=REPLACE_SECRETS)
            lines = _read(self._path)
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            reason = _reason(error)
        if reason:  # here, since what cannot be decoded has the whole file in it
            message = f"The key file {self._path} cannot be read: {reason}."
            raise StoreError(message, hint=f"ls -l '{self._path}'")
        if not all(is_key(key) for _, key in lines):
            message = f"The key file {self._path} is damaged: a line is no key."
            raise StoreError(message, hint="Put a backup of it in its place.")
        return lines

    def _write(self, lines: list[tuple[str, Secret]]) -> None:
        text = Secret("".join(f"{owner} {key.reveal()}\n" for owner, key in lines))
        try:
            write_private(self._path, text, head=f"{_HEAD}\n")
        except OSError as error:
            message = f"The key file {self._path} cannot be written: {_reason(error)}."
            raise StoreError(message, hint="JACKFIELD_KEY_FILE names another place for it.") from None


def _read(path: Path) -> list[tuple[str, Secret]]:
    parts = [line.partition(" ") for line in path.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"]
    return [(owner, Secret(written.strip())) for owner, _, written in parts]


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8"
