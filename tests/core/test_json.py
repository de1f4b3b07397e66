import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield import InvalidInputError, LimitError, _json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_it_reads_what_json_writes(value: object) -> None:
    """As text and as UTF-8."""
    text = json.dumps(value)

    assert _json.parse(text) == value
    assert _json.parse(text.encode(), unique=True) == value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param('{"a": }', "not JSON at line 1, column 7: Expecting value", id="a gap"),
        pytest.param('{\n"a" 1\n}', "not JSON at line 2, column 5: Expecting ':' delimiter", id="a colon too few"),
        pytest.param("", "not JSON at line 1, column 1: Expecting value", id="empty"),
        pytest.param("[1] [2]", "not JSON at line 1, column 5: Extra data", id="two values"),
        pytest.param('{"a": NaN}', "NaN is not JSON; a number must be finite", id="NaN"),
        pytest.param("[-Infinity]", "-Infinity is not JSON; a number must be finite", id="infinity"),
        pytest.param("[1e999]", "a number is too large", id="a number beyond all floats"),
        pytest.param("9" * 5000, "a whole number has more than 4300 digits", id="5000 digits"),
        pytest.param(b'{"a": "\xff"}', "not UTF-8 at byte 7: invalid start byte", id="broken UTF-8"),
        pytest.param(b"\xff\xfe[\x00]\x00", "not UTF-8 at byte 0", id="UTF-16"),
    ],
)
def test_it_says_where_and_why_a_text_is_no_json(data: str | bytes, message: str) -> None:
    """In words, without showing the text."""
    with pytest.raises(_json.JsonError) as caught:
        _json.parse(data)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ['{"api_key": "sk-canary', b'{"api_key": "sk-canary\xff'])
def test_it_does_not_show_what_stands_in_a_broken_text(text: str | bytes) -> None:
    """It may be a secret, and Python's own errors keep the whole text."""
    with pytest.raises(_json.JsonError) as caught:
        _json.parse(text)

    assert "canary" not in str(caught.value)
    assert "canary" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_a_byte_order_mark_is_skipped() -> None:
    """Windows writes it."""
    assert _json.parse(b"\xef\xbb\xbf[1]") == [1]
    assert _json.parse("\ufeff[1]") == [1]


def test_a_key_that_stands_twice_is_an_error_only_if_asked() -> None:
    """A service may be sloppy; a person who writes a file made a mistake."""
    text = '{"a": 1, "b": {"c": 1, "c": 2}}'

    assert _json.parse(text) == {"a": 1, "b": {"c": 2}}
    with pytest.raises(_json.JsonError, match="the key 'c' stands twice in one object"):
        _json.parse(text, unique=True)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 201 + "]" * 201, '{"a":' * 201 + "1" + "}" * 201])
def test_deep_nesting_is_refused(text: str) -> None:
    """Whether or not Python itself could read it."""
    with pytest.raises(LimitError) as caught:
        _json.parse(text)

    assert caught.value.limit == "max_json_depth"
    assert caught.value.message == "JSON is nested deeper than 200 levels."


def test_the_allowed_depth_is_allowed() -> None:
    """And may be set lower."""
    assert _json.parse("[" * 200 + "]" * 200)
    assert _json.parse("[[1]]", max_depth=2) == [[1]]
    with pytest.raises(LimitError):
        _json.parse("[[[1]]]", max_depth=2)


def test_brackets_in_a_text_are_not_nesting() -> None:
    """They are counted first, because that is cheap, and looked at then."""
    assert _json.parse(json.dumps("[" * 1000)) == "[" * 1000


@pytest.mark.parametrize(
    ("value", "limit", "deeper"),
    [(1, 0, False), ([], 0, True), ([], 1, False), ({"a": [()]}, 2, True), ({"a": [()]}, 3, False)],
)
def test_depth_is_counted(value: object, limit: int, deeper: bool) -> None:  # noqa: FBT001  a case of a table
    """Lists, tuples and objects count; single values do not."""
    assert _json.is_deeper(value, limit) is deeper


def test_a_list_that_holds_itself_is_deep() -> None:
    """And is told at once."""
    value: list[Any] = []
    value += [value, value]

    assert _json.is_deeper(value, 200)


def test_a_failure_becomes_the_error_for_input() -> None:
    """At the path where the text came in."""
    error = _json.invalid("$.body", _json.JsonError("not JSON at line 1, column 1: Expecting value"))

    assert isinstance(error, InvalidInputError)
    assert [(each.path, each.rule) for each in error.problems] == [("$.body", "json")]
    assert str(error) == "$.body: not JSON at line 1, column 1: Expecting value"
