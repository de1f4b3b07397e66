"""JSON that a caller wrote."""

import pytest

from jackfield import InvalidInputError, LimitError, read_json


def test_a_text_is_read_as_json() -> None:
    """Bytes and texts, with or without the mark that some editors put in front."""
    assert read_json(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    assert read_json('\ufeff"\u00e9"') == "\u00e9"


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b'{"a": 1, "a": 2}', b"NaN", b"1e999", b"\xff", b"[1] 2"],
    ids=["empty", "open", "twice", "NaN", "infinite", "not UTF-8", "two values"],
)
def test_what_could_be_read_in_two_ways_is_refused(text: bytes) -> None:
    """The error has the place of the value and the rule, and nothing of the text."""
    with pytest.raises(InvalidInputError) as caught:
        read_json(text, path="$.body")

    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == ("$.body", "json")


def test_depth_has_a_limit() -> None:
    """Whoever nests a hundred thousand lists gets an error that names the limit."""
    with pytest.raises(LimitError) as caught:
        read_json(b"[" * 100_000 + b"]" * 100_000)

    assert caught.value.limit == "max_json_depth"
