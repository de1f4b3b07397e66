"""From what a caller says about a connection to the checked connection."""

import copy
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from jackfield._engine.claims import Claim, check_claims
from jackfield._engine.conversion import load_form
from jackfield._engine.plugins import Hooks
from jackfield._engine.references import missing
from jackfield.connections import Connection, ConnectionType
from jackfield.errors import InputError, InvalidInputError, JackfieldError, NoConnectionError, PluginError, Problem
from jackfield.fields import Password, Url
from jackfield.forms import Slot, form_of
from jackfield.references import Reference

GIVEN = "given in the call"
FOUND = "found by name"
ENVIRONMENT = "the environment"

_MOST_NAMED = 3
_KEPT = 64
"""How many connections are remembered at most; then remembering begins anew."""


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


class Connections:
    """Makes connections from values, and keeps the last one of each name: most calls use that of the call before."""

    def __init__(self) -> None:
        self._last: dict[tuple[ConnectionType, str, str], tuple[dict[str, object], Connection]] = {}

    def get(
        self,
        given: str | Mapping[str, object] | None,
        connection_type: ConnectionType,
        type_id: str,
        hooks: Hooks,
        claims: Sequence[Claim] = (),
    ) -> Connection:
        """Make the connection that a caller means.

        Args:
            given: A name; or the values themselves; or nothing, which means the connection without a name.
            connection_type: What the values must fit.
            type_id: The same, by name.
            hooks: Who is asked for a name.
            claims: Its secrets that are not taken from the variables they declare.

        Raises:
            NoConnectionError: Nobody knows the name, or credentials are missing.
            InvalidInputError: The values break the connection's form.
        """
        if isinstance(given, Mapping):
            return self._made(_resolved(given, hooks), connection_type, type_id, "", GIVEN)
        name = _name(given)
        values = hooks.find_connection(name=name, type_id=type_id, connection_type=connection_type)
        if values is None:
            raise _missing(name, connection_type, (), _saved_for(type_id, hooks), type_id)
        if not isinstance(values, Mapping):
            message = f"A plugin answered the hook 'find_connection' with {type(values).__name__}, not values by name."
            raise PluginError(message, stage="hook")
        if claims and not name:
            check_claims(values, claims, connection_type, type_id)
        values = _resolved(values, hooks)
        try:
            return self._made(values, connection_type, type_id, name, FOUND if name else ENVIRONMENT)
        except InvalidInputError as error:
            if all(problem.rule == "required" for problem in error.problems):
                saved = [] if name else _saved_for(type_id, hooks)
                raise _missing(name, connection_type, error.problems, saved, "" if name else type_id) from error
            raise

    def _made(
        self, values: Mapping[str, object], connection_type: ConnectionType, type_id: str, name: str, source: str
    ) -> Connection:
        kept = self._last.get((connection_type, name, source))
        if kept is not None and kept[0] == values and kept[1].type_id == type_id:
            return kept[1]
        made = _checked(values, connection_type, type_id, name, source)
        if len(self._last) >= _KEPT:  # a host of many tenants has a name for each
            self._last.clear()
        self._last[connection_type, name, source] = (copy.deepcopy(dict(values)), made)
        return made


def _resolved(values: Mapping[str, object], hooks: Hooks) -> Mapping[str, object]:
    """Fetch what is kept elsewhere. Only a Reference that a program made is one; a text is never looked into."""
    references = {key: value for key, value in values.items() if type(value) is Reference}
    if not references:
        return values
    return {**values, **{key: fetched(reference, hooks) for key, reference in references.items()}}


def fetched(reference: Reference, hooks: Hooks) -> object:
    """Fetch a secret that is kept elsewhere.

    Raises:
        NoConnectionError: It is not there, or nobody knows such places.
    """
    found = hooks.resolve_reference(reference=reference)
    if found is None:
        hint = "Known are env, file, keyring and command, and what plugins add."
        raise missing(reference, f"nobody here knows what {reference.scheme!r} is", hint)
    return found


def _name(given: object) -> str:
    if given is None or isinstance(given, str):
        return given or ""
    message = f"connection must be a name or values by name, was {type(given).__name__}."
    raise InputError(message)


def _checked(
    values: Mapping[str, object], connection_type: ConnectionType, type_id: str, name: str, source: str
) -> Connection:
    subject = f"The connection {name!r}" if name else f"The {connection_type.label} connection ({source})"
    try:
        form = filled(values, connection_type, subject)
    except InvalidInputError as error:
        variables = () if source == GIVEN else _variables(name, connection_type, error.problems)
        error.hint = f"Look at {_listed(variables)}." if variables else error.hint
        raise
    return Connection(type=connection_type, type_id=type_id, name=name, source=source, form=form)


def filled(values: Mapping[str, object], connection_type: ConnectionType, subject: str) -> Any:
    """Read values as the form of a connection type.

    Raises:
        InvalidInputError: They break it.
    """
    form: Any = load_form(connection_type.form, values, subject=subject)
    problems = connection_type.problems_of(form)
    if problems:
        raise InvalidInputError(problems, subject=subject)
    return form


def _saved_for(type_id: str, hooks: Hooks) -> list[str]:
    """Give the names of what is saved of a type, for a caller who gave none that is there: none is taken by itself."""
    if not type_id:
        return []
    with suppress(JackfieldError):  # a store that cannot be read says so when a name of it is asked for
        stores = [store for answer in hooks.connection_stores() for store in answer]
        return sorted({saved.name for store in stores for saved in store.saved() if saved.type_id == type_id})
    return []


def _missing(
    name: str, connection_type: ConnectionType, problems: Sequence[Problem], saved: Sequence[str], type_id: str = ""
) -> NoConnectionError:
    tried = tuple(map(str, problems)) or (f"There is no connection {name!r}.",)
    variables = _variables(name, connection_type, problems)
    hint = f"Set {_listed(variables)}." if variables else "Give connection={...} in the call."
    if type_id and (name or not variables):
        command = shlex.join(["jackfield", "connection", "add", name or "NAME", type_id])
        hint = f"Save one{' of this name' if name else ''}: {command}. Or: {hint}"
    if saved:
        more = f" and {len(saved) - _MOST_NAMED} more" if len(saved) > _MOST_NAMED else ""
        hint = f"Name one that is saved: {', '.join(saved[:_MOST_NAMED])}{more}. Or: {hint}"
    if connection_type.help:
        hint = f"{hint} {connection_type.help}"
    message = f"There are no credentials for {connection_type.label}: {' '.join(tried)}"
    return NoConnectionError(message, name=name, tried=tried, hint=hint)


def _variables(name: str, connection_type: ConnectionType, problems: Sequence[Problem]) -> list[str]:
    """Name the variables that hold the fields with problems; without problems, those that a newcomer sets first."""
    slots = form_of(connection_type.form).slots
    faulty = {problem.path.partition(".")[2].partition(".")[0].partition("[")[0] for problem in problems}
    meant = [slot for slot in slots if slot.key in faulty] if faulty else _first(slots)
    return [variable for slot in meant if (variable := variable_for(name, slot))]


def _first(slots: Sequence[Slot]) -> list[Slot]:
    telling = [slot for slot in slots if isinstance(slot.word, Url | Password) and not slot.word.advanced]
    return [slot for slot in slots if slot.required] or telling


def _listed(variables: Sequence[str]) -> str:
    return f"the environment variable{'s' if len(variables) > 1 else ''} {' and '.join(variables)}"
