"""What people bring from another product is printed as our input."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Jack = Callable[..., Any]

TRANSLATE = ("module", "translate", "old-station:Weather")
HINT = (
    "Put values in place of expressions, and leave out what has no counterpart. "
    "--report prints what could be translated, and the rest."
)
LEAVE_OUT = "leave out what has no counterpart"
MAPPER = {"latitude": "52.5", "longitude": "13.4"}
FOUND = {"id": 3, "module": "old-station:Weather", "mapper": MAPPER}


def translated(jack: Jack, write: Any, given: object, *options: str) -> Any:
    """Translate what a file holds."""
    return jack(*TRANSLATE, "--input", write("mapper.json", json.dumps(given)), *options)


def test_a_mapper_is_printed_as_an_input(jack: Jack, write: Any) -> None:
    """As ``module run --input`` takes it, its numbers as numbers."""
    code, out, err = translated(jack, write, MAPPER)

    assert (code, err) == (0, "")
    assert json.loads(out) == {"latitude": 52.5, "longitude": 13.4}


def test_it_comes_from_standard_input(spawn: Jack) -> None:
    """So it can stand in a pipe."""
    done = spawn(*TRANSLATE, stdin=json.dumps(MAPPER).encode())

    assert (done.code, json.loads(done.out)) == (0, {"latitude": 52.5, "longitude": 13.4})


def test_a_module_of_a_blueprint_is_its_mapper(jack: Jack, write: Any) -> None:
    """Its connection is theirs, and only told."""
    module = {
        "id": 3,
        "module": "old-station:Weather",
        "version": 1,
        "parameters": {"__IMTCONN__": 77},
        "mapper": MAPPER,
        "metadata": {"designer": {"x": 1, "y": 2}},
    }

    code, out, err = translated(jack, write, module)

    assert code == 0
    assert json.loads(out) == {"latitude": 52.5, "longitude": 13.4}
    assert err == "note: __IMTCONN__: connections are not imported; name one of yours where you run it\n"


def test_another_module_of_a_blueprint_is_refused(jack: Jack, write: Any) -> None:
    """It would be read by the wrong table."""
    code, said = translated(jack, write, {"module": "other:Thing", "mapper": {}}).failure()

    assert code == 3
    assert said[0] == "error: This is the module 'other:Thing', and station.get_weather is not known by that name."
    assert said[-1] == "next: jackfield module translate other:Thing"


ROUTED = {
    "name": "Morning",
    "flow": [
        {"id": 1, "module": "gateway:CustomWebHook", "mapper": {}},
        {"id": 2, "module": "builtin:BasicRouter", "mapper": None, "routes": [{"flow": [FOUND]}]},
    ],
    "metadata": {"version": 1},
}


def test_the_only_such_module_of_a_blueprint_is_taken(jack: Jack, write: Any) -> None:
    """Wherever it stands: behind a router, too."""
    code, out, _ = translated(jack, write, ROUTED)

    assert code == 0
    assert json.loads(out) == {"latitude": 52.5, "longitude": 13.4}


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        ([FOUND, {**FOUND, "id": 9}], "2 modules that are station.get_weather. There are: 3 (old-station:Weather), 9 "),
        ([{"id": 1, "module": "a:B", "onerror": [{"id": 4, "module": "c:D"}]}], "There are: 1 (a:B), 4 (c:D)."),
        ([], "no module that is station.get_weather. There are: none."),
        ([7, "text", None], "There are: none."),
    ],
    ids=["two", "others", "none", "no modules"],
)
def test_a_blueprint_says_which_modules_it_has(jack: Jack, write: Any, flow: object, message: str) -> None:
    """None is taken by guessing."""
    code, said = translated(jack, write, {"flow": flow}).failure()

    assert code == 3
    assert message in said[0]
    assert said[-1] == "next: Keep the one that you mean in a file, as it is, and give that."


def test_what_cannot_be_translated_is_an_error(jack: Jack, write: Any) -> None:
    """All of it at once, and nothing is printed that would run otherwise than it was meant."""
    code, out, err = translated(jack, write, {**MAPPER, "latitude": "{{1.lat}}", "mystery": 5})

    assert (code, out) == (3, "")
    assert err.splitlines() == [
        "error: station.get_weather: 2 problems",
        "  $.mystery: has no counterpart in station.get_weather",
        "  $.latitude: holds an expression ({{...}}), which only a scenario can evaluate",
        f"next: {HINT}",
    ]


def test_a_report_has_all_of_it(jack: Jack, write: Any) -> None:
    """For whoever goes on by hand, or by a program."""
    code, out, err = translated(jack, write, {**MAPPER, "latitude": "{{1.lat}}", "mystery": 5}, "--report")

    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "module": "station.get_weather",
        "ready": False,
        "input": {"latitude": "{{1.lat}}", "longitude": 13.4},
        "expressions": {"$.latitude": "{{1.lat}}"},
        "left": {"mystery": 5},
        "problems": [
            {"path": "$.mystery", "rule": "unknown_field", "message": "has no counterpart in station.get_weather"}
        ],
    }


def test_a_bundle_is_printed_with_their_names(jack: Jack, write: Any) -> None:
    """This one has no other names."""
    code, out, _ = translated(jack, write, {"temperature_c": 3}, "--output")

    assert (code, json.loads(out)) == (0, {"temperature_c": 3})


@pytest.mark.parametrize("name", ["old-station:Nothing", "no-product:Weather"])
def test_a_name_that_nobody_knows(jack: Jack, write: Any, name: str) -> None:
    """It is said as for any other command."""
    code, said = jack("module", "translate", name, "--input", write("m.json", "{}")).failure()

    assert code == 3
    assert f"There is no module '{name}'" in said[0]


@pytest.mark.parametrize("name", ["old-station:weather", "old-station:GetWether"])
def test_a_name_that_is_almost_right_is_told(jack: Jack, name: str) -> None:
    """As the other product spells it."""
    code, said = jack("module", "show", name).failure()

    assert code == 3
    assert "old-station:Weather" in said[0]


@pytest.mark.parametrize(
    ("mapper", "remedy"),
    [
        ({**MAPPER, "latitude": "95"}, "Correct the values that are named."),
        ({**MAPPER, "mystery": 5}, f"{LEAVE_OUT.capitalize()}."),
        ({**MAPPER, "latitude": "{{1.lat}}"}, "Put values in place of expressions."),
        (
            {"latitude": "95", "longitude": "{{1.long}}", "mystery": 5},
            f"Put values in place of expressions, correct the values that are named, and {LEAVE_OUT}.",
        ),
    ],
    ids=["a bound", "no counterpart", "an expression", "all"],
)
def test_the_next_step_is_about_what_is_wrong(jack: Jack, write: Any, mapper: object, remedy: str) -> None:
    """Nothing is said of expressions where there are none."""
    _, said = translated(jack, write, mapper).failure()

    assert said[-1] == f"next: {remedy} --report prints what could be translated, and the rest."


@pytest.mark.parametrize("command", [TRANSLATE, ("module", "run", "station.get_weather")], ids=["translate", "run"])
@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (None, "Name a file that can be read: --input FILE."),
        ("", "Name a file that can be read: --input FILE."),
        ("{", 'Give one JSON object, the fields by their names: {"name": "value"}.'),
        ("[1]", 'Give one JSON object, the fields by their names: {"name": "value"}.'),
    ],
    ids=["missing", "empty", "no JSON", "a list"],
)
def test_an_input_that_cannot_be_read_says_what_to_give(
    jack: Jack, write: Any, command: tuple[str, ...], content: str | None, remedy: str
) -> None:
    """Whichever command reads it."""
    file = "/no/such/file" if content is None else write("in.json", content)

    code, said = jack(*command, "--input", file).failure()

    assert code == 3
    assert said[0].startswith("error: --input: ")
    assert said[-1] == f"next: {remedy}"
