"""The pages about the rules that connectors keep, and about the ways in which they change."""

from collections.abc import Iterator

from generator.markdown import table
from jackfield.testing import CHANGES, RULES, ChangeRule, Rule

_HEAD = """# The rules that connectors keep

`jackfield connector check CONNECTOR` tries each of them on every module of an installed connector, and
`--rule ID` one alone; [ConnectorTests](#jackfield.testing.ConnectorTests) makes a test of each.
Nothing reaches the network: the service answers from memory.
Rules about answers are tried with those that the connector's [cases](#jackfield.testing.Case) give.
Where there is none, the rule is told as *not checked*, with the reason, and the command does not fail for it.
An id never gets another meaning.
"""

_GROUPS = {
    "1": "Imports",
    "2": "Names",
    "3": "Schemas",
    "4": "Requests",
    "5": "Secrets",
    "6": "Answers",
    "7": "Surroundings",
}


_CHANGES_HEAD = """# What breaks those who use a connector

`jackfield connector diff OLD NEW` tells in which of these ways two versions of a connector differ, and
[compare_connectors](#jackfield.testing.compare_connectors) gives the same to a program.
It ends with 1 if something breaks and the number of the new version does not say so.
An id never gets another meaning.
"""

_CHANGED = {"1": "Fields", "2": "Modules", "3": "Outputs", "4": "Connection types"}


def page() -> str:
    """Write the page of the rules."""
    rows = [(_link(rule), rule.name) for rule in RULES]
    parts = [_HEAD.rstrip(), table(["Rule", "In short"], rows)]
    for number, title in _GROUPS.items():
        parts.append(f"## {title}")
        for rule in RULES:
            if rule.id[2] == number:
                parts += _told(rule)
    return "\n\n".join(parts) + "\n"


def _told(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}: {rule.name}"
    yield rule.reason
    for word, code in (("Bad", rule.bad), ("Good", rule.good)):
        language = "toml" if code.startswith("[project") else "python"
        yield f"{word}:\n\n```{language}\n{code.rstrip()}\n```"


def changes_page() -> str:
    """Write the page of the changes."""
    rows = [(_link(rule), rule.name, "yes" if rule.breaking else "no") for rule in CHANGES]
    parts = [_CHANGES_HEAD.rstrip(), table(["Rule", "In short", "Breaks"], rows)]
    for number, title in _CHANGED.items():
        parts.append(f"## {title}")
        for rule in CHANGES:
            if rule.id[2] == number:
                parts += _told_change(rule)
    return "\n\n".join(parts) + "\n"


def _link(rule: Rule | ChangeRule) -> str:
    return f"[{rule.id}](#{rule.id.lower()}-{rule.name.replace(' ', '-')})"


def _told_change(rule: ChangeRule) -> Iterator[str]:
    yield f"### {rule.id}: {rule.name}"
    yield f"{'Breaking' if rule.breaking else 'Compatible'}. {rule.reason}"
    for word, code in (("Was", rule.was), ("Is", rule.now)):
        language = "toml" if code.startswith('"weather.') else "python"
        yield f"{word}:\n\n```{language}\n{code}\n```" if code else f"{word}: nothing."
