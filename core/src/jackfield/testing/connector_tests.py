"""The rules as tests that the tests of a connector inherit."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from unittest import SkipTest

from jackfield.testing._conformance.checking import IMPORT_BUDGET_S, RULES, Outcome, check_connector
from jackfield.testing._conformance.rule import Rule
from jackfield.testing.cases import Case

__all__ = ["ConnectorTests"]


class ConnectorTests:
    """One test for each rule, for an installed connector: inherit from it, and say which.

    A rule that could not be tried on any module is a skipped test that says why.

    Attributes:
        connector: Its id.
        cases: As in ``check_connector``: in addition to those that the connector itself names.
        import_budget_s: Seconds of the processor that the import of one module may take beside core's own.
    """

    connector: ClassVar[str]
    cases: ClassVar[Mapping[str, Case]] = {}
    import_budget_s: ClassVar[float] = IMPORT_BUDGET_S


def _test_of(rule: Rule) -> Callable[[ConnectorTests], None]:
    def test(self: ConnectorTests) -> None:
        found = [*check_connector(self.connector, rules=[rule], cases=self.cases, import_budget_s=self.import_budget_s)]
        wrong = [
            f"{each.subject}: {detail}" for each in found if each.outcome is Outcome.FAILED for detail in each.details
        ]
        if wrong:
            lines = "\n".join(f"  {line}" for line in wrong)
            message = f"{rule.id} ({rule.name}) is broken:\n{lines}\n{rule.reason}"
            raise AssertionError(message)
        if all(each.outcome is Outcome.NOT_CHECKED for each in found):
            why = "; ".join(f"{each.subject}: {each.details[0]}" for each in found) or "there is nothing to try it on"
            raise SkipTest(why)

    test.__doc__ = rule.reason
    return test


for _rule in RULES:
    _name = f"test_{_rule.id.lower()}_{_rule.name.replace(' ', '_')}"
    _test: Any = _test_of(_rule)
    _test.__name__, _test.__qualname__ = _name, f"ConnectorTests.{_name}"
    setattr(ConnectorTests, _name, _test)
