"""``connector diff``."""

from collections.abc import Iterator

from jackfield._cli.exits import FAILURE, OK
from jackfield._cli.output import to_json, write_json
from jackfield._cli.terminal import say, write
from jackfield.testing._compat.change import Change
from jackfield.testing._compat.comparing import Comparison, compare_connectors


def diff_and_print(old: str, new: str, form: str) -> int:
    """Compare two versions, print what they differ in, and give the exit code.

    Raises:
        InputError: One of them is not there.
        PluginError: One of them cannot be examined here.
    """
    found = compare_connectors(old, new)
    if form == "json":
        write_json(_as_json(found))
    elif form == "jsonl":
        for change in found.changes:
            write(to_json(_change_as_json(change), lines=True) + "\n")
    elif found.changes:
        _print_table(found)
    say(" ".join(_verdict(found)))
    return OK if found.allowed else FAILURE


def _as_json(found: Comparison) -> dict[str, object]:
    return {
        "old": found.old,
        "new": found.new,
        "allowed": found.allowed,
        "changes": [_change_as_json(change) for change in found.changes],
    }


def _change_as_json(change: Change) -> dict[str, object]:
    return {
        "rule": change.rule.id,
        "name": change.rule.name,
        "breaking": change.breaking,
        "subject": change.subject,
        "place": change.place,
        "detail": change.detail,
    }


def _print_table(found: Comparison) -> None:
    from jackfield._cli.tables import rendered, table  # noqa: PLC0415  rich is for tables only

    rows = [
        (
            change.rule.id,
            "yes" if change.breaking else "no",
            " ".join(filter(None, [change.subject, change.place])),
            f"{change.rule.name}: {change.detail}".removesuffix(": "),
        )
        for change in found.changes
    ]
    write(rendered(table(["Rule", "Breaks", "Where", "What"], rows, unbroken=["Rule", "Breaks"])))


def _verdict(found: Comparison) -> Iterator[str]:
    count, others = len(found.breaking), len(found.changes) - len(found.breaking)
    yield f"{found.old} to {found.new}: {count} breaking, {others} compatible."
    if found.falls:
        yield "The number of the version falls, so nobody would get the new one: OLD comes first, then NEW."
    elif not found.allowed:
        yield "The version does not say that anything breaks: raise its first number, or below 1.0 its second."
