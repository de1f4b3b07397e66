"""Errors go to another process as JSON."""

import json
from decimal import Decimal
from typing import Any

import pytest

from jackfield import error_from_json, error_to_json, errors
from jackfield.errors import (
    AnswerError,
    BrokenAnswerError,
    BudgetError,
    BusyError,
    DeadlineError,
    InputError,
    InvalidInputError,
    JackfieldError,
    LimitError,
    NoConnectionError,
    PluginError,
    Problem,
    RefusedError,
    UnknownModuleError,
    UnreachableError,
)
from jackfield.secrets import Secret
from jackfield.usage import Money, Usage

PROBLEM = Problem(path="$.text", rule="required", message="is required")
ERRORS: list[JackfieldError] = [
    InvalidInputError([PROBLEM], subject="contract.echo", hint="Fill it in."),
    UnknownModuleError("contract.eco", ["contract.echo"]),
    NoConnectionError("There is none.", name="work", tried=["the environment"]),
    BusyError("too many", status=429, code="rate", request_id="r1", retry_after_s=2.5),
    RefusedError("no", status=422),
    UnreachableError("nobody listens"),
    BrokenAnswerError("cut off"),
    AnswerError("not JSON", problems=[PROBLEM], request_id="r2"),
    LimitError("too long", limit="max_body_bytes", maximum=5),
    DeadlineError("too late", phase="read", deadline_s=1.5, sent=True),
    PluginError("broken", distributions=["a", "b"], stage="import"),
    BudgetError("used up", budget="money", maximum=Decimal("1.50"), spent=Decimal(1), needed=Decimal("0.75")),
]


class OwnError(BusyError):
    """One of a host."""


def over_json(error: JackfieldError) -> tuple[dict[str, Any], JackfieldError]:
    """Send an error over JSON."""
    told = json.loads(json.dumps(error_to_json(error)))
    return told, error_from_json(told)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_json(error: JackfieldError) -> None:
    """With its class, its text, its remedy and all that it knows."""
    told, found = over_json(error)

    assert (type(found), str(found)) == (type(error), str(error))
    assert vars(found) == vars(error)
    assert told["retryable"] == found.retryable


def test_what_was_used_survives_json() -> None:
    """It is paid for, whatever went wrong afterwards."""
    error = BusyError("busy", status=503)
    error.used, error.cost = (Usage(model="m", input_tokens=3),), Money(Decimal("0.10"), "USD")

    _, found = over_json(error)

    assert (found.used, found.cost) == (error.used, error.cost)


def test_an_error_of_somebody_else_becomes_its_nearest_kin() -> None:
    """The name that it had is told all the same."""
    told, found = over_json(OwnError("busy", status=503))

    assert (told["type"], told["kind"], type(found)) == ("OwnError", "BusyError", BusyError)


def test_what_is_withheld_is_not_told() -> None:
    """Not that there is anything either."""
    error = RefusedError("The request is wrong.", status=422)
    error.withheld = Secret("what the user wrote")

    told, found = over_json(error)

    assert "withheld" not in told
    assert found.withheld is None


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"kind": "BusyError"},
        {"kind": "listed", "message": "x"},
        {"kind": "Secret", "message": "x"},
        {"kind": "InvalidInputError", "message": "x", "problems": [{"place": "$"}]},
        {"kind": "BudgetError", "message": "x", "maximum": "much"},
    ],
)
def test_what_tells_of_no_error_is_refused(told: dict[str, Any]) -> None:
    """Nothing but errors is made of it."""
    with pytest.raises(InputError, match="This tells of no"):
        error_from_json(told)


def test_which_errors_may_pass_is_said_once() -> None:
    """Those that are worth a repeat."""
    kinds = [getattr(errors, name) for name in errors.__all__]
    found = {kind.__name__ for kind in kinds if getattr(kind, "retryable", False)}

    assert found == {"BusyError", "BrokenAnswerError", "UnreachableError"}
