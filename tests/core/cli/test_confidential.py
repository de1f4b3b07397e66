"""module run --confidential: input and output go to stdout, and nowhere else."""

import base64
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Jack = Callable[..., Any]

SAID = "the patient is Canary"
CLINIC = '''
from collections.abc import Generator
from typing import Annotated
from attrs import frozen
from jackfield import AnswerError, Context, File, Upload, module

@frozen(kw_only=True)
class Case:
    """A patient."""
    name: str
    age: int | None = None
    scan: Annotated[File | None, Upload(label="Scan")] = None

@frozen(kw_only=True)
class Letter:
    """What is written of him."""
    text: str

@frozen(kw_only=True)
class Scan:
    """A file."""
    result: File

@frozen(kw_only=True)
class Page:
    """A part of it."""
    file: File

@module(label="Write")
def write(form: Case, context: Context) -> Letter:
    """Write a letter."""
    context.warn(f"{form.name} has no doctor")
    if form.age:
        raise AnswerError(f"no letter for {form.name}")
    return Letter(text=f"Dear {form.name}")

@module(label="Copy")
def copy(form: Case, context: Context) -> Generator[Page, None, Scan]:
    """Copy a scan."""
    file = context.store_file(form.scan.pieces() if form.scan else form.name.encode(), name="scan.txt")
    yield Page(file=file)
    return Scan(result=file)
'''
ENTRIES = """\
[jackfield.modules]
clinic.write = jackfield_clinic:write
clinic.copy = jackfield_clinic:copy
"""


@pytest.fixture(autouse=True)
def _clinic(place: Any, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a connector that quotes its input wherever it can."""
    place.write("jackfield_clinic.py", CLINIC)
    place.install("jackfield-clinic", ENTRIES)
    monkeypatch.delitem(sys.modules, "jackfield_clinic", raising=False)


def kept(home: Path) -> Iterator[bytes]:
    """Give what was written anywhere below a directory."""
    return (path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_what_it_says_stands_on_stdout_alone(jack: Jack) -> None:
    """A warning may quote the input, and whoever keeps stderr keeps it; without the option it is told."""
    quiet = jack("module", "run", "clinic.write", f"name={SAID}", "--confidential")
    told = jack("module", "run", "clinic.write", f"name={SAID}")

    assert (quiet.code, json.loads(quiet.out)) == (0, {"text": f"Dear {SAID}"})
    assert "Canary" not in quiet.err
    assert "the run is confidential" in quiet.err
    assert "Canary" in told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([f"name={SAID}", "age=3"], "The answer came whole and is not what was declared"),
        (["age=3"], "$.name: breaks the rule required"),
        ([f"name={SAID}", f"{'Canary'}=1"], "$.*: breaks the rule unknown_field"),
        ([f"name={SAID}", "age=Canary"], "$.age: breaks the rule type"),
        ([f"name=@{SAID}"], "$.name: breaks the rule file"),
        ([f"name={SAID}", f"name={SAID}"], "$.name: breaks the rule twice"),
    ],
    ids=["the module", "missing", "unknown", "type", "no such file", "twice"],
)
def test_a_failure_is_told_by_class_place_and_rule(jack: Jack, arguments: list[str], words: str) -> None:
    """Where stderr is no terminal, that says nothing of what was typed or answered."""
    code, lines = jack("module", "run", "clinic.write", *arguments, "--confidential", "--no-input").failure()

    said = "\n".join(lines)
    assert code != 0
    assert words in said
    assert "Canary" not in said
    assert lines[-1] == "note: the run is confidential, so what exactly was said is shown on a terminal only."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_person_at_a_terminal_is_told_all(screen: Callable[..., str]) -> None:
    """What is on the screen is kept by nobody."""
    said = screen("module", "run", "clinic.write", f"name={SAID}", "--confidential")

    assert f"warning: {SAID} has no doctor" in said
    assert said.count("warning:") == 1


def test_many_runs_are_confidential_too(jack: Jack, write: Callable[..., str]) -> None:
    """Each line of stdout says all, errors included; stderr counts."""
    lines = write("lines.jsonl", "".join(json.dumps({"name": SAID, **more}) + "\n" for more in ({}, {"age": 3})))

    outcome = jack("module", "run", "clinic.write", "--each", "--input", lines, "--confidential")

    first, second = map(json.loads, outcome.out.splitlines())
    assert first == {"text": f"Dear {SAID}"}
    assert second["error"]["message"] == f"no letter for {SAID}"
    assert "1 of 2 failed" in outcome.err
    assert "Canary" not in outcome.err


def test_files_are_printed_and_not_written(spawn: Jack, tmp_path: Path) -> None:
    """As base64, in the shape that an input takes; what comes from a pipe is not written either."""
    run = ("module", "run", "clinic.copy", "name=n", "scan=@-", "--confidential")
    whole = spawn(*run, stdin=SAID.encode())
    pieces = spawn(*run, "--stream", "-o", "jsonl", stdin=SAID.encode())
    each = [json.loads(line) for line in pieces.out.splitlines()]

    assert (whole.code, whole.err) == (0, "")
    file = json.loads(whole.out)["result"]
    assert file == {"data": base64.b64encode(SAID.encode()).decode(), "name": "scan.txt", "media_type": "text/plain"}
    assert each == [{"file": file}]
    assert not any(b"Canary" in data for data in kept(tmp_path / "home"))
    assert spawn("module", "run", "clinic.copy", "name=n", "scan=@-", stdin=SAID.encode()).code == 0
    assert any(b"Canary" in data for data in kept(tmp_path / "home"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "plain"], "clinic.copy gives files, and --confidential writes none; add -o json"),
        (["-o", "table", "--stream"], "add -o json"),
        (["--files", "out"], "--confidential writes no file; --files contradicts it."),
    ],
)
def test_a_file_that_would_be_lost_or_written_is_refused_before_anything_runs(
    jack: Jack, options: list[str], words: str
) -> None:
    """What a file costs is not paid for nothing."""
    code, lines = jack("module", "run", "clinic.copy", "name=n", "--confidential", *options).failure()

    assert code == 2
    assert words in lines[0]


def test_a_dry_run_may_be_confidential(jack: Jack) -> None:
    """It prints to stdout what the user asks to see, and sends and writes nothing."""
    outcome = jack("module", "run", "clinic.write", f"name={SAID}", "--confidential", "--dry-run")

    assert (outcome.code, outcome.out) == (0, "[]\n")
