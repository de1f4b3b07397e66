"""The page about the rules that connectors keep."""

from collections.abc import Iterator

from generator.markdown import table
from jackfield.testing import RULES, Rule

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


def page() -> str:
    """Write the page."""
    rows = [(f"[{rule.id}](#{rule.id.lower()}-{rule.name.replace(' ', '-')})", rule.name) for rule in RULES]
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
