"""What the annotations of a module's function say."""

import inspect
import typing
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from jackfield.errors import PluginError
from jackfield.forms import form_of
from jackfield.kinds import Kind
from jackfield.triggers import Trigger


class Signature(NamedTuple):
    """What a function takes and gives.

    Attributes:
        form: The class of its input.
        output: The class of each of its bundles.
        piece: The class of what it streams; ``None`` if it does not.
        kind: What it gives.
        several: Whether it gives any number of bundles.
    """

    form: type
    output: type
    piece: type | None
    kind: Kind
    several: bool = False


def place_of(function: Callable[..., Any]) -> str:
    """Say where a function is, as an entry point spells it."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}:{named.__qualname__}"


def signature_of(function: Callable[..., Any], declared: Kind | None, trigger: Trigger | None) -> Signature:
    """Read the annotations of a module's function.

    Raises:
        PluginError: One is missing, cannot be resolved, or does not go with what is declared.
    """
    found = _annotated(function, declared)
    if found.kind is Kind.TRIGGER or trigger is not None:
        return _triggering(found, trigger, place_of(function))
    return found


def _annotated(function: Callable[..., Any], declared: Kind | None) -> Signature:
    where = place_of(function)
    if not inspect.isroutine(function):
        message = f"{where}: a module is a function, not a Python {type(function).__name__}."
        raise PluginError(message, stage="object", hint="Write a function with `def` that calls it.")
    try:
        hints = typing.get_type_hints(function, include_extras=False)
    except NameError as error:
        message = f"{where}: the name {error.name!r} in an annotation cannot be resolved."
        hint = "Import it at the top of the file, not under TYPE_CHECKING and not inside a function."
        raise PluginError(message, stage="object", hint=hint) from error
    except Exception as error:  # an annotation is code: it may raise anything
        message = f"{where}: the annotations cannot be read ({type(error).__name__})."
        raise PluginError(message, stage="object") from error
    parameters = [name for name in inspect.signature(function).parameters if name in hints]
    if len(parameters) != 2 or "return" not in hints:  # noqa: PLR2004  a form and a context
        message = f"{where}: a module is a function (form: Form, context: Context) -> Output, all three annotated."
        raise PluginError(message, stage="object")
    output, piece, kind = _returned(hints["return"])
    several = kind is Kind.SEARCH
    return Signature(form=hints[parameters[0]], output=output, piece=piece, kind=declared or kind, several=several)


def _triggering(found: Signature, trigger: Trigger | None, where: str) -> Signature:
    """Give the signature of a trigger, if it can be one."""
    names = [part for part in (trigger.key, trigger.date) if isinstance(part, str)] if trigger else []
    known = {slot.name for slot in form_of(found.output).slots} if names else set()
    missing = [name for name in names if name not in known]
    for wrong, flaw, hint in (
        (trigger is None, "a trigger must say what is new", "Give @module(trigger=Trigger(key=..., date=...))."),
        (not found.several, "a trigger gives any number of items", "Annotate it as -> Iterator[Item]."),
        (found.kind not in (Kind.SEARCH, Kind.TRIGGER), "only a trigger has trigger=...", "Leave out kind=..."),
        (
            bool(missing),
            f"its items have no attribute {', '.join(missing)}",
            "Name one of the output, or give a function.",
        ),
    ):
        if wrong:
            message = f"{where}: {flaw}."
            raise PluginError(message, stage="object", hint=hint)
    return found._replace(kind=Kind.TRIGGER)


def _returned(hint: Any) -> tuple[Any, Any, Kind]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Generator:
        return arguments[2], arguments[0], Kind.ACTION
    if origin in (Iterator, Iterable, Sequence, list):
        return arguments[0], None, Kind.SEARCH
    return hint, None, Kind.ACTION
