"""Patterns that take for ever to refuse a text are found, and others are left alone."""

import time
from collections.abc import Callable, Mapping

import pytest

from jackfield import Text
from jackfield.testing import RULES, Outcome, check_connector
from jackfield.testing._conformance.patterns import slow_text

Write = Callable[..., None]

SLOW = {
    "a list whose separator may be missing": ("([0-9]+-?)+", "978-3"),
    "words with blanks that may be missing": (r"(\w+\s?)*", "a b"),
    "behind a beginning": (r"https?://([a-z0-9]+\.?)+/x", "https://a.b/x"),
    "two ways to read one letter": ("#([a-f]|[a-f0-9]+)*", "#ab1"),
}
QUICK = {
    "a list": ("[0-9]+(-[0-9]+)*", "978-3"),
    "an address": (r"[\w.+-]+@[\w-]+\.[\w.]+", "a@b.c"),
    "a path": ("(?:[a-z0-9_]+/)*[a-z0-9_]+", "a/b"),
    "something somewhere": (".*a.*b.*", "ab"),
}


@pytest.mark.parametrize(("pattern", "known"), SLOW.values(), ids=SLOW)
def test_what_doubles_with_each_letter_is_found(pattern: str, known: str) -> None:
    """Before it takes longer than a test may."""
    found = slow_text(Text(label="X", pattern=pattern), [known])

    assert found is not None
    assert found.count <= 32


@pytest.mark.parametrize(("pattern", "known"), QUICK.values(), ids=QUICK)
def test_what_grows_as_the_text_does_is_no_flaw(pattern: str, known: str) -> None:
    """Also for a text of thousands of letters."""
    begun = time.thread_time()

    assert slow_text(Text(label="X", pattern=pattern), [known]) is None
    assert time.thread_time() - begun < 5


def test_a_text_that_may_not_be_long_is_not_tried() -> None:
    """Its length is looked at before its pattern is."""
    assert slow_text(Text(label="X", pattern="([0-9]+-?)+", max_length=8), ["978-3"]) is None


WHERE = {
    "in a list": (
        "forecast.py",
        "    days:",
        '    more: list[Annotated[str, Text(pattern="(a|aa)+", example="a")]] | None = None\n    days:',
        "weather.get_forecast: $.more[]",
    ),
    "in a connection": (
        "connection.py",
        "    api_key:",
        '    team: Annotated[str | None, Text(label="Team", pattern="(a|aa)+", example="a")] = None\n    api_key:',
        "weather: weather.account $.team",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "place"), WHERE.values(), ids=WHERE)
def test_it_is_told_where_the_pattern_stands(  # noqa: PLR0917  the columns of a table
    connector: Write, files: Mapping[str, str], file: str, old: str, new: str, place: str
) -> None:
    """Wherever a form may have one."""
    connector({file: files[file].replace(old, new)})

    rules = [rule for rule in RULES if rule.id == "JF303"]
    (found,) = [each for each in check_connector("weather", rules=rules) if each.outcome is Outcome.FAILED]

    assert f"{found.subject}: {found.details[0]}".startswith(f"{place}: ")
    assert "until the pattern refuses" in found.details[0]
