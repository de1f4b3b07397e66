"""Two versions of a connector, each examined in a process of its own."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from packaging.version import InvalidVersion, Version

from jackfield.errors import InputError, PluginError
from jackfield.testing._compat.change import Change
from jackfield.testing._compat.modules import changes
from jackfield.testing._compat.sources import found_at, path_of
from jackfield.testing._conformance.processes import PROCESS_S, answer_of

__all__ = ["Comparison", "compare_connectors"]


@frozen(kw_only=True)
class Comparison:
    """What two versions of a connector differ in.

    Attributes:
        old: The version that people have.
        new: The version that they would get.
        changes: All of it, what breaks somebody first.
    """

    old: str
    new: str
    changes: tuple[Change, ...]

    @property
    def breaking(self) -> tuple[Change, ...]:
        """Those by which somebody has to change something."""
        return tuple(change for change in self.changes if change.breaking)

    @property
    def may_break(self) -> bool:
        """Whether the number of the new version says so: its first number is higher, or below 1.0 its second."""
        old, new = Version(self.old), Version(self.new)
        return new.major > old.major or (new.major == old.major == 0 and new.minor > old.minor)

    @property
    def falls(self) -> bool:
        """Whether the new version has the lower number, so that nobody would get it in the place of the old one."""
        return Version(self.new) < Version(self.old)

    @property
    def allowed(self) -> bool:
        """Whether nothing breaks that the number does not tell of, and the number does not fall."""
        return not self.falls and (self.may_break or not self.breaking)


def compare_connectors(old: str | Path, new: str | Path) -> Comparison:
    """Compare two versions of a connector; neither is imported here, and nothing reaches the network.

    Each is imported in a process of its own, beside what is installed here: what it depends on must be.

    Args:
        old: A wheel; a folder of a project, or of what pip installed there; or the id of a connector or the name of a
            distribution that is installed, perhaps with its version: ``jackfield-weather==1.0``.
        new: The same.

    Raises:
        InputError: There is no such thing, or it has no connector.
        PluginError: It cannot be imported here, or not all of it.
    """
    was, now = _described(str(old)), _described(str(new))
    return Comparison(old=_version(str(old), was), new=_version(str(new), now), changes=tuple(changes(was, now)))


def _version(given: str, described: Mapping[str, Any]) -> str:
    version = str(described["versions"][0])
    try:
        return str(Version(version))
    except InvalidVersion:
        message = f"{given} has the version {version!r}, which is none."
        raise InputError(message, hint="A version is such as 1.2.0: see packaging.python.org.") from None


def _described(given: str) -> Mapping[str, Any]:
    with found_at(given) as source:
        path = path_of(source)
        asked = json.dumps({"distribution": source.distribution, "path": path})
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path)), "PYTHONDONTWRITEBYTECODE": "1"}
        words = [sys.executable, "-c", "from jackfield.testing._compat.describing import main; main()"]
        told = answer_of(words, asked, environ, limit_s=PROCESS_S)
    failures = [told["failure"]] if "failure" in told else told["failures"]
    if failures:
        message = f"{given} cannot be examined: {'; '.join(failures)}"
        hint = "What it depends on must be installed here; use an environment in which it works."
        raise PluginError(message.rstrip(".") + ".", stage="import", hint=hint)
    return told
