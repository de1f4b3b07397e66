import sys
from collections.abc import Sequence
from typing import Any

import pytest

from jackfield import Number, PluginError
from jackfield.forms import Either, ListOf, form_of, shape_of

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="type statements came with Python 3.12")

ALIASES = """
from collections.abc import Sequence
from typing import Annotated
from attrs import frozen
from jackfield import Number

type Name = str
type Heat = Annotated[float, Number(maximum=2)]
type Many[T] = Sequence[T]
type Either = Name | Heat | Many[int]
type Broken = Sequence[Missing]
type Endless = Sequence[Endless] | str

@frozen(kw_only=True)
class Aliased:
    name: Name
    heat: Heat
    maybe: Heat | None = None
    many: Many[Heat]
    either: Either | None = None

@frozen(kw_only=True)
class Unresolved:
    broken: Broken

@frozen(kw_only=True)
class Unending:
    endless: Endless
"""


def _aliases() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": __name__}
    exec(ALIASES, names)  # noqa: S102  older Pythons cannot read it
    return names


def test_type_statements_are_looked_through() -> None:
    """With a word in them, with parameters, and inside of unions."""
    name, heat, maybe, many, either = form_of(_aliases()["Aliased"]).slots

    assert name.shape == shape_of(str)
    assert (heat.word, heat.nullable) == (Number(maximum=2), False)
    assert (maybe.word, maybe.nullable) == (Number(maximum=2), True)
    assert isinstance(many.shape, ListOf)
    assert many.shape.item.word == Number(maximum=2)
    assert isinstance(either.shape, Either)
    assert either.shape.members == (shape_of(str), shape_of(float), shape_of(Sequence[int]))


def test_a_type_statement_with_an_unknown_name_is_an_error() -> None:
    """It is found late, since the statement is."""
    with pytest.raises(PluginError, match="Unresolved: the name 'Missing' in an annotation cannot be resolved"):
        form_of(_aliases()["Unresolved"])


def test_a_type_statement_that_holds_itself_is_an_error() -> None:
    """A class may; an alias has no end."""
    with pytest.raises(PluginError, match="Unending: an annotation never ends") as caught:
        form_of(_aliases()["Unending"])

    assert caught.value.hint == "A type alias cannot hold itself; an attrs class can."
