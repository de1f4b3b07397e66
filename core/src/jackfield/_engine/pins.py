"""What a distribution must be to be used at all: a version, or the content of its files. Asked before it is imported.

Nothing is remembered from one process to the next, by size and time or otherwise: whoever can rewrite a file can set
its time, too. So each process reads the files of what is pinned, once for each host that uses it.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

from jackfield._engine.index import Entry, normalize
from jackfield.errors import PluginError

_MOST_NAMED = 5


def told_remedy(name: str) -> str:
    """Say what to do about a distribution that is not what was pinned."""
    return f"Look at it with `jackfield plugin verify {name}`; if you want what is there: jackfield plugin pin {name}"


class Pin(NamedTuple):
    """What one distribution must be; what is empty may be anything.

    Attributes:
        version: As its metadata has it.
        sha256: The digest of its files, as ``jackfield plugin pin`` computes it: ``Verification.sha256``.
    """

    version: str = ""
    sha256: str = ""


class Pins:
    """The pins of one host.

    Args:
        pins: By normalized name.
        lists: Where the list of files of each pin lies, as ``NAME.sha256``; it is believed only if its digest is the
            pin, and only to say what changed. ``None`` if there are no such lists.
    """

    def __init__(self, pins: Mapping[str, Pin], lists: Path | None = None) -> None:
        self._pins = pins
        self._lists = lists
        self._found: dict[str, str] = {}

    def check(self, entry: Entry, module: str) -> None:
        """Go on if what an entry point names may be imported.

        Args:
            entry: The entry point.
            module: The Python module that it names.

        Raises:
            PluginError: Its distribution is pinned, and is something else now; or the module is not one of its files.
        """
        name = normalize(entry.distribution)
        pin = self._pins.get(name)
        if pin is None:
            return
        flaw = self.flaw(name, entry.version)
        if not flaw and pin.sha256:
            flaw = _elsewhere(name, module)
        if flaw:
            message = f"{entry.distribution} is pinned, and {flaw}. So nothing of it is imported."
            raise PluginError(message, distributions=(entry.distribution,), stage="changed", hint=told_remedy(name))

    def flaw(self, name: str, version: str) -> str:
        """Say how a distribution differs from its pin, in words; empty if it does not, or has none.

        Its files are read once.

        Args:
            name: Its normalized name.
            version: What is installed.
        """
        pin = self._pins.get(name)
        if pin is None:
            return ""
        if pin.version and pin.version != version:
            return f"its version is {version or 'unknown'}, not {pin.version}"
        if not pin.sha256:
            return ""
        if name not in self._found:
            self._found[name] = self._compared(name, pin)
        return self._found[name]

    def _compared(self, name: str, pin: Pin) -> str:
        from jackfield._engine.installed import installations, read_installation  # noqa: PLC0415  few pin anything
        from jackfield._engine.verification import ADDED, verify  # noqa: PLC0415

        folders = installations().get(name)
        if not folders:
            return "no folder of metadata says which files it has"
        found = verify(read_installation(folders))
        if found.reason:
            return f"its files cannot be compared: {found.reason}"
        told = {finding: f"{finding.path} ({finding.kind})" for finding in found.findings}
        added = [text for finding, text in told.items() if finding.kind in ADDED]
        # What was added does not change the digest of what is recorded, and would be imported all the same.
        if found.sha256 == pin.sha256 and not added:
            return ""
        listed = self._listed(name, pin)
        changes = [*told.values()] if listed is None else [*_since(found.manifest, listed), *added]
        if not changes:
            return "its files are those of another release or build: each is as its own RECORD says"
        more = f" and {len(changes) - _MOST_NAMED} more" if len(changes) > _MOST_NAMED else ""
        return f"its files are not those that were pinned: {', '.join(changes[:_MOST_NAMED])}{more}"

    def _listed(self, name: str, pin: Pin) -> dict[str, str] | None:
        with suppress(OSError, ValueError):
            text = (self._lists / f"{name}.sha256").read_bytes() if self._lists else b""
            if hashlib.sha256(text).hexdigest() == pin.sha256:
                pairs = (line.partition("  ") for line in text.decode("utf-8").splitlines())
                return {path: sha256 for sha256, _, path in pairs}
        return None


def _since(manifest: Sequence[tuple[str, str]], listed: Mapping[str, str]) -> Iterator[str]:
    """Say what changed since a pin was made."""
    now = dict(manifest)
    for path in sorted({*now, *listed}):
        if now.get(path) != listed.get(path):
            kind = "missing" if path not in now else "changed" if path in listed else "new"
            yield f"{path} ({kind})"


def _elsewhere(name: str, module: str) -> str:
    """Say where a module would come from if not from the files of its distribution. Imports nothing."""
    from jackfield._engine.installed import installations, read_installation  # noqa: PLC0415  few pin anything

    installation = read_installation(installations()[name])
    places = (file.place for file in installation.files if file.place)
    known = {os.path.normcase(place) for place in places if "__pycache__" not in place}  # no pin knows what is there
    for origin in _origins(module):
        if os.path.normcase(os.path.abspath(origin)) not in known:  # noqa: PTH100  a link stays a link
            return f"{module} would be imported from {origin}, which is none of its files"
    return ""


def _origins(module: str) -> Iterator[str]:
    """Give the files that Python would run for a module, its packages first."""
    path = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, path)
        if spec is None:  # the import will say so
            return
        path = list(spec.submodule_search_locations or ())
        if spec.origin is not None:  # a namespace package is no file
            yield spec.origin
