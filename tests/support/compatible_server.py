"""Servers that others wrote, which speak OpenAI's API: what is known of them, and how they are started."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

FOLDER = Path(__file__).parents[1] / "servers"
INSTALLED = "JACKFIELD_SERVERS"
"""The variable that says in which folder ``tests/servers/install.py`` has put them."""
BOUND_S = 300
"""How long a server may take to start; LiteLLM imports for half a minute where the machine is busy."""


@frozen(kw_only=True)
class Gap:
    """Where a server does not do what OpenAI does.

    Attributes:
        outcome: How the same call ends here.
        why: What it lacks, in a sentence.
        sdk: How it ends for OpenAI's SDK.
    """

    outcome: str
    why: str
    sdk: str = "fails"


@frozen(kw_only=True)
class Server:
    """A server, as ``tests/servers/servers.json`` has it.

    Attributes:
        name: Of its distribution, and of its file of requirements.
        title: What people call it.
        version: That is tested.
        command: Follows its own Python.
        ready: The path that answers when it has started.
        key: That it takes.
        chat: Its model for chats; ``legacy`` is for /completions, ``image`` for images, ``embedding`` for vectors,
            ``judging`` for moderations, ``hearing`` and ``speaking`` for sound.
        fails: What makes it fail, by how: ``model`` or ``headers`` that do.
        gaps: By the name of the call.
        environment: What it is told there.
        config: A file that it reads, with the address of a server behind it in ``{upstream}``.
        made: The id of what was made there for the call that follows.
    """

    name: str
    title: str
    version: str
    command: Sequence[str]
    ready: str
    key: str
    chat: str
    legacy: str
    image: str
    embedding: str
    judging: str
    hearing: str
    speaking: str
    fails: Mapping[str, Mapping[str, Any]]
    gaps: Mapping[str, Gap]
    environment: Mapping[str, str] = field(factory=dict)
    config: Mapping[str, object] | None = None
    made: str = ""


def known() -> list[Server]:
    """Give all that are known."""
    said = json.loads((FOLDER / "servers.json").read_text("utf-8"))
    gaps = {name: {call: Gap(**gap) for call, gap in values.pop("gaps").items()} for name, values in said.items()}
    return [Server(name=name, gaps=gaps[name], **values) for name, values in said.items()]


def skip_without() -> None:
    """Skip a test where no server is installed."""
    if not os.environ.get(INSTALLED):
        pytest.skip(f"{INSTALLED} names no folder with servers; `tox -e servers` installs and runs them")


def _python_of(server: Server) -> Path:
    home = Path(os.environ[INSTALLED]) / server.name
    return home / "Scripts" / "python.exe" if sys.platform == "win32" else home / "bin" / "python"


@contextmanager
def running(server: Server, folder: Path, upstream: str) -> Iterator[str]:
    """Run a server on loopback while the block runs; gives its base URL.

    Args:
        server: Which.
        folder: Where it may write.
        upstream: The base URL of the server behind it, for one that is a proxy.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "config.json"
    config.write_text(json.dumps(server.config).replace("{upstream}", upstream), "utf-8")
    places = {"{port}": str(port), "{config}": str(config)}
    words = [str(_python_of(server)), *(places.get(word, word) for word in server.command)]
    log = folder / "log.txt"
    with log.open("wb") as output:
        environment = {**os.environ, **server.environment}
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(process, f"http://127.0.0.1:{port}{server.ready}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + BOUND_S
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=10):  # noqa: S310  it is ours, on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    state = "did not answer" if process.poll() is None else f"ended with {process.returncode}"
    pytest.fail(f"the server {state}; its last words:\n{log.read_text('utf-8', 'replace')[-3000:]}")
