from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pytest
from attrs import frozen

from jackfield import Array, Integer, Number, PluginError, Select, Text
from jackfield.forms import Form, form_of


@frozen(kw_only=True)
class Chat:
    model: Annotated[str, Select(choices=lambda _: ["a", "b"])]
    temperature: Annotated[float | None, Number(label="Heat", minimum=0, maximum=2)] = None
    count: Annotated[int | None, Integer()] = None
    effort: Literal["low", "medium", "high"] | None = None
    size: Annotated[str | None, Select(choices=["s", "m", "l"])] = None
    tags: Annotated[Sequence[str] | None, Array(max_items=3)] = None


FORM = form_of(Chat)


def _word(form: Form, key: str) -> Any:
    slot = form.slot(key)
    assert slot is not None
    return slot.word


def test_slots_can_be_left_out() -> None:
    """By their names in JSON; the form itself stays as it is."""
    form = FORM.without("temperature", "tags")

    assert [slot.key for slot in form.slots] == ["model", "count", "effort", "size"]
    assert len(FORM.slots) == 6
    assert FORM.without() == FORM


def test_bounds_can_be_tightened_and_set() -> None:
    """What is not changed is kept."""
    form = FORM.narrowed("temperature", maximum=1, help="Not too hot.").narrowed("count", maximum=4)

    assert _word(form, "temperature") == Number(label="Heat", minimum=0, maximum=1, help="Not too hot.")
    assert _word(form, "count") == Integer(maximum=4)
    assert [slot.key for slot in form.slots] == [slot.key for slot in FORM.slots]


def test_choices_can_be_limited() -> None:
    """Of a Literal, of a list, and of what is asked for."""
    form = FORM.narrowed("effort", choices=["low"]).narrowed("size", choices=["s", "m"])
    form = form.narrowed("model", choices=["a"], free_text=False)

    assert not _word(form, "model").accepts_others
    assert [choice.value for choice in _word(form, "effort").choices] == ["low"]
    assert [choice.value for choice in _word(form, "size").choices] == ["s", "m"]


def test_a_slot_can_be_required() -> None:
    """What is required stays so when something else is changed."""
    form = FORM.narrowed("temperature", required=True).narrowed("temperature", maximum=1)

    slot = form.slot("temperature")
    assert slot is not None
    assert slot.required


@pytest.mark.parametrize(
    ("key", "changes", "what"),
    [
        ("temprature", {"maximum": 1}, "Chat.temprature: there is no such field"),
        ("temperature", {"maximum": 3}, "maximum would widen from 2 to 3"),
        ("temperature", {"maximum": None}, "maximum would widen from 2 to None"),
        ("temperature", {"minimum": -1}, "minimum would widen from 0 to -1"),
        ("temperature", {"minimum": 3}, "minimum is 3 and maximum is 2, so no value fits"),
        ("temperature", {"max_length": 3}, "max_length cannot be changed"),
        ("temperature", {"key": "heat"}, "key cannot be changed"),
        ("tags", {"max_items": 4}, "max_items would widen from 3 to 4"),
        ("effort", {"choices": ["low", "extreme"]}, "a choice is none of the Literal's values"),
        ("size", {"choices": ["s", "xl"]}, "choices would widen"),
        ("size", {"free_text": True}, "choices would widen"),
        ("size", {"choices": []}, "there are no choices"),
        ("model", {"required": False}, "it is required, and cannot become optional"),
    ],
    ids=str,
)
def test_a_form_can_only_get_narrower(key: str, changes: dict[str, Any], what: str) -> None:
    """Else the form would show what the class of the form then refuses."""
    with pytest.raises(PluginError) as caught:
        FORM.narrowed(key, **changes)

    assert caught.value.message.startswith(f"Chat.{key}: ")
    assert what in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("key", "what"),
    [("model", "it is required, so it cannot be hidden"), ("modl", "there is no such field")],
)
def test_what_cannot_be_left_out_is_named(key: str, what: str) -> None:
    """A form without a required slot could not be filled."""
    with pytest.raises(PluginError, match=what):
        FORM.without(key)


def test_what_people_see_may_change_as_you_like() -> None:
    """It narrows nothing."""

    @frozen(kw_only=True)
    class Note:
        text: Annotated[str, Text(label="Text", max_length=9)] = ""

    form = form_of(Note).narrowed("text", label="Words", help="A few.", advanced=True, deprecated="Use speech.")

    assert _word(form, "text") == Text(
        label="Words", help="A few.", advanced=True, deprecated="Use speech.", max_length=9
    )
