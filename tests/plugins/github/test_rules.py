"""The connector keeps the rules that every host relies on."""

import pytest

from jackfield.testing import RULES, Finding, Outcome, check_connector


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    """Try what needs no process of its own: the repository tries the others on every connector there is."""
    return [*check_connector("github", rules=[rule for rule in RULES if rule.id[2] in "23456"])]


def test_nothing_is_broken_and_nothing_left_unchecked(findings: list[Finding]) -> None:
    """Every module has an answer of GitHub's to be tried with."""
    assert [finding for finding in findings if finding.outcome is not Outcome.PASSED] == []
    assert len({finding.subject for finding in findings}) == 17
