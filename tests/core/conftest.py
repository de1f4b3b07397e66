"""What the tests of discovery share: distributions with real metadata, and processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from jackfield import Host
from jackfield._engine.index import Entry, read_entries
from jackfield.testing import Replay
from weather import MODULES, QUICK

WEATHER = '''"""Weather: what it is like outside.

From a service that does not exist.
"""

from attrs import frozen

from jackfield import ConnectionType, Context, Effect, module


@frozen(kw_only=True)
class Nothing:
    """Nothing at all."""


account = ConnectionType(label="Weather", form=Nothing, origin="https://weather.example")
_private = account
second = ConnectionType(label="Second", form=Nothing, origin="https://weather.example")


@module(label="Get", connection=account, effect=Effect.READ, aliases=["old-weather:GetIt", "both"])
def get_it(form: Nothing, context: Context) -> Nothing:
    """Get it."""
    return form


@module(label="Set", connection=second, aliases=["both"])
def set_it(form: Nothing, context: Context) -> Nothing:
    """Set it."""
    return form
'''

WEATHER_POINTS: Mapping[str, Mapping[str, str]] = {
    "aliases": {"old-weather": "{}", "both": "{}"},
    "connectors": {"weather": "{}"},
    "modules": {"weather.get_it": "{}:get_it", "weather.set_it": "{}:set_it"},
}


@pytest.fixture(scope="session")
def write_metadata() -> Callable[..., Path]:
    """Write what an installer writes about one distribution."""

    def write(
        place: Path, name: str, points: str, version: str = "1.0", *, head: str = "", kind: str = "dist-info"
    ) -> Path:
        folder = place / f"{name.replace('-', '_')}-{version}.{kind}"
        folder.mkdir(parents=True)
        metadata = "METADATA" if kind == "dist-info" else "PKG-INFO"
        text = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{head}\nName: of the long description\n"
        (folder / metadata).write_text(text, encoding="utf-8")
        if points:
            (folder / "entry_points.txt").write_text(points, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_metadata: Callable[..., Path]) -> Callable[..., str]:
    """Make distributions with metadata and code, which can be imported while the test runs.

    Without entry points it is the weather connector. ``{}`` in the value of an entry point stands for the name of the
    distribution's Python module, which is what comes back.
    """
    monkeypatch.syspath_prepend(tmp_path)

    def make(distribution: str, code: str = WEATHER, *, head: str = "", **groups: Mapping[str, str]) -> str:
        name = f"{distribution.replace('-', '_')}_{abs(hash(tmp_path))}"
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        lines = []
        for group, points in (groups or WEATHER_POINTS).items():
            lines += [f"[jackfield.{group}]", *(f"{key} = {value.format(name)}" for key, value in points.items())]
        write_metadata(tmp_path, distribution, "\n".join(lines), head=head)
        return name

    return make


@pytest.fixture
def entries(tmp_path: Path) -> Callable[[], tuple[Entry, ...]]:
    """Read what was installed."""
    return lambda: read_entries(None, [str(tmp_path)])


@pytest.fixture(scope="session")
def run_python() -> Callable[..., str]:
    """Run a program whose path begins with these places; give what it prints."""

    def run(code: str, *path: Path, cwd: Path | None = None) -> str:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
        words = [sys.executable, "-c", code]
        done = subprocess.run(words, env=environ, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=True)
        return done.stdout.strip()

    return run


@pytest.fixture
def replay() -> Replay:
    """Give a service that answers from memory."""
    return Replay()


@pytest.fixture
def host(replay: Replay) -> Iterator[Host]:
    """Give a host of the modules above, which repeats without waiting."""
    with Host(plugins=[replay], modules=MODULES, discover=False, environ={}, settings=QUICK) as host:
        yield host
