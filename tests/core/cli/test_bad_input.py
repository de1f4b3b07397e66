"""Whatever a user, a file or a service gets wrong: the message, the next step, the exit code. No traceback, ever."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

Jack = Callable[..., Any]

WEATHER = ("module", "run", "station.get_weather")
PLACE = ("latitude=52.5", "longitude=13.4")
NOTE = ("module", "run", "station.write_note")


def told(outcome: Any) -> tuple[int, list[str]]:
    """Give exit code and lines of an outcome that has no data and no traceback."""
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    return outcome.code, outcome.err.splitlines()


def test_an_unknown_module(jack: Jack) -> None:
    """Names that are spelt alike are offered."""
    code, lines = told(jack("module", "run", "station.get_wether"))

    assert code == 3
    assert lines[0].startswith("error: There is no module 'station.get_wether'. Did you mean station.get_weather")
    assert lines[1:] == ["next: jackfield module list"]


@pytest.mark.parametrize("command", ["show", "schema", "run"])
def test_every_command_knows_an_unknown_module(jack: Jack, command: str) -> None:
    """They say the same."""
    code, lines = told(jack("module", command, "nobody.does_this"))

    assert (code, lines[-1]) == (3, "next: jackfield module list")


def test_an_unknown_field_of_choices(jack: Jack, service: Any) -> None:
    """The fields that there are are named."""
    code, lines = told(jack("module", "choices", "station.tell_story", "vocie"))

    assert code == 3
    assert "vocie" in lines[0]
    assert "voice" in lines[0]
    assert lines[-1] == "next: jackfield module show station.tell_story"


def test_an_unknown_connector(jack: Jack) -> None:
    """The connectors that there are are one command away."""
    code, lines = told(jack("connector", "show", "statoin"))

    assert code == 3
    assert "'statoin'" in lines[0]
    assert lines[-1] == "next: jackfield connector list"


def test_no_connection(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables to set are named."""
    monkeypatch.delenv("STATION_API_KEY")

    code, lines = told(jack(*WEATHER, *PLACE))

    assert code == 4
    assert "Weather station" in lines[0]
    assert "STATION_API_KEY" in lines[-1]
    assert "STATION_URL" in lines[-1]


def test_no_connection_of_that_name(jack: Jack) -> None:
    """A named connection never falls back to the one without a name."""
    code, lines = told(jack(*WEATHER, *PLACE, "--connection", "roof"))

    assert code == 4
    assert "'roof'" in lines[0]
    assert "JACKFIELD_CONNECTION__ROOF__API_KEY" in lines[-1]


def test_a_connection_that_breaks_its_form(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is the environment, not the input."""
    monkeypatch.setenv("STATION_URL", "nowhere")

    code, lines = told(jack(*WEATHER, *PLACE))

    assert code == 3
    assert "$.base_url" in "".join(lines)
    assert lines[-1] == "next: jackfield connector show station"


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
    code, lines = told(jack(*WEATHER, *fields))

    assert code == 3
    assert lines[0].startswith(f"error: station.get_weather: {len(problems)} problem")
    assert len(lines) == len(problems) + 2
    for line, problem in zip(lines[1:], problems, strict=False):
        assert line.strip().startswith(problem)
    assert lines[-1] == "next: jackfield module show station.get_weather"


def test_an_unknown_field_is_answered_with_a_known_one(jack: Jack) -> None:
    """A slip of the finger costs one look."""
    _, lines = told(jack(*WEATHER, *PLACE, "lattitude=1"))

    assert "latitude" in lines[1].replace("lattitude", "")


def test_an_unknown_variant(jack: Jack) -> None:
    """The variants that there are are named."""
    code, lines = told(jack(*NOTE, "parts.0.kind=poem"))

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

    code, lines = told(jack(*NOTE, "parts.0.kind=word", "parts.0.text=x", f"extra:=@{path}"))

    assert code == 3
    assert lines[1].strip().startswith(f"$.extra: {path}: {message}")


def test_broken_utf_8_on_standard_input(spawn: Jack) -> None:
    """The byte is named."""
    code, lines = told(spawn(*NOTE, "parts.0.kind=word", "parts.0.text=@-", stdin=b"caf\xe9"))

    assert code == 3
    assert lines[1].strip().startswith("$.parts[0].text: standard input is not UTF-8 at byte 3")
    assert lines[-1] == "next: jackfield module show station.write_note"


def test_standard_input_for_two_fields(spawn: Jack) -> None:
    """It can be read once."""
    code, lines = told(spawn(*NOTE, "parts.0.text=@-", "extra:=@-", stdin=b"1"))

    assert code == 3
    assert lines[1].strip() == "$.extra: standard input can be read for one field only"


def test_an_argument_that_is_no_field(jack: Jack) -> None:
    """It is counted, not shown: it may be a key."""
    code, lines = told(jack(*WEATHER, "sk-secret"))

    assert code == 2
    assert lines[0] == "error: Input 1 is not of the shape FIELD=TEXT, FIELD:=JSON, FIELD=@FILE or FIELD:=@FILE."
    assert lines[-1] == "next: jackfield module run --help"


def test_nobody_listens(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection names where it was to go."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("STATION_URL", f"http://127.0.0.1:{port}")

    code, lines = told(jack(*WEATHER, *PLACE))

    assert code == 6
    assert [line for line in lines if line.startswith("error: ")]
    assert "127.0.0.1" in "".join(lines)
    assert lines[-1].startswith("next: ")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("400 Bad Request", 5),
        ("401 Unauthorized", 4),
        ("403 Forbidden", 4),
        ("404 Not Found", 5),
        ("409 Conflict", 6),
        ("418 I'm a teapot", 5),
        ("429 Too Many Requests", 6),
        ("500 Internal Server Error", 6),
        ("503 Service Unavailable", 6),
    ],
)
def test_a_service_that_refuses(jack: Jack, service: Any, status: str, code: int) -> None:
    """The exit code tells the remedy; the service's text is shown, and the key that it echoes is not."""
    service.replies(b'{"error": {"message": "No, key-of-the-station."}}', status=status)

    found, lines = told(jack("module", "run", "station.set_weather", *PLACE))

    assert found == code
    assert any(line.startswith("error: ") for line in lines)
    assert lines[-1].startswith("next: ")
    assert "key-of-the-station" not in "".join(lines)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"<html><body>Welcome</body></html>", "text/html", id="a page"),
        pytest.param(b"", "application/json", id="nothing"),
        pytest.param(b'{"temperature_c": 9', "application/json", id="half of it"),
        pytest.param(b'{"temperature_c": "warm"}', "application/json", id="another shape"),
        pytest.param(b"\xff\xfe", "application/json", id="no UTF-8"),
        pytest.param(b'{"temperature_c": NaN, "wind_kmh": 1}', "application/json", id="NaN"),
        pytest.param(b"[" * 100_000, "application/json", id="deep"),
    ],
)
def test_an_answer_that_is_not_what_was_declared(jack: Jack, service: Any, body: bytes, kind: str) -> None:
    """An answer is checked before it is data."""
    service.replies(body, kind=kind)

    code, lines = told(jack(*WEATHER, *PLACE))

    assert code == 6
    assert lines[0].startswith("error: ")
    assert lines[-1].startswith("next: ")


def test_an_answer_that_is_cut_short(jack: Jack, service: Any) -> None:
    """Half of a body is no body."""
    service.replies(b'{"temperature_c": 9', length=1000)

    code, lines = told(jack("module", "run", "station.set_weather", *PLACE))

    assert code == 6
    assert any(line.startswith("error: ") for line in lines)


def test_a_stream_that_is_cut_short(jack: Jack, service: Any) -> None:
    """What came is printed, and the end of the line and of the run is clear."""
    service.replies(b"data: Once\n\n", kind="text/event-stream")

    code, out, err = jack("module", "run", "station.tell_story", "voice=low", "--stream", "-o", "plain")

    assert (code, out) == (6, "Once\n")
    assert err.startswith("error: ")


def test_an_answer_that_drips(jack: Jack, service: Any) -> None:
    """The deadline holds, however often a byte comes."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n")
        while not service.ended.wait(0.05):
            connection.sendall(b" ")

    service.answer = drip
    started = time.monotonic()

    code, lines = told(jack(*WEATHER, *PLACE, "--deadline", "0.5"))

    assert code == 8
    assert "0.5 s" in lines[0]
    assert "--deadline" in lines[-1]
    assert time.monotonic() - started < 10


def test_a_defect_of_a_connector(jack: Jack) -> None:
    """It is named with its place, and its authors are to hear of it."""
    code, lines = told(jack("module", "run", "station.fall_over"))

    assert code == 7
    assert "ZeroDivisionError" in lines[0]
    assert "jackfield_station.py" in lines[0]


def test_a_traceback_for_those_who_ask(jack: Jack, monkeypatch: pytest.MonkeyPatch, service: Any) -> None:
    """JACKFIELD_DEBUG=1 shows it, without local variables and without what the environment keeps secret."""
    monkeypatch.setenv("JACKFIELD_DEBUG", "1")
    service.replies(b'{"error": {"message": "No, key-of-the-station."}}', status="401 Unauthorized")

    code, out, err = jack(*WEATHER, *PLACE)

    assert (code, out) == (4, "")
    assert "Traceback (most recent call last)" in err
    assert "key-of-the-station" not in err


def test_a_module_that_cannot_be_imported(jack: Jack, place: Any) -> None:
    """The others still run; the message names who provides it."""
    place.write("broken_module.py", "import no_such_thing\n")
    place.install("breaks", "[jackfield.modules]\nbroken.module = broken_module:module\n")

    code, lines = told(jack("module", "run", "broken.module"))

    assert code == 7
    assert "no_such_thing" in lines[0]
    assert "jackfield plugin deny breaks" in lines[-1]
    assert "station.write_note" in jack("module", "list", "-o", "plain").out


def test_a_ca_bundle_that_is_not_there(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the environment is checked before anything else."""
    monkeypatch.setenv("JACKFIELD_CA_BUNDLE", "/no/such/file")

    code, lines = told(jack("module", "list"))

    assert code == 3
    assert "JACKFIELD_CA_BUNDLE" in lines[1]


def test_every_problem_is_json_too(jack: Jack) -> None:
    """What -o says is for data: a failure looks the same whatever the format."""
    assert jack(*WEATHER, "-o", "json").err == jack(*WEATHER, "-o", "table").err
    assert json.loads(jack("module", "list", "-o", "json").out)
