from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from attrs import Factory, frozen

from jackfield import AnswerError, Integer, Rest
from jackfield._engine.conversion import CODEC, check_output, dump, load_output


@frozen(kw_only=True)
class Model:
    id: str
    created: int
    owner: str | None = None
    object: Literal["model"] = "model"
    rest: Annotated[Mapping[str, Any], Rest()] = Factory(dict)


@frozen(kw_only=True)
class Page:
    data: Sequence[Model]
    score: float = 0.0
    limit: Annotated[int, Integer(minimum=1)] = 1
    next: str | None
    note: str | None = "none"


def _problems(cls: Any, value: object) -> list[str]:
    with pytest.raises(AnswerError) as caught:
        load_output(cls, value)
    return [str(problem) for problem in caught.value.problems]


def test_an_answer_becomes_an_object() -> None:
    """A whole number is fine for a float, and null where the class says so."""
    page = load_output(Page, {"data": [{"id": "a", "created": 1}], "score": 2, "next": None, "note": None})

    assert page == Page(data=(Model(id="a", created=1),), score=2.0, next=None, note=None)
    assert type(page.score) is float


def test_what_a_service_says_beyond_is_kept_or_ignored() -> None:
    """Kept where the class has a place for the rest."""
    page = load_output(
        Page, {"data": [{"id": "a", "created": 1, "rest": 5, "new": {"x": [1]}}], "next": "b", "more": 1}
    )

    assert page.data[0].rest == {"rest": 5, "new": {"x": [1]}}
    assert dump(page) == {
        "data": [{"id": "a", "created": 1, "object": "model", "rest": 5, "new": {"x": [1]}}],
        "score": 0.0,
        "limit": 1,
        "next": "b",
        "note": "none",
    }


def test_a_misshapen_answer_is_an_error_that_names_every_place() -> None:
    """Not an empty object, and not the first mistake alone."""
    value = {"data": [{"id": 5, "created": "1"}, {"id": "a"}], "score": "2", "limit": 0}

    with pytest.raises(AnswerError) as caught:
        load_output(Page, value, request_id="req-1")

    assert str(caught.value) == (
        "The answer is not what Page declares: 6 problems\n"
        "$.data[0].id: must be text, was 5\n"
        "$.data[0].created: must be a whole number, was text of 1 character\n"
        "$.data[1].created: is required\n"
        "$.score: must be a number, was text of 1 character\n"
        "$.limit: must be at least 1, was 0\n"
        "$.next: is required"
    )
    assert caught.value.request_id == "req-1"
    assert [problem.path for problem in caught.value.problems] == [
        "$.data[0].id",
        "$.data[0].created",
        "$.data[1].created",
        "$.score",
        "$.limit",
        "$.next",
    ]


def test_null_where_none_is_declared_is_a_problem() -> None:
    """The author of the class says what may be null."""
    assert _problems(Model, {"id": None, "created": 1}) == ["$.id: must be text, was null"]
    assert _problems(Model, {"id": "a", "created": 1, "object": "list"}) == [
        "$.object: must be model, was text of 4 characters"
    ]


@pytest.mark.parametrize("value", [None, [], "text", 5], ids=str)
def test_an_answer_of_another_kind_is_an_error(value: object) -> None:
    """Such as an empty body, or a list where an object was promised."""
    (problem,) = _problems(Model, value)

    assert problem.startswith("$: must be an object, was ")


def test_an_answer_may_be_any_type_that_stands_in_a_form() -> None:
    """Some services answer with a list."""
    assert load_output(list[Model], [{"id": "a", "created": 1}]) == [Model(id="a", created=1)]
    assert load_output(Mapping[str, int], {"a": 1}) == {"a": 1}  # type: ignore[type-abstract]
    assert load_output(int, 5) == 5
    assert _problems(list[int], [1, "2"]) == ["$[1]: must be a whole number, was text of 1 character"]


def test_what_a_module_returned_is_checked() -> None:
    """Right objects pass."""
    check_output(Page, Page(data=[Model(id="a", created=1)], next=None))
    check_output(Model, Model(id="a", created=1, rest={"any": [{"thing": None}]}))


WRONG: list[tuple[object, str, list[str]]] = [
    (None, "null", ["$: must be Model, was null"]),
    ({"id": "a", "created": 1}, "an object", ["$: must be Model, was an object"]),
    (Page(data=(), next=None), "a Python Page", ["$: must be Model, was a Python Page"]),
    (
        Model(id=5, created="x", owner=b"", rest={"a": {1}, 2: 3}),  # type: ignore[arg-type, dict-item]
        "a Python Model",
        [
            "$.id: must be text, was 5",
            "$.created: must be a whole number, was text of 1 character",
            "$.owner: must be text, was a Python bytes",
            "$.a: must be a JSON value, was a Python set",
            "$[2]: a name must be text, was 2",
        ],
    ),
]


@pytest.mark.parametrize(
    ("value", "what", "problems"), WRONG, ids=["nothing", "plain JSON", "another class", "wrong attributes"]
)
def test_what_is_not_as_declared_is_an_answer_error(value: object, what: str, problems: list[str]) -> None:
    """A module that keeps no promise of its own is not trusted with a success."""
    with pytest.raises(AnswerError) as caught:
        check_output(Model, value, request_id="req-1")

    first, *lines = str(caught.value).splitlines()
    assert first.startswith(f"The module returned {what}, which is not what Model declares: {len(problems)} problem")
    assert lines == problems
    assert caught.value.request_id == "req-1"


def test_items_of_an_output_are_checked() -> None:
    """However deep they stand; plain JSON is no object."""
    page = Page(data=[Model(id="a", created=1.5), {"id": "b"}], next=None)  # type: ignore[arg-type, list-item]

    with pytest.raises(AnswerError) as caught:
        check_output(Page, page)

    assert [str(problem) for problem in caught.value.problems] == [
        "$.data[0].created: must be a whole number, was 1.5",
        "$.data[1]: must be Model, was an object",
    ]


def test_the_codec_is_what_the_transport_takes() -> None:
    """It gives and takes typed objects."""
    model = CODEC.load({"id": "a", "created": 1}, Model, request_id="req-1")

    assert model == Model(id="a", created=1)
    assert CODEC.dump(model) == {"id": "a", "created": 1, "object": "model"}
    with pytest.raises(AnswerError) as caught:
        CODEC.load([], Model, request_id="req-1")
    assert caught.value.request_id == "req-1"
