import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import Array, InvalidInputError, Text
from jackfield._engine.conversion import check_output, dump, load_form, load_output
from jackfield.errors import AnswerError


@frozen(kw_only=True)
class Sheet:
    text: Annotated[str, Text(max_length=100)] = ""
    long: str = ""
    vector: Annotated[Sequence[float], Array()] = ()
    any: object = None


@frozen(kw_only=True)
class Node:
    name: str = ""
    child: "Node | None" = None
    children: "Sequence[Node]" = ()
    named: "Mapping[str, Node] | None" = None


def _problems(cls: type, value: object) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        load_form(cls, value)
    return [f"{problem.rule} {problem}" for problem in caught.value.problems]


def _deep(depth: int, *, key: str = "child") -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {key: value if key == "child" else [value]}
    return value


def test_a_text_of_ten_megabytes_is_fine_and_is_never_shown() -> None:
    """It passes where it may, and is counted where it may not."""
    text = "x" * 10_000_000

    assert load_form(Sheet, {"long": text}).long == text
    assert _problems(Sheet, {"text": text}) == ["max_length $.text: must have at most 100 characters, has 10000000"]
    assert _problems(Sheet, {"vector": text}) == ["type $.vector: must be a list, was text of 10000000 characters"]


def test_a_key_of_ten_megabytes_is_cut_in_the_path() -> None:
    """The message stays readable, and names what is known."""
    (problem,) = _problems(Sheet, {"k" * 10_000_000: 1})

    assert problem == f'unknown_field $["{"k" * 80}..."]: is no field; known are text, long, vector, any'


def test_json_of_a_depth_of_a_hundred_thousand_is_a_problem() -> None:
    """Made of lists, of objects, or of both."""
    listed: list[Any] = []
    for _ in range(100_000):
        listed = [listed]

    for value in (listed, _deep(100_000), _deep(100_000, key="children")):
        ((rule),) = _problems(Sheet, {"any": value})

        assert rule.startswith("depth $.any")
        assert rule.endswith("is nested deeper than 200 levels")


@pytest.mark.parametrize("key", ["child", "children"])
def test_a_recursive_form_may_be_deep_within_reason(key: str) -> None:
    """A hundred levels of JSON are; a hundred thousand are a problem and no crash."""
    value = _deep(100 if key == "child" else 50, key=key)

    assert dump(load_form(Node, value)) == dump(load_form(Node, load_form(Node, value)))
    for depth in (102, 100_000):
        assert _problems(Node, _deep(depth, key=key)) == ["depth $: is nested deeper than 100 levels"]


def test_a_value_that_holds_itself_is_too_deep() -> None:
    """It has no end."""
    endless: dict[str, Any] = {}
    endless["children"] = [endless, endless]
    value: list[Any] = []
    value.append(value)

    assert _problems(Node, endless) == ["depth $: is nested deeper than 100 levels"]
    (problem,) = _problems(Sheet, {"any": value})
    assert problem.endswith("is nested deeper than 200 levels")


def test_typed_objects_that_are_too_deep_are_a_problem() -> None:
    """As input, as output, and on the way to JSON."""
    node = Node()
    for _ in range(5_000):
        node = Node(child=node)

    assert _problems(Node, node) == ["depth $: is nested deeper than 100 levels"]
    with pytest.raises(AnswerError, match="is nested deeper than 100 levels"):
        check_output(Node, node)
    with pytest.raises(InvalidInputError, match=r"\$: is nested too deep"):
        dump(node)


def test_an_answer_that_is_too_deep_is_an_answer_error() -> None:
    """Whoever set the depth of JSON higher than the stack."""
    with pytest.raises(AnswerError, match="is nested deeper than 100 levels"):
        load_output(Node, _deep(5_000))


def test_a_mistake_at_the_bottom_of_a_deep_value_is_found_at_once() -> None:
    """Checking a part twice at each level would take longer than the universe."""
    value = _deep(45, key="children")
    bottom = value
    while "children" in bottom:
        (bottom,) = bottom["children"]
    bottom["name"] = 5
    started = time.process_time()

    (problem,) = _problems(Node, value)
    (other,) = _problems(Sheet, {"any": value | {"x": {1}}})

    assert problem == f"type ${'.children[0]' * 44}.name: must be text, was 5"
    assert other == "json $.any.x: must be a JSON value, was a Python set"
    assert time.process_time() - started < 10


def test_many_numbers_are_read_as_fast_as_they_can_be_looked_at() -> None:
    """Embeddings come in millions; one that is not finite is still found."""
    vector = [0.5] * 100_000

    assert load_form(Sheet, {"vector": vector}).vector == tuple(vector)
    assert _problems(Sheet, {"vector": [*vector, float("nan"), "x"]}) == [
        "type $.vector[100000]: must be a finite number, was NaN",
        "type $.vector[100001]: must be a number, was text of 1 character",
    ]


def test_a_million_problems_make_a_short_message() -> None:
    """All of them are known; the message shows a screenful."""
    with pytest.raises(InvalidInputError) as caught:
        load_form(Sheet, {"vector": ["x"] * 20_000})

    assert len(caught.value.problems) == 20_000
    assert len(str(caught.value)) < 2_000
    assert str(caught.value).endswith("... and 19980 more")
