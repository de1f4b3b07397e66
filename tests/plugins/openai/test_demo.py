"""``jackfield demo``, as somebody types it first."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jackfield import CredentialsError, NoConnectionError, UnreachableError
from jackfield_openai.demo import demo
from jackfield_openai.sandbox import Sandbox

RUNS = ["get_models", "create_chat_completion", "create_custom_api_call"]


def _invoke(*arguments: str, env: Mapping[str, str | None] | None = None, typed: str = "", columns: int = 80) -> Result:
    nothing: dict[str, str | None] = dict.fromkeys(("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID"))
    environment = {**nothing, "COLUMNS": str(columns), **(env or {})}
    return CliRunner().invoke(demo, arguments, env=environment, input=typed)


def _live(sandbox: Sandbox, key: str = "sk-canary") -> dict[str, str | None]:
    return {"OPENAI_BASE_URL": sandbox.url, "OPENAI_API_KEY": key}


def test_it_runs_every_module_without_a_key() -> None:
    """And says what went out and what came back."""
    done = _invoke()

    assert done.exit_code == 0, done.output
    assert all(name in done.output for name in RUNS)
    assert "POST /chat/completions" in done.output
    assert "GET /models" in done.output
    assert "12 records" in done.output
    assert "busy 2 times" in done.output
    assert "no model" in done.output


def test_it_ends_the_stand_in() -> None:
    """Nobody listens there afterwards."""
    done = _invoke()
    port = int(re.search(r"127\.0\.0\.1:(\d+)", done.output)[1])  # type: ignore[index]  # the output names it

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("columns", [30, 44, 80, 120])
def test_it_is_readable_at_any_width(columns: int) -> None:
    """No line is wider than the window, and none ends in blanks."""
    lines = _invoke(columns=columns).output.splitlines()

    assert max(map(len, lines)) <= columns
    assert all(line == line.rstrip() for line in lines)


def test_its_program_ends_well_with_plain_output(tmp_path: Path) -> None:
    """As a user starts it, into a pipe: no colors, nothing on stderr."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    done = subprocess.run(
        [sys.executable, "-m", "jackfield", "demo"],
        env={**environ, "JACKFIELD_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout


def test_live_names_the_model_and_asks_before_it_chats(sandbox: Sandbox) -> None:
    """It picks a cheap one of the service's list."""
    done = _invoke("--live", env=_live(sandbox), typed="y\n")

    assert done.exit_code == 0, done.output
    question, _, rows = done.output.partition("Go on?")
    assert sandbox.url in question
    assert "stand-in-mini" in question
    assert all(name in rows for name in RUNS)
    assert "busy" not in rows


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_live_does_nothing_without_a_yes(sandbox: Sandbox, typed: str) -> None:
    """Enter and the end of input are a no."""
    done = _invoke("--live", env=_live(sandbox), typed=typed)

    assert done.exit_code == 1
    assert "POST" not in done.output


def test_live_takes_the_model_that_is_given(sandbox: Sandbox) -> None:
    """Also one that is on no list."""
    done = _invoke("--live", "--yes", "--model", "my-own", env=_live(sandbox))

    assert done.exit_code == 0, done.output
    assert "my-own" in done.output
    assert "Go on?" not in done.output


def test_live_fails_as_every_command_fails(sandbox: Sandbox, unused_port: int) -> None:
    """The error's class makes the exit code; the command line tells it."""
    away = {"OPENAI_BASE_URL": f"http://127.0.0.1:{unused_port}", "OPENAI_API_KEY": "k"}

    assert isinstance(_invoke("--live", "--yes", env=_live(sandbox, "sk-wrong")).exception, CredentialsError)
    assert isinstance(_invoke("--live", "--yes").exception, NoConnectionError)
    assert isinstance(_invoke("--live", "--yes", env=away).exception, UnreachableError)


def test_no_key_is_shown(sandbox: Sandbox) -> None:
    """Neither the real one nor a part of it."""
    done = _invoke("--live", "--yes", env=_live(sandbox))

    assert "canary" not in done.output
