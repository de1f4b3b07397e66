"""From files as they were named to files that can be read: what a host accepts, fetches and gives out.

Conversion reads ``{"path": ...}`` and ``{"file": ...}`` without looking at any file. Whether they may be read is the
host's to say, and only here.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from jackfield._engine.bounds import checks_of
from jackfield._engine.problems import WrongValueError, refuse, step, under
from jackfield._filenames import guess_type, safe_name
from jackfield._writing import reason_of
from jackfield.errors import Problem
from jackfield.fields import Field
from jackfield.files import File, Named, OnDisk
from jackfield.forms import AFile, Either, ListOf, MapOf, Slot, holds_files, slots_to_files
from jackfield.storage import FileSettings, FileStore

Change = Callable[[File], File]
"""Gives what stands in the place of a file; raises WrongValueError."""

_REFUSED = (
    "may not be given by path here; give url, data, or the reference from an earlier bundle. "
    "The program that runs this host allows directories by FileSettings(input_roots=[...])"
)
_OUTSIDE = "is not in a directory whose files may be given by path here"


def with_files(form: Any, change: Change) -> Any:
    """Give a form or an output with each file in it changed; the same object if none was.

    Raises:
        WrongValueError: Files were refused, or what they turned out to be breaks what the form says; all of them.
    """
    kind: type = type(form)
    if not holds_files(kind):
        return form
    problems: list[Problem] = []
    changed = _record(form, change, "$", problems)
    if problems:
        raise WrongValueError(problems)
    return changed


def _record(value: Any, change: Change, path: str, problems: list[Problem]) -> Any:
    cls: type = type(value)
    changes = {}
    for slot in slots_to_files(cls):
        old = getattr(value, slot.name)
        new = _place(old, slot, change, path + step(slot.key), problems)
        if new is not old:
            changes[getattr(attrs.fields(cls), slot.name).alias] = new
    return attrs.evolve(value, **changes) if changes else value


def _place(value: Any, slot: Slot | None, change: Change, path: str, problems: list[Problem]) -> Any:
    if isinstance(value, File):
        return _file(value, slot, change, path, problems)
    if attrs.has(type(value)):
        return _record(value, change, path, problems)
    inner = _inner(slot)
    if isinstance(value, list | tuple):
        items = [_place(each, inner, change, f"{path}[{at}]", problems) for at, each in enumerate(value)]
        return value if _same(items, value) else type(value)(items)
    if isinstance(value, Mapping):
        named = {key: _place(each, inner, change, path + step(key), problems) for key, each in value.items()}
        return value if _same(named.values(), value.values()) else named
    return value


def _same(new: Any, old: Any) -> bool:
    return all(one is other for one, other in zip(new, old, strict=True))


def _file(file: File, slot: Slot | None, change: Change, path: str, problems: list[Problem]) -> File:
    try:
        changed = change(file)
        if changed is not file:
            for word in _words(slot):
                for check in checks_of(word):
                    check(changed)
    except WrongValueError as error:
        problems += under(path, error.problems)
        return file
    return changed


def _words(slot: Slot | None) -> Iterator[Field]:
    if slot is not None and isinstance(slot.shape, Either):
        for option in slot.shape.options:
            yield from _words(option)
    elif slot is not None and isinstance(slot.shape, AFile):
        yield slot.word


def _inner(slot: Slot | None) -> Slot | None:
    """Give the slot of what is in a list or map."""
    shape = slot.shape if slot else None
    if isinstance(shape, Either):
        shape = next((option.shape for option in shape.options if isinstance(option.shape, ListOf | MapOf)), None)
    if isinstance(shape, ListOf):
        return shape.item
    return shape.value if isinstance(shape, MapOf) else None


def accepting(store: FileStore) -> Change:
    """Make the change that turns what a caller named into files that this host lets it have."""

    def accept(file: File) -> File:
        source = file.source
        if not isinstance(source, Named):
            return file
        if source.what == "path":
            return _at_path(source, store.settings)
        known = store.find(source.text)
        if known is None:
            refuse("unknown_file", "is no file that this host gave out", at=step("file"))
        return known.renamed(source.name, source.media_type)

    return accept


def _at_path(source: Named, settings: FileSettings) -> File:
    at = step("path")
    try:
        path = _allowed(source.text, settings)
        found = path.stat()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL is a ValueError, a loop of links a RuntimeError
        refuse("file", f"cannot be read: {reason_of(error)}", at=at)
    if not stat.S_ISREG(found.st_mode):
        refuse("file", "is not a file that can be read more than once", at=at)
    name = source.name or safe_name(path.name)
    return File(
        name=name,
        media_type=source.media_type or guess_type(name),
        size=found.st_size,
        source=OnDisk(path, (found.st_dev, found.st_ino)),
    )


def _allowed(text: str, settings: FileSettings) -> Path:
    """Give the place that a path means, links followed, if it may be read.

    The text alone is looked at first: nothing outside of the roots is touched, not even to see whether it is there,
    and no name of another machine is looked up.
    """
    if settings.input_anywhere:
        return Path(text).resolve(strict=True)
    if not settings.input_roots:
        refuse("path", _REFUSED, at=step("path"))
    inside = [Path(os.path.normpath(root / text)) for root in settings.input_roots]
    inside = [path for root, path in zip(settings.input_roots, inside, strict=True) if path.is_relative_to(root)]
    if not inside:
        refuse("path", _OUTSIDE, at=step("path"))
    place = next((path for path in inside if os.path.lexists(path)), inside[0]).resolve(strict=True)
    if not any(place.is_relative_to(root.resolve()) for root in settings.input_roots):
        refuse("path", _OUTSIDE, at=step("path"))
    return place
