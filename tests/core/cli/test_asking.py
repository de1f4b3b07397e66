import json
import os
import re
import select
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from program import JACKFIELD

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals that a test could read", allow_module_level=True)

import pty

ATTACHED = """
import fcntl, os, sys, termios
fcntl.ioctl(2, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal that of the process, so that Ctrl-C on it is heard."""

ENTRIES = "[jackfield.modules]\npalette.mix = palette:mix\npalette.nothing = palette:nothing\n"
PALETTE = '''
from collections.abc import Mapping
from typing import Annotated, Literal

from attrs import frozen

from jackfield import (
    Array, Context, Effect, Integer, KeyValue, Number, Password, Secret, Select, Text, module
)


@frozen(kw_only=True)
class Round:
    """A dot."""
    shape: Literal["round"]
    radius: Annotated[float, Number(label="Radius", minimum=0.5)]


@frozen(kw_only=True)
class Square:
    """A tile."""
    shape: Literal["square"]
    side: float


@frozen(kw_only=True)
class Frame:
    width: Annotated[int, Integer(label="Width", minimum=1, maximum=9)]


@frozen(kw_only=True)
class Mix:
    color: Annotated[Literal["red", "green", "grey"], Select(label="Color")]
    amount: Annotated[int, Integer(label="Amount", minimum=1, maximum=10, example=3, help="How much.")]
    pin: Annotated[Secret, Password(label="PIN", min_length=4)]
    names: Annotated[list[str], Array(label="Names", min_items=1, max_items=3)]
    stroke: Round | Square
    weights: Annotated[Mapping[str, float], KeyValue(label="Weights", min_items=1)]
    frame: Frame
    note: Annotated[str | None, Text(label="Note")] = None
    gloss: Annotated[int, Integer(label="Gloss")] = 5


@frozen(kw_only=True)
class Mixed:
    result: str


@module(label="Mix", effect=Effect.READ)
def mix(form: Mix, context: Context) -> Mixed:
    """Mix a color."""
    stroke = form.stroke.radius if isinstance(form.stroke, Round) else form.stroke.side
    parts = [form.color, form.amount, len(form.pin.reveal()), *form.names, stroke, dict(form.weights)]
    return Mixed(result=repr([*parts, form.frame.width, form.note, form.gloss]))


@frozen(kw_only=True)
class Nothing:
    note: Annotated[str | None, Text(label="Note")] = None


@module(label="Nothing", effect=Effect.READ)
def nothing(form: Nothing, context: Context) -> Mixed:
    """Do nothing."""
    return Mixed(result=f"noted {form.note}")
'''
MIXED = "['red', 3, 4, 'a', 'b', 2.0, {'x.y': 0.5}, 4, None, 5]"


class Person:
    """Somebody at a terminal of their own, who waits for a question before the next answer."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], out: Path | None) -> None:
        self._terminal, theirs = pty.openpty()
        with (out or Path(os.devnull)).open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", ATTACHED, *JACKFIELD, *arguments],
                stdin=theirs,
                stdout=file if out else theirs,
                stderr=theirs,
                env={**environment, "TERM": "xterm", "COLUMNS": "100"},
                start_new_session=True,
            )
        os.close(theirs)
        self.seen = ""

    def sees(self, text: str) -> None:
        """Wait until this is there, in what was printed since it was last looked for something."""
        start = len(self.seen) if not self.seen else self._place
        while text not in self.seen[start:]:
            assert self._read(), f"{text!r} did not come:\n{self.seen}"
        self._place = self.seen.index(text, start) + len(text)

    _place = 0

    def types(self, text: str, end: str = "\n") -> None:
        """Type a line."""
        os.write(self._terminal, (text + end).encode())

    def answers(self, *pairs: tuple[str, str]) -> None:
        """Answer questions, each when it is asked."""
        for question, answer in pairs:
            self.sees(question)
            self.types(answer)

    def waits_for_the_end(self) -> int:
        """Read what is left, and give the exit code."""
        while self._read():
            pass
        return self.process.wait(60)

    def close(self) -> None:
        """Leave."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)
        os.close(self._terminal)

    def _read(self) -> bool:
        if not select.select([self._terminal], [], [], 60)[0]:
            return False
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            return False
        self.seen += data.decode().replace("\r\n", "\n")
        return bool(data)


@pytest.fixture
def person(environment: Mapping[str, str], place: Any, interruptible: None) -> Iterator[Callable[..., Person]]:
    """Put somebody in front of a command line."""
    place.install("palette", ENTRIES)
    place.write("palette.py", PALETTE)
    people: list[Person] = []

    def call(*arguments: str, out: Path | None = None, env: Mapping[str, str] | None = None) -> Person:
        people.append(Person([*arguments], {**environment, **(env or {})}, out))
        return people[-1]

    yield call
    for each in people:
        each.close()


def test_what_is_required_is_asked_for_and_checked_at_once(person: Callable[..., Person], tmp_path: Path) -> None:
    """Choices by number or name, lists until nothing comes, unions by variant; a wrong answer is asked again."""
    out = tmp_path / "out"
    somebody = person("module", "run", "palette.mix", "-o", "plain", out=out)

    somebody.sees("palette.mix needs more to run.")
    somebody.answers(
        ("color (number, or part of a name): ", "gre"),
        ("1  green\n  2  grey\ncolor (number, or part of a name): ", "mauve"),
        ("must be one of", "red"),
        ("Amount (whole number, 1 to 10)\nHow much.\nFor example: 3\namount: ", "11"),
        ("It must be at most 10, was 11.\namount: ", ""),
        ("It is required", "3"),
        ("pin: ", "123"),
        ("It must have at least 4 characters.\npin: ", "1234"),
        ("names 1: ", "a"),
        ("names 2, Enter to end: ", "b"),
        ("names 3, Enter to end: ", ""),
        ("1  round: A dot.\n  2  square: A tile.\nstroke: which of these (number or name): ", "7"),
        ("Please answer with a number from 1 to 2.\nstroke: which of these (number or name): ", "1"),
        ("radius: ", "0.1"),
        ("It must be at least 0.5, was 0.1.\nradius: ", "2"),
        ("weights: a name, Enter to end: ", ""),
        ("It must have at least 1.\nweights: a name, Enter to end: ", "x.y"),
        ("x.y: ", "0.5"),
        ("weights: a name, Enter to end: ", ""),
        ("Width (whole number, 1 to 9)\nwidth: ", "4"),
    )

    assert somebody.waits_for_the_end() == 0
    assert out.read_text() == MIXED + "\n"
    assert "1234" not in somebody.seen
    assert "Note" not in somebody.seen


def test_it_ends_with_the_command_that_asks_nothing(
    person: Callable[..., Person], spawn: Callable[..., Any], tmp_path: Path
) -> None:
    """It can be copied and typed as it is; a secret is not in it."""
    given = ("color=red", "amount=3", "names.0=a b", "weights:={}")
    somebody = person("module", "run", "palette.mix", *given, "-o", "plain")
    somebody.answers(("pin: ", "4711"), ("which of these", "square"), ("side: ", "2"), ("width: ", "4"))

    somebody.waits_for_the_end()

    (line,) = re.findall(r"^  (jackfield module run .*)$", somebody.seen, re.MULTILINE)
    assert shlex.split(line)[3:] == [
        "palette.mix",
        *given,
        "pin=@-",
        "stroke.shape=square",
        "stroke.side=2",
        "frame.width=4",
        "-o",
        "plain",
    ]
    assert "4711" not in somebody.seen


def test_what_was_given_is_not_asked_for(person: Callable[..., Person]) -> None:
    """Also inside of objects of which a part is given."""
    given = ["color=red", "amount=3", "pin=1234", "names.0=a", "weights.x=1", "stroke.shape=round", "frame.width=4"]
    somebody = person("module", "run", "palette.mix", *given, "-o", "plain")
    somebody.answers(("radius: ", "2"))

    assert somebody.waits_for_the_end() == 0
    assert somebody.seen.count("radius: ") == 1
    assert "['red', 3, 4, 'a', 2.0, {'x': 1.0}, 4, None, 5]" in somebody.seen


def test_nothing_is_asked_where_nothing_is_missing(person: Callable[..., Person]) -> None:
    """An optional field is only asked for with --ask; its default is told."""
    quiet = person("module", "run", "palette.nothing", "-o", "plain")

    assert quiet.waits_for_the_end() == 0
    assert quiet.seen == "noted None\n"
    asked = person("module", "run", "palette.nothing", "--ask", "-o", "plain")
    asked.answers(("Note (text; Enter leaves it out)\nnote: ", "well"))
    assert asked.waits_for_the_end() == 0
    assert asked.seen.endswith("noted well\n")


def test_an_answer_can_be_a_file(person: Callable[..., Person], write: Callable[..., str]) -> None:
    """As on the command line; a file that is not there is asked for again."""
    somebody = person("module", "run", "palette.nothing", "--ask", "-o", "plain")
    somebody.answers(("note: ", "@/no/such/file"), ("cannot be read", f"@{write('note.txt', 'from a file')}"))

    assert somebody.waits_for_the_end() == 0
    assert "noted from a file" in somebody.seen


def test_choices_are_asked_of_the_service_and_searched(person: Callable[..., Person], service: Any) -> None:
    """A part of a name searches; any other text is taken, since this field takes it."""
    service.replies(b'[{"id": "low", "label": "Deep voice"}, {"id": "high", "label": "Bright voice"}]')
    somebody = person("module", "run", "station.tell_story", "--dry-run", "-o", "json")
    somebody.answers(
        ("1  low: Deep voice\n  2  high: Bright voice\nvoice (number, or any text): ", "bright"),
        ("1  high: Bright voice\n  2  bright: as it is\nvoice (number, or any text): ", "1"),
    )

    assert somebody.waits_for_the_end() == 0
    assert '"voice": "high"' in somebody.seen


def test_choices_that_cannot_be_had_are_typed(person: Callable[..., Person], service: Any) -> None:
    """The question stays, and says why there is no list."""
    service.replies(b"{}", status="404 Not Found")
    somebody = person("module", "run", "station.tell_story", "--dry-run", "-o", "json")
    somebody.answers(("note: the choices could not be had:", "low"))

    assert somebody.waits_for_the_end() == 0
    assert '"voice": "low"' in somebody.seen


def test_without_credentials_nothing_more_is_asked(person: Callable[..., Person]) -> None:
    """The run would fail after the last answer."""
    somebody = person("module", "run", "station.tell_story", env={"STATION_API_KEY": ""})

    assert somebody.waits_for_the_end() == 4
    assert "STATION_API_KEY" in somebody.seen


@pytest.mark.parametrize("question", ["color (", "pin: "], ids=["shown", "hidden"])
def test_ctrl_c_leaves_cleanly(person: Callable[..., Person], question: str) -> None:
    """With exit code 130 and without a traceback, whatever is asked."""
    given = [] if question == "color (" else ["color=red", "amount=3"]
    somebody = person("module", "run", "palette.mix", *given)
    somebody.sees(question)
    somebody.types("\x03", end="")

    assert somebody.waits_for_the_end() == 130
    assert "Traceback" not in somebody.seen
    assert somebody.seen.endswith("\n")


def test_the_end_of_the_input_is_told(person: Callable[..., Person]) -> None:
    """Ctrl-D answers nothing more."""
    somebody = person("module", "run", "palette.mix")
    somebody.sees("color (")
    somebody.types("\x04", end="")

    assert somebody.waits_for_the_end() == 1
    assert "error: The input ended before an answer was given." in somebody.seen


@pytest.mark.parametrize(
    ("options", "env"), [(["--no-input"], {}), ([], {"JACKFIELD_RUN_ASK": "no"})], ids=["option", "setting"]
)
def test_asking_can_be_switched_off(person: Callable[..., Person], options: list[str], env: dict[str, str]) -> None:
    """Then what is missing is an error, as it is off a terminal."""
    somebody = person("module", "run", "palette.mix", *options, env=env)

    assert somebody.waits_for_the_end() == 3
    assert "$.color: is required" in somebody.seen


def test_off_a_terminal_nobody_is_asked(spawn: Callable[..., Any], place: Any) -> None:
    """A script gets all problems at once, also where it says --ask."""
    place.install("palette", ENTRIES)
    place.write("palette.py", PALETTE)

    for options in ([], ["--ask"]):
        code, out, err = spawn("module", "run", "palette.mix", *options, stdin=b"red\n3\n")
        assert (code, out) == (3, "")
        assert "$.color: is required" in err
        assert "$.frame: is required" in err


@pytest.mark.parametrize(
    "arguments", [["--each", "--input", "x", "--ask"], ["--input", "-", "--ask"]], ids=["each", "input"]
)
def test_lines_and_questions_do_not_go_together(jack: Callable[..., Any], arguments: list[str]) -> None:
    """Standard input cannot be both."""
    code, said = jack("module", "run", "station.get_weather", *arguments).failure()

    assert code == 2
    assert "--ask" in said[0]


def test_a_conditional_field_is_asked_for_when_it_is_needed(person: Callable[..., Person], place: Any) -> None:
    """After the answer that it depends on."""
    place.install("trip", "[jackfield.modules]\ntrip.go = trip:go\n")
    place.write(
        "trip.py",
        '''
from typing import Annotated, Literal
from attrs import frozen
from jackfield import Context, Effect, Select, Text, When, module, to_json


@frozen(kw_only=True)
class Trip:
    by: Annotated[Literal["foot", "train"], Select(label="By")]
    ticket: Annotated[
        str | None,
        Text(label="Ticket", required_when=When("by", "train"), shown_when=When("by", "train")),
    ] = None


@frozen(kw_only=True)
class Gone:
    form: object


@module(label="Go", effect=Effect.READ)
def go(form: Trip, context: Context) -> Gone:
    """Go."""
    return Gone(form=to_json(form))
''',
    )
    walker, rider = (person("module", "run", "trip.go", "-o", "json") for _ in range(2))
    walker.answers(("by (", "foot"))
    rider.answers(("by (", "train"), ("ticket: ", "T1"))

    assert (walker.waits_for_the_end(), rider.waits_for_the_end()) == (0, 0)
    assert "ticket: " not in walker.seen
    assert json.loads(rider.seen[rider.seen.index("\n{") :]) == {"form": {"by": "train", "ticket": "T1"}}


def test_a_watch_asks_as_a_run_does(person: Callable[..., Person], service: Any) -> None:
    """And ends with its own command, which begins where this one began."""
    service.replies(b"[]")
    somebody = person("module", "watch", "station.watch_readings", "--once", "--ask", "--from", "all")
    somebody.answers(("Station (text; Enter leaves it out)\nstation: ", "north"))

    assert somebody.waits_for_the_end() == 0
    assert "jackfield module watch station.watch_readings station=north --from all --once" in somebody.seen
    assert b"station=north" in service.requests[0]
