"""``jackfield demo``, as somebody types it first."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jackfield import CredentialsError, NoConnectionError, RefusedError, UnreachableError
from jackfield_openai.demo import demo
from jackfield_openai.image_heads import read_head
from jackfield_openai.sandbox import Sandbox

RUNS = [
    "get_models",
    "create_chat_completion",
    "create_completion",
    "create_edit",
    "generate_images",
    "create_custom_api_call",
]


def _invoke(*arguments: str, env: Mapping[str, str | None] | None = None, typed: str = "", columns: int = 80) -> Result:
    nothing: dict[str, str | None] = dict.fromkeys(("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID"))
    environment = {**nothing, "COLUMNS": str(columns), **(env or {})}
    with tempfile.TemporaryDirectory() as files:
        given = arguments if "--files" in arguments else (*arguments, "--files", files)
        return CliRunner().invoke(demo, given, env=environment, input=typed)


def _live(sandbox: Sandbox, key: str = "sk-canary") -> dict[str, str | None]:
    return {"OPENAI_BASE_URL": sandbox.url, "OPENAI_API_KEY": key}


def test_it_runs_every_module_without_a_key() -> None:
    """And says what went out and what came back."""
    done = _invoke()

    assert done.exit_code == 0, done.output
    assert all(name in done.output for name in RUNS)
    assert "POST /chat/completions" in done.output
    assert "POST /completions" in done.output
    assert "POST /edits" in done.output
    assert "GET /models" in done.output
    assert "12 records" in done.output
    assert "busy 2 times" in done.output
    assert "no model" in done.output


def test_it_says_where_the_images_are_and_who_drew_them(tmp_path: Path) -> None:
    """They are real ones, and each is another."""
    done = _invoke("--files", str(tmp_path), columns=200)

    assert f"The images are in {tmp_path}. They were drawn by a program, and no model." in done.output
    files = sorted(path for path in tmp_path.iterdir() if "partial" not in path.name)
    assert [path.name for path in files] == ["image-1.png", "image-2.png", "image-3.png", "image-4.png"]
    assert all(read_head(path.read_bytes()) for path in files)
    assert len({path.read_bytes() for path in files}) == 4


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
        [sys.executable, "-m", "jackfield", "demo", "--files", str(tmp_path)],
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
    assert "6 short chats with the model stand-in-mini, and makes a small image with stand-in-image" in " ".join(
        question.split()
    )
    assert "/images/edits" not in rows
    assert "POST /completions" not in rows
    assert "POST /edits" not in rows


def test_live_asks_on_stderr(sandbox: Sandbox, tmp_path: Path) -> None:
    """What is on stdout is the table alone, for whoever keeps it; and after a no nothing is left behind."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "jackfield", "demo", "--live"],
        env={
            **os.environ,
            **{name: text for name, text in _live(sandbox).items() if text},
            "JACKFIELD_HOME": str(tmp_path),
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        },
        input=b"n\n",
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert b"Go on?" in done.stderr
    assert b"Go on?" not in done.stdout
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_live_does_nothing_without_a_yes(sandbox: Sandbox, typed: str) -> None:
    """Enter and the end of input are a no."""
    done = _invoke("--live", env=_live(sandbox), typed=typed)

    assert done.exit_code == 1
    assert "POST" not in done.output


def test_live_takes_the_model_that_is_given(sandbox: Sandbox) -> None:
    """Also one that is on no list."""
    done = _invoke("--live", "--yes", "--model", "my-own", "--image-model", "my-painter", env=_live(sandbox))

    assert done.exit_code == 0, done.output
    assert "my-own" in done.output
    assert "my-painter" in done.output
    assert "Go on?" not in done.output


def test_live_fails_as_every_command_fails(sandbox: Sandbox, unused_port: int) -> None:
    """The error's class makes the exit code; the command line tells it."""
    away = {"OPENAI_BASE_URL": f"http://127.0.0.1:{unused_port}", "OPENAI_API_KEY": "k"}

    assert isinstance(_invoke("--live", "--yes", env=_live(sandbox, "sk-wrong")).exception, CredentialsError)
    assert isinstance(_invoke("--live", "--yes").exception, NoConnectionError)
    assert isinstance(_invoke("--live", "--yes", env=away).exception, UnreachableError)


class _Picky(BaseHTTPRequestHandler):
    """A server that lists one model, which refuses whatever it is asked."""

    def do_GET(self) -> None:
        """List the model."""
        self._send(200, {"object": "list", "data": [{"id": "only-one"}]})

    def do_POST(self) -> None:
        """Refuse."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send(400, {"error": {"message": "Not with me.", "code": "unsupported_value", "param": "model"}})

    def _send(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Write nothing."""


@pytest.fixture
def picky() -> Iterator[str]:
    """Serve a model that refuses; give its address."""
    server = HTTPServer(("127.0.0.1", 0), _Picky)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_live_shows_the_other_runs_when_a_model_refuses_one(picky: str) -> None:
    """Not every model can do everything; it is a failure all the same."""
    done = _invoke("--live", "--yes", env={"OPENAI_BASE_URL": picky})

    assert isinstance(done.exception, RefusedError)
    assert "only-one" in done.output
    assert done.output.count("refused: ") == 6
    assert "1 records" in done.output
    assert "No images were made." in done.output


def test_no_key_is_shown(sandbox: Sandbox) -> None:
    """Neither the real one nor a part of it."""
    done = _invoke("--live", "--yes", env=_live(sandbox))

    assert "canary" not in done.output
