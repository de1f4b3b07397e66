"""Which exit code says what, by the class of the error."""

from collections.abc import Mapping

import click

from jackfield import errors

OK = 0
FAILURE = 1
USAGE = 2
INTERRUPTED = 130

EXIT_CODES: Mapping[type[BaseException], int] = {
    click.UsageError: USAGE,
    errors.InputError: 3,
    errors.NoConnectionError: 4,
    errors.StoreError: 4,
    errors.CredentialsError: 4,
    errors.PermissionDeniedError: 4,
    errors.RefusedByPolicyError: 5,
    errors.NotFoundError: 5,
    errors.QuotaError: 5,
    errors.RefusedError: 5,
    errors.RemoteError: 6,
    errors.TransportError: 6,
    errors.AnswerError: 6,
    errors.LimitError: 6,
    errors.PluginError: 7,
    errors.DeadlineError: 8,
    errors.OperationCancelledError: INTERRUPTED,
    KeyboardInterrupt: INTERRUPTED,
}
"""For each class; a class that is not here has the code of the nearest class that it is derived from, else 1."""


def exit_code(error: BaseException) -> int:
    """Give the exit code for an error."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), FAILURE)
