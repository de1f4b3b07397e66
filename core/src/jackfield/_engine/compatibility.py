"""Whether a distribution is for the version of core that runs, by what its metadata requires."""

import os
import re
import sys
from contextlib import suppress
from functools import cache

from jackfield._engine.index import Entry

_PLAIN = re.compile(r"(>=|<)\s*(\d+(?:\.\d+)*)")


def unmet_requirement(entry: Entry) -> str:
    """Give what an entry point's distribution requires of core and does not get, as its metadata has it.

    Returns:
        Empty if all is well, or if core runs without having been installed, so that nobody knows its version. What
        cannot be read counts as not met.
    """
    for requirement in entry.requires:
        core = core_version()
        if core and not _plainly_met(requirement, core) and not _is_met(requirement, core):
            return requirement
    return ""


@cache
def core_version() -> str:
    """Give the version of the core that runs, from its metadata; empty if it runs without having been installed."""
    # The folder's name has it ("Recording installed projects", The .dist-info directory), and reading that is far
    # cheaper than importing importlib_metadata.
    for place in sys.path:
        with suppress(OSError):
            for name in os.listdir(place or "."):  # noqa: PTH208  names are all that is needed
                match = re.fullmatch(r"jackfield-([^-]+)\.dist-info", name)
                if match:
                    return match[1]
    return _version_from_library()


def _version_from_library() -> str:
    import importlib_metadata  # noqa: PLC0415  only for core in a zip file or an old-style editable install

    with suppress(importlib_metadata.PackageNotFoundError):
        return importlib_metadata.version("jackfield")
    return ""


def _plainly_met(requirement: str, core: str) -> bool:
    """See whether numbers alone show that a requirement is met, as for ``jackfield<2,>=1.4``.

    Importing packaging takes several times as long as Python takes to start, and most requirements are like this one.
    """
    if not re.fullmatch(r"\d+(\.\d+)*", core):
        return False
    running = _numbers(core)
    parts = [_PLAIN.fullmatch(part.strip()) for part in requirement[len("jackfield") :].split(",")]
    return all(
        part is not None and (running >= _numbers(part[2]) if part[1] == ">=" else running < _numbers(part[2]))
        for part in parts
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.sub(r"(\.0+)+$", "", version).split(".")))


def _is_met(text: str, core: str) -> bool:
    from packaging.requirements import Requirement  # noqa: PLC0415  see _plainly_met

    try:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            return True
        return requirement.specifier.contains(core, prereleases=True)
    except ValueError:  # all of packaging's errors are: a requirement, a version or a marker that cannot be read
        return False
