"""Places in an answer, as authors write them."""

import pytest

from jackfield import PluginError
from jackfield._answer_paths import shown, steps_of, value_at, with_value

ANSWER = {"data": {"items": [{"id": 1}, {"id": 2}]}, "a.b": {"c d": 3}, "0": "zero", "none": None}

FOUND = {
    "$": ANSWER,
    "data.items": [{"id": 1}, {"id": 2}],
    "$.data.items[1].id": 2,
    "data.items[1]": {"id": 2},
    '["a.b"]["c d"]': 3,
    '$["a.b"]["c d"]': 3,
    "0": "zero",
    "none": None,
    "none.more": None,
    "nothing": None,
    "data[0]": None,
    "data.items.id": None,
    "data.items[9]": None,
}


@pytest.mark.parametrize("path", FOUND)
def test_a_path_leads_to_a_value(path: str) -> None:
    """Or to nothing, where nothing is."""
    assert value_at(path, ANSWER) == FOUND[path]


@pytest.mark.parametrize(
    "path", ["", "a..b", ".", "a.", "a b", "a[x]", "a[-1]", "a[1", '["a', "$a", "a$", "['a']", "[]"]
)
def test_what_is_no_path_is_refused_with_the_forms_that_there_are(path: str) -> None:
    """When a declaration is made, not when an answer is read."""
    with pytest.raises(PluginError, match="is no path into an answer") as refused:
        steps_of(path)

    assert "names with dots" in refused.value.hint


def test_a_path_is_shown_from_the_whole_on() -> None:
    """As every message spells places."""
    assert [shown(path) for path in ("$", "a.b", '["a b"]', "$.a")] == ["$", "$.a.b", '$["a b"]', "$.a"]


def test_a_value_is_put_at_a_path_and_the_given_object_stays_as_it_is() -> None:
    """Objects on the way are made; what stands beside them is kept."""
    given = {"page": {"kind": "x"}, "text": "y"}

    found = with_value("page.after", 7, with_value('["a.b"].c', 1, given))

    assert found == {"page": {"kind": "x", "after": 7}, "text": "y", "a.b": {"c": 1}}
    assert given == {"page": {"kind": "x"}, "text": "y"}
