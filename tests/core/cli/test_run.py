import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen

from jackfield import RetryScheduled, TurnAwaited, WaitBegun
from jackfield._cli.output import write_bundles
from jackfield._cli.pieces import Pieces
from jackfield._cli.talk import Talk

Jack = Callable[..., Any]

WEATHER = b'{"temperature_c": 9.5, "wind_kmh": 3, "sky": "gr\xc3\xbcn \xf0\x9f\x8c\xa7"}'
PLACE = ("latitude=52.5", "longitude=13.4")
STATIONS = b'[{"id": "north", "height_m": 3}, {"id": "south", "height_m": 4.5}]'


@frozen(kw_only=True)
class Part:
    index: int
    text: str


def tell(service: Any, *pieces: str) -> None:
    """Have the service tell a story."""
    events = "".join(f"data: {piece}\n\n" for piece in (*pieces, "[DONE]"))
    service.replies(events.encode(), kind="text/event-stream")


def test_an_action_gives_one_bundle_as_json(jack: Jack, service: Any) -> None:
    """Off a terminal stdout is indented JSON in UTF-8, and nothing else is said."""
    service.replies(WEATHER)

    code, out, err = jack("module", "run", "station.get_weather", *PLACE)

    assert (code, err) == (0, "")
    assert out == '{\n  "temperature_c": 9.5,\n  "wind_kmh": 3,\n  "sky": "grün 🌧"\n}\n'.replace(
        '"wind_kmh": 3,', '"wind_kmh": 3.0,'
    )
    assert service.requests[0].startswith(b"GET /weather?latitude=52.5&longitude=13.4")
    assert b"X-Key: key-of-the-station" in service.requests[0]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("jsonl", '{"id":"north","height_m":3}\n{"id":"south","height_m":4.5}\n'),
        ("plain", "north\nsouth\n"),
    ],
)
def test_a_search_gives_a_line_for_each_bundle(jack: Jack, service: Any, form: str, expected: str) -> None:
    """What says most is the id, where there is no result."""
    service.replies(STATIONS)

    assert jack("module", "run", "station.list_stations", "-o", form) == (0, expected, "")


@pytest.mark.parametrize(("form", "expected"), [("jsonl", '{"id":"north","height_m":3}\n'), ("plain", "north\n")])
def test_a_search_prints_its_bundles_as_they_come(jack: Jack, service: Any, form: str, expected: str) -> None:
    """What came before a failure is printed, and the failure is one all the same."""
    service.replies(b'[{"id": "north", "height_m": 3}, {"id": "south"}]')

    code, out, err = jack("module", "run", "station.list_stations", "-o", form)

    assert (code, out) == (7, expected)
    assert err.startswith("error: station.list_stations failed with KeyError")


def test_a_search_gives_a_list_as_json(jack: Jack, service: Any) -> None:
    """Also where it found one or none."""
    service.replies(b'[{"id": "north", "height_m": 3}]')
    assert json.loads(jack("module", "run", "station.list_stations").out) == [{"id": "north", "height_m": 3.0}]

    service.replies(b"[]")
    assert jack("module", "run", "station.list_stations") == (0, "[]\n", "")
    assert jack("module", "run", "station.list_stations", "-o", "table") == (0, "", "")


def test_tables_are_for_people(jack: Jack, service: Any) -> None:
    """One line for each value of a bundle, one row for each bundle of many."""
    service.replies(WEATHER)
    assert jack("module", "run", "station.get_weather", *PLACE, "-o", "table").out.splitlines() == [
        "temperature_c  9.5",
        "wind_kmh       3.0",
        "sky            grün 🌧",
    ]

    service.replies(STATIONS)
    rows = [line.split() for line in jack("module", "run", "station.list_stations", "-o", "table").out.splitlines()]
    assert rows[0] == ["id", "height_m"]
    assert rows[2:] == [["north", "3"], ["south", "4.5"], ["2", "bundles"]]


def test_a_table_does_not_obey_what_it_shows(jack: Jack, service: Any) -> None:
    """An escape sequence in an answer is shown, so it cannot retitle a window or hide a line."""
    service.replies(b'[{"id": "\\u001b]0;gotcha\\u0007[bold]", "height_m": 3}]')

    out = jack("module", "run", "station.list_stations", "-o", "table").out

    assert "\\x1b]0;gotcha\\x07[bold]" in out
    assert "\x1b" not in out


def test_plain_off_a_terminal_is_the_data_itself(jack: Jack, service: Any) -> None:
    """A program that reads a pipe gets what the service said, byte by byte."""
    service.replies(b'[{"id": "\\u001b[1m", "height_m": 3}]')

    assert jack("module", "run", "station.list_stations", "-o", "plain").out == "\x1b[1m\n"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("plain", "Once upon\n"),
        ("table", "Once upon\n"),
        ("jsonl", '{"text":"Once"}\n{"text":" upon"}\n'),
        ("json", '{\n  "result": "Once upon",\n  "words": 2\n}\n'),
    ],
)
def test_a_stream_is_printed_as_it_comes(jack: Jack, service: Any, form: str, expected: str) -> None:
    """Text as text, or a line of JSON for each piece; -o json waits for the whole."""
    tell(service, "Once", " upon")

    assert jack("module", "run", "station.tell_story", "voice=low", "--stream", "-o", form) == (0, expected, "")


def test_a_stream_off_a_terminal_is_lines_of_json(jack: Jack, service: Any) -> None:
    """Whoever asks for a stream in a pipe gets pieces, not the whole."""
    tell(service, "a")

    assert jack("module", "run", "station.tell_story", "voice=low", "--stream").out == '{"text":"a"}\n'


def test_a_module_that_streams_also_gives_the_whole(jack: Jack, service: Any) -> None:
    """Its result is what plain prints."""
    tell(service, "Once", " upon")

    assert jack("module", "run", "station.tell_story", "voice=low", "-o", "plain") == (0, "Once upon\n", "")


def test_a_search_streams_its_bundles(jack: Jack, service: Any) -> None:
    """Each is a line as soon as it is there."""
    service.replies(STATIONS)

    code, out, err = jack("module", "run", "station.list_stations", "--stream", "-o", "jsonl")

    assert (code, err) == (0, "")
    assert out.splitlines() == ['{"id":"north","height_m":3}', '{"id":"south","height_m":4.5}']


def test_a_search_streams_what_says_most(jack: Jack, service: Any) -> None:
    """As plain, each is a line as soon as it is there; a table needs them all."""
    service.replies(STATIONS)

    assert jack("module", "run", "station.list_stations", "--stream", "-o", "plain").out == "north\nsouth\n"
    assert "2 bundles" in jack("module", "run", "station.list_stations", "--stream", "-o", "table").out


def test_of_several_answers_that_come_at_once_the_first_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Their pieces would be read as one text; the others are not lost, and the user is told."""
    pieces = Pieces("plain", several=False)
    for index, text in [(0, "Yes"), (1, "No"), (0, ", indeed"), (1, ", not")]:
        pieces.hear(Part(index=index, text=text))
    pieces.end()

    out, err = capsys.readouterr()
    assert out == "Yes, indeed\n"
    assert err == "note: this is the first of several answers; -o json prints all of them.\n"


def test_pieces_without_text_wait_for_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed, so the whole is still to be told."""
    pieces = Pieces("table", several=False)
    pieces.hear(Part(index=0, text=""))
    pieces.hear({"no": "text"})
    pieces.end()

    assert not pieces.told
    assert capsys.readouterr() == ("", "")


def test_a_module_that_cannot_stream_says_so(jack: Jack, service: Any) -> None:
    """The answer still comes."""
    service.replies(WEATHER)

    code, out, err = jack("module", "run", "station.get_weather", *PLACE, "--stream", "-o", "jsonl")

    assert (code, json.loads(out)["temperature_c"]) == (0, 9.5)
    assert err == "note: station.get_weather does not stream; its answer comes whole.\n"


def test_nested_input_and_warnings(jack: Jack) -> None:
    """Dotted names fill objects and lists; what a module warns of is on stderr, once."""
    code, out, err = jack(
        "module", "run", "station.write_note", "urgent=yes", "author.name=Ada", "author.age=36",
        "parts.0.kind=word", "parts.0.text=Hello", "parts.1.kind=picture", "parts.1.url=https://a.example/x",
        "scores.0=1", "scores.7=2.5", 'extra:={"deep": [1]}',
    )  # fmt: skip

    assert code == 0
    assert json.loads(out)["note"] == {
        "parts": ["Hello", "https://a.example/x"],
        "author": ["Ada", 36],
        "scores": {"0": 1.0, "7": 2.5},
        "extra": {"deep": [1]},
    }
    assert err == "warning: Urgent notes are read on Mondays.\n"


def test_text_comes_from_standard_input(spawn: Jack) -> None:
    """``@-`` is what is piped in, exactly."""
    code, out, err = spawn(
        "module", "run", "station.write_note", "parts.0.kind=word", "parts.0.text=@-", stdin="Grüße\n".encode()
    )

    assert (code, err) == (0, "")
    assert json.loads(out)["note"]["parts"] == ["Grüße\n"]


def test_output_is_utf_8_whatever_the_locale(spawn: Jack) -> None:
    """JSON is UTF-8, also in a pipe of a system that thinks otherwise; a lone surrogate is written as JSON has it."""
    code, out, _ = spawn(
        "module", "run", "station.write_note", "parts.0.kind=word", "parts.0.text=🌧", 'extra:="\\ud800"',
        env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
    )  # fmt: skip

    assert code == 0
    assert json.loads(out)["note"]["parts"] == ["🌧"]
    assert json.loads(out)["note"]["extra"] == "\ud800"


def test_a_dry_run_shows_the_request(jack: Jack, service: Any) -> None:
    """Nothing is sent, and the key is masked."""
    code, out, err = jack("module", "run", "station.set_weather", *PLACE, "--dry-run")

    assert (code, err) == (0, "")
    (request,) = json.loads(out)
    assert request["method"] == "POST"
    assert request["url"] == f"{service.url}/weather"
    assert request["headers"]["X-Key"] == "***"
    assert request["body"]["latitude"] == 52.5
    assert service.requests == []


def test_a_dry_run_reads_like_http(jack: Jack, service: Any) -> None:
    """In a table or plain, it is what would go over the wire."""
    out = jack("module", "run", "station.set_weather", *PLACE, "--dry-run", "-o", "plain").out

    assert out.startswith(f"POST {service.url}/weather\n")
    assert "\nX-Key: ***\n" in out
    assert '\n\n{\n  "latitude": 52.5,' in out


def test_a_connection_has_variables_of_its_own(jack: Jack, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second connection is named, and its name is part of its variables."""
    service.replies(WEATHER)
    monkeypatch.setenv("JACKFIELD_CONNECTION__THE_ROOF__BASE_URL", service.url)
    monkeypatch.setenv("JACKFIELD_CONNECTION__THE_ROOF__API_KEY", "key-of-the-roof")

    assert jack("module", "run", "station.get_weather", *PLACE, "--connection", "the-roof").code == 0
    assert b"X-Key: key-of-the-roof" in service.requests[0]


def test_an_alias_is_an_id(jack: Jack, service: Any) -> None:
    """Whoever knows a module by an older name finds it."""
    service.replies(WEATHER)

    assert jack("module", "run", "old-station:Weather", *PLACE).code == 0


def test_repeats_are_told(jack: Jack, service: Any) -> None:
    """While it waits, the user sees why and for how long."""
    service.replies(b"{}", status="503 Service Unavailable")
    service.retry_with(WEATHER)

    code, out, err = jack("module", "run", "station.get_weather", *PLACE)

    assert (code, json.loads(out)["temperature_c"]) == (0, 9.5)
    assert err.startswith("waiting ")
    assert " s, busy, attempt 2 of 3: " in err
    assert len(service.requests) == 2


def test_waits_for_a_turn_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """From a second on, with whose limit it is; waiting for others once, and moments not at all."""
    talk = Talk()
    about = {"operation_id": "1", "module_id": "m"}

    for wait_s in (0.2, 12.0, None, None):
        talk.hear(TurnAwaited(**about, wait_s=wait_s, reason="it is full"))
    talk.hear(
        RetryScheduled(**about, attempt=1, max_attempts=5, wait_s=12.0, cause="rate limited", reason="Too many (429).")
    )

    assert capsys.readouterr().err.splitlines() == [
        "waiting 12 s for its turn: it is full",
        "waiting until another request ends: it is full",
        "waiting 12 s, rate limited, attempt 2 of 5: Too many (429).",
    ]


def test_what_a_module_waits_for_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Each state of the service, however often it is asked for it."""
    talk = Talk()
    about = {"operation_id": "1", "module_id": "m"}

    for reason in ("the response is queued", "the response is queued", "the response is in progress", ""):
        talk.hear(WaitBegun(**about, wait_s=2.0, reason=reason))

    assert capsys.readouterr().err.splitlines() == [
        "waiting: the response is queued",
        "waiting: the response is in progress",
        "waiting: the service is not done yet",
    ]


def test_an_id_does_not_pass_for_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a result is declared and empty, plain gives the whole, in which the reason stands."""
    write_bundles([{"id": "chat-1", "refusal": "no"}], "plain", several=False, has_result=True)
    write_bundles([{"id": "model-1", "owner": "us"}], "plain", several=False)

    assert capsys.readouterr().out == '{"id":"chat-1","refusal":"no"}\nmodel-1\n'


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("module", "run", "--help"), ("greet",), ("module", "list", "-o", "plain")],
    ids=" ".join,
)
def test_a_pipe_that_nobody_reads_is_no_failure(environment: Any, arguments: tuple[str, ...]) -> None:
    """Whatever is printed, help and the commands of plugins too."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "jackfield", *arguments]
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, env=environment, timeout=60)
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_pipe_ends_quietly(environment: Any, service: Any) -> None:
    """``| head`` is no failure, and leaves no traceback."""
    tell(service, *(["word" * 1000] * 200))
    command = [
        sys.executable,
        "-m",
        "jackfield",
        "module",
        "run",
        "station.tell_story",
        "voice=x",
        "--stream",
        "-o",
        "plain",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        err = process.stderr.read()

    assert (process.returncode, err) == (0, b"")
