"""Inputs in files that say which module and version they are for: ``module run --save``, ``module upgrade``."""

import difflib
import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from jackfield import FileError, Host, InputError, InvalidInputError, Kind, ModuleHandle, Problem
from jackfield._cli.feed import PLACE, read_forms
from jackfield._cli.settings import open_host
from jackfield._cli.terminal import say, write
from jackfield._cli.wishes import RunWishes, WatchWishes
from jackfield._engine.conversion import load_form, read_values
from jackfield._engine.saved_inputs import MODULE, VERSION, is_saved, without_secrets
from jackfield._writing import write_whole
from jackfield.secrets import Redactor


def save_input(handle: ModuleHandle, values: Mapping[str, object], wishes: RunWishes) -> None:
    """Write an input into a new file instead of running it.

    Args:
        handle: Its module.
        values: It.
        wishes: Where it goes, and with which options it would have run.

    Raises:
        InvalidInputError: It is no input of the module.
        FileError: The file is there already, or cannot be written.
    """
    name = wishes.save or ""
    load_form(handle.module.signature.form, values, subject=handle.id)
    # Masked first: what is no JSON yet, such as text that was typed for a list, is read by that.
    kept, secrets = without_secrets(handle.form, read_values(handle.form, [*values], values))
    try:
        write_whole(Path(name).expanduser(), [_text(handle.saved(kept)).encode()])
    except FileError as error:
        error.hint = "Give --save another name." if "already" in error.message else error.hint
        raise
    if secrets:
        say(f"note: secrets stand in no file; give these when you run it: {', '.join(secrets)}.")
    if telling := [*_changed(kept, Redactor().scrub_json(kept))]:
        what = f"what looks like a secret stands in clear in {name}: {', '.join(telling)}"
        say(f"warning: {what}. Take it out there, and give it when you run it.")
    again: RunWishes | WatchWishes = wishes._replace(save=None, input=name)
    if handle.kind is Kind.TRIGGER:
        again = WatchWishes(connection=wishes.connection, deadline_s=wishes.deadline_s, input=name)
    command = shlex.join(["jackfield", "module", again.verb, handle.id, *again.as_options()])
    say(f"saved: {name}. {again.verb.capitalize()} it with: {command}")


def _changed(value: object, other: object, path: str = "") -> Iterator[str]:
    """Name the places in a JSON value at which another of the same shape differs."""
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        for (key, item), changed in zip(value.items(), other.values(), strict=True):
            yield from _changed(item, changed, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and isinstance(other, list):
        for at, (item, changed) in enumerate(zip(value, other, strict=True)):
            yield from _changed(item, changed, f"{path}.{at}")
    elif value != other:
        yield path


def current(handle: ModuleHandle, given: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Give the form of an input from a file, brought to the present if it was saved for an older version."""
    if not is_saved(given):
        return given
    found = handle.upgraded(given)
    if found.get(VERSION) != given.get(VERSION, 1):
        command = shlex.join(["jackfield", "module", "upgrade", name])
        say(f"note: {name} is of version {given.get(VERSION, 1)}; `{command}` brings it to date.")
    return {key: value for key, value in found.items() if key not in (MODULE, VERSION)}


def upgrade_file(name: str, *, dry_run: bool) -> int:
    """Bring the inputs in a file to the versions that are installed, and show what changes.

    Returns:
        How many changed.

    Raises:
        InvalidInputError: The file cannot be read, or holds an input that cannot be brought to the present.
        InputError: An input in it does not say of which module it is.
    """
    forms, several = _read(name)
    with open_host() as host:
        found = [_upgraded(host, given, f"{name}, line {line}" if several else name) for line, given in forms]
    changed = [(old, new) for (_, old), new in zip(forms, found, strict=True) if dict(old) != new]
    for old, new in changed:
        write("".join(_diff(old, new, name)))
    if changed and not dry_run:
        texts = [_line(new) if several else _text(new) for new in found]
        target = Path(name).expanduser().resolve()  # a link stays one
        write_whole(target, [text.encode() for text in texts], overwrite=True)
    _tell(name, len(forms), len(changed), dry_run=dry_run)
    return len(changed)


def _read(name: str) -> tuple[list[tuple[int, Mapping[str, object]]], bool]:
    try:
        return read_forms(name)
    except InvalidInputError as error:
        hint = error.hint.replace(f": {PLACE} FILE", "")
        subject = f"{name}, {error.subject}" if error.subject else ""  # it names a line
        raise InvalidInputError([_placed(each, name) for each in error.problems], subject=subject, hint=hint) from None


def _placed(problem: Problem, name: str) -> Problem:
    """Say of which file a problem is, unless it says so itself."""
    if problem.path != PLACE:
        return problem
    is_named, message = problem.message.startswith(name), problem.message
    return attrs.evolve(problem, path=name, message=message.removeprefix(name).strip() if is_named else message)


def _upgraded(host: Host, given: Mapping[str, Any], place: str) -> dict[str, object]:
    module_id = given.get(MODULE)
    if not isinstance(module_id, str):
        message = f"{place} does not say of which module it is an input."
        raise InputError(
            message, hint=f'Add "{MODULE}": "MODULE ID" to it, and "{VERSION}": the version it was made for.'
        )
    handle = host.module(module_id)
    try:
        return handle.upgraded(given)
    except InvalidInputError as error:
        newer = any(problem.rule == "version" for problem in error.problems)
        hint = f"pip install --upgrade {handle.distribution}" if newer and handle.distribution else error.hint
        raise InvalidInputError(error.problems, subject=f"{place} ({handle.id})", hint=hint) from None


def _text(value: Mapping[str, object]) -> str:
    return _spelled(value, indent=2)


def _line(value: Mapping[str, object]) -> str:
    return _spelled(value, indent=None)


def _spelled(value: Mapping[str, object], indent: int | None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which is no text; JSON can spell it
        text = json.dumps(value, indent=indent) + "\n"
    return text


def _diff(old: Mapping[str, object], new: Mapping[str, object], name: str) -> Iterator[str]:
    before, after = (_text(value).splitlines(keepends=True) for value in (old, new))
    return difflib.unified_diff(before, after, name, f"{name}, upgraded")


def _tell(name: str, count: int, changed: int, *, dry_run: bool) -> None:
    if not changed:
        say(f"{name} is up to date.")
    elif dry_run:
        say(f"{changed} of {count} would change; nothing was written. Without --dry-run it is.")
    else:
        say(f"{name} was brought to date: {changed} of {count} changed.")
