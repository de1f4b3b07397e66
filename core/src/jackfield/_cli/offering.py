"""What Tab completes: ids, the names of fields, and values where they are known. Nothing is ever said of a failure."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import click
from click.shell_completion import CompletionItem

from jackfield import Choice, Host
from jackfield._cli.settings import open_host
from jackfield.errors import JackfieldError
from jackfield.fields import Select
from jackfield.forms import Either, Fixed, ListOf, MapOf, Record, Scalar, ScalarKind, Shape, Slot, form_of
from jackfield.settings import all_settings

_WAIT_S = 2.0
"""Longer than this, nobody waits for a list after Tab."""

_Words = Iterator[tuple[str, str]]


def completions(kind: str, context: click.Context, incomplete: str) -> list[CompletionItem]:
    """Give what fits what was typed.

    Args:
        kind: What is completed: ``modules``, ``aliases``, ``connectors``, ``types``, ``saved`` connections, ``targets``
            (either of these two), ``fields``, ``settings``.
        context: What was typed before.
        incomplete: What was typed of the word.
    """
    found: dict[str, CompletionItem] = {}
    with contextlib.suppress(JackfieldError, OSError):
        for word, told in _KINDS[kind](context, incomplete):
            if word.startswith(incomplete):
                # A name is only half of a word: no blank comes after it.
                ends = not word.endswith(("=", "."))
                item = CompletionItem(word, type="plain" if ends else "nospace", help=told or None)
                found.setdefault(word, item)  # the members of a union share fields
    return [*found.values()]


def _modules(_: click.Context, incomplete: str) -> _Words:
    with open_host() as host:
        ids = [handle.id for handle in host.modules()]
        yield from ((module_id, "") for module_id in ids)
        # Names of other products cost an import of every module: only for whoever types what is no id of ours.
        if incomplete and not any(module_id.startswith(incomplete) for module_id in ids):
            yield from _aliases_in(host)


def _aliases(_: click.Context, __: str) -> _Words:
    with open_host() as host:
        yield from _aliases_in(host)


def _aliases_in(host: Host) -> _Words:
    """Give the names of other products, but for labels with blanks, which not every shell quotes."""
    for handle in host.modules():
        with contextlib.suppress(JackfieldError):
            yield from ((alias, handle.id) for alias in handle.aliases if " " not in alias)


def _connectors(_: click.Context, __: str) -> _Words:
    with open_host() as host:
        yield from ((handle.id, "") for handle in host.connectors())


def _types(_: click.Context, __: str) -> _Words:
    with open_host() as host:
        for connector in host.connectors():
            with contextlib.suppress(JackfieldError):
                yield from ((type_id, kind.label) for type_id, kind in connector.connection_types.items())


def _saved(_: click.Context, __: str) -> _Words:
    with open_host() as host:
        yield from ((saved.name, saved.type_id) for saved in host.saved_connections())


def _targets(context: click.Context, incomplete: str) -> _Words:
    yield from _saved(context, incomplete)
    yield from _types(context, incomplete)


def _settings(_: click.Context, __: str) -> _Words:
    yield from ((setting.name, "") for setting in all_settings())


def _fields(context: click.Context, incomplete: str) -> _Words:
    """Give names with ``=`` behind them, and behind that values."""
    with open_host() as host:
        handle = host.module(context.params["module_id"])
        name, equals, _ = incomplete.partition("=")
        *outer, last = name.split(".")
        slots = _slots_at(handle.form.slots, outer)
        if not equals:
            prefix = "".join(f"{part}." for part in outer)
            yield from ((prefix + word, slot.label) for slot in slots for word in _spellings(slot))
            return

        def ask() -> Sequence[Choice]:
            # A list's items have one field between them.
            field = ".".join(part for part in name.split(".") if not part.isdecimal())
            return host.choices(handle.id, field, connection=context.params.get("connection"), deadline_s=_WAIT_S)

        for slot in (slot for slot in slots if slot.key == last):
            yield from ((f"{name}={value}", told) for value, told in _values(slot, ask))


def _slots_at(slots: Sequence[Slot], names: Sequence[str]) -> Sequence[Slot]:
    """Give the fields of the objects that dotted names lead to; of a union, those of all its members."""
    for name in (name for name in names if not name.isdecimal()):
        slots = [inner for slot in slots if slot.key == name for inner in _inner(slot.shape)]
    return slots


def _inner(shape: Shape) -> Iterator[Slot]:
    if isinstance(shape, Record):
        yield from form_of(shape.cls).slots
    elif isinstance(shape, ListOf):
        yield from _inner(shape.item.shape)
    elif isinstance(shape, Either):
        for member in shape.members:
            yield from _inner(member)


def _spellings(slot: Slot) -> Iterator[str]:
    members = slot.shape.members if isinstance(slot.shape, Either) else (slot.shape,)
    lists = [member for member in members if isinstance(member, ListOf)]
    if any(isinstance(member, Record) for member in members):
        yield f"{slot.key}."
    for found in lists:
        yield f"{slot.key}.0." if any(True for _ in _inner(found)) else f"{slot.key}.0="
    if any(isinstance(member, MapOf) for member in members):
        yield f"{slot.key}."
    if not all(isinstance(member, Record | ListOf | MapOf) for member in members):
        yield f"{slot.key}="


def _values(slot: Slot, ask: Callable[[], Sequence[Choice]]) -> _Words:
    shapes = slot.shape.members if isinstance(slot.shape, Either) else (slot.shape,)
    choices = slot.word.choices if isinstance(slot.word, Select) else ()
    if callable(choices):
        yield from ((str(choice.value), choice.label) for choice in ask())
    elif choices:
        yield from ((str(choice.value), choice.label) for choice in choices)
    for shape in shapes:
        if isinstance(shape, Fixed) and not choices:
            yield from ((str(value), "") for value in shape.values)
        elif shape == Scalar(ScalarKind.BOOLEAN):
            yield from (("yes", ""), ("no", ""))


_KINDS: dict[str, Callable[[click.Context, str], _Words]] = {
    "modules": _modules,
    "aliases": _aliases,
    "connectors": _connectors,
    "saved": _saved,
    "targets": _targets,
    "types": _types,
    "fields": _fields,
    "settings": _settings,
}
