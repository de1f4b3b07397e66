"""What an installer wrote down about the files of a distribution: read from RECORD, with nothing of it believed yet.

Source: "Recording installed projects", packaging.python.org, read 2026-11-25.
"""

import csv
import json
import os
import site
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import evolve, frozen

from jackfield._engine.index import normalize

_SUFFIXES = (".dist-info", ".egg-info")


@frozen(kw_only=True)
class Recorded:
    """One line of RECORD.

    Attributes:
        path: As it stands there, with slashes.
        place: Where that is; empty for what lies outside of the environment, and must not be read.
        algorithm: Of its hash: ``sha256``; empty if there is none.
        digest: The hash, as it stands there: URL-safe base64 without padding.
    """

    path: str
    place: str
    algorithm: str
    digest: str


@frozen(kw_only=True)
class Installation:
    """One distribution that is installed.

    Attributes:
        name: As it spells its own name.
        version: Of the distribution.
        root: The directory on the path in which it lies.
        info: Its folder of metadata.
        files: What RECORD names.
        obstacle: Why its files are not known, in words; empty if they are.
    """

    name: str
    version: str
    root: Path
    info: Path
    files: tuple[Recorded, ...] = ()
    obstacle: str = ""

    def relative(self, place: str) -> str:
        """Give a path from the root, with slashes; empty for what is not below it."""
        root = os.path.normcase(self.root)
        below = os.path.normcase(place).startswith(root + os.sep)
        return place[len(root) + 1 :].replace(os.sep, "/") if below else ""


def installations(path: Sequence[str] | None = None) -> dict[str, list[Path]]:
    """Find the metadata folders of what is installed. Reads none of them.

    Args:
        path: Where packages are looked for; ``sys.path`` without.

    Returns:
        By normalized name, all that lie in the first directory that has one: two are one too many.
    """
    found: dict[str, list[Path]] = {}
    for item in sys.path if path is None else path:
        here: dict[str, list[Path]] = {}
        with suppress(OSError, ValueError):
            place = Path(os.path.abspath(item))  # noqa: PTH100  an empty item means the current directory
            for name in sorted(os.listdir(place)):  # noqa: PTH208  names are all that is needed
                stem, suffix = os.path.splitext(name)  # noqa: PTH122
                if suffix in _SUFFIXES:
                    here.setdefault(normalize(stem.partition("-")[0]), []).append(place / name)
        for name, folders in here.items():
            found.setdefault(name, folders)
    return found


def read_installation(folders: Sequence[Path]) -> Installation:
    """Read what was written down about one distribution.

    Args:
        folders: Its metadata folders, as ``installations`` gives them.
    """
    info = folders[0]
    name, version = _identity(info)
    found = Installation(name=name, version=version, root=info.parent, info=info)
    obstacle = _obstacle(folders)
    if obstacle:
        return evolve(found, obstacle=obstacle)
    try:
        text = (info / "RECORD").read_text("utf-8")
        rows = [row for row in csv.reader(text.splitlines()) if row]
    except FileNotFoundError:
        return evolve(found, obstacle="it has no RECORD, so nobody knows its files")
    except (OSError, ValueError, csv.Error) as error:
        return evolve(found, obstacle=f"its RECORD cannot be read ({type(error).__name__})")
    roots = _environment(info.parent)
    files = tuple(_recorded(row, info.parent, roots) for row in rows)
    return evolve(found, files=files)


def _identity(info: Path) -> tuple[str, str]:
    name, _, version = info.stem.partition("-")
    said = {"Name": name, "Version": version}
    for file in ("METADATA", "PKG-INFO"):
        with suppress(OSError, ValueError):
            for line in (info / file).read_text("utf-8").partition("\n\n")[0].splitlines():
                key, _, value = line.partition(": ")
                if key in said:
                    said[key] = value.strip()
            break
    return said["Name"], said["Version"]


def _obstacle(folders: Sequence[Path]) -> str:
    if len(folders) > 1:
        return f"there are {len(folders)} folders of metadata for it: {', '.join(folder.name for folder in folders)}"
    if folders[0].suffix != ".dist-info":
        return "it was installed in an old way (egg-info), which records no hashes"
    with suppress(OSError, ValueError, AttributeError):
        origin = json.loads((folders[0] / "direct_url.json").read_bytes())
        if (origin.get("dir_info") or {}).get("editable"):
            return f"it is an editable install: its code lies in {origin.get('url')}, and changes with every edit"
    return ""


def _environment(root: Path) -> tuple[str, ...]:
    """Give the directories that an installer writes to; scripts lie beside the packages, in one of them."""
    return tuple(os.path.normcase(os.path.abspath(place)) for place in (root, sys.prefix, _user_base()) if place)  # noqa: PTH100


def _user_base() -> str:
    with suppress(Exception):  # there may be no home to look in
        return site.getuserbase()
    return ""


def _recorded(row: Sequence[str], root: Path, environment: Sequence[str]) -> Recorded:
    path, algorithm, digest = row[0], "", ""
    if len(row) > 1:
        algorithm, _, digest = row[1].partition("=")
    # By its text alone: whether links lead out is the installer's affair, and Python follows them, too.
    place = os.path.normpath(os.path.join(root, path))  # noqa: PTH118
    inside = any(os.path.normcase(place).startswith(known + os.sep) for known in environment)
    return Recorded(path=path, place=place if inside else "", algorithm=algorithm, digest=digest)


def recorded_paths(installation: Installation) -> Iterator[str]:
    """Give the path from the root of each file in RECORD that lies below it."""
    for file in installation.files:
        path = installation.relative(file.place) if file.place else ""
        if path:
            yield path
