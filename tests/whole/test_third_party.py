"""An outsider's connector, as the design wants it written, from its source to its removal."""

import json
import os
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
KEY = "canary-7391"
ANSWER = {"temperature_c": 11.5, "wind_kmh": 20.0}
HERE = ("latitude:=52.5", "longitude:=13.4")
MOST_LINES = 40

WEATHER = '''"""Weather: a whole connector in one file."""

from typing import Annotated

from attrs import frozen
from jackfield import ConnectionType, Context, Effect, Number, Password, Secret, header, module


@frozen(kw_only=True)
class Account:
    """Who asks."""

    api_key: Annotated[
        Secret, Password(label="API key", help="Shown on your account page.", env="WEATHER_API_KEY")
    ]


account = ConnectionType(
    label="Weather",
    form=Account,
    origin="https://api.weather.example",
    authorize=header("X-Key", "{api_key}"),
    check="/v1/status",
)


@frozen(kw_only=True)
class Place:
    """Where to look."""

    latitude: Annotated[
        float, Number(label="Latitude", minimum=-90, maximum=90, unit="degrees north")
    ]
    longitude: Annotated[
        float, Number(label="Longitude", minimum=-180, maximum=180, unit="degrees east")
    ]


@frozen(kw_only=True)
class Weather:
    """What it is like there now."""

    temperature_c: float
    wind_kmh: float


@module(label="Get the Weather", connection=account, effect=Effect.READ)
def get_weather(form: Place, context: Context) -> Weather:
    """Look up the weather at a place."""
    return context.client.get("/v1/weather", params=form, into=Weather)
'''

TIDE = '''"""Tide: another connector, which computes."""

from attrs import frozen
from jackfield import Context, Effect, module


@frozen(kw_only=True)
class Harbor:
    """Where to look."""

    name: str


@frozen(kw_only=True)
class Level:
    """How high it is there now."""

    level_m: float


@module(label="Get the Level", effect=Effect.READ)
def get_level(form: Harbor, context: Context) -> Level:
    """Compute the level at a harbor."""
    return Level(level_m=len(form.name) / 2)
'''

PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "jackfield-{name}"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["jackfield>=0.1,<2"]

[project.entry-points."jackfield.connectors"]
{name} = "jackfield_{name}"

[project.entry-points."jackfield.modules"]
"{module}" = "jackfield_{name}:{function}"
"""

TYPED = """
from jackfield import Host
from jackfield_weather import Place, Weather, get_weather

with Host() as host:
    result = host.run(get_weather, Place(latitude=52.5, longitude=13.4))
assert result.output == Weather(temperature_c=11.5, wind_kmh=20.0), result
assert isinstance(result.output, Weather)
print(result.attempts, dict(result.bundle))
"""

pytestmark = pytest.mark.wheels


class Service(ThreadingHTTPServer):
    """The weather service, on loopback; remembers who asked for what."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, Mapping[str, list[str]], str]] = []

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer as the service would."""
        assert isinstance(self.server, Service)
        url = urlsplit(self.path)
        self.server.seen.append((url.path, parse_qs(url.query), self.headers.get("X-Key", "")))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class Outside(NamedTuple):
    """An environment that is not ours, with core and two connectors in it."""

    folder: Path
    wheels: Path

    def program(self, name: str) -> Path:
        """Give the path of a program in it."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin") / (name + (".exe" if os.name == "nt" else ""))

    def run(self, *words: str | Path, home: Path, key: str = KEY) -> "subprocess.CompletedProcess[str]":
        """Run one of its programs with a home and a credential of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JACKFIELD", "PYTHON"))}
        environ = {**kept, "JACKFIELD_HOME": str(home), "WEATHER_API_KEY": key, "PYTHONUTF8": "1"}
        name, *rest = words
        return subprocess.run(
            [str(self.program(str(name))), *map(str, rest)],
            env=environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def pip(self, *words: str | Path, home: Path) -> None:
        """Install or remove something."""
        done = self.run("python", "-m", "pip", "-q", "--disable-pip-version-check", *words, home=home)
        assert done.returncode == 0, done.stdout + done.stderr

    def module_ids(self, home: Path) -> list[str]:
        """Give what ``jackfield module list`` shows."""
        done = self.run("jackfield", "module", "list", "-o", "plain", home=home)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def status(self, home: Path, *options: str) -> dict[str, str]:
        """Give what ``jackfield plugin list`` shows."""
        done = self.run("jackfield", "plugin", "list", "-o", "json", *options, home=home)
        assert done.returncode == 0, done.stderr
        return {item["distribution"]: item["status"] for item in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Run the weather service."""
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def outside(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Outside:
    """Build the wheels and install them into a fresh environment."""
    root = tmp_path_factory.mktemp("outside")
    weather = WEATHER.replace("https://api.weather.example", service.origin)
    sources = [
        ROOT / "core",
        write_project(root, "weather", "weather.get_weather", weather),
        write_project(root, "tide", "tide.get_level", TIDE),
    ]
    there = Outside(folder=root / "env", wheels=root / "wheels")
    words = ["-m", "pip", "wheel", "-q", "--no-deps", "-w", there.wheels, *sources]
    subprocess.run([sys.executable, *map(str, words)], check=True)
    venv.create(there.folder, with_pip=True)
    there.pip("install", *there.wheels.glob("*.whl"), home=root / "home")
    return there


def write_project(root: Path, name: str, module: str, code: str) -> Path:
    """Write a distribution as its author would."""
    package = root / name / f"jackfield_{name}"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code, encoding="utf-8")
    project = PROJECT.format(name=name, module=module, function=module.partition(".")[2])
    (root / name / "pyproject.toml").write_text(project, encoding="utf-8")
    return root / name


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home in which nothing was decided yet."""
    return tmp_path / "home"


@contextmanager
def edited(outside: Outside, home: Path, first_line: str) -> Iterator[None]:
    """Put a line before all others of the installed weather connector."""
    found = outside.run("python", "-c", "import jackfield_weather; print(jackfield_weather.__file__)", home=home)
    file = Path(found.stdout.strip())
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{first_line}\n{before}", encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def test_the_connector_is_short(tmp_path: Path) -> None:
    """A connection and its first module take at most forty lines that are not empty, as ruff formats them."""
    file = tmp_path / "weather.py"
    file.write_text(WEATHER, encoding="utf-8")
    words = ["-m", "ruff", "format", "--isolated", "--line-length", "100", "--check", str(file)]

    subprocess.run([sys.executable, *words], check=True, capture_output=True)

    assert len([line for line in WEATHER.splitlines() if line.strip()]) <= MOST_LINES


def test_it_is_found(outside: Outside, home: Path) -> None:
    """By its entry points, without any other registration."""
    assert outside.module_ids(home) == ["tide.get_level", "weather.get_weather"]
    assert outside.status(home, "--load") == {"jackfield-tide": "ok", "jackfield-weather": "ok"}


def test_it_runs_from_the_command_line(outside: Outside, home: Path, service: Service) -> None:
    """The credential comes from the environment, goes where the connection type says, and shows nowhere."""
    service.seen.clear()

    done = outside.run("jackfield", "module", "run", "weather.get_weather", *HERE, "-o", "json", home=home)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ANSWER
    assert service.seen == [("/v1/weather", {"latitude": ["52.5"], "longitude": ["13.4"]}, KEY)]
    assert KEY not in done.stdout + done.stderr


def test_it_runs_from_a_program(outside: Outside, home: Path, service: Service) -> None:
    """Typed form in, typed output out."""
    service.seen.clear()

    done = outside.run("python", "-W", "error", "-c", TYPED, home=home)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"1 {ANSWER}"
    assert [key for _, _, key in service.seen] == [KEY]


@pytest.mark.parametrize(
    ("values", "key", "code", "said"),
    [
        (("latitude:=91", "longitude:=13.4"), KEY, 3, "latitude: must be at most 90"),
        (("latitude:=52.5",), KEY, 3, "longitude"),
        (HERE, "", 4, "WEATHER_API_KEY"),
    ],
    ids=["bounds", "missing", "no credential"],
)
def test_it_refuses_before_a_byte_is_sent(
    outside: Outside, home: Path, service: Service, *, values: tuple[str, ...], key: str, code: int, said: str
) -> None:
    """The exit code says what kind of thing is wrong, the message what it is."""
    service.seen.clear()

    done = outside.run("jackfield", "module", "run", "weather.get_weather", *values, home=home, key=key)

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert service.seen == []


@pytest.mark.parametrize("line", ["raise RuntimeError('on purpose')", "import sys; sys.exit(7)", "def"])
def test_broken_it_stops_nobody_else(outside: Outside, home: Path, line: str) -> None:
    """Whatever its code does when it is imported, the rest runs, and a list says what is broken."""
    with edited(outside, home, line):
        broken = outside.run("jackfield", "module", "run", "weather.get_weather", *HERE, home=home)
        whole = outside.run("jackfield", "module", "run", "tide.get_level", "name=Cuxhaven", "-o", "json", home=home)
        status = outside.status(home, "--load")

    assert broken.returncode == 7
    assert "jackfield-weather" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert (whole.returncode, json.loads(whole.stdout)) == (0, {"level_m": 4.0})
    assert status == {"jackfield-tide": "ok", "jackfield-weather": "broken"}


def test_denied_it_is_not_there_until_it_is_allowed(outside: Outside, home: Path, service: Service) -> None:
    """Its code does not even run: here it would fail."""
    service.seen.clear()

    with edited(outside, home, "raise RuntimeError('imported')"):
        denied = outside.run("jackfield", "plugin", "deny", "jackfield_weather", home=home)
        ids = outside.module_ids(home)
        status = outside.status(home)
        ran = outside.run("jackfield", "module", "run", "weather.get_weather", *HERE, home=home)
    allowed = outside.run("jackfield", "plugin", "allow", "jackfield-weather", home=home)

    assert (denied.returncode, allowed.returncode) == (0, 0), denied.stderr + allowed.stderr
    assert ids == ["tide.get_level"]
    assert status == {"jackfield-tide": "ok", "jackfield-weather": "denied"}
    assert ran.returncode == 7
    assert "jackfield plugin allow jackfield-weather" in ran.stderr
    assert "imported" not in ran.stderr
    assert service.seen == []
    assert outside.module_ids(home) == ["tide.get_level", "weather.get_weather"]


def test_removed_it_is_gone_at_once(outside: Outside, home: Path) -> None:
    """Although the list is remembered; and back at once when it is installed again."""
    (wheel,) = outside.wheels.glob("jackfield_weather-*.whl")
    time.sleep(2.2)  # what was just installed is not remembered
    both = outside.module_ids(home)
    remembered = list(home.rglob("*.json"))

    outside.pip("uninstall", "-y", "jackfield-weather", home=home)
    gone = outside.module_ids(home)
    ran = outside.run("jackfield", "module", "run", "weather.get_weather", *HERE, home=home)
    outside.pip("install", "--no-deps", wheel, home=home)
    back = outside.module_ids(home)

    assert remembered
    assert gone == ["tide.get_level"]
    assert ran.returncode == 3
    assert "weather.get_weather" in ran.stderr
    assert both == back == ["tide.get_level", "weather.get_weather"]
