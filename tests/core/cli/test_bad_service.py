"""Whatever a service or a connector gets wrong: the message, the next step, the exit code. No traceback, ever."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

Jack = Callable[..., Any]

WEATHER = ("module", "run", "station.get_weather")
PLACE = ("latitude=52.5", "longitude=13.4")
NOTE = ("module", "run", "station.write_note")


def test_nobody_listens(jack: Jack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection names where it was to go."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("STATION_URL", f"http://127.0.0.1:{port}")

    code, lines = jack(*WEATHER, *PLACE).failure()

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

    found, lines = jack("module", "run", "station.set_weather", *PLACE).failure()

    assert found == code
    assert any(line.startswith("error: ") for line in lines)
    assert lines[-1].startswith("next: ")
    assert "key-of-the-station" not in "".join(lines)


def test_a_service_that_wants_to_be_left_alone(jack: Jack, service: Any) -> None:
    """What follows is something to do, before the reason why it was not done for the user."""
    service.replies(b"{}", status="429 Too Many Requests", kind="application/json\r\nRetry-After: 3600")

    code, lines = jack("module", "run", "station.get_weather", *PLACE).failure()

    assert code == 6
    assert lines[-1].startswith("next: Run it again later. The service asks to wait 3600 s, ")


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

    code, lines = jack(*WEATHER, *PLACE).failure()

    assert code == 6
    assert lines[0].startswith("error: ")
    assert lines[-1].startswith("next: ")


def test_an_answer_that_is_cut_short(jack: Jack, service: Any) -> None:
    """Half of a body is no body."""
    service.replies(b'{"temperature_c": 9', length=1000)

    code, lines = jack("module", "run", "station.set_weather", *PLACE).failure()

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

    code, lines = jack(*WEATHER, *PLACE, "--deadline", "0.5").failure()

    assert code == 8
    assert "0.5 s" in lines[0]
    assert "--deadline" in lines[-1]
    assert time.monotonic() - started < 10


def test_a_defect_of_a_connector(jack: Jack) -> None:
    """It is named with its place, and its authors are to hear of it."""
    code, lines = jack("module", "run", "station.fall_over").failure()

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


def test_what_is_no_error_of_a_kind_is_told_in_words_too(jack: Jack, place: Any) -> None:
    """No trace of the stack, which shows what nobody masked."""
    place.install("odd", "[jackfield.modules]\nodd.leave = odd_connector:leave\n")
    lines = [
        "from attrs import frozen",
        "from jackfield import Context, Effect, module",
        "class Left(BaseException): ...",
        "@frozen(kw_only=True)",
        "class Form:",
        '    """Nothing."""',
        "@module(label='Leave', effect=Effect.READ)",
        "def leave(form: Form, context: Context) -> Form:",
        '    """Leave."""',
        "    raise Left('sk-abcdefghijklmnopqrstuvwx')",
    ]
    place.write("odd_connector.py", "\n".join(lines))

    code, out, err = jack("module", "run", "odd.leave")

    assert (code, out) == (1, "")
    assert err.startswith("error: Left at odd_connector.py:10: this is a bug, in Jackfield or in a plugin.")
    assert "sk-abc" not in err
