"""Keys in a file that only its owner may read."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from jackfield.errors import StoreError
from jackfield.vault.privacy import check_private, make_folder, write_private
from jackfield.vault.sealing import KEY_BYTES, new_key

_LOST = "If it is lost, so are the secrets: move the store away, and save them anew."
_HEAD = "# Protects the secrets of saved connections. Whoever has this file and the store can read them."


class KeyFile:
    """A line for each key: the id of its store, the key in base64; the newest first.

    While a key is changed, the old one and the new one are both there: whichever the store was saved with opens it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def candidates(self, store: str, _parameters: Mapping[str, object]) -> Iterator[bytes]:
        """Give the keys of a store."""
        lines = self._lines()
        if lines is None:
            message = f"The key file {self._path} is missing."
            raise StoreError(message, hint=f"Put it back, or name its place in JACKFIELD_KEY_FILE. {_LOST}")
        yield from (key for owner, key in lines if owner == store)

    def fresh(self, store: str, _passphrase: str) -> tuple[bytes, dict[str, object]]:
        """Add a key."""
        made = new_key()
        make_folder(self._path.parent)
        self._write([(store, made), *(self._lines() or [])])
        return made, {}

    def settle(self, store: str, is_current: Callable[[bytes], bool]) -> None:
        """Take away all other keys of a store."""
        lines = self._lines() or []
        kept = [(owner, key) for owner, key in lines if owner != store or is_current(key)]
        if kept != lines:
            self._write(kept)

    def told(self) -> str:
        """Say where it is."""
        return f"the key file {self._path}"

    def _lines(self) -> list[tuple[str, bytes]] | None:
        try:
            check_private(self._path, self._path.stat(), "The key file")
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            message = f"The key file {self._path} cannot be read: {_reason(error)}."
            raise StoreError(message, hint=f"ls -l '{self._path}'") from None
        return [self._read(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]

    def _read(self, line: str) -> tuple[str, bytes]:
        owner, _, written = line.partition(" ")
        try:
            key = base64.b64decode(written.strip(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            message = f"The key file {self._path} is damaged: a line is no key."
            raise StoreError(message, hint="Put a backup of it in its place.")
        return owner, key

    def _write(self, lines: list[tuple[str, bytes]]) -> None:
        text = "".join(f"{owner} {base64.b64encode(key).decode()}\n" for owner, key in lines)
        try:
            write_private(self._path, f"{_HEAD}\n{text}")
        except OSError as error:
            message = f"The key file {self._path} cannot be written: {_reason(error)}."
            raise StoreError(message, hint="JACKFIELD_KEY_FILE names another place for it.") from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8"
