"""Whose files there are, and for how long."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from jackfield import File, FileStore
from jackfield_web.problems import OverLimitError, invalid, nothing_there
from jackfield_web.settings import WebSettings

_ABOUT_A_FILE = frozenset({"name", "media_type", "path"})


@frozen(kw_only=True, eq=False)
class _Kept:
    file: File
    owner: str
    until: float

    def told(self) -> dict[str, Any]:
        return {
            "file": self.file.id,
            "name": self.file.name,
            "media_type": self.file.media_type,
            "size": self.file.size,
            "expires_in_s": round(max(0.0, self.until - time.monotonic()), 1),
        }


class Shelf:
    """Knows to whom each file of the host belongs that was uploaded or made over the API; thread-safe.

    Args:
        store: Where the host keeps them.
        settings: How many, how large, and for how long.
    """

    def __init__(self, store: FileStore, settings: WebSettings) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.RLock()
        self._coming: dict[object, tuple[str, int]] = {}
        self._kept: dict[str, _Kept] = {}

    def keep(self, owner: str, file: File) -> dict[str, Any]:
        """Note whose a file is, and say what it is. The first who has it keeps it; the oldest of too many go."""
        until = time.monotonic() + self._settings.file_ttl_s
        with self._lock:
            kept = self._kept.setdefault(file.id, _Kept(file=file, owner=owner, until=until))
        self._clear(owner, sparing=file.id)
        return kept.told()

    @contextmanager
    def room(self, owner: str) -> Iterator[Callable[[int], None]]:
        """Hold room for one more file, as long as the block lasts; ``keep`` it in there.

        Gives a function to be called with each new size of the file.

        Raises:
            OverLimitError: As that function: there are too many already, or they are too large.
        """
        mark = object()

        def hold(size: int) -> None:
            self._clear(owner)
            with self._lock:
                others = [held for other, (whose, held) in self._coming.items() if whose == owner and other is not mark]
                self._check_room([*(kept.file.size or 0 for kept in self._of(owner)), *others], size)
                self._coming[mark] = owner, size

        hold(0)
        try:
            yield hold
        finally:
            with self._lock:
                self._coming.pop(mark, None)

    def _check_room(self, sizes: list[int], size: int) -> None:
        most, most_bytes = self._settings.max_files, self._settings.max_files_bytes
        if len(sizes) >= most:
            message = f"There are {len(sizes)} files of yours, and max_files is {most}. Remove some."
            raise OverLimitError(message, limit="max_files", maximum=most, status=429)
        if sum(sizes) + size > most_bytes:
            message = (
                f"Your files would be larger together than the {most_bytes} bytes of max_files_bytes. Remove some."
            )
            raise OverLimitError(message, limit="max_files_bytes", maximum=most_bytes, status=429)

    def listed(self, owner: str) -> list[dict[str, Any]]:
        """Say what files somebody has, the oldest first."""
        self._clear(owner)
        return [kept.told() for kept in self._of(owner)]

    def get(self, owner: str, file_id: str) -> File:
        """Give a file of somebody.

        Raises:
            WebError: They have none with this id.
        """
        self._clear(owner)
        kept = self._kept.get(file_id)
        if kept is None or kept.owner != owner:
            missing = nothing_there(
                "file", f"A file is there for {self._settings.file_ttl_s:g} seconds; GET files lists them."
            )
            raise missing
        return kept.file

    def remove(self, owner: str, file_id: str) -> None:
        """Remove a file of somebody; errors as ``get``."""
        self._drop(self.get(owner, file_id).id)

    def check_input(self, owner: str, value: object, path: str = "$") -> None:
        """Go on with an input that names no file of somebody else.

        Raises:
            InvalidInputError: It does.
        """
        for place, file_id in _named_files(value, path):
            kept = self._kept.get(file_id)
            if (kept is None or kept.owner != owner) and self._store.find(file_id) is not None:
                foreign = invalid(f"{place}.file", "file", "names no file of yours")
                raise foreign

    def shown(self, owner: str, value: Any) -> Any:
        """Give an output for somebody, whose files are theirs from now on; where a file lies is nobody's business."""
        if isinstance(value, Mapping):
            file = self._store.find(value["file"]) if isinstance(value.get("file"), str) else None
            if file is not None:
                self.keep(owner, file)
            hides = file is not None or value.keys() >= _ABOUT_A_FILE
            return {key: self.shown(owner, item) for key, item in value.items() if not (hides and key == "path")}
        return [self.shown(owner, item) for item in value] if isinstance(value, list | tuple) else value

    def _of(self, owner: str) -> list[_Kept]:
        with self._lock:
            return [kept for kept in self._kept.values() if kept.owner == owner]

    def _clear(self, owner: str, sparing: str = "") -> None:
        """Remove what has expired, whosever it is; and of one who has too much, what is oldest."""
        now = time.monotonic()
        with self._lock:
            old = [file_id for file_id, kept in self._kept.items() if kept.until <= now]
        for file_id in old:
            self._drop(file_id)
        mine = self._of(owner)
        while mine and (len(mine) > self._settings.max_files or _bytes_of(mine) > self._settings.max_files_bytes):
            oldest = mine.pop(0).file.id
            if oldest != sparing:
                self._drop(oldest)

    def _drop(self, file_id: str) -> None:
        with self._lock:
            kept = self._kept.pop(file_id, None)
        if kept is not None:
            self._store.remove(kept.file)


def _bytes_of(files: list[_Kept]) -> int:
    return sum(kept.file.size or 0 for kept in files)


def _named_files(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("file"), str):
            yield path, value["file"]
        for key, item in value.items():
            yield from _named_files(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _named_files(item, f"{path}[{index}]")
