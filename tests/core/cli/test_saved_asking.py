"""What is asked for on a terminal: secrets are not shown while they are typed."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from program import JACKFIELD

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals that a test could write to", allow_module_level=True)

import pty

KEY = "key-of-the-vault"
TYPE = "station.account"
PASSPHRASE = "four words make one"
PATIENCE_S = 120

Typist = Callable[..., tuple[int, str]]


class Screen:
    """What a command line shows on a terminal, and where answers are typed."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._end = time.monotonic() + PATIENCE_S
        self._fresh = ""
        self.seen = ""

    def answer(self, question: str, answer: str) -> None:
        """Wait for a question, and answer it."""
        while question not in self._fresh:
            assert self._read(), f"no {question!r} in {self.seen}"
        self._fresh = self._fresh.partition(question)[2]
        os.write(self._terminal, f"{answer}\n".encode())

    def rest(self) -> None:
        """Read until nobody writes any more."""
        while self._read():
            pass

    def _read(self) -> bool:
        patience = max(0, self._end - time.monotonic())
        assert select.select([self._terminal], [], [], patience)[0], f"nothing more came: {self.seen}"
        try:
            more = os.read(self._terminal, 65536).decode()
        except OSError:  # how Linux says that the other end is closed
            more = ""
        self._fresh += more
        self.seen += more
        return bool(more)


@pytest.fixture
def typist(environment: Mapping[str, str]) -> Typist:
    """Run a command line on a terminal, and answer each question once it is asked; gives all that was to be seen."""
    os.environ.pop("STATION_API_KEY", None)

    def call(*arguments: str, answers: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        command = [*JACKFIELD, *arguments]
        with subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        ) as process:
            os.close(theirs)
            screen = Screen(ours)
            try:
                for question, answer in answers:
                    screen.answer(question, answer)
                screen.rest()
            except BaseException:
                process.kill()
                raise
        os.close(ours)
        return process.returncode, screen.seen.replace("\r\n", "\n")

    return call


def test_a_secret_is_asked_for_and_not_shown(typist: Typist, service: Any) -> None:
    """With what the form says of it; what was given already is not asked for."""
    service.replies(b"{}")

    code, seen = typist("connection", "add", "roof", TYPE, f"base_url={service.url}", answers=[("API key", KEY)])

    assert code == 0, seen
    assert "On a sticker below the mast." in seen
    assert "Saved roof; it works." in seen
    assert KEY not in seen
    assert f"X-Key: {KEY}".encode() in service.requests[0]


def test_everything_is_asked_for_if_nothing_was_given(typist: Typist, jack: Any, service: Any) -> None:
    """What is required is asked for until it is there."""
    service.replies(b"{}")
    answers = [("API key", ""), ("API key", KEY), ("Address", service.url)]

    code, seen = typist("connection", "add", "roof", TYPE, answers=answers)

    assert code == 0, seen
    assert KEY not in seen
    assert json.loads(jack("connection", "show", "roof", "-o", "json").out)["base_url"] == service.url


@pytest.fixture
def saved(jack: Any, service: Any, write: Callable[..., str], typist: Typist) -> str:
    """A connection that is saved, and works."""
    service.replies(b"{}")
    outcome = jack(
        "connection", "add", "roof", TYPE, f"api_key=@{write('key', KEY)}", f"base_url={service.url}", "--no-check"
    )
    assert outcome.code == 0, outcome.err
    return "roof"


def test_an_edit_asks_and_keeps_what_is_left_empty(typist: Typist, service: Any, saved: str) -> None:
    """The secret too."""
    answers = [("API key", ""), ("Address", f"{service.url}/")]

    code, seen = typist("connection", "edit", saved, answers=answers)

    assert code == 0, seen
    assert f"base_url: {service.url}" in seen
    assert f"X-Key: {KEY}".encode() in service.requests[0]


def test_a_changed_address_asks_for_the_secret(typist: Typist, service: Any, saved: str) -> None:
    """At once, and sends the new one there."""
    arguments = ("connection", "edit", saved, f"base_url={service.url}/new")

    code, seen = typist(*arguments, answers=[("API key", "another-key")])

    assert code == 0, seen
    assert "The address changes" in seen
    assert "another-key" not in seen
    assert service.requests[0].startswith(b"GET /new/status ")
    assert b"X-Key: another-key" in service.requests[0]


def test_a_removal_is_asked_about(typist: Typist, jack: Any, saved: str) -> None:
    """Nothing typed means no."""
    code, seen = typist("connection", "remove", saved, answers=[("Remove roof (station.account)?", "")])
    assert (code, "Nothing was removed." in seen) == (0, True)

    code, seen = typist("connection", "remove", saved, answers=[("Remove roof (station.account)?", "y")])

    assert (code, "Removed roof." in seen) == (0, True)
    assert jack("connection", "list", "-o", "plain").out == ""


def test_a_passphrase_is_asked_for_twice_and_then_at_each_use(typist: Typist, service: Any, saved: str) -> None:
    """Also by a run; a wrong one may be typed again."""
    service.replies(b'{"temperature_c": 1, "wind_kmh": 2}')
    twice = [
        ("New passphrase", PASSPHRASE),
        ("The same again", "another one"),
        ("New passphrase", PASSPHRASE),
        ("The same again", PASSPHRASE),
    ]
    code, seen = typist("connection", "rotate-key", "--protect", "passphrase", answers=twice)
    assert code == 0, seen

    code, run = typist(
        *("module", "run", "station.get_weather", "latitude=1", "longitude=2", "--connection", saved),
        answers=[("Passphrase of saved connections", "wrong"), ("Passphrase of saved connections", PASSPHRASE)],
    )

    assert code == 0, run
    assert run.count("That is not the passphrase of the saved connections; please type it again.") == 1
    assert "That is not the passphrase" not in seen
    assert PASSPHRASE not in seen + run
    assert f"X-Key: {KEY}".encode() in service.requests[-1]
    code, listed = typist("connection", "list")
    assert (code, "Passphrase" in listed) == (0, False)


def test_an_input_that_ends_saves_nothing(typist: Typist, jack: Any, service: Any) -> None:
    """Ctrl-D at a question."""
    code, seen = typist("connection", "add", "roof", TYPE, answers=[("API key", "\x04")])

    assert code == 1, seen
    assert "The input ended before an answer was given." in seen
    assert jack("connection", "list", "-o", "plain").out == ""
    assert service.requests == []
