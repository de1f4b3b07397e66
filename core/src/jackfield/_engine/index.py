"""Which entry points there are: read from the metadata of what is installed, and remembered.

Reading them costs tens of milliseconds for a thousand packages, and importing importlib_metadata as much again. So the
answer is kept in the cache directory, beside a picture of everything it was read from; it is used as long as the
picture is the same. The picture has, for each place on the path, its time stamps and the names of the metadata folders
in it; and the time stamps of the files that can be rewritten in place. What changed less than two seconds before it was
looked at is not remembered: it might change again within one tick of the file system's clock.

Every start of the command line reads this file, so it imports no more than it must.
"""

import json
import os
import re
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from jackfield._home import write_text

GROUPS = frozenset(
    {"jackfield.aliases", "jackfield.commands", "jackfield.connectors", "jackfield.modules", "jackfield.plugins"}
)

FORMAT = 2
YOUNG_NS = 2_000_000_000
"""The coarsest tick of a file system's clock: that of FAT."""
KEPT = 32
"""How many answers are kept, one for each path that was asked for."""

_PATH_FINDERS = ("_frozen_importlib_external", "importlib.metadata", "importlib_metadata")
_OURS = re.compile(r"[Jj]ackfield(?![\w.-])")


class Entry(NamedTuple):
    """One line of the entry points of one distribution.

    Attributes:
        group: One of GROUPS.
        name: As written; nobody has checked it yet.
        value: Where the object is: ``jackfield_weather:get_weather``; nobody has checked it yet.
        distribution: Who provides it, as it spells its own name.
        version: Of the distribution.
        requires: What the distribution requires of core, each as its metadata has it: ``jackfield<2,>=1.4``.
    """

    group: str
    name: str
    value: str
    distribution: str
    version: str
    requires: tuple[str, ...] = ()


_Owner = tuple[str, str, tuple[str, ...]]


def normalize(distribution: str) -> str:
    """Spell the name of a distribution so that equal ones are equal."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def read_entries(cache: Path | None, path: Sequence[str] | None = None) -> tuple[Entry, ...]:
    """Read all entry points in our groups. Imports none of what they name.

    A package whose metadata cannot be read is left out; a line that is no entry point is given with an empty value.

    Args:
        cache: The directory in which answers are remembered; if it cannot be written or read, or is ``None``, every
            call reads the metadata of everything that is installed.
        path: Where packages are looked for; ``sys.path`` without. As for imports, the first of two copies of one
            distribution counts.

    Returns:
        The entry points, in no particular order; the same name may come from several distributions.
    """
    begun_ns = time.time_ns()
    places = [_absolute(str(item)) for item in (sys.path if path is None else path)]
    file = _file_for(cache, places)
    if file is None:
        return _scan(path)
    folders = [_metadata_in(place) for place in places]
    picture = [_picture(place, names) for place, names in zip(places, folders, strict=True)]
    known = _recall(file, picture)
    if known is not None:
        return known
    entries = _scan(path)
    watched = [_watched(name) for name in _rewritable(places, folders, entries)]
    if not any(_is_young(stamp, begun_ns) for _, stamp, *_ in [*picture, *watched]):
        _remember(file, {"key": [FORMAT, picture], "watched": watched, "entries": entries})
    return entries


# What an answer is read from.


def _absolute(item: str) -> str:
    try:
        return os.path.abspath(item)  # noqa: PTH100  an empty item means the current directory
    except OSError:  # the current directory is gone
        return item


def _metadata_in(place: str) -> list[str]:
    try:
        names = os.listdir(place)  # noqa: PTH208  names are all that is needed
    except (OSError, ValueError):
        return []
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info", "EGG-INFO")))


def _picture(place: str, names: list[str]) -> list[Any]:
    # Names beside stamps: FAT on Windows does not touch a directory's times, and a clock may be wrong. No stamp for a
    # directory without metadata, such as the current one: whatever else is written there does not matter.
    needless = not names and os.path.isdir(place)  # noqa: PTH112  see _stamp
    return [place, None if needless else _stamp(place), _crc(names)]


def _watched(name: str) -> list[Any]:
    return [name, _stamp(name)]


def _stamp(name: str) -> list[int] | None:
    try:
        stat = os.stat(name)  # noqa: PTH116  several dozen calls in few milliseconds
    except (OSError, ValueError):
        return None
    # The change time cannot be set back, as archives, rsync and image builders do with the modification time.
    return [stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_size]


def _is_young(stamp: list[int] | None, now_ns: int) -> bool:
    return stamp is not None and max(stamp[:2]) > now_ns - YOUNG_NS


def _crc(texts: Iterable[str]) -> int:
    return zlib.crc32("\n".join(texts).encode("utf-8", "surrogateescape"))


def _rewritable(places: list[str], folders: list[list[str]], entries: Iterable[Entry]) -> Iterator[str]:
    """Name the files that may change while the directory on the path does not.

    Ours, because somebody may edit them; and those of old-style editable installs, which setuptools rewrites in place.
    """
    ours = {normalize(entry.distribution).replace("-", "_") for entry in entries}
    for place, names in zip(places, folders, strict=True):
        for name in names:
            if not name.endswith(".dist-info") or name.partition("-")[0].lower().replace(".", "_") in ours:
                yield os.path.join(place, name, "entry_points.txt")  # noqa: PTH118  see _stamp


# The memory.


def _file_for(cache: Path | None, places: list[str]) -> Path | None:
    """Name the file of the answer for a path; ``None`` if it must not be remembered.

    A finder of somebody else's (a frozen application's) may know of distributions that no directory shows.
    """
    finders = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    if cache is None or not all(str(getattr(finder, "__module__", "")).endswith(_PATH_FINDERS) for finder in finders):
        return None
    return cache / "entry-points" / f"{_crc([sys.version, *places]):08x}.json"


def _recall(file: Path, picture: object) -> tuple[Entry, ...] | None:
    try:
        if not _is_ours(file):
            return None
        answer = json.loads(file.read_bytes())
        if answer["key"] != [FORMAT, picture] or any(_stamp(name) != stamp for name, stamp in answer["watched"]):
            return None
        return tuple(_entry(fields) for fields in answer["entries"])
    except (OSError, ValueError, TypeError, LookupError, RecursionError):  # missing, cut, or not ours
        return None


def _is_ours(file: Path) -> bool:
    """Say whether nobody else can have written a file: what it names is imported. Windows keeps homes apart itself."""
    if os.name == "nt":
        return True
    stat = file.stat()
    return stat.st_uid in {0, os.geteuid()} and not stat.st_mode & 0o002


def _entry(fields: list[Any]) -> Entry:
    *texts, requires = fields
    if not all(isinstance(text, str) for text in (*texts, *requires)):
        raise TypeError(fields)
    return Entry._make([*texts, tuple(requires)])


def _remember(file: Path, answer: object) -> None:
    # Not being able to is no error: a read-only home, a full disk, a file that Windows holds open for somebody.
    with suppress(OSError, ValueError):
        write_text(file, json.dumps(answer), durable=False)
        others = [(other.stat().st_mtime_ns, other) for other in file.parent.iterdir()]
        for _, other in sorted(others)[:-KEPT]:
            other.unlink(missing_ok=True)


# Reading them.


def _scan(path: Sequence[str] | None) -> tuple[Entry, ...]:
    import importlib_metadata  # noqa: PLC0415  what is remembered is read without it

    # It remembers listings by a directory's time in seconds, as a float: two installs may look like one.
    importlib_metadata.MetadataPathFinder.invalidate_caches()
    if path is None:
        with suppress(Exception):  # one malformed line in one package makes it raise for all of them
            return _once(_owned(importlib_metadata.entry_points()))
    readable = [item for item in (sys.path if path is None else path) if "\0" not in item]  # else it raises, too
    return _once(_one_by_one(importlib_metadata.distributions(path=readable)))


def _once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    found: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        found.setdefault((entry.group, entry.name, normalize(entry.distribution)), entry)
    return tuple(found.values())


def _owned(points: Iterable[Any]) -> Iterator[Entry]:
    owners: dict[int, _Owner] = {}
    for point in points:
        if point.group in GROUPS:
            key = id(point.dist)
            if key not in owners:
                owners[key] = _owner(point.dist)
            yield Entry(point.group, point.name, point.value, *owners[key])


def _one_by_one(distributions: Iterable[Any]) -> Iterator[Entry]:
    seen: set[str] = set()
    for distribution in distributions:
        with suppress(Exception):
            owner = _owner(distribution)
            name = normalize(owner[0])
            if name not in seen:
                seen.add(name)
                for line in _lines(distribution.read_text("entry_points.txt") or ""):
                    yield Entry(*line, *owner)


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif line and group in GROUPS and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield group, name.strip(), value.strip()


def _owner(distribution: Any) -> _Owner:
    """Read who a distribution is from the head of its metadata; parsing all of it as a mail takes far longer."""
    name, version, requires = "unnamed", "", []
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    for line in text.partition("\n\n")[0].splitlines():
        key, _, value = line.partition(": ")
        if key == "Name":
            name = value.strip()
        elif key == "Version":
            version = value.strip()
        elif key == "Requires-Dist" and _OURS.match(value):
            requires.append(value.strip())
    return name, version, tuple(requires)
