"""Where a host keeps files, for how long, and which files of its machine a caller may name."""

import os
import re
import secrets
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count, islice
from pathlib import Path

from attrs import evolve, field, frozen
from attrs.converters import optional

from jackfield._filenames import guess_type, safe_name, type_flaw
from jackfield._writing import part_beside, place, unwritable, write_part
from jackfield.errors import FileError, InputError, LimitError
from jackfield.files import File, InMemory, OnDisk, Source

__all__ = ["FileSettings", "FileStore"]

_DIRECTORY = "The directory for files"
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst"})
"""A name may have another suffix before one of these: ``notes.txt.gz``."""
_MOST_NUMBERED = 1000
_NUMBERED = re.compile(r"(.*)-([0-9]{1,3})", re.DOTALL)


def _roots(given: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    if isinstance(given, str | os.PathLike):
        message = "input_roots is one path; give a list of directories"  # else each letter would be a directory
        raise TypeError(message)
    return tuple(Path(os.path.abspath(root)) for root in given)  # noqa: PTH100  resolve() would follow a link too early


@frozen(kw_only=True)
class FileSettings:
    """Where a host keeps files, how large they may be, and which files of its machine a caller may name.

    Attributes:
        directory: Where files that modules make are kept, and stay; without, a private temporary directory that goes
            when the host is closed.
        max_file_bytes: One file that is fetched or made.
        max_total_bytes: All files of one host that are fetched or made, and not removed.
        max_memory_bytes: The same for those of confidential runs, which are kept in memory: those that come out until
            they are removed or the host is closed, others as long as somebody has them.
        input_roots: Directories whose files a caller may name by ``{"path": "..."}``; none without. Links that lead
            out of them are not followed.
        input_anywhere: Whether a caller may name any file that this process can read: for programs whose caller is the
            person who started them.
    """

    directory: Path | None = field(default=None, converter=optional(Path))
    max_file_bytes: int = 8 * 1024**3
    max_total_bytes: int = 32 * 1024**3
    max_memory_bytes: int = 256 * 1024**2
    input_roots: tuple[Path, ...] = field(default=(), converter=_roots)
    input_anywhere: bool = False


class FileStore:
    """The files of one host, each under an id that nobody can guess and no other host knows.

    Thread-safe. Several hosts may keep files in the same directory.

    Attributes:
        settings: As given to the host.
    """

    def __init__(self, settings: FileSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._files: dict[str, File] = {}
        self._own_bytes: dict[str, int] = {}
        self._held: weakref.WeakValueDictionary[str, File] = weakref.WeakValueDictionary()
        self._total = 0
        self._private: Path | None = None
        self._closed = False
        self._cleaner: weakref.finalize[[Path, int], FileStore] | None = None

    def forget(self) -> None:
        """Make a new lock: in a child process a vanished thread may hold it."""
        self._lock = threading.Lock()

    @property
    def directory(self) -> Path:
        """Where its files are; made when it is first asked for.

        Raises:
            FileError: It cannot be made.
            InputError: The host is closed.
        """
        with self._lock:
            self._check_open()
            try:
                return self._made_directory()
            except OSError as error:
                raise unwritable(_DIRECTORY, error) from None

    def _check_open(self) -> None:
        if self._closed:
            message = "This host is closed, so it keeps no file any more."
            raise InputError(message, hint="Use it inside its `with` block, or make a new one.")

    def _made_directory(self) -> Path:
        if self.settings.directory is not None:
            kept = Path(os.path.abspath(self.settings.directory))  # noqa: PTH100  a link stays a link
            kept.mkdir(parents=True, exist_ok=True)
            return kept
        if self._private is None:
            self._private = Path(tempfile.mkdtemp(prefix="jackfield-"))
            # Also for a host that nobody closes; never by a child process, which has a copy of this object.
            self._cleaner = weakref.finalize(self, _remove_tree, self._private, os.getpid())
        return self._private

    def add(
        self, content: bytes | Iterable[bytes], *, name: str = "", media_type: str = "", in_memory: bool = False
    ) -> File:
        """Write a file.

        Args:
            content: Bytes, or pieces of them as they come.
            name: What it is to be called; made safe, and numbered if there is one of that name.
            media_type: Guessed from the name without one, or where it does not look like one.
            in_memory: Whether nothing of it may be written: it is kept in memory, under the name that was wanted.

        Returns:
            The file, under an id of this host.

        Raises:
            LimitError: It is larger than ``max_file_bytes``, or all are larger than ``max_total_bytes``, or those in
                memory than ``max_memory_bytes``.
            FileError: It cannot be written; nothing of it is left.
            InputError: The host is closed.
        """
        wanted = safe_name(name, media_type)
        pieces = (content,) if isinstance(content, bytes) else content
        if in_memory:
            return self._hold(pieces, wanted, media_type)
        part = part_beside(self.directory / wanted)
        try:
            size = write_part(part, self._counted(pieces))
            path = _placed(part, wanted)
        except OSError as error:
            self._check_open()  # whoever closed it took the directory away
            raise unwritable(wanted, error) from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return self._known(_file(path.name, media_type, size, OnDisk(path)), size)

    def _hold(self, pieces: Iterable[bytes], name: str, media_type: str) -> File:
        self._check_open()
        data = bytearray()  # grown in place: joining the pieces would take the room twice
        for piece in self._counted(pieces, in_memory=True):
            data += piece
        held = evolve(_file(name, media_type, len(data), InMemory(bytes(data))), id=_new_id())
        with self._lock:
            self._held[held.id] = held  # what does not come out goes with whoever has it
        return held

    def _counted(self, pieces: Iterable[bytes], *, in_memory: bool = False) -> Iterator[bytes]:
        size = 0
        for piece in pieces:
            size += len(piece)
            self.check_room(size, in_memory=in_memory)
            yield piece

    def check_room(self, size: int, *, in_memory: bool = False) -> None:
        """Check that one more file of so many bytes may be kept.

        Args:
            size: In bytes.
            in_memory: As in ``add``.

        Raises:
            LimitError: As ``add``.
        """
        settings = self.settings
        self._check_size("The file is", size, "max_file_bytes", settings.max_file_bytes)
        if in_memory:
            with self._lock:
                held = sum(file.size or 0 for file in self._held.values()) + size
            most = settings.max_memory_bytes
            self._check_size("The files that this host keeps in memory are", held, "max_memory_bytes", most)
            return
        total = self._total + size
        self._check_size("The files of this host are", total, "max_total_bytes", settings.max_total_bytes)

    def _check_size(self, what: str, size: int, limit: str, maximum: int) -> None:
        if size > maximum:
            message = f"{what} larger than {maximum} bytes."
            hint = f"FileSettings({limit}=...) allows more." if limit == "max_file_bytes" else ""
            remedy = hint or f"Remove files that are not needed any more, or raise FileSettings({limit}=...)."
            raise LimitError(message, limit=limit, maximum=maximum, hint=remedy)

    def _known(self, file: File, own_bytes: int = 0) -> File:
        known = evolve(file, id=_new_id())
        with self._lock:
            self._files[known.id] = known
            if own_bytes:
                self._own_bytes[known.id] = own_bytes
                self._total += own_bytes
        return known

    def adopt(self, file: File, *, in_memory: bool = False) -> File:
        """Give a file of somebody else under an id of this host; what is in memory is written to disk.

        Args:
            file: It.
            in_memory: Whether it stays there.

        Raises:
            LimitError: As ``add``; also FileError and InputError.
        """
        if file.id in self._files:
            return file
        if isinstance(file.source, InMemory) and (in_memory or file.id in self._held):
            return self._given_out(file)
        if isinstance(file.source, InMemory):
            return self.add(file.pieces(), name=file.name, media_type=file.media_type)
        return self._known(file)

    def _given_out(self, file: File) -> File:
        """Keep a file in memory for those who only have its id."""
        known = (
            file
            if file.id in self._held
            else self.add(file.pieces(), name=file.name, media_type=file.media_type, in_memory=True)
        )
        with self._lock:
            self._held[known.id] = self._files[known.id] = known
        return known

    def get(self, reference: str | Mapping[str, object]) -> File:
        """Give the file that a reference names.

        Args:
            reference: An id, or the reference that stands in a bundle.

        Raises:
            InputError: This host gave out no such reference.
        """
        found = self.find(str(reference if isinstance(reference, str) else reference.get("file", "")))
        if found is None:
            message = "This host knows no such file."
            raise InputError(message, hint="A reference is good for the host that gave it out, until it is closed.")
        return found

    def find(self, file_id: str) -> File | None:
        """Give the file with an id, if this host gave it out."""
        return self._files.get(file_id) or self._held.get(file_id)

    def remove(self, file: File) -> None:
        """Forget a file, and remove it from the disk if this host wrote it. A second time does nothing."""
        with self._lock:
            known = self._files.pop(file.id, None)
            own_bytes = self._own_bytes.pop(file.id, None)
            self._held.pop(file.id, None)
            self._total -= own_bytes or 0
        if known is not None and own_bytes is not None and known.path is not None:
            with suppress(OSError):
                known.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Forget all files, and remove those in a private directory; whoever reads one meanwhile may go on."""
        with self._lock:
            self._closed = True
            self._files.clear()
            self._held.clear()
            if self._cleaner is not None:
                self._cleaner()


def _new_id() -> str:
    return secrets.token_urlsafe(18)


def _file(name: str, media_type: str, size: int, source: Source) -> File:
    kind = guess_type(name) if type_flaw(media_type) else media_type
    return File(name=name, media_type=kind, size=size, source=source)


def _remove_tree(directory: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(directory, ignore_errors=True)


def _placed(part: Path, wanted: str) -> Path:
    """Give a written file the first of its names that is free: ``image.png``, ``image-1.png``, ``image-2.png``..."""
    for name in _names(wanted):
        target = part.with_name(name)
        with suppress(FileExistsError):
            place(part, target)
            return target
    message = f"{wanted} cannot be written: every name for it is taken."
    raise FileError(message)


def _names(wanted: str) -> Iterator[str]:
    yield wanted
    stem, suffix = os.path.splitext(wanted)  # noqa: PTH122  as in _filenames
    if suffix.lower() in _PACKED:
        stem, inner = os.path.splitext(stem)  # noqa: PTH122  as above
        suffix = f"{inner}{suffix}"
    numbered = _NUMBERED.fullmatch(stem)
    base, first = (numbered[1], int(numbered[2]) + 1) if numbered else (stem, 1)
    yield from (f"{base}-{number}{suffix}" for number in islice(count(first), _MOST_NUMBERED))
    yield f"{base}-{secrets.token_hex(8)}{suffix}"
