"""Whether the files of a distribution are those that were installed. Nothing of it is imported for that."""

import base64
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from attrs import frozen

from jackfield._engine.bytecode import planted_beside
from jackfield._engine.installed import Installation, Recorded
from jackfield._engine.unrecorded import unrecorded

Status = Literal["verified", "changed", "unverifiable"]
FindingKind = Literal["changed", "missing", "extra", "bytecode", "unreadable", "outside", "weak", "unhashed"]

_STRONG = ("sha256", "sha384", "sha512")
ADDED = frozenset({"extra", "bytecode"})
"""Kinds of files that are there in addition: the digest of what is recorded does not show them."""
_GRAVE = {"changed", "missing", *ADDED}
_HASHLESS = ("RECORD", "RECORD.jws", "RECORD.p7s")
_INSTALLERS = (*_HASHLESS, "INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")
"""Files of metadata that tell of the installation, and differ between two of the same wheel."""


@frozen(kw_only=True)
class FileFinding:
    """A file that is not as it should be, or of which nobody can say so.

    Attributes:
        path: From the directory on the path in which the distribution lies, with slashes; or as RECORD has it.
        kind: ``changed`` (not what RECORD says), ``missing``, ``extra`` (would be imported, and RECORD does not know
            it), ``bytecode`` (Python would take it for a source, and it is not what that compiles to), ``unreadable``,
            ``outside`` (RECORD names a place outside of the environment, which was not read), ``weak`` (its hash is
            not of the SHA-2 family), ``unhashed`` (it has none).
    """

    path: str
    kind: FindingKind


@frozen(kw_only=True)
class Verification:
    """What came of comparing a distribution with its RECORD.

    Attributes:
        distribution: As it spells its own name.
        version: Of the distribution; empty if nobody knows it.
        status: ``verified`` if every file is as recorded; ``changed`` if one is not, is missing, or is there in
            addition; ``unverifiable`` if nothing is wrong, and not everything could be compared.
        reason: Why nothing could be compared, in words; else empty.
        findings: Each file that is not as it should be.
        compared: How many files are as recorded.
        sha256: The digest for a pin: that of the list of its files (see ``manifest``); empty without such a list.
        manifest: By path from the root, the SHA-256 of what is in each file that may be imported or decides what is:
            all that RECORD names below the root but compiled files and what tells of the installation alone.
    """

    distribution: str
    version: str
    status: Status
    reason: str = ""
    findings: tuple[FileFinding, ...] = ()
    compared: int = 0
    sha256: str = ""
    manifest: tuple[tuple[str, str], ...] = ()


def verify(installation: Installation) -> Verification:
    """Compare what is there with what RECORD says: each file is read once, in pieces."""
    if installation.obstacle:
        return Verification(
            distribution=installation.name,
            version=installation.version,
            status="unverifiable",
            reason=installation.obstacle,
        )
    findings: list[FileFinding] = []
    manifest: dict[str, str] = {}
    compared = 0
    for file in installation.files:
        kind, sha256 = _compare(file, installation)
        path = installation.relative(file.place) if file.place else ""
        if kind:
            findings.append(FileFinding(path=path or file.path, kind=kind))
        elif not _is_needless(file.path, installation):
            compared += 1
        if path and sha256 and not _is_needless(path, installation, *_INSTALLERS):
            manifest[path] = sha256
    findings += _added(installation)
    listed = tuple(sorted(manifest.items()))
    return Verification(
        distribution=installation.name,
        version=installation.version,
        status=_status(findings),
        findings=tuple(findings),
        compared=compared,
        sha256=hashlib.sha256(manifest_text(listed).encode()).hexdigest(),
        manifest=listed,
    )


def manifest_text(manifest: tuple[tuple[str, str], ...]) -> str:
    """Write a list of files as ``sha256sum`` does; its own SHA-256 is what a pin holds."""
    return "".join(f"{sha256}  {path}\n" for path, sha256 in manifest)


def _status(findings: list[FileFinding]) -> Status:
    if any(finding.kind in _GRAVE for finding in findings):
        return "changed"
    return "unverifiable" if findings else "verified"


def _is_needless(path: str, installation: Installation, *names: str) -> bool:
    """Tell whether a file is a cache of compiled code, or one of the metadata with such a name.

    RECORD cannot hold its own hash. A compiled file elsewhere is imported without a source, so it counts as any other.
    """
    info = installation.info.name
    return (path.endswith(".pyc") and "__pycache__" in path.split("/")) or path in {
        f"{info}/{name}" for name in names or _HASHLESS
    }


def _compare(file: Recorded, installation: Installation) -> tuple[FindingKind | None, str]:
    """Give what is wrong with a file, and the SHA-256 of what is in it; empty if it was not read."""
    if not file.place:
        return "outside", ""
    if _is_needless(file.path, installation):
        return None, ""
    algorithms = {"sha256", file.algorithm if file.algorithm in _STRONG else "sha256"}
    try:
        if not stat.S_ISREG(os.stat(file.place).st_mode):  # noqa: PTH116  Path.is_file() raises nothing for a NUL
            return "changed", ""  # a folder, or a pipe or device, which would be read for ever
        found = {algorithm: _hash(algorithm, file.place) for algorithm in algorithms}
    except FileNotFoundError:
        return "missing", ""
    except (OSError, ValueError):
        return "unreadable", ""
    return _judged(file, found), found["sha256"].hex()


def _judged(file: Recorded, found: Mapping[str, bytes]) -> FindingKind | None:
    digest = found.get(file.algorithm)
    if digest is None:
        return "weak" if file.algorithm else "unhashed"
    spelt = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return None if spelt == file.digest.rstrip("=") else "changed"


def _hash(algorithm: str, place: str) -> bytes:
    with Path(place).open("rb") as file:
        return hashlib.file_digest(file, algorithm).digest()


def _added(installation: Installation) -> Iterator[FileFinding]:
    for path in unrecorded(installation):
        yield FileFinding(path=path, kind="extra")
    for file in installation.files:
        path = installation.relative(file.place) if file.place else ""
        if path.endswith(".py"):
            try:
                for compiled in planted_beside(Path(file.place)):
                    shown = installation.relative(str(compiled)) or str(compiled)
                    yield FileFinding(path=shown, kind="bytecode")
            except (OSError, ValueError):
                continue  # a source that is missing or cannot be read was told of
