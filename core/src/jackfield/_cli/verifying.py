"""``plugin verify``: whether the files of distributions are those that were installed."""

from collections.abc import Iterator, Sequence

import attrs

from jackfield._cli.exits import FAILURE, OK
from jackfield._cli.output import print_list, write_plain
from jackfield._engine.verification import ADDED
from jackfield.integrity import Verification, verify_installed

_TOLD = {
    "changed": "is not what was installed",
    "missing": "is gone",
    "extra": "was added, and would be imported",
    "bytecode": "is not what its source compiles to, and would be run in its place",
    "unreadable": "cannot be read",
    "outside": "lies outside of this environment, so it was not read",
    "weak": "has a hash of a kind that can be forged",
    "unhashed": "has no hash",
}
_MOST_TOLD = 20


def print_verified(names: Sequence[str], form: str, *, everything: bool, strict: bool) -> int:
    """Print what came of comparing, and give the exit code."""
    found = verify_installed(names or None, everything=everything)
    if form == "table":
        columns = {"distribution": "Distribution", "version": "Version", "status": "Status", "files": "Files compared"}
        print_list([_shown(item) for item in found], form, plain="distribution", columns=columns)
        write_plain("".join(line for item in found for line in _details(item)))
    elif form == "plain":
        write_plain("".join(line for item in found for line in _lines(item)))
    else:
        print_list([_as_json(item) for item in found], form, plain="distribution", columns={})
    bad = {"changed", "unverifiable"} if strict else {"changed"}
    return FAILURE if any(item.status in bad for item in found) else OK


def _shown(item: Verification) -> dict[str, object]:
    said = "cannot be verified" if item.status == "unverifiable" else item.status
    return {
        "distribution": item.distribution,
        "version": item.version,
        "status": said,
        "files": item.compared or "",
    }


def _details(item: Verification) -> Iterator[str]:
    if item.status == "verified":
        return
    yield f"\n{item.distribution}: {item.reason or f'{len(item.findings)} not as they should be'}\n"
    for finding in item.findings[:_MOST_TOLD]:
        yield f"  {finding.path} {_TOLD[finding.kind]}\n"
    if len(item.findings) > _MOST_TOLD:
        yield f"  and {len(item.findings) - _MOST_TOLD} more; all of them: -o json\n"
    if item.status == "changed":
        yield f"  next: {_next_step(item)}\n"


def _next_step(item: Verification) -> str:
    again = f"pip install --force-reinstall --no-deps --no-cache-dir {item.distribution}=={item.version}"
    kinds = {finding.kind for finding in item.findings}
    if not kinds & ADDED:
        return again
    # An installer takes away only what it recorded.
    return f"look at what was added and delete it{', then ' + again if kinds - ADDED else ''}"


def _lines(item: Verification) -> Iterator[str]:
    """Give one line for the distribution, and one for each file that is not as it should be."""
    yield f"{item.status} {item.distribution} {item.version}\n"
    for finding in item.findings:
        yield f"{finding.kind} {item.distribution} {finding.path}\n"


def _as_json(item: Verification) -> dict[str, object]:
    said = attrs.asdict(item, filter=lambda attribute, _: attribute.name != "manifest")
    return {**said, "findings": [attrs.asdict(finding) for finding in item.findings]}
