"""The values of a connection, as a person gives them: arguments, references, standard input, variables, answers."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import click

from jackfield import FromText, InputError, InvalidInputError, Problem, Reference, Secret, Slot, _json
from jackfield._cli.inputs import read_inputs
from jackfield._cli.prompts import ask, can_ask, tell
from jackfield._cli.terminal import say
from jackfield._engine.resolve import variable_for
from jackfield.connections import ConnectionType
from jackfield.forms import Form, Scalar, form_of

_MOST_STDIN = 64 * 1024
"""The most that is read from standard input, in bytes: no secret is longer."""


class Wishes(NamedTuple):
    """What a user said of a connection's values.

    Attributes:
        arguments: ``FIELD=VALUE`` and its like, none of them a secret.
        references: ``FIELD=SCHEME:PLACE``.
        stdin: Whether the secret comes from standard input.
        from_env: Whether values are taken from the variables that the fields name.
        secrets: Fields to ask for in any case.
        unset: Fields to take away.
    """

    arguments: Sequence[str] = ()
    references: Sequence[str] = ()
    stdin: bool = False
    from_env: bool = False
    secrets: Sequence[str] = ()
    unset: Sequence[str] = ()

    def is_empty(self) -> bool:
        """Tell whether nothing was said."""
        return not any(self)


def given_values(wishes: Wishes, kind: ConnectionType, subject: str) -> dict[str, object]:
    """Read what was given, without asking; ``None`` is for what is to be taken away.

    Raises:
        InputError: A secret stands among the arguments, a field is given twice, or a source cannot be read.
    """
    form = form_of(kind.form)
    sources: list[Mapping[str, object]] = [
        _from_arguments(wishes.arguments, form, subject),
        dict(_from_references(wishes.references, form)),
        dict.fromkeys(wishes.unset),
        _from_stdin(form, subject) if wishes.stdin else {},
    ]
    values: dict[str, object] = {}
    for source in sources:
        for key, value in source.items():
            if key in values:
                raise InvalidInputError([_problem(key, "twice", "is given twice")], subject=subject)
            values[key] = value
    if wishes.from_env:
        values = {**_from_variables(form, subject), **values}
    return values


def asked_values(
    kind: ConnectionType, given: Mapping[str, object], keys: Sequence[str], *, optional: bool = False
) -> dict[str, object]:
    """Ask for values on the terminal; what is left empty is left out.

    Args:
        kind: Whose values they are.
        given: Those that are there already, which are not asked for.
        keys: Which fields.
        optional: Whether all may be left empty, even those that are required.
    """
    values: dict[str, object] = {}
    for slot in form_of(kind.form).slots:
        if slot.key in keys and slot.key not in given:
            answer = _answer(slot, required=slot.required and not optional)
            if answer:
                values[slot.key] = answer
    return values


def missing_keys(kind: ConnectionType, given: Mapping[str, object], *, everything: bool) -> list[str]:
    """Say which fields to ask for: secrets and what is required; or everything that is not for experts."""
    form = form_of(kind.form)
    slots = [slot for slot in form.slots if slot.key not in given and isinstance(slot.shape, Scalar)]
    return [
        slot.key
        for slot in slots
        if form.is_required(slot, given)
        or (form.is_shown(slot, given) and not slot.word.advanced and (everything or slot.is_secret))
    ]


def ask_again(error: InvalidInputError, kind: ConnectionType) -> dict[str, object]:
    """Ask for the secrets that a changed address wants to have again.

    Raises:
        InvalidInputError: That error, if it is about anything else, or nobody is there to be asked.
    """
    keys = [problem.path.removeprefix("$.") for problem in error.problems if problem.rule == "origin"]
    slots = {slot.key: slot for slot in form_of(kind.form).slots if slot.is_secret}
    if keys:
        flags = " ".join(f"{'--secret' if key in slots else '--unset'} {key}" for key in keys)
        error.hint = f"Give the same command again with: {flags}"
    if len(keys) != len(error.problems) or not set(keys) <= set(slots) or not can_ask():
        raise error
    tell("The address changes, so that its secret must be given again.")
    return asked_values(kind, {}, keys)


def _answer(slot: Slot, *, required: bool) -> Secret | FromText:
    if slot.word.help:
        tell(slot.word.help)
    hidden = " (not shown while you type)" if slot.is_secret else ""
    optional = "" if required else " [may be empty]"
    kind = Secret if slot.is_secret else FromText
    while not (answer := kind(ask(f"{slot.label}{hidden}{optional}", hidden=slot.is_secret).strip())) and required:
        say("It is required.")
    return answer


def _from_arguments(arguments: Sequence[str], form: Form, subject: str) -> dict[str, object]:
    for argument in arguments:
        name, _, text = argument.partition("=")
        slot = form.slot(name.removesuffix(":"))
        if slot is not None and slot.is_secret and (not text.startswith("@") or text.startswith("@@")):
            raise _secret_argument(slot.key)
    problems: Sequence[Problem] = ()
    try:
        values = read_inputs(arguments, form, subject)
        return {key: _bare(value) if _is_secret(form, key) else value for key, value in values.items()}
    except InvalidInputError as error:
        problems = error.problems
    # Here, since what was read of files is among the variables in the trace of that error.
    raise InvalidInputError(problems, subject=subject)


def _secret_argument(key: str) -> InputError:
    message = f"{key} is a secret, and arguments are seen by other users and kept in the shell's history."
    hint = f"Leave it out to be asked for it; or: --stdin, --from-env, {key}=@FILE, --reference {key}=env:NAME"
    return InputError(message, hint=hint)


def _is_secret(form: Form, key: str) -> bool:
    slot = form.slot(key)
    return slot is not None and slot.is_secret


def _bare(value: object) -> object:
    # A file and a pipe end with a line break, which is none of the secret.
    return Secret(value.rstrip("\r\n")) if isinstance(value, str) else value


def _from_references(references: Sequence[str], form: Form) -> Iterator[tuple[str, Reference]]:
    for each in references:
        key, equals, text = each.partition("=")
        if not equals or form.slot(key) is None:
            message = "--reference has the shape FIELD=SCHEME:PLACE, such as api_key=env:NAME."
            raise click.UsageError(message, click.get_current_context(silent=True))
        yield key, Reference.parse(text)


def _from_variables(form: Form, subject: str) -> dict[str, object]:
    named = {slot.key: variable_for("", slot) for slot in form.slots if slot.word.env}
    found = {key: FromText(text) for key, variable in named.items() if (text := os.environ.get(variable))}
    if not found:
        if not named:
            message = f"{subject}: no field of it names a variable, so --from-env finds nothing."
            raise InputError(message, hint="Give the values as FIELD=VALUE; secrets are asked for.")
        message = f"{subject}: none of the variables is set that its fields name: {', '.join(named.values())}."
        raise InputError(message, hint="Set one, or give the values in another way.")
    return {key: _bare(text) if _is_secret(form, key) else text for key, text in found.items()}


def _from_stdin(form: Form, subject: str) -> dict[str, object]:
    secrets = [slot.key for slot in form.slots if slot.is_secret and not slot.word.advanced]
    given = read_stdin()
    if len(secrets) == 1:
        return {secrets[0]: given}
    found = _parsed(given, secrets)
    if found is None:
        message = f"{subject} has {len(secrets)} secrets; standard input must hold them as a JSON object"
        message += f" with the keys {', '.join(secrets)}."
        raise InputError(message)
    return found


def _parsed(given: Secret, keys: Sequence[str]) -> dict[str, object] | None:
    """Read secrets from a JSON object; ``None`` if it is none, or has other keys."""
    try:
        found = _json.parse(given.reveal(), unique=True)
    except _json.JsonError:
        return None
    if not isinstance(found, dict) or not set(found) <= set(keys):
        return None
    return {key: Secret(value) if isinstance(value, str) else value for key, value in found.items()}


def read_stdin() -> Secret:
    """Read a secret from standard input, without the line break at its end.

    Raises:
        InputError: It is empty, too long, or no UTF-8.
    """
    found, wrong = _read_stdin()
    if wrong:
        message = f"Standard input {wrong}."
        raise InputError(message, hint='For example: printf %s "$KEY" | jackfield connection add ... --stdin')
    return found


def _read_stdin() -> tuple[Secret, str]:
    data = sys.stdin.buffer.read(_MOST_STDIN + 1) if getattr(sys, "stdin", None) else b""
    wrong = "is longer than 64 KiB" if len(data) > _MOST_STDIN else "" if data.strip() else "is empty"
    try:
        return Secret(data.decode().removeprefix("\ufeff").rstrip("\r\n")), wrong
    except UnicodeDecodeError as error:
        return Secret(""), f"is not UTF-8 at byte {error.start}"


def _problem(key: str, rule: str, message: str) -> Problem:
    return Problem(path=f"$.{key}", rule=rule, message=message)
