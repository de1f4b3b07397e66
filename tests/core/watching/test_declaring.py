"""What an author declares of a trigger, and what is told where that cannot be."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bulletin import Note, Which, watch_notes

from jackfield import Context, Effect, Kind, Order, PluginError, Trigger, module


def listing(form: Which, context: Context) -> Iterator[Note]:
    """Give notes."""
    yield Note(id=1)


def single(form: Which, context: Context) -> Note:
    """Give one note."""
    return Note(id=1)


def test_declaring_what_is_new_makes_a_trigger() -> None:
    """Nothing else need be said."""
    assert watch_notes.kind is Kind.TRIGGER


@pytest.mark.parametrize(
    ("options", "function", "words"),
    [
        ({"kind": Kind.TRIGGER}, listing, "must say what is new"),
        ({"trigger": Trigger(key="id")}, single, "any number of items"),
        ({"trigger": Trigger(key="id"), "kind": Kind.UNIVERSAL}, listing, "only a trigger has trigger"),
        ({"trigger": Trigger(key="ident", date="when")}, listing, "no attribute ident, when"),
    ],
)
def test_a_trigger_that_cannot_be_one_is_refused_with_what_to_do(
    options: dict[str, Any], function: Callable[..., Any], words: str
) -> None:
    """The place, the rule and the remedy."""
    made = module(label="Watch", effect=Effect.READ, **options)(function)

    with pytest.raises(PluginError, match=words) as refused:
        _ = made.kind

    assert "test_declaring" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"updates": True, "key": "id"}, "updates needs a key and a date"),
        ({"keep_last_key": True}, "keep_last_key needs a key"),
        ({"look_back_s": -1.0}, "look_back_s"),
        ({"look_back_s": float("nan")}, "look_back_s"),
        ({"look_back_items": 0}, "look_back_items"),
    ],
)
def test_parts_that_do_not_go_together_are_refused_where_they_are_written(declared: dict[str, Any], words: str) -> None:
    """When the connector is imported."""
    with pytest.raises(PluginError, match=words):
        Trigger(**declared)


def test_an_order_is_one_of_three() -> None:
    """Without one, nothing is relied on."""
    assert Trigger(key="id").order is Order.ANY
