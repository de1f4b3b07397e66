import inspect
from decimal import Decimal

import click
import pytest

from jackfield import errors
from jackfield._cli.exits import exit_code

PROBLEM = errors.Problem(path="$.a", rule="type", message="must be a text")

CASES = [
    (click.UsageError("?"), 2),
    (errors.InputError("?"), 3),
    (errors.InvalidInputError([PROBLEM]), 3),
    (errors.UnknownModuleError("a.b"), 3),
    (errors.UnsafeRequestError("?"), 3),
    (errors.NoConnectionError("?"), 4),
    (errors.CredentialsError("?", status=401), 4),
    (errors.PermissionDeniedError("?", status=403), 4),
    (errors.RefusedByPolicyError("?"), 5),
    (errors.BudgetError("?", budget="calls", maximum=Decimal(1), spent=Decimal(1), needed=Decimal(1)), 5),
    (errors.NotFoundError("?", status=404), 5),
    (errors.QuotaError("?", status=429), 5),
    (errors.RefusedError("?", status=400), 5),
    (errors.RemoteError("?", status=599), 6),
    (errors.BusyError("?", status=429), 6),
    (errors.TransportError("?", sent=True), 6),
    (errors.UnreachableError("?"), 6),
    (errors.BrokenAnswerError("?"), 6),
    (errors.AnswerError("?"), 6),
    (errors.LimitError("?", limit="max_body_bytes", maximum=1), 6),
    (errors.FileError("?"), 1),
    (errors.PluginError("?"), 7),
    (errors.DeadlineError("?", phase="read", deadline_s=1, sent=True), 8),
    (errors.OperationCancelledError("?"), 130),
    (KeyboardInterrupt(), 130),
    (errors.StoreError("?"), 4),
    (errors.JackfieldError("?"), 1),
    (ZeroDivisionError(), 1),
]


@pytest.mark.parametrize(("error", "code"), CASES, ids=lambda value: getattr(type(value), "__name__", str(value)))
def test_every_class_of_error_has_its_exit_code(error: BaseException, code: int) -> None:
    """A program that runs us learns the remedy from the code."""
    assert exit_code(error) == code


def test_no_class_of_error_is_missing_here() -> None:
    """A class that is added to the tree has to be put in the table."""
    tree = {value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, BaseException)}

    assert tree == {type(error) for error, _ in CASES if isinstance(error, errors.JackfieldError)}
