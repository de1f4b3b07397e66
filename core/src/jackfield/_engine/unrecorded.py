"""Files that Python would import as part of a distribution, and that its RECORD does not know."""

import os
from collections.abc import Collection, Iterator
from importlib.machinery import all_suffixes
from pathlib import Path

from jackfield._engine.installed import Installation, recorded_paths

SUFFIXES = (*all_suffixes(), ".pth")
"""What Python imports, an extension (``.so``, ``.pyd``) before a source of the same name; or runs when it starts."""

_DECIDING = ("entry_points.txt", "METADATA")
"""Files of metadata that say what is loaded."""
_CACHE = "__pycache__"


def unrecorded(installation: Installation) -> Iterator[str]:
    """Give what may be imported in the name of a distribution although no installer put it there.

    Inside of its packages, and beside them what would be taken in their place (``weather.so`` beside ``weather.py``).
    A directory that several distributions share (a namespace package) is looked at only where this one has something.

    Returns:
        Paths from the root, with slashes; a link to a directory ends with one.
    """
    recorded = frozenset(recorded_paths(installation))
    for name in _DECIDING:
        path = installation.relative(str(installation.info / name))
        if path not in recorded and (installation.info / name).exists():
            yield path
    info = f"{installation.info.name}/"
    code = [path for path in recorded if path.endswith(SUFFIXES) and not path.startswith(info)]
    yield from _beside(installation.root, "", code, recorded)


def _beside(root: Path, folder: str, code: Collection[str], recorded: Collection[str]) -> Iterator[str]:
    """Look at one directory that is on the path, or that others share, for what has a name of ours."""
    names = {path[len(folder) :].partition("/")[0] for path in code if path.startswith(folder)}
    for name in sorted({_stem(name) for name in names}):
        own = folder + name
        yield from _present(root, own, recorded)
        if not (root / own).is_dir():
            continue
        if _is_shared(own, code):
            yield from _present(root, f"{own}/__init__", recorded)
            yield from _beside(root, f"{own}/", code, recorded)
        else:
            yield from _inside(root, f"{own}/", recorded)


def _stem(name: str) -> str:
    suffix = max((suffix for suffix in SUFFIXES if name.endswith(suffix)), key=len, default="")
    return name.removesuffix(suffix)


def _is_shared(package: str, code: Collection[str]) -> bool:
    below = [path for path in code if path.startswith(f"{package}/")]
    return bool(below) and not any(path == f"{package}/__init__{suffix}" for path in below for suffix in SUFFIXES)


def _present(root: Path, own: str, recorded: Collection[str]) -> Iterator[str]:
    for path in (own + suffix for suffix in SUFFIXES):
        if path not in recorded and (root / path).is_file():
            yield path


def _inside(root: Path, folder: str, recorded: Collection[str]) -> Iterator[str]:
    """Look at everything in a package that is ours alone."""
    try:
        items = sorted(os.scandir(root / folder), key=lambda item: item.name)
    except OSError:
        return
    for item in items:
        path = folder + item.name
        if item.is_dir():
            if item.name == _CACHE:
                continue
            # A link may lead anywhere, also in a circle; it is followed where an installer put files behind it.
            if item.is_symlink() and not any(known.startswith(f"{path}/") for known in recorded):
                yield f"{path}/"
            else:
                yield from _inside(root, f"{path}/", recorded)
        elif path.endswith(SUFFIXES) and path not in recorded:
            yield path
