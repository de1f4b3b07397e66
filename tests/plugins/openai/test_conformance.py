"""The connector keeps the rules that every connector keeps."""

from typing import ClassVar

from jackfield.testing import ConnectorTests, Outcome, check_connector


class TestRules(ConnectorTests):
    """One test for each rule."""

    connector: ClassVar[str] = "openai"


def test_nothing_is_left_unchecked_of_the_six_modules() -> None:
    """Each has an answer to be tried with."""
    found = [each for each in check_connector("openai") if each.outcome is Outcome.NOT_CHECKED]

    assert [(each.rule.id, each.subject) for each in found if "this system cannot fork" not in each.details] == []
