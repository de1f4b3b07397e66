"""``connector check``."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from jackfield._cli.exits import FAILURE, OK
from jackfield._cli.output import to_json, write_json
from jackfield._cli.terminal import say, write
from jackfield.testing._conformance.checking import Finding, Outcome, check_connector, chosen_rules


def check_and_print(connector_id: str, rule_ids: Sequence[str], form: str, import_budget_s: float) -> int:
    """Try the rules on a connector, print what came of it, and give the exit code.

    Raises:
        InputError: There is no such connector or rule.
        PluginError: It cannot be used.
    """
    rules = chosen_rules(rule_ids)
    found: list[Finding] = []
    for finding in check_connector(connector_id, rules=rules, import_budget_s=import_budget_s):
        if sys.stderr.isatty() and (not found or found[-1].subject != finding.subject):
            say(f"{finding.subject} ...")  # a large connector takes minutes
        found.append(finding)
        if form == "jsonl":
            write(to_json(_as_json(finding), lines=True) + "\n")
    if form == "json":
        write_json([_as_json(finding) for finding in found])
    elif form == "table":
        _print_table(found)
    say(_counted(connector_id, found))
    return FAILURE if any(finding.outcome is Outcome.FAILED for finding in found) else OK


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "subject": finding.subject,
        "outcome": finding.outcome.value,
        "details": list(finding.details),
    }


def _print_table(found: Iterable[Finding]) -> None:
    from jackfield._cli.tables import rendered, table  # noqa: PLC0415  rich is for tables only

    told: dict[tuple[bool, str, str, str], list[str]] = {}
    for finding in found:
        if finding.outcome is not Outcome.PASSED:
            why = "\n".join(finding.details)
            place = (finding.outcome is Outcome.NOT_CHECKED, finding.subject, finding.outcome.value, why)
            told.setdefault(place, []).append(finding.rule.id)
    # One reason keeps many rules from being tried: a form that cannot be used.
    rows = [("\n".join(ids), *row) for (_, *row), ids in sorted(told.items(), key=lambda each: each[0][0])]
    if rows:
        write(rendered(table(["Rule", "Of", "Outcome", "Why"], rows, unbroken=["Rule", "Outcome"])))


def _counted(connector_id: str, found: Sequence[Finding]) -> str:
    counts = Counter(finding.outcome for finding in found)
    parts = [f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome]]
    return f"{connector_id}: {', '.join(parts) or 'nothing to check'}."
