"""From what a caller says about a connection to the checked connection."""

from collections.abc import Mapping
from typing import Any

from jackfield._engine.conversion import load_form
from jackfield._engine.plugins import Hooks
from jackfield.connections import Connection, ConnectionType
from jackfield.errors import InvalidInputError, NoConnectionError
from jackfield.forms import Slot, form_of

GIVEN = "given in the call"
FOUND = "found by name"
ENVIRONMENT = "the environment"


def variable_for(name: str, slot: Slot) -> str:
    """Say which environment variable holds a field of a connection.

    Args:
        name: Of the connection; empty for the one without a name.
        slot: The field.

    Returns:
        The variable's name; empty if the field of an unnamed connection declares none.
    """
    if not name:
        return slot.word.env
    spelled = "".join(letter if letter.isalnum() else "_" for letter in name)
    return f"JACKFIELD_CONNECTION__{spelled}__{slot.name}".upper()


def resolve(
    given: str | Mapping[str, object] | None, connection_type: ConnectionType, type_id: str, hooks: Hooks
) -> Connection:
    """Make the connection that a caller means.

    Args:
        given: A name; or the values themselves; or nothing, which means the connection without a name.
        connection_type: What the values must fit.
        type_id: The same, by name.
        hooks: Who is asked for a name.

    Raises:
        NoConnectionError: Nobody knows the name, or credentials are missing.
        InvalidInputError: The values break the connection's form.
    """
    if isinstance(given, Mapping):
        return _checked(given, connection_type, type_id, "", GIVEN)
    name = given or ""
    values = hooks.find_connection(name=name, type_id=type_id, connection_type=connection_type)
    if values is None:
        raise _missing(name, connection_type, (f"There is no connection {name!r}.",))
    source = FOUND if name else ENVIRONMENT
    try:
        return _checked(values, connection_type, type_id, name, source)
    except InvalidInputError as error:
        if all(problem.rule == "required" for problem in error.problems):
            raise _missing(name, connection_type, [str(problem) for problem in error.problems]) from error
        raise


def _checked(
    values: Mapping[str, object], connection_type: ConnectionType, type_id: str, name: str, source: str
) -> Connection:
    subject = f"The connection {name!r}" if name else f"The {connection_type.label} connection ({source})"
    form: Any = load_form(connection_type.form, values, subject=subject)
    problems = connection_type.validate(form) if connection_type.validate else ()
    if problems:
        raise InvalidInputError(problems, subject=subject)
    return Connection(type=connection_type, type_id=type_id, name=name, source=source, form=form)


def _missing(name: str, connection_type: ConnectionType, tried: "tuple[str, ...] | list[str]") -> NoConnectionError:
    slots = form_of(connection_type.form).slots
    variables = [variable_for(name, slot) for slot in slots if slot.required or slot.word.env]
    named = ", ".join(variable for variable in variables if variable)
    message = f"There are no credentials for {connection_type.label}: {' '.join(tried)}"
    hint = f"Set the environment variables that apply of: {named}." if named else "Give connection={...} in the call."
    if connection_type.help:
        hint = f"{hint} {connection_type.help}"
    return NoConnectionError(message, name=name, tried=tuple(tried), hint=hint)
