from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import attrs
import pytest
from attrs import field, frozen

from jackfield import Array, Collection, Context, Host, Integer, Number, PluginError, Text, module
from jackfield._engine.conversion import load_form


@frozen(kw_only=True)
class Inner:
    size: Annotated[int | None, Integer(minimum=1, example=0)] = None


@frozen(kw_only=True)
class Outer:
    inner: Inner | None = None


@frozen(kw_only=True)
class Gone:
    ok: bool = True


@module(label="Show")
def show(form: Outer, context: Context) -> Gone:
    """Show a field whose example is wrong."""
    return Gone()


WRONG: list[tuple[Any, str]] = [
    (Annotated[float, Number(maximum=2, example=3)], "must be at most 2, was 3"),
    (Annotated[str, Text(example=5)], "must be text, was 5"),
    (Annotated[Sequence[int], Array(example=["a"])], "[0] must be a whole number"),
    (Sequence[Annotated[int, Integer(minimum=1, example=0)]], "must be at least 1, was 0"),
    (Mapping[str, Annotated[int, Integer(minimum=1, example=0)]], "must be at least 1, was 0"),
    (Annotated[str, Text(max_length=1, example="ab")] | Sequence[str], "must have at most 1 character, has 2"),
    (Annotated[Gone, Collection(example={"ok": 5})], ".ok must be true or false, was 5"),
]


@pytest.mark.parametrize(("hint", "why"), WRONG, ids=[why for _, why in WRONG])
def test_an_example_that_the_field_refuses_is_named(hint: Any, why: str) -> None:
    """Its author learns it when the form is first read."""
    cls = attrs.make_class("Here", {"spot": field(type=hint, default=None)}, kw_only=True, frozen=True)

    with pytest.raises(PluginError) as caught:
        load_form(cls, {})

    assert caught.value.message.startswith("Here.spot: the example is refused: ")
    assert why in caught.value.message
    assert caught.value.hint == "Show an example that the field accepts."


def test_a_module_with_a_wrong_example_is_not_shown() -> None:
    """Also where the example is in a form that is inside of another."""
    with Host(discover=False, modules={"a.show": show}) as host, pytest.raises(PluginError, match=r"Inner\.size"):
        _ = host.module("a.show").form
