"""For those who test connectors: services that answer from memory, the rules that connectors keep, and their tests."""

from jackfield.testing._compat.change import Change, ChangeRule
from jackfield.testing._compat.comparing import Comparison, compare_connectors
from jackfield.testing._compat.rules import CHANGES
from jackfield.testing._conformance.checking import RULES, Finding, Outcome, check_connector
from jackfield.testing._conformance.rule import Rule
from jackfield.testing.cases import Answered, Case, declared_cases, read_cases
from jackfield.testing.cassette import Cassette, Recording
from jackfield.testing.connector_tests import ConnectorTests
from jackfield.testing.exchanges import Exchange
from jackfield.testing.fields import dead_fields, unasked
from jackfield.testing.given import Given, context
from jackfield.testing.replay import Replay
from jackfield.testing.replies import Reply, body_of
from jackfield.testing.served import ReplayServer

__all__ = [
    "CHANGES",
    "RULES",
    "Answered",
    "Case",
    "Cassette",
    "Change",
    "ChangeRule",
    "Comparison",
    "ConnectorTests",
    "Exchange",
    "Finding",
    "Given",
    "Outcome",
    "Recording",
    "Replay",
    "ReplayServer",
    "Reply",
    "Rule",
    "body_of",
    "check_connector",
    "compare_connectors",
    "context",
    "dead_fields",
    "declared_cases",
    "read_cases",
    "unasked",
]
