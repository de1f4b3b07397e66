import re
from collections.abc import Callable
from typing import Any

import pytest

from jackfield._cli.bundles import bundle_table, bundles_table

LONG = "All work and no play makes Jack a dull boy. " * 8
WIDTHS = (40, 80, 120, 200)

Set = Callable[[int], None]


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Set:
    """Say how wide the window is; off a terminal, no table is narrower than 120."""
    return lambda number: monkeypatch.setenv("COLUMNS", str(number))


def test_what_says_most_comes_first_and_as_it_is() -> None:
    """The result has no name before it; a longer text that is the same is not told twice."""
    lines = bundle_table({"id": "a1", "result": LONG.strip(), "choices": [{"text": LONG.strip()}]}).splitlines()

    assert lines[0].startswith("All work and no play")
    assert " ".join(lines[: lines.index("")]) == LONG.strip()
    assert lines[lines.index("") + 1 :] == ["id  a1", "choices.0", "  text  (as above)"]


def test_nested_values_stand_below_their_names() -> None:
    """A small object has one line, a larger one a line for each value; what is empty is left out."""
    bundle = {
        "usage": {"input": 3, "output": 4},
        "details": {"first": "x" * 30, "second": "y" * 40},
        "tags": ["a", "b"],
        "none": None,
        "no_list": [],
        "ok": True,
    }

    assert bundle_table(bundle).splitlines() == [
        "usage  input 3, output 4",
        "details",
        f"  first   {'x' * 30}",
        f"  second  {'y' * 40}",
        "tags  a, b",
        "ok    yes",
    ]


def test_a_list_of_objects_is_a_table() -> None:
    """With the names of their values as columns, nested ones dotted."""
    models = [{"id": f"m{number}", "limits": {"rpm": number}} for number in range(3)]

    lines = [line.split() for line in bundle_table({"data": models}).splitlines()]

    assert lines[:2] == [["data"], ["id", "limits.rpm"]]
    assert lines[3:] == [["m0", "0"], ["m1", "1"], ["m2", "2"]]


def test_long_texts_keep_their_lines() -> None:
    """And stand below their name."""
    lines = bundle_table({"text": "one\ntwo\n  three"}).splitlines()

    assert lines == ["text", "  one", "  two", "    three"]


def test_a_file_is_told_by_place_type_and_size() -> None:
    """Not as the object that it is in JSON."""
    file = {"file": "f1", "name": "a.png", "media_type": "image/png", "size": 123_456, "path": "/x/a.png"}
    lying_elsewhere = {"file": "f2", "name": "b.bin", "media_type": "application/octet-stream"}

    assert bundle_table({"image": file, "other": lying_elsewhere}).splitlines() == [
        "image  /x/a.png (image/png, 123 kB)",
        "other  b.bin (application/octet-stream)",
    ]
    assert "/x/a.png (image/png, 123 kB)" in bundles_table([{"n": 1, "image": file}])


@pytest.mark.parametrize("value", ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\r\x08", "\x00"], ids=repr)
def test_nothing_in_it_moves_the_cursor(value: str) -> None:
    """Wherever it stands: as a value, a name, the result, a file's name, a cell."""
    file = {"file": value, "name": value, "media_type": value, "path": value}
    bundle = {"result": value, value: value, "n": {value: [value]}, "f": file, "l": [{value: value}, {value: 1}]}

    for drawn in (bundle_table(bundle), bundles_table([bundle, bundle])):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", drawn)


def test_what_is_too_much_is_cut_and_said() -> None:
    """A bundle of a megabyte does not scroll everything away."""
    drawn = bundle_table({"text": "x" * 1_000_000, **{f"v{number}": number for number in range(100)}})

    assert "(1,000,000 characters; -o json prints all)" in drawn
    assert drawn.endswith("... 41 more values; -o json prints all\n")
    assert len(drawn) < 30_000
    deep: Any = "end"
    for _ in range(50):
        deep = {"in": deep, "and": "more " * 20}
    assert '{"in":{"in":' in bundle_table(deep)


@pytest.mark.parametrize("width", [120, 200])
def test_many_bundles_have_the_columns_that_fit(columns: Set, width: int) -> None:
    """The others are named below."""
    columns(width)
    bundles = [{f"column_{number:02}": "word " * 4 for number in range(12)} for _ in range(2)]

    lines = bundles_table(bundles).splitlines()

    shown = lines[0].split()
    assert max(map(len, lines[:-1])) <= width
    assert len(shown) == {120: 5, 200: 8}[width]
    assert lines[-1].startswith("2 bundles; not shown: ") or "not shown: " in "".join(lines[-3:])


ANSWER = b"""{"temperature_c": 9.5, "wind_kmh": 3, "story": "%s",
 "image": {"file": "f", "name": "a-long-name-of-a-file.png", "media_type": "image/png", "size": 5},
 "stations": [{"id": "north", "height": 3}, {"id": "south", "height": 4}],
 "very_long_name_of_something": {"another_long_name_in_it": "a value of some length", "second": "%s"}}"""


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows has no pseudo-terminals that a test could read")
@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_bundle_fits_every_terminal(screen: Callable[..., str], service: Any, width: int, term: str) -> None:
    """No line is longer than the terminal, which would wrap it anywhere; nothing is lost."""
    service.replies(ANSWER % ((LONG.encode(),) * 2))

    printed = screen(
        "module", "run", "station.get_weather", "latitude=1", "longitude=2", columns=width, env={"TERM": term}
    )

    plain = re.sub(r"\x1b\[[\d;]*m", "", printed)
    assert max(map(len, plain.splitlines())) <= width
    joined = re.sub(r"\s", "", plain)
    assert LONG.replace(" ", "") in joined
    assert "a-long-name-of-a-file.png(image/png,5bytes)" in joined
    assert ("\x1b" in printed) == (term != "dumb")
