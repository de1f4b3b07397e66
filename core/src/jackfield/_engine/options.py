"""What a program gives a host beside forms, and what is said where it cannot be used."""

from collections.abc import Collection
from typing import NoReturn

from jackfield._http.limits import Cancellation
from jackfield.errors import InputError
from jackfield.operations import RunOptions


def check_kind(name: str, given: object, kind: type, wanted: str) -> None:
    """Go on with an argument that is of its kind.

    Args:
        name: Of the argument.
        given: What was given for it; ``None`` leaves it out.
        kind: What it must be.
        wanted: The same in words.

    Raises:
        InputError: It is of another kind.
    """
    if given is not None and not isinstance(given, kind):
        message = f"{name} must be {wanted}, was a Python {type(given).__name__}."
        raise InputError(message)


def check_run(confidential: object, idempotency_key: object, cancellation: object) -> None:
    """Go on with options of a run that can be some: "no" would be taken for yes.

    Raises:
        InputError: One cannot.
    """
    if (
        isinstance(confidential, bool)
        and isinstance(idempotency_key, str)
        and (cancellation is None or isinstance(cancellation, Cancellation))
    ):
        return
    check_kind("confidential", confidential, bool, "True or False")
    check_kind("idempotency_key", idempotency_key, str, "text")
    check_kind("cancellation", cancellation, Cancellation, "a jackfield.Cancellation")


def cancellation_in(options: RunOptions) -> Cancellation:
    """Give the way to stop a run: that of the options, or one that is put there.

    Raises:
        InputError: What stands there is none.
    """
    found = options.get("cancellation")
    check_kind("cancellation", found, Cancellation, "a jackfield.Cancellation")
    options["cancellation"] = found = found or Cancellation()
    return found


def no_option(given: Collection[str], known: Collection[str]) -> TypeError:
    """Make the error for options that there are not."""
    names = " and ".join(repr(name) for name in given if name not in known)
    return TypeError(f"There is no option {names}. There are: {', '.join(known)}.")


def refuse_to_be_kept(what: str, remedy: str) -> NoReturn:
    """Refuse to be pickled or copied.

    Raises:
        TypeError: Always, as Python has it.
    """
    message = f"{what} cannot be pickled or copied: it holds connections and threads of this process. {remedy}"
    raise TypeError(message)
