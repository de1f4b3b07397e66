"""A module whose form holds a secret, in a host whose plugins narrow forms."""

from collections.abc import Generator, Mapping, Sequence
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    Context,
    Dynamic,
    Effect,
    Form,
    Host,
    Integer,
    InvalidInputError,
    Password,
    Secret,
    Select,
    hookimpl,
    module,
)

PIN = "4711-canary"


def rooms(_context: Context, values: Mapping[str, object]) -> Sequence[str]:
    """Give what this was told."""
    return [str(values)]


def door_fields(_context: Context, values: Mapping[str, object]) -> type:
    """Have the fields depend on a secret, which nobody has a use for."""
    assert values == {}
    return Inner


@frozen(kw_only=True)
class Inner:
    depth: int


@frozen(kw_only=True)
class Door:
    pin: Annotated[Secret, Password(label="PIN", min_length=4)]
    second: Annotated[Secret | None, Password(label="Second PIN")] = None
    keys: Sequence[Secret] = ()
    tries: Annotated[int, Integer(label="Tries", minimum=1)] = 1
    room: Annotated[str, Select(label="Room", choices=rooms, depends_on=("pin", "tries"))] = ""
    more: Annotated[Mapping[str, object] | None, Dynamic(label="More", fields=door_fields, depends_on=("pin",))] = None


@frozen(kw_only=True)
class Opened:
    length: int


@module(label="Open", effect=Effect.READ)
def open_door(form: Door, context: Context) -> Opened:
    """Open a door."""
    return Opened(length=len(form.pin.reveal()))


class Strict:
    """Narrows a form, and keeps what it was given for that."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, object]] = []

    @hookimpl(wrapper=True)
    def module_fields(self, values: Mapping[str, object]) -> Generator[None, Form, Form]:
        """Lower a bound."""
        self.seen.append(values)
        form = yield
        return form.narrowed("tries", maximum=3)


def test_a_form_with_a_secret_can_be_narrowed() -> None:
    """The module gets the secret; the plugin learns that it is set."""
    strict = Strict()

    with Host(plugins=[strict], modules={"door.open": open_door}, discover=False) as host:
        result = host.run(open_door, {"pin": PIN, "second": "", "keys": [PIN], "more": {"depth": 1}})

    assert result.output.length == len(PIN)
    assert strict.seen == [
        {"pin": "***", "second": "", "keys": ["***"], "tries": 1, "room": "", "more": {"depth": 1}},
    ]


def test_a_narrowed_form_with_a_secret_is_checked() -> None:
    """As any other."""
    with (
        Host(plugins=[Strict()], modules={"door.open": open_door}, discover=False) as host,
        pytest.raises(InvalidInputError, match=r"\$\.tries: must be at most 3, was 4"),
    ):
        host.run(open_door, {"pin": PIN, "tries": 4})


def test_what_a_field_depends_on_shows_no_secret() -> None:
    """Neither to functions that list choices, nor to plugins while a form is filled in."""
    strict = Strict()

    with Host(plugins=[strict], modules={"door.open": open_door}, discover=False) as host:
        (choice,) = host.choices(open_door, "room", values={"pin": PIN, "tries": 2})
        form = host.form(open_door, {"pin": PIN})

    assert choice.value == str({"tries": 2})
    assert form.slot("more") is not None
    assert PIN not in str(strict.seen)
