"""What ``doctor`` looks at."""

import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from jackfield._cli.output import write_json, write_plain
from jackfield._engine.compatibility import core_version
from jackfield._engine.index import GROUPS, read_entries
from jackfield._home import Home
from jackfield._variables import CA_BUNDLE, PROXY

OK, NOTE, WRONG = "ok", "note", "wrong"

_OWN = "jackfield"
_IGNORED: Mapping[str, str] = {
    "HTTP_PROXY": PROXY,
    "HTTPS_PROXY": PROXY,
    "ALL_PROXY": PROXY,
    "NO_PROXY": PROXY,
    "REQUESTS_CA_BUNDLE": CA_BUNDLE,
    "CURL_CA_BUNDLE": CA_BUNDLE,
    "SSL_CERT_FILE": CA_BUNDLE,
    "SSL_CERT_DIR": CA_BUNDLE,
}
"""Variables that other programs read, and what to set for ours."""


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        level: ``ok``, ``note`` (worth knowing) or ``wrong``.
        message: What was found.
        next_step: What to do; empty if there is nothing to do.
    """

    level: str
    message: str
    next_step: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything."""
    yield from _program()
    home = Home.find()
    for purpose, directory in zip(Home._fields, home, strict=True):
        yield _directory(purpose, directory)
    yield from _settings()
    yield from _saved_connections()
    yield from _plugins(home)
    yield from _environment(os.environ)


def _program() -> Iterator[Finding]:
    yield Finding(OK, f"Python {platform.python_version()} ({sys.executable}), {platform.platform()}")
    yield Finding(OK, f"{_OWN} {core_version() or 'that is not installed'} ({Path(__file__).parent.parent})")
    from packaging.requirements import Requirement  # noqa: PLC0415  only here

    needed = [Requirement(line) for line in (metadata.requires(_OWN) if core_version() else None) or ()]
    for requirement in (item for item in needed if item.marker is None or item.marker.evaluate()):
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield Finding(WRONG, f"{requirement.name} is not installed.", f"pip install '{requirement}'")
            continue
        fits = requirement.specifier.contains(version, prereleases=True)
        wanted = "" if fits else f", and {requirement.specifier} is needed"
        remedy = "" if fits else f"pip install '{requirement}'"
        yield Finding(OK if fits else WRONG, f"{requirement.name} {version}{wanted}", remedy)


def _directory(purpose: str, directory: Path) -> Finding:
    nearest = next((place for place in (directory, *directory.parents) if place.exists()), directory)
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return Finding(OK, f"{purpose} directory {directory}")
    except OSError as error:
        message = f"{purpose} directory {directory} cannot be written: {error.strerror}."
        return Finding(WRONG, message, "Set JACKFIELD_HOME to a directory of yours.")


def _settings() -> Iterator[Finding]:
    try:
        from jackfield.errors import JackfieldError  # noqa: PLC0415  what these import may be missing here
        from jackfield.settings import Settings  # noqa: PLC0415
    except ImportError:
        return  # what is missing is told of elsewhere
    try:
        settings = Settings()
        settings.check()
    except JackfieldError as error:
        yield Finding(WRONG, error.message, error.hint)
    else:
        changed = [name for name, found in settings.found.items() if found.source != "default"]
        yield Finding(OK, f"settings: {', '.join(changed) if changed else 'all as they were made'}")


def _saved_connections() -> Iterator[Finding]:
    try:
        from jackfield._cli.saved import open_store  # noqa: PLC0415  it imports what may be missing here
        from jackfield.errors import JackfieldError  # noqa: PLC0415
    except ImportError:
        return  # what is missing was named before
    store = open_store()
    try:
        count = len(store.saved())
        told = f"saved connections: {count}; their key is protected by {store.told_protection()}"
        if store.path.exists() and store.protection() in {"file", "environment"}:  # the others may ask somebody
            store.unlock()
        yield Finding(OK, told if store.path.exists() else "saved connections: none")
    except JackfieldError as error:
        yield Finding(WRONG, error.message, error.hint)


def _plugins(home: Home) -> Iterator[Finding]:
    try:
        from jackfield._cli.installed import known_problems  # noqa: PLC0415  it imports what may be missing here
        from jackfield._engine.discovery import PluginPolicy  # noqa: PLC0415
        from jackfield.errors import JackfieldError  # noqa: PLC0415
    except ImportError as error:
        yield Finding(WRONG, f"{_OWN} itself cannot be imported: {error}", f"pip install --force-reinstall {_OWN}")
        return
    entries = read_entries(home.cache)
    counts = Counter(entry.group for entry in entries)
    owners = {entry.distribution for entry in entries}
    found = ", ".join(f"{group.partition('.')[2]} {counts[group]}" for group in sorted(GROUPS))
    yield Finding(OK, f"entry points: {found}; distributions: {len(owners)}")
    try:
        policy = PluginPolicy.load(home)
    except JackfieldError as error:
        yield Finding(WRONG, error.message, error.hint)
        policy = PluginPolicy()
    for name in sorted(owner for owner in owners if policy.denies(owner)):
        yield Finding(NOTE, f"{name} is denied.", f"jackfield plugin allow {name}")
    for problem in known_problems(entries, policy):
        if problem.stage != "denied":
            yield Finding(WRONG, f"{problem.stage}: {problem.message}", problem.hint)


def _environment(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name in (PROXY, CA_BUNDLE):
        if environ.get(name):
            yield Finding(OK, f"{name} is set")
    for name, ours in _IGNORED.items():
        if environ.get(name) or environ.get(name.lower()):
            yield Finding(NOTE, f"{name} is set, and ignored.", f"Set {ours} if requests are to go by it.")
    netrc = Path(environ.get("NETRC") or Path("~/.netrc").expanduser())
    if netrc.exists():
        message = f"{netrc} exists, and is ignored: its passwords would take the place of a connection's."
        yield Finding(NOTE, message)


def print_findings(findings: Sequence[Finding], form: str) -> None:
    """Print what was found; what is wrong comes last, where it is seen."""
    if form == "json":
        write_json([finding._asdict() for finding in findings])
        return
    for level in (OK, NOTE, WRONG):
        for finding in (item for item in findings if item.level == level):
            write_plain(f"{level:<6} {finding.message}\n")
            if finding.next_step:
                write_plain(f"       next: {finding.next_step}\n")
