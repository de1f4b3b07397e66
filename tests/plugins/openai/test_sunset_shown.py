"""A module that the service no longer serves says so wherever it is shown."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from program import JACKFIELD

from jackfield import Host

EDIT = "openai.create_edit"
WORDS = "2024-01-04"


PLACES: dict[str, Callable[[Host], object]] = {
    "the handle": lambda host: host.module(EDIT).sunset,
    "the list of a host": lambda host: [each.sunset for each in host.modules() if each.id == EDIT],
    "the schema": lambda host: host.module(EDIT).schema()["description"],
    "a tool": lambda host: host.module(EDIT).as_tool("anthropic")["description"],
}
COMMANDS = [
    ("module", "show", EDIT),
    ("module", "show", EDIT, "-o", "json"),
    ("connector", "show", "openai"),
    ("connector", "show", "openai", "-o", "json"),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_sunset_is_told_to_programs_and_models(place: str) -> None:
    """With its date."""
    with Host() as host:
        assert WORDS in json.dumps(PLACES[place](host), default=str)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_sunset_is_shown_to_people(command: tuple[str, ...], tmp_path: Path) -> None:
    """By whatever command shows the module."""
    environ = {**os.environ, "JACKFIELD_HOME": str(tmp_path)}
    done = subprocess.run([*JACKFIELD, *command], env=environ, capture_output=True, check=True, timeout=60)

    assert WORDS in done.stdout.decode()


def test_a_schema_says_it_to_programs() -> None:
    """By the word of JSON Schema, and with all that is known; the schema of another module has neither."""
    with Host() as host:
        schema, other = host.module(EDIT).schema(), host.module("openai.get_models").schema()

    assert schema["deprecated"] is True
    assert schema["x-jackfield"]["sunset"]["replacement"] == "openai.create_chat_completion"
    assert not {"deprecated", "x-jackfield"} & other.keys()


def test_whoever_runs_it_is_told_first(tmp_path: Path) -> None:
    """On standard error, so that what it gives can still be piped."""
    environ = {**os.environ, "JACKFIELD_HOME": str(tmp_path), "OPENAI_API_KEY": "k"}
    command = [*JACKFIELD, "module", "run", EDIT, "model=m", "input=Helo", "instruction=Mend it", "--dry-run"]
    done = subprocess.run(command, env=environ, capture_output=True, check=True, timeout=60)

    assert done.stderr.decode().startswith(f"note: {EDIT}: Sunset {WORDS}")
    assert WORDS not in done.stdout.decode()
