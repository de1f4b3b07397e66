"""A story is told to every module that is installed, confidentially; then every byte is searched for it.

What the test's own service answers is searched for as well. The same is done in runs that are not confidential, so that
the search is known to find something in each place.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from careless_service import serving
from listening_service import listening
from spelt import seen_in

from jackfield import Host
from jackfield_github.sandbox import Sandbox as GitHub
from jackfield_openai.sandbox import Sandbox

SUPPORT = Path(__file__).parents[1] / "support"
STORY = 'Ada\'s secret & "story" of 4711'
SAID = "what the service said of 0815"


class Left(NamedTuple):
    """What a program left behind: on its streams, in files that are still there, and in any that it opened."""

    streams: bytes
    files: dict[str, bytes]
    written: list[str]
    succeeded: set[str]
    failed: set[str]

    def leaks(self) -> list[str]:
        """Say where the story, or what was answered, can be read."""
        places = {"the streams": self.streams, **self.files}
        return [
            f"{place}: {secret}" for place, data in places.items() for secret in (STORY, SAID) if seen_in(data, secret)
        ]


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, str]]:
    """Serve well, carelessly, and as OpenAI and GitHub do."""
    with listening(SAID) as good, serving() as careless, Sandbox() as sandbox, GitHub() as github:
        with Host(environ={}) as host:  # so that there is something to look at
            account, place = {"token": "any", "base_url": github.url}, {"repository": "octocat/hello-world"}
            host.run("github.create_issue", {**place, "title": "It crashes"}, connection=account)
            readme = {"path": "README.md", "content": "Hello", "message": "Say hello"}
            host.run("github.create_release", {**place, "tag_name": "v1"}, connection=account)
            host.run("github.put_file", {**place, **readme}, connection=account)
        yield {"listening": good, "careless": careless, "sandbox": sandbox.url, "github": github.url}


def left_by(root: Path, services: dict[str, str], *, confidential: bool) -> Left:
    """Run the program in an empty home, and collect what it leaves."""
    for folder in ("home", "cwd", "tmp"):
        (root / folder).mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(root / "home"),
        "USERPROFILE": str(root / "home"),
        "JACKFIELD_HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "TEMP": str(root / "tmp"),
        "TMP": str(root / "tmp"),
        "PYTHONPATH": str(SUPPORT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    wishes = {**services, "story": STORY, "said": SAID, "confidential": confidential}
    wishes["said64"] = base64.b64encode(SAID.encode()).decode()
    words = [sys.executable, str(SUPPORT / "confidential_program.py"), json.dumps(wishes)]
    done = subprocess.run(words, capture_output=True, check=False, cwd=root / "cwd", env=environment, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:].decode("utf-8", "replace")
    lines = done.stdout.decode().splitlines()
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    named = {line.split()[0]: {*line.split()[1:]} for line in lines if line.startswith(("SUCCEEDED", "FAILED"))}
    written = [line.removeprefix("WROTE ") for line in lines if line.startswith("WROTE ")]
    return Left(done.stdout + done.stderr, files, written, named["SUCCEEDED"], named["FAILED"])


def modules() -> set[str]:
    """Name the modules that are installed and go out to a service."""
    with Host(environ={}) as host:
        return {module.id for module in host.modules() if module.connection_type_id}


def test_a_confidential_run_leaves_nothing_of_its_input_and_output(tmp_path: Path, services: dict[str, str]) -> None:
    """Whatever the module and the service, and however it ends: not in a log, an event, a file or a cache."""
    left = left_by(tmp_path, services, confidential=True)

    assert left.leaks() == []
    assert [path for path in left.written if "entry-points" not in path] == []  # what is installed
    assert modules() <= left.failed
    assert modules() <= left.succeeded
    assert {"choices", "form", "confidant.show", "confidant.tell", "confidant.recite"} <= left.succeeded


def test_the_same_runs_leave_much_if_they_are_not_confidential(tmp_path: Path, services: dict[str, str]) -> None:
    """In each of the places that are searched: else the search would prove nothing."""
    left = left_by(tmp_path, services, confidential=False)

    assert any("files" in leak for leak in left.leaks())
    assert any("choices" in leak for leak in left.leaks())
    assert f"the streams: {STORY}" in left.leaks()
    assert f"the streams: {SAID}" in left.leaks()
    assert any("tmp" in path for path in left.written)
