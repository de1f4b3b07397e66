"""Whatever a user or a file gets wrong: the message, the next step, the exit code. No traceback, ever."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

Jack = Callable[..., Any]

WEATHER = ("module", "run", "station.get_weather")
PLACE = ("latitude=52.5", "longitude=13.4")
NOTE = ("module", "run", "station.write_note")


def test_an_unknown_module(jack: Jack) -> None:
    """Names that are spelt alike are offered."""
    code, lines = jack("module", "run", "station.get_wether").failure()

    assert code == 3
    assert lines[0].startswith("error: There is no module 'station.get_wether'. Did you mean station.get_weather")
    assert lines[1:] == ["next: jackfield module list"]


@pytest.mark.parametrize("command", ["show", "schema", "run"])
def test_every_command_knows_an_unknown_module(jack: Jack, command: str) -> None:
    """They say the same."""
    code, lines = jack("module", command, "nobody.does_this").failure()

    assert (code, lines[-1]) == (3, "next: jackfield module list")


def test_an_unknown_field_of_choices(jack: Jack, service: Any) -> None:
    """The fields that there are are named."""
    code, lines = jack("module", "choices", "station.tell_story", "vocie").failure()

    assert code == 3
    assert "vocie" in lines[0]
    assert "voice" in lines[0]
    assert lines[-1] == "next: jackfield module show station.tell_story"


def test_an_unknown_connector(jack: Jack) -> None:
    """The connectors that there are are one command away."""
    code, lines = jack("connector", "show", "statoin").failure()

    assert code == 3
    assert "'statoin'" in lines[0]
    assert lines[-1] == "next: jackfield connector list"


def test_no_connection(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables to set are named."""
    monkeypatch.delenv("STATION_API_KEY")

    code, lines = jack(*WEATHER, *PLACE).failure()

    assert code == 4
    assert "Weather station" in lines[0]
    assert "STATION_API_KEY" in lines[-1]
    assert "STATION_URL" in lines[-1]


def test_no_connection_of_that_name(jack: Jack) -> None:
    """A named connection never falls back to the one without a name."""
    code, lines = jack(*WEATHER, *PLACE, "--connection", "roof").failure()

    assert code == 4
    assert "'roof'" in lines[0]
    assert "JACKFIELD_CONNECTION__ROOF__API_KEY" in lines[-1]


def test_a_connection_that_breaks_its_form(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is the environment, not the input."""
    monkeypatch.setenv("STATION_URL", "nowhere")

    code, lines = jack(*WEATHER, *PLACE).failure()

    assert code == 3
    assert "$.base_url" in "".join(lines)
    assert lines[-1] == "next: Look at the environment variable STATION_URL."


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        pytest.param(["latitude=91", "longitude=0"], ["$.latitude: must be at most 90, was 91"], id="above"),
        pytest.param(["latitude:=-91", "longitude=0"], ["$.latitude: must be at least -90, was -91"], id="below"),
        pytest.param(["latitude=north", "longitude=0"], ["$.latitude: must be a number"], id="a text for a number"),
        pytest.param(['latitude:="1"', "longitude=0"], ["$.latitude: must be a number"], id="strict after :="),
        pytest.param(["latitude=nan", "longitude=0"], ["$.latitude: "], id="not a number"),
        pytest.param(["latitude:=NaN", "longitude=0"], ["$.latitude: NaN is not JSON"], id="NaN in JSON"),
        pytest.param(["latitude=1"], ["$.longitude: "], id="missing"),
        pytest.param([], ["$.latitude: ", "$.longitude: "], id="two at once"),
        pytest.param(["latitude=91", "longitude=x"], ["$.latitude: ", "$.longitude: "], id="two kinds at once"),
        pytest.param([*PLACE, "units=metrisch"], ["$.units: "], id="none of the choices"),
        pytest.param([*PLACE, "lattitude=1"], ["$.lattitude: "], id="unknown"),
        pytest.param([*PLACE, "latitude=2"], ["$.latitude: is given twice"], id="twice"),
    ],
)
def test_input_that_breaks_the_form(jack: Jack, fields: list[str], problems: list[str]) -> None:
    """All problems at once, one a line, before anything is sent."""
    code, lines = jack(*WEATHER, *fields).failure()

    assert code == 3
    assert lines[0].startswith(f"error: station.get_weather: {len(problems)} problem")
    assert len(lines) == len(problems) + 2
    for line, problem in zip(lines[1:], problems, strict=False):
        assert line.strip().startswith(problem)
    assert lines[-1] == "next: jackfield module show station.get_weather"


def test_an_unknown_field_is_answered_with_a_known_one(jack: Jack) -> None:
    """A slip of the finger costs one look."""
    _, lines = jack(*WEATHER, *PLACE, "lattitude=1").failure()

    assert "latitude" in lines[1].replace("lattitude", "")


def test_an_unknown_variant(jack: Jack) -> None:
    """The variants that there are are named."""
    code, lines = jack(*NOTE, "parts.0.kind=poem").failure()

    assert code == 3
    assert "$.parts[0].kind" in lines[1]
    assert "word" in lines[1]
    assert "picture" in lines[1]


def test_a_large_value_is_taken(jack: Jack, write: Any) -> None:
    """10 MB of text in a file are read, checked and printed in seconds."""
    started = time.monotonic()

    code, out, err = jack(*NOTE, "parts.0.kind=word", f"parts.0.text=@{write('large.txt', 'x' * 10_000_000)}")

    assert (code, err) == (0, "")
    assert len(out) > 10_000_000
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[" * 5000 + "]" * 5000, "JSON is nested deeper than 200 levels", id="deep"),
        pytest.param('{"a": NaN}', "NaN is not JSON; a number must be finite", id="NaN"),
        pytest.param('{"a": 1, "a": 2}', "the key 'a' stands twice in one object", id="twice"),
        pytest.param("", "not JSON at line 1, column 1", id="empty"),
    ],
)
def test_a_file_that_is_no_json(jack: Jack, write: Any, content: str, message: str) -> None:
    """The file and the place in it are named, and nothing of what is in it."""
    path = write("input.json", content)

    code, lines = jack(*NOTE, "parts.0.kind=word", "parts.0.text=x", f"extra:=@{path}").failure()

    assert code == 3
    assert lines[1].strip().startswith(f"$.extra: {path}: {message}")


def test_broken_utf_8_on_standard_input(spawn: Jack) -> None:
    """The byte is named."""
    code, lines = spawn(*NOTE, "parts.0.kind=word", "parts.0.text=@-", stdin=b"caf\xe9").failure()

    assert code == 3
    assert lines[1].strip().startswith("$.parts[0].text: standard input is not UTF-8 at byte 3")
    assert lines[-1] == "next: jackfield module show station.write_note"


def test_standard_input_for_two_fields(spawn: Jack) -> None:
    """It can be read once."""
    code, lines = spawn(*NOTE, "parts.0.text=@-", "extra:=@-", stdin=b"1").failure()

    assert code == 3
    assert lines[1].strip() == "$.extra: standard input can be read once only, for --input or for one field"


@pytest.mark.skipif(sys.platform == "win32", reason="no shell there starts a program without standard input")
def test_standard_input_that_is_closed(environment: Mapping[str, str]) -> None:
    """``<&-`` is told as what it is."""
    line = ["/bin/sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-m", "jackfield"]

    done = subprocess.run([*line, *NOTE, "extra:=@-"], capture_output=True, check=False, env=environment, timeout=60)

    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.decode().splitlines()[1].strip() == "$.extra: standard input is closed"


def test_an_argument_that_is_no_field(jack: Jack) -> None:
    """It is counted, not shown: it may be a key."""
    code, lines = jack(*WEATHER, "sk-secret").failure()

    assert code == 2
    assert lines[0] == "error: Input 1 is not of the shape FIELD=TEXT, FIELD:=JSON, FIELD=@FILE or FIELD:=@FILE."
    assert lines[-1] == "next: jackfield module run --help"


def test_a_module_that_cannot_be_imported(jack: Jack, place: Any) -> None:
    """The others still run; the message names who provides it."""
    place.write("broken_module.py", "import no_such_thing\n")
    place.install("breaks", "[jackfield.modules]\nbroken.module = broken_module:module\n")

    code, lines = jack("module", "run", "broken.module").failure()

    assert code == 7
    assert "no_such_thing" in lines[0]
    assert "jackfield plugin deny breaks" in lines[-1]
    assert "station.write_note" in jack("module", "list", "-o", "plain").out


def test_a_ca_bundle_that_is_not_there(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the environment is checked before anything else."""
    monkeypatch.setenv("JACKFIELD_CA_BUNDLE", "/no/such/file")

    code, lines = jack("module", "list").failure()

    assert code == 3
    assert "JACKFIELD_CA_BUNDLE" in lines[1]
    assert lines[-1] == "next: Mend or unset JACKFIELD_CA_BUNDLE."


def test_every_problem_is_json_too(jack: Jack) -> None:
    """What -o says is for data: a failure looks the same whatever the format."""
    assert jack(*WEATHER, "-o", "json").err == jack(*WEATHER, "-o", "table").err
    assert json.loads(jack("module", "list", "-o", "json").out)


def test_whoever_names_a_connector_alone_is_told_its_modules(jack: Jack) -> None:
    """The first of them."""
    _, lines = jack("module", "run", "station").failure()

    assert lines[0].startswith("error: There is no module 'station'. Did you mean station.")
