"""Where a version of a connector is found: in a wheel, in a folder, or among what is installed."""

import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from jackfield._engine.index import Entry, normalize, read_entries
from jackfield._engine.suggestions import close_names
from jackfield._writing import reason_of
from jackfield.errors import InputError

MAX_BYTES = 512 * 1024 * 1024
"""The most that a wheel may hold when it is unpacked."""

_HINT = "Give a wheel (dist/jackfield_weather-1.0-py3-none-any.whl), a folder, or the name of what is installed."


class Source(NamedTuple):
    """What a distribution is called, and the places that come first when it is imported."""

    distribution: str
    path: tuple[str, ...]


@contextmanager
def found_at(given: str) -> Iterator[Source]:
    """Make a version of a connector importable, for another process and for as long as this is open.

    Args:
        given: A wheel, a folder of a project or of what pip installed there, or the id of a connector or the name of
            a distribution that is installed, perhaps with its version: ``jackfield-weather==1.0``.

    Raises:
        InputError: There is no such thing, or it has no connector.
    """
    place = Path(given).expanduser()
    with TemporaryDirectory(prefix="jackfield-diff-", ignore_cleanup_errors=True) as folder:
        if given.endswith(".whl"):
            _unpack(place, Path(folder))
            yield _only(given, Path(folder))
        elif (place / "pyproject.toml").is_file():
            _describe(place, Path(folder))
            sources = place / "src"
            code = sources if sources.is_dir() else place
            yield Source(_only(given, Path(folder)).distribution, (folder, str(code.absolute())))
        elif place.is_dir() and any(place.glob("*.dist-info")):
            yield _only(given, place.absolute())
        else:
            yield _installed(given)


def _unpack(wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > MAX_BYTES:
                message = f"{wheel} holds {size} bytes, and at most {MAX_BYTES} are unpacked."
                raise InputError(message, hint="Unpack it yourself, and give the folder.")
            archive.extractall(folder)  # it leaves out what would lead elsewhere
    except zipfile.BadZipFile:
        message = f"{wheel} is no wheel."
        raise InputError(message, hint=_HINT) from None
    except OSError as error:
        message = f"{wheel} cannot be read: {reason_of(error)}."
        raise InputError(message, hint=_HINT) from None


def _only(given: str, folder: Path) -> Source:
    """Name the one distribution in a folder that is a connector."""
    names = {normalize(entry.distribution): entry.distribution for entry in read_entries(None, [str(folder)])}
    if len(names) != 1:
        there = f"connectors of {', '.join(sorted(names.values()))}" if names else "no connector"
        message = f"{given} has {there}; one is needed."
        raise InputError(
            message, hint="A connector is named in the entry points: see the tutorial." if not names else _HINT
        )
    return Source(next(iter(names.values())), (str(folder),))


def _describe(project: Path, folder: Path) -> None:
    """Write the metadata that a build of a project would have."""
    try:
        said = tomllib.loads((project / "pyproject.toml").read_text("utf-8")).get("project", {})
    except (OSError, ValueError) as error:
        message = f"{project / 'pyproject.toml'} cannot be read: {error}."
        raise InputError(message, hint=_HINT) from None
    name, version = said.get("name"), said.get("version")
    if not isinstance(name, str) or not isinstance(version, str):
        message = f"{project / 'pyproject.toml'} does not say name and version in [project]."
        raise InputError(message, hint="Build it (python -m build), and give the wheel.")
    written = folder / f"{re.sub(r'[-_.]+', '_', name)}-{version}.dist-info"
    written.mkdir()
    requires = "".join(f"Requires-Dist: {each}\n" for each in said.get("dependencies", ()))
    (written / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}", "utf-8")
    (written / "entry_points.txt").write_text(_points(said.get("entry-points", {})), "utf-8")


def _points(groups: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())] for group, points in groups.items()
    ]
    return "".join(f"{line}\n" for group in lines for line in group)


def _installed(given: str) -> Source:
    name, _, version = given.partition("==")
    entries = read_entries(None)
    found = next((entry for entry in entries if _is_meant(entry, name)), None)
    if found is None:
        known = {entry.distribution for entry in entries}
        message = f"{given} is no wheel, no folder of a connector, and not installed.{close_names(name, known)}"
        raise InputError(message, hint=_HINT)
    if version and version != found.version:
        message = f"Of {found.distribution}, {found.version} is installed and not {version}."
        raise InputError(message, hint=f"Fetch its wheel: python -m pip download --no-deps {given}")
    return Source(found.distribution, ())


def _is_meant(entry: Entry, name: str) -> bool:
    is_connector = entry.group == "jackfield.connectors" and entry.name == name
    return is_connector or normalize(entry.distribution) == normalize(name)


def path_of(source: Source) -> list[str]:
    """Give the places where another process imports from: those of the source, then ours."""
    return [*source.path, *sys.path]
