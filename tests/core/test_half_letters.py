"""Half of a surrogate pair, which JSON may escape and no request can carry, is told of the field that has it."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import Context, Effect, Host, InvalidInputError, Json, PluginError, Text, module

HALF = "\ud800"


@frozen(kw_only=True)
class Note:
    """What to write down."""

    text: Annotated[str, Text(label="Text")]
    extra: Annotated[Mapping[str, object] | None, Json(label="Extra")] = None


@frozen(kw_only=True)
class Written:
    """How many bytes it has."""

    size: int


@module(label="Write", effect=Effect.READ)
def write(form: Note, context: Context) -> Written:
    """Count the bytes of a text."""
    del context
    return Written(size=len(json.dumps([form.text, form.extra], ensure_ascii=False).encode()))


@module(label="Stumble", effect=Effect.READ)
def stumble(form: Note, context: Context) -> Written:
    """Trip over a text of its own."""
    del context
    return Written(size=len((form.text + HALF).encode()))


@pytest.fixture
def host() -> Iterator[Host]:
    """Run two modules that need bytes."""
    with Host(discover=False, modules={"notes.write": write, "notes.stumble": stumble}, environ={}) as opened:
        yield opened


PLACES = {
    "a field": ({"text": f"a{HALF}"}, "$.text"),
    "an item": ({"text": "a", "extra": {"b": ["c", f"{HALF}d"]}}, "$.extra.b[1]"),
    "a name": ({"text": "a", "extra": {"b": {HALF: 1}}}, "$.extra.b"),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_field_with_half_a_letter_is_named(host: Host, name: str) -> None:
    """It is bad input, and no defect of the connector."""
    form, place = PLACES[name]

    with pytest.raises(InvalidInputError, match=r"not Unicode \(half of a surrogate pair\)") as refused:
        host.run("notes.write", form)

    assert [problem.path for problem in refused.value.problems] == [place]
    str(refused.value).encode()


def test_each_field_with_half_a_letter_is_named(host: Host) -> None:
    """All of them at once."""
    with pytest.raises(InvalidInputError) as refused:
        host.run("notes.write", {"text": HALF, "extra": {"a": HALF}})

    assert [problem.path for problem in refused.value.problems] == ["$.text", "$.extra.a"]


def test_a_connector_that_makes_half_a_letter_itself_has_a_defect(host: Host) -> None:
    """Nobody is told to mend an input that is right."""
    with pytest.raises(PluginError, match="UnicodeEncodeError"):
        host.run("notes.stumble", {"text": "whole"})


def test_a_confidential_run_names_the_field_too(host: Host) -> None:
    """And still nothing of what is in it."""
    with pytest.raises(InvalidInputError) as refused:
        host.run("notes.write", {"text": f"canary{HALF}"}, confidential=True)

    assert "canary" not in str(refused.value)
    assert "$.text" in str(refused.value)
