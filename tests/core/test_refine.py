"""Forms that fit what is filled in so far."""

from collections.abc import Generator, Mapping
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import (
    ConnectionType,
    ConnectionView,
    Context,
    Form,
    Host,
    Integer,
    InvalidInputError,
    Select,
    hookimpl,
    module,
)


@frozen(kw_only=True)
class Account:
    """Who asks."""

    name: str = "x"


account = ConnectionType(label="Service", form=Account, origin="https://service.example")


@frozen(kw_only=True)
class Paint:
    """What to paint."""

    brush: Annotated[str, Select(choices=("broad", "fine"), free_text=True)]
    width: Annotated[int | None, Integer(maximum=9)] = None
    color: Annotated[str | None, Select(choices=("red", "blue"), free_text=True)] = None


@frozen(kw_only=True)
class Painted:
    """What was painted."""

    width: int | None = None


SEEN: list[ConnectionView | None] = []


def _fit(form: Form, values: Mapping[str, object], connection: ConnectionView | None) -> Form:
    SEEN.append(connection)
    if values.get("brush") != "fine":
        return form
    return form.without("width").narrowed("color", choices=["red"])


@module(label="Paint", connection=account, refine=_fit)
def paint(form: Paint, context: Context) -> Painted:
    """Paint."""
    return Painted(width=form.width)


class Policy:
    """Narrows further, on top of what the author does."""

    @hookimpl(wrapper=True)
    def module_fields(self, module_id: str) -> Generator[None, Form, Form]:
        """Bound what is there."""
        form = yield
        return form if form.slot("width") is None else form.narrowed("width", maximum=5)


def _host(*plugins: object) -> Host:
    return Host(discover=False, modules={"service.paint": paint}, plugins=plugins, environ={})


def test_a_form_is_shown_as_it_fits_the_values() -> None:
    """Fields may go and choices get fewer; without values it is the declared one."""
    with _host() as host:
        handle = host.module("service.paint")

        assert [slot.key for slot in handle.form.slots] == ["brush", "width", "color"]
        fine = handle.form_for({"brush": "fine"})
    assert [slot.key for slot in fine.slots] == ["brush", "color"]
    color: Any = fine.slots[1].word
    assert [choice.value for choice in color.choices] == ["red"]


def test_the_schema_is_that_of_the_refined_form() -> None:
    """Whoever exports it sees the same."""
    with _host() as host:
        schema = host.module("service.paint").schema({"brush": "fine"})

    assert set(schema["properties"]) == {"brush", "color"}


def test_what_is_not_shown_can_still_be_given() -> None:
    """A refinement is for the eye; what is refused is for the module to say."""
    with _host() as host:
        result = host.run("service.paint", {"brush": "fine", "width": 9, "color": "blue"}, connection={})

    assert result.output == Painted(width=9)


def test_a_policy_narrows_what_the_author_left() -> None:
    """What it bounds is checked, and what the author hid is not its concern."""
    with _host(Policy()) as host:
        with pytest.raises(InvalidInputError, match="at most 5"):
            host.run("service.paint", {"brush": "broad", "width": 9}, connection={})
        result = host.run("service.paint", {"brush": "fine", "width": 9}, connection={})

    assert result.output == Painted(width=9)


def test_a_refinement_may_look_at_the_connection() -> None:
    """Where there is one; never at its secrets."""
    SEEN.clear()
    with _host(Policy()) as host:
        host.module("service.paint").form_for({})
        host.run("service.paint", {"brush": "broad"}, connection={})

    assert SEEN[0] is None
    assert {view.base_url for view in SEEN if view is not None} == {"https://service.example"}
