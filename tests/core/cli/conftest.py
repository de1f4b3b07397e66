import importlib
import os
import select
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from program import JACKFIELD

from jackfield._cli.main import run

HERE = Path(__file__).parent

STATION_ENTRIES = """\
[jackfield.connectors]
station = jackfield_station

[jackfield.modules]
station.get_weather = jackfield_station:get_weather
station.set_weather = jackfield_station:set_weather
station.list_stations = jackfield_station:list_stations
station.tell_story = jackfield_station:tell_story
station.write_note = jackfield_station:write_note
station.fall_over = jackfield_station:fall_over
station.watch_readings = jackfield_station:watch_readings
station.old_times = jackfield_station:old_times

[jackfield.aliases]
old-station = jackfield_station

[jackfield.commands]
greet = jackfield_station_commands:greet
storm = jackfield_station_commands:storm
"""


class Place:
    """A directory of packages, as pip would have installed them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def install(self, name: str, entry_points: str, *, requires: str = "", version: str = "1.0") -> None:
        """Put the metadata of a distribution there."""
        folder = self.path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requires}"] if requires else []
        (folder / "METADATA").write_text("\n".join(lines) + "\n")
        (folder / "entry_points.txt").write_text(entry_points)

    def write(self, file: str, text: str) -> None:
        """Put a file of Python there."""
        (self.path / file).write_text(text)
        importlib.invalidate_caches()  # the directory may have been looked into within one tick of its clock


class Outcome(NamedTuple):
    """What a command line left behind."""

    code: int
    out: str
    err: str

    def failure(self) -> tuple[int, list[str]]:
        """Give the exit code and what was said, if there is no data and no traceback."""
        assert self.out == ""
        assert "Traceback" not in self.err
        return self.code, self.err.splitlines()


class Service:
    """A server on loopback that reads one request from each connection, and answers as the test says."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.answer: Callable[[socket.socket], None] = lambda _connection: None
        self.ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, name="test-service")
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def replies(
        self, body: bytes, *, status: str = "200 OK", kind: str = "application/json", length: int | None = None
    ) -> None:
        """Answer each request with this; ``length`` may say more than comes."""
        size = len(body) if length is None else length
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        self.answer = lambda connection: connection.sendall(head.encode() + body)

    def retry_with(self, body: bytes) -> None:
        """Answer the first request as was said before, and those that follow with this."""
        first = self.answer

        def answer(connection: socket.socket) -> None:
            if len(self.requests) > 1:
                self.replies(body)
                self.answer(connection)
            else:
                first(connection)

        self.answer = answer

    def close(self) -> None:
        """Stop, whatever a connection waits for."""
        self.ended.set()
        # Closing a listener does not wake who waits for it to accept; a last connection does, everywhere.
        with socket.create_connection(self._listener.getsockname()[:2]):
            self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self.ended.is_set():
                    return
                if request := self._read(connection):
                    self.requests.append(request)
                    try:
                        self.answer(connection)
                    except OSError:
                        continue  # the command line went away, as some tests want it to

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        sizes = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while sizes and len(body) < int(sizes[0]):
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@pytest.fixture(scope="session")
def station_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weather station as an installed package; nothing is added to it."""
    path = tmp_path_factory.mktemp("station")
    for file in (HERE / "station").glob("*.py"):
        shutil.copy(file, path)
    Place(path).install("station-weather", STATION_ENTRIES)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A second directory of packages, for whatever a test adds."""
    path = tmp_path / "packages"
    path.mkdir()
    return Place(path)


@pytest.fixture
def environment(
    station_files: Path, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """The process's environment with the weather station in it, and nothing of the machine's."""
    for name in [*os.environ]:
        if name.upper().endswith(("_PROXY", "_KEY", "_TOKEN")) or name.startswith(("JACKFIELD", "STATION", "OPENAI")):
            monkeypatch.delenv(name)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JACKFIELD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(station_files), str(place.path)]))
    monkeypatch.setenv("STATION_API_KEY", "key-of-the-station")
    monkeypatch.syspath_prepend(station_files)
    monkeypatch.syspath_prepend(place.path)
    return os.environ


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have processes that are started meanwhile listen to Ctrl-C.

    What a shell starts in the background ignores it, and so does everything below; a handler is not passed on.
    """
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.fixture
def jack(environment: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run a command line in this process."""

    def call(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = run(arguments)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return call


@pytest.fixture
def spawn(environment: Mapping[str, str]) -> Callable[..., Outcome]:
    """Run a command line in a process of its own, with bytes on its standard input."""

    def call(*arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Outcome:
        done = subprocess.run(
            [*JACKFIELD, *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            env={**environment, **(env or {})},
            timeout=60,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def service(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The weather station's service, which the environment points to."""
    running = Service()
    monkeypatch.setenv("STATION_URL", running.url)
    yield running
    running.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], str]:
    """Write a file, and give its path."""

    def call(name: str, content: bytes | str) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return call


@pytest.fixture
def screen(environment: Mapping[str, str]) -> Callable[..., str]:
    """Run a command line on a terminal of its own, and give what it printed."""
    import fcntl  # noqa: PLC0415  not on Windows
    import pty  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    def call(*arguments: str, columns: int = 80, env: Mapping[str, str] | None = None) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        kept = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
        with subprocess.Popen(
            [*JACKFIELD, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**kept, "TERM": "xterm-256color", **(env or {})},
        ) as process:
            os.close(theirs)
            printed = read_terminal(ours)
        os.close(ours)
        assert process.returncode == 0, printed
        return printed

    return call


def read_terminal(terminal: int) -> str:
    """Read a terminal until nobody writes to it any more."""
    data = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not more:
            break
        data += more
    return data.decode().replace("\r\n", "\n")
