from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NewType, Optional, Union

import attrs
import pytest
from attrs import field, frozen

from jackfield import (
    Array,
    Boolean,
    Collection,
    Field,
    Integer,
    Json,
    KeyValue,
    Number,
    OneOf,
    Password,
    Rest,
    Secret,
    Select,
    Text,
    Url,
)
from jackfield.forms import (
    Anything,
    Either,
    Fixed,
    ListOf,
    MapOf,
    Record,
    Scalar,
    ScalarKind,
    Shape,
    form_of,
    is_recursive,
    json_kind,
    records_in,
    shape_of,
    slot_of,
)

TEXT = Scalar(ScalarKind.TEXT)
NUMBER = Scalar(ScalarKind.NUMBER)
INTEGER = Scalar(ScalarKind.INTEGER)


@frozen(kw_only=True)
class Point:
    """Where something is."""

    x: Annotated[float, Number(label="Left", minimum=0)]
    y: float = 0.5
    note: Annotated[str | None, Text(max_length=80)] = None
    tags: Sequence[str] = field(factory=list)
    from_: Annotated[str, Text(key="from")] = "here"


@frozen(kw_only=True)
class Circle:
    kind: Literal["circle"] = "circle"
    radius: float


@frozen(kw_only=True)
class Shapes:
    kind: Literal["group", "layer"]
    shapes: "Sequence[Circle | Shapes]" = ()


@frozen(kw_only=True)
class Plain:
    size: int = 1


@frozen(kw_only=True)
class Answer:
    id: str
    rest: Annotated[Mapping[str, object], Rest()]


def test_a_form_has_its_slots_in_order() -> None:
    """With the name in Python, the name in JSON, and whether it must be given."""
    form = form_of(Point)

    assert form.description == "Where something is."
    assert [(slot.name, slot.key, slot.required, slot.nullable) for slot in form.slots] == [
        ("x", "x", True, False),
        ("y", "y", False, False),
        ("note", "note", False, True),
        ("tags", "tags", False, False),
        ("from_", "from", False, False),
    ]


def test_a_default_is_known_unless_it_is_made() -> None:
    """What a factory makes is nobody's to show."""
    assert [slot.default for slot in form_of(Point).slots] == [None, 0.5, None, None, "here"]


def test_a_label_is_made_from_the_name() -> None:
    """Unless the word says one."""
    assert [slot.label for slot in form_of(Point).slots] == ["Left", "Y", "Note", "Tags", "From"]


def test_a_slot_is_found_by_its_name_in_json() -> None:
    """Not by its name in Python."""
    form = form_of(Point)

    assert form.slot("from") is form.slots[-1]
    assert form.slot("from_") is None


def test_a_class_is_read_once() -> None:
    """Forms are asked for in every call."""
    assert form_of(Point) is form_of(Point)


def test_a_class_without_a_docstring_has_no_description() -> None:
    """It does not borrow one from what it inherits."""

    @frozen(kw_only=True)
    class Heir(Point):
        z: float = 0.0

    assert form_of(Heir).description == ""
    assert [slot.name for slot in form_of(Heir).slots] == ["x", "y", "note", "tags", "from_", "z"]


def test_what_is_computed_is_no_slot() -> None:
    """Nobody can give it."""

    @frozen(kw_only=True)
    class Square:
        side: float
        area: float = field(init=False, default=0.0)

    assert [slot.name for slot in form_of(Square).slots] == ["side"]


def test_the_rest_is_no_slot() -> None:
    """It is known by its name."""
    form = form_of(Answer)

    assert [slot.name for slot in form.slots] == ["id"]
    assert form.rest == "rest"


UserId = NewType("UserId", str)


TYPES: list[tuple[Any, Shape | None, Field]] = [
    (str, TEXT, Text()),
    (Secret, Scalar(ScalarKind.SECRET), Password()),
    (float, NUMBER, Number()),
    (int, INTEGER, Integer()),
    (bool, Scalar(ScalarKind.BOOLEAN), Boolean()),
    (object, Anything(), Json()),
    (Any, Anything(), Json()),
    (Literal["a", 1, True], Fixed(("a", 1, True)), Select()),
    (list[int], ListOf(slot_of(int, ""), list), Array()),
    (Sequence[int], ListOf(slot_of(int, ""), tuple), Array()),
    (tuple[int, ...], ListOf(slot_of(int, ""), tuple), Array()),
    (dict[str, int], MapOf(slot_of(int, "")), KeyValue()),
    (Mapping[str, int], MapOf(slot_of(int, "")), KeyValue()),
    (Circle, Record(Circle), Collection()),
    (str | Circle, Either((slot_of(str, ""), slot_of(Circle, ""))), OneOf()),
    (UserId, TEXT, Text()),
    (Annotated[str, Url()], TEXT, Url()),
    (Annotated[str, "a note of somebody else", Select(choices=["a"])], TEXT, Select(choices=["a"])),
    (Annotated[Sequence[float], Field(label="Any word at all")], None, Field(label="Any word at all")),
    (Annotated[Mapping[str, object], Json()], MapOf(slot_of(object, "")), Json()),
]


@pytest.mark.parametrize(("hint", "shape", "word"), TYPES, ids=[str(hint) for hint, _, _ in TYPES])
def test_a_type_has_a_shape_and_a_word(hint: Any, shape: Shape | None, word: Field) -> None:
    """The word fits the type where none is said."""
    slot = slot_of(hint, "Here")

    assert slot.word == word
    assert shape is None or slot.shape == shape
    assert not slot.nullable


@pytest.mark.parametrize(
    "hint",
    [
        float | None,
        Optional[float],  # noqa: UP045  old code says it so
        Union[None, float],  # noqa: UP007  old code says it so
        Annotated[float | None, Number()],
        Annotated[float, Number()] | None,
    ],
    ids=str,
)
def test_what_may_be_none_is_nullable(hint: Any) -> None:
    """However the annotation says it."""
    slot = slot_of(hint, "Here")

    assert slot.nullable
    assert slot.shape == NUMBER


def test_none_in_a_literal_is_nullable() -> None:
    """It is no value of its own."""
    slot = slot_of(Literal["a", "b", None], "Here")  # noqa: PYI061  old code says it so

    assert slot.nullable
    assert slot.shape == Fixed(("a", "b"))


def test_none_inside_a_member_of_a_union_makes_the_union_nullable() -> None:
    """There is one null in JSON."""
    slot = slot_of(Annotated[str | None, Text(max_length=3)] | Sequence[str], "Here")

    assert slot.nullable
    assert isinstance(slot.shape, Either)
    assert [option.word for option in slot.shape.options] == [Text(max_length=3), Array()]


def test_items_have_words_of_their_own() -> None:
    """Bounds hold for each item, or for the list."""
    slot = slot_of(Annotated[Sequence[Annotated[float | None, Number(maximum=9)]], Array(max_items=3)], "Here")

    assert slot.word == Array(max_items=3)
    assert isinstance(slot.shape, ListOf)
    assert slot.shape.item.word == Number(maximum=9)
    assert slot.shape.item.nullable


def test_records_of_a_union_are_told_apart_by_a_tag() -> None:
    """Each value of the tag belongs to one of them."""
    shape = shape_of(Circle | Shapes)

    assert isinstance(shape, Either)
    assert shape.tag == "kind"
    assert shape.tagged == {"circle": Record(Circle), "group": Record(Shapes), "layer": Record(Shapes)}


def test_one_record_of_a_union_needs_no_tag() -> None:
    """Nothing else is an object in JSON."""
    shape = shape_of(str | Plain)

    assert isinstance(shape, Either)
    assert shape.tag == ""


def test_nested_unions_are_one_union() -> None:
    """With the members in order."""
    shape = shape_of(Annotated[str | Circle, OneOf()] | Annotated[bool | Sequence[int], OneOf()])

    assert isinstance(shape, Either)
    assert shape.members == (TEXT, Record(Circle), Scalar(ScalarKind.BOOLEAN), shape_of(Sequence[int]))


def test_fixed_texts_stand_beside_a_free_one() -> None:
    """The free text takes what is not fixed."""
    shape = shape_of(Literal["auto"] | Annotated[str, Text(min_length=5)])

    assert isinstance(shape, Either)
    assert shape.members == (Fixed(("auto",)), TEXT)


def test_a_class_may_hold_itself() -> None:
    """Through a list, in a union with a tag."""
    assert is_recursive(Shapes)
    assert list(records_in(form_of(Shapes).slots[1].shape)) == [Circle, Shapes]
    assert not is_recursive(Point)


def test_a_class_that_holds_a_recursive_one_is_recursive() -> None:
    """Values of it are deep as well."""

    @frozen(kw_only=True)
    class Canvas:
        layers: Mapping[str, Shapes]

    assert is_recursive(Canvas)


def test_a_class_that_is_used_twice_is_not_recursive() -> None:
    """It ends."""

    @frozen(kw_only=True)
    class Pair:
        left: Plain
        right: Plain | str

    assert not is_recursive(Pair)


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        (str, "string"),
        (Secret, "string"),
        (int, "number"),
        (float, "number"),
        (bool, "boolean"),
        (Literal["a"], "string"),
        (Literal[1], "number"),
        (Literal[True], "boolean"),
        (Literal["a", 1], "any"),
        (list[int], "array"),
        (dict[str, int], "object"),
        (Plain, "object"),
        (object, "any"),
        (int | str, "any"),
    ],
    ids=str,
)
def test_a_shape_is_something_in_json(hint: Any, kind: str) -> None:
    """Members of a union are told apart by it."""
    assert json_kind(shape_of(hint)) == kind


def test_classes_of_every_attrs_style_are_forms() -> None:
    """Positional, mutable, made by a function: what counts are the annotations."""

    @attrs.define
    class Loose:
        x: int
        y: str = ""

    made = attrs.make_class("made", {"x": field(type=int)})

    assert [slot.name for slot in form_of(Loose).slots] == ["x", "y"]
    assert [slot.shape for slot in form_of(made).slots] == [INTEGER]
