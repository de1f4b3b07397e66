"""A reader of the docs, who saves the files that a page shows and types its commands, one after the other.

What a page may hold:

- a block ``python`` or ``toml``: a file, whose first line is a comment with its path. Some command must use it.
- a block ``console``: commands behind ``$ ``, continued behind ``> `` after a backslash; below each, all that it prints
  on stdout and stderr, with ``...`` for what differs between runs. A command that fails is followed by ``$ echo $?``.
- a block ``console keeps-running``: one command that runs until the page ends; it listens on the port that it names, if
  it names one, and has printed what stands below it before the reader goes on.
- Ports from 8700 to 8799 stand for free ones: they are replaced on the whole page before anything is read.
- Any other block is to be looked at.

The quick reader takes the environment that he is in, so he makes none: he checks that what ``pip install`` names is
there, and puts what it would install editable on the path. The thorough one types everything.
"""

import doctest
import importlib.metadata
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

_FENCE = re.compile(r"^```(\w*)(?: +(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PORT = re.compile(r"\b87\d\d\b")
_FILE = re.compile(r"# ([\w./-]+\.(?:py|toml))\n")
_SET_UP = re.compile(r"python3 -m venv |\. \S+/bin/activate|pip install ")
_OURS = ("OPENAI_", "JACKFIELD_", "PYTEST_", "PYTHONPATH", "COLUMNS", "FORCE_COLOR")
_WAIT_S = 30
ROOT = Path(__file__).parents[2]
_SHELL = "sh"


class Block(NamedTuple):
    """A fenced block: its language, the word behind it, what it holds."""

    language: str
    word: str
    text: str


class Command(NamedTuple):
    """A line that is typed, and what it prints."""

    line: str
    output: str


def blocks_of(text: str) -> list[Block]:
    """Give the fenced blocks of a page."""
    return [Block(*found.groups(default="")) for found in _FENCE.finditer(text)]


def commands_of(block: Block) -> list[Command]:
    """Give the commands of a console block."""
    text = block.text.replace("\\\n> ", "")
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"a console block starts with a command behind '$ ':\n{block.text}"
    split = [part.partition("\n") for part in parts[1:]]
    return [Command(line, output) for line, _, output in split]


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _fits(want: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)


class Reader:
    """Follows one page in a folder of his own.

    Args:
        folder: Empty, or with what the page expects to be there.
        state: An empty folder for what the reader remembers between two commands.
        quick: Whether he makes no environment.
    """

    def __init__(self, folder: Path, state: Path, *, quick: bool) -> None:
        self._quick = quick
        self._cwd = folder
        self._site = state / "site"
        self._sources: list[Path] = []
        self._exports = state / "exports"
        self._exports.touch()
        self._where = state / "where"
        self._log = state / "log"
        self._status = 0
        self._running: list[subprocess.Popen[bytes]] = []
        self._environ = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        self._environ |= {"JACKFIELD_HOME": str(state / "home"), "STATE": str(self._exports), "WHERE": str(self._where)}
        self._environ["PIP_QUIET"] = "2"  # what pip warns of depends on how the machine is set up
        if quick:
            self._environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
            # Celery's own: of a worker that is started by root, as CI is, and of how it asks Redis.
            self._environ["PYTHONWARNINGS"] = (
                "error,ignore:You're running the worker with superuser,ignore:Call to deprecated setex"
            )

    def set(self, name: str, value: str) -> None:
        """Set a variable as ``export`` does."""
        with self._exports.open("a", encoding="utf-8") as file:
            file.write(f"export {name}={shlex.quote(value)}\n")

    def follow(self, text: str) -> None:
        """Do all that a page shows."""
        ports = {port: str(_free_port()) for port in set(_PORT.findall(text))}
        blocks = blocks_of(_PORT.sub(lambda port: ports[port[0]], text))
        typed = " ".join(block.text for block in blocks if block.language in ("console", "toml"))
        for block in blocks:
            if block.language in ("python", "toml"):
                self._save(block, typed)
            elif block.language == "console":
                self._type(block)
        assert self._status == 0

    def save(self, name: str, text: str) -> None:
        """Write a file where the reader is."""
        path = self._cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def close(self) -> None:
        """Stop what still runs."""
        for process in self._running:
            process.terminate()
            process.wait(_WAIT_S)

    def _save(self, block: Block, typed: str) -> None:
        named = _FILE.match(block.text)
        assert named, f"the first line of a file says its path:\n{block.text}"
        file = Path(named[1])
        assert file.name == "pyproject.toml" or file.stem in typed, f"nothing uses {file}"
        self.save(named[1], block.text)

    def _type(self, block: Block) -> None:
        commands = commands_of(block)
        if block.word == "keeps-running":
            (command,) = commands
            self._start(command)
            return
        for command in commands:
            if self._quick and _SET_UP.match(command.line):
                self._take_as_installed(shlex.split(command.line))
            else:
                self._run(command)

    def _run(self, command: Command) -> None:
        asked = command.line == "echo $?"
        assert self._status == 0 or asked, f"the command before {command.line!r} ended with {self._status}"
        ending = 'status=$?\nexport -p > "$STATE"\npwd > "$WHERE"\nexit $status'
        script = f'. "$STATE"\n(exit {self._status})\n{command.line}\n{ending}'
        done = subprocess.run(
            [_SHELL, "-c", script], cwd=self._cwd, env=self._environ, capture_output=True, text=True, check=False
        )
        self._status = done.returncode
        self._cwd = Path(self._where.read_text("utf-8").rstrip("\n"))
        got = done.stdout + done.stderr
        assert _fits(command.output, got), f"$ {command.line}\nthe page shows:\n{command.output}\nit printed:\n{got}"

    def _start(self, command: Command) -> None:
        with self._log.open("ab") as log:
            script = f'. "$STATE"\nexec {command.line}'
            process = subprocess.Popen(
                [_SHELL, "-c", script], cwd=self._cwd, env=self._environ, stdout=log, stderr=subprocess.STDOUT
            )
        self._running.append(process)
        ports = re.findall(r"\b\d{4,5}\b", command.line)
        deadline = time.monotonic() + _WAIT_S
        while not (
            all(_listens(int(port)) for port in ports) and _fits(command.output + "...", self._log.read_text("utf-8"))
        ):
            shown = f"$ {command.line}\n{self._log.read_text('utf-8')}"
            assert process.poll() is None, f"it ended:\n{shown}"
            assert time.monotonic() < deadline, f"it does not answer, or prints something else:\n{shown}"
            time.sleep(0.05)

    def _take_as_installed(self, words: Sequence[str]) -> None:
        if words[:2] != ["pip", "install"]:
            return
        named = [word.partition("[")[0] for word in words[2:] if not word.startswith("-")]
        for name in named:
            if "-e" in words:
                self._install(self._cwd / name)
                continue
            assert importlib.metadata.version(_project(name)), f"{name} is not installed"
            if name.startswith("./"):
                self._write_metadata(ROOT / name)  # those of this environment may be of an older state of the sources

    def _install(self, folder: Path) -> None:
        """Do what an editable install does: leave metadata where Python looks, and name the folder of the sources."""
        self._write_metadata(folder)
        self._sources.append(folder / "src" if (folder / "src").is_dir() else folder)
        self._set_path()

    def _write_metadata(self, folder: Path) -> None:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        info = self._site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        needs = "".join(f"Requires-Dist: {line}\n" for line in project["dependencies"])
        head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        (info / "METADATA").write_text(head + needs, "utf-8")
        lines = []
        for group, points in project.get("entry-points", {}).items():
            lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines), "utf-8")
        self._set_path()

    def _set_path(self) -> None:
        self.set("PYTHONPATH", os.pathsep.join(map(str, [self._site, *self._sources])))


def _project(name: str) -> str:
    """Give the name of the distribution that a path of this repository holds."""
    file = ROOT / name / "pyproject.toml"
    return str(tomllib.loads(file.read_text("utf-8"))["project"]["name"]) if name.startswith("./") else name


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Follow a page that starts a Redis where the tests of hosts run, which have one installed."""
    for item in items:
        asked: Mapping[str, object] = getattr(getattr(item, "callspec", None), "params", {})
        page = asked.get("page") if "quick_reader" in getattr(item, "fixturenames", ()) else None
        if isinstance(page, Path) and "$ redis-server" in page.read_text("utf-8"):
            item.add_marker(pytest.mark.hosts)


@pytest.fixture
def quick_reader(tmp_path: Path) -> Iterator[Reader]:
    """Give a reader who takes the environment of the tests."""
    yield from _reader(tmp_path, quick=True)


@pytest.fixture
def thorough_reader(tmp_path: Path) -> Iterator[Reader]:
    """Give a reader who makes an environment of his own."""
    yield from _reader(tmp_path, quick=False)


def _reader(tmp_path: Path, *, quick: bool) -> Iterator[Reader]:
    folder, state = tmp_path / "reader", tmp_path / "state"
    folder.mkdir()
    state.mkdir()
    reader = Reader(folder, state, quick=quick)
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Write the pages of the reference, as the build of the site does; give their texts by file name, pictures too."""
    folder = tmp_path_factory.mktemp("reference")
    generate = Path(__file__).parents[2] / "docs" / "generate.py"
    subprocess.run([sys.executable, generate, folder], check=True)
    return {page.name: page.read_text("utf-8") for page in folder.iterdir()}
