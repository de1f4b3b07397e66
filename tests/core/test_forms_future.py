from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Integer, Number, Text
from jackfield._engine.conversion import load_form
from jackfield.forms import form_of


@frozen(kw_only=True)
class Leaf:
    kind: Literal["leaf"] = "leaf"
    weight: Annotated[float | None, Number(minimum=0)] = None


@frozen(kw_only=True)
class Branch:
    kind: Literal["branch"] = "branch"
    parts: Sequence[Leaf | Branch]
    count: Annotated[int, Integer(minimum=1)] = 1


def test_annotations_may_be_texts() -> None:
    """As ``from __future__ import annotations`` makes them."""
    kind, parts, count = form_of(Branch).slots

    assert (kind.required, parts.required, count.required) == (False, True, False)
    assert (kind.word.label, count.word) == ("", Integer(minimum=1))
    assert form_of(Leaf).slots[1].nullable


def test_values_are_read_with_them() -> None:
    """Recursion included."""
    tree = load_form(Branch, {"parts": [{"kind": "leaf", "weight": 1}, {"kind": "branch", "parts": []}]})

    assert tree == Branch(parts=(Leaf(weight=1.0), Branch(parts=())))


def test_words_are_still_words() -> None:
    """They are not texts."""
    assert not isinstance(form_of(Leaf).slots[1].word, Text)
