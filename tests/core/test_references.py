"""Secrets that are kept elsewhere."""

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest

from jackfield import Host, InputError, NoConnectionError, Operation, Reference, Secret, hookimpl
from jackfield._engine.programs import printed
from jackfield.testing import Replay
from jackfield_openai.models import get_models

MODULES = {"openai.get_models": get_models}
SECRET = "sesame-from-elsewhere"


class Witness:
    """Sees the secret with which each request will be authorized."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl(tryfirst=True)
    def send(self, request: PreparedRequest, operation: Operation) -> None:
        """Look at the connection, and leave the answer to others."""
        assert operation.connection is not None
        self.seen.append(operation.connection.secrets()["api_key"].reveal())


class Bench:
    """Hosts whose requests go nowhere."""

    def __init__(self) -> None:
        self._opened: list[Host] = []

    def host(self, *plugins: object, answers: int = 1, **options: Any) -> tuple[Host, list[str]]:
        """Make a host that answers from memory; gives it, and the keys that it uses."""
        replay, witness = Replay(), Witness()
        for _ in range(answers):
            replay.reply({"object": "list", "data": []})
        options = {"environ": {}, **options}
        host = Host(plugins=[replay, witness, *plugins], modules=MODULES, discover=False, **options)
        self._opened.append(host)
        return host, witness.seen

    def key(self, reference: object, *plugins: object, **options: Any) -> str:
        """Run a module, and give the key with which its request was authorized."""
        host, seen = self.host(*plugins, **options)
        host.run("openai.get_models", connection=connection(reference))
        return seen[0]

    def close(self) -> None:
        """Close all of them."""
        for host in self._opened:
            host.close()


def connection(reference: object) -> Mapping[str, object]:
    """Give the values of a connection whose key is kept elsewhere."""
    key = Reference.parse(reference) if isinstance(reference, str) else reference
    return {"api_key": key, "base_url": "https://parrot.example/v1"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Make hosts, and close them in the end."""
    made = Bench()
    yield made
    made.close()


def printing(code: str) -> str:
    """Give the reference to what a program of Python prints."""
    return f"command:{shlex.join([sys.executable, '-c', code])}"


posix = pytest.mark.skipif(sys.platform == "win32", reason="the words of a command are split as a POSIX shell does")


def test_a_variable(bench: Bench) -> None:
    """Of the host's environment, which need not be the process's."""
    assert bench.key("env:PARROT_KEY", environ={"PARROT_KEY": SECRET}) == SECRET


@pytest.mark.parametrize("content", [SECRET.encode(), f"{SECRET}\n".encode(), f"\ufeff{SECRET}\r\n".encode()])
def test_a_file(bench: Bench, tmp_path: Path, content: bytes) -> None:
    """Without what an editor puts around it."""
    (tmp_path / "key").write_bytes(content)

    assert bench.key(f"file:{tmp_path / 'key'}") == SECRET


@posix
def test_what_a_program_prints_where_the_host_allows_it(bench: Bench) -> None:
    """No shell reads the command."""
    code = f"import sys; print('{SECRET}' if sys.argv[1:] == ['$HOME; echo'] else sys.argv)"
    reference = f"{printing(code)} '$HOME; echo'"

    assert bench.key(reference, allow_commands=True) == SECRET


@posix
def test_a_program_is_not_run_unless_the_host_allows_it(bench: Bench, tmp_path: Path) -> None:
    """The error says how to allow it, and nothing was started."""
    trace = tmp_path / "trace"

    with pytest.raises(NoConnectionError, match="this host runs no programs") as raised:
        bench.key(printing(f"open({str(trace)!r}, 'w')"))

    assert "Host(allow_commands=True)" in raised.value.hint
    assert not trace.exists()


class OtherStore:
    """Knows one scheme of its own."""

    @hookimpl
    def resolve_reference(self, reference: Reference) -> Secret | None:
        """Give the place itself."""
        return Secret(f"safe-{reference.place}") if reference.scheme == "bank" else None


def test_a_plugin_knows_more_places(bench: Bench) -> None:
    """It answers its own scheme, core the others."""
    assert bench.key("bank:box-7", OtherStore()) == "safe-box-7"
    assert bench.key("env:PARROT_KEY", OtherStore(), environ={"PARROT_KEY": SECRET}) == SECRET


def test_it_is_fetched_each_time_that_it_is_used(bench: Bench) -> None:
    """A key that is changed at its place is used from then on."""
    environ = {"PARROT_KEY": "first"}
    host, seen = bench.host(answers=2, environ=environ)
    host.run("openai.get_models", connection=connection("env:PARROT_KEY"))
    environ["PARROT_KEY"] = "second"
    host.run("openai.get_models", connection=connection("env:PARROT_KEY"))

    assert seen == ["first", "second"]


@posix
def test_a_program_is_asked_once_for_many_runs(bench: Bench, tmp_path: Path) -> None:
    """It may take long; what it printed is used again for a minute, and never saved."""
    trace = tmp_path / "trace"
    reference = printing(f"open({str(trace)!r}, 'a').write('x'); print('{SECRET}')")
    host, seen = bench.host(answers=3, allow_commands=True)

    for _ in range(3):
        host.run("openai.get_models", connection=connection(reference))

    assert seen == [SECRET] * 3
    assert trace.read_text("utf-8") == "x"


@pytest.mark.parametrize("text", ["env:PARROT_KEY", "command:id", "file:/etc/passwd", '{"reference":"env:PARROT_KEY"}'])
def test_a_text_is_never_taken_for_a_reference(bench: Bench, text: str) -> None:
    """JSON of a stranger cannot have this host fetch its secrets; a key may look as it likes."""
    assert bench.key(Secret(text), environ={"PARROT_KEY": SECRET}, allow_commands=True) == text
    host, seen = bench.host(environ={"PARROT_KEY": SECRET}, allow_commands=True)
    host.run("openai.get_models", connection={**connection(None), "api_key": text})

    assert seen == [text]


def wrong(place: Path) -> Mapping[str, str]:
    """Give references that lead nowhere, each with what is said of it."""
    (place / "empty").write_bytes(b"\n")
    (place / "odd").write_bytes(b"\xff\xfe")
    (place / "long").write_bytes(b"x" * 70_000)
    return {
        "env:PARROT_KEY": "the variable is not set",
        f"file:{place / 'none'}": "No such file or directory",
        f"file:{place}": "",
        "file:key": "the path is not absolute",
        f"file:{place / 'empty'}": "what is there is empty",
        f"file:{place / 'odd'}": "is not UTF-8 at byte 0",
        f"file:{place / 'long'}": "longer than 64 KiB",
        "bank:box": "nobody here knows what 'bank' is",
    }


def test_a_secret_that_is_not_there_is_told_with_its_place(bench: Bench, tmp_path: Path) -> None:
    """Before anything is sent; what was found instead is not shown."""
    for reference, told in wrong(tmp_path).items():
        host, seen = bench.host()
        with pytest.raises(NoConnectionError) as raised:
            host.run("openai.get_models", connection=connection(reference))

        assert f"The secret that is kept at {reference} is not there: " in raised.value.message
        assert told in raised.value.message
        assert "xxx" not in str(raised.value)
        assert seen == []


@posix
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (printing(f"print('{SECRET}'); raise SystemExit(3)"), "ended with code 3"),
        (printing("print()"), "what is there is empty"),
        (printing("import sys; sys.stdout.buffer.write(b'sesame\\xff')"), "is not UTF-8 at byte 6"),
        (printing("while True: print('sesame' * 1000)"), "longer than 64 KiB"),
        ("command:/no/such/program sesame", "the program cannot be run (FileNotFoundError)"),
        ("command:'unclosed sesame", "the program cannot be run (ValueError)"),
    ],
)
def test_a_program_that_gives_no_secret_is_told(bench: Bench, command: str, told: str) -> None:
    """Of its words only the first is shown: others may be secrets."""
    with pytest.raises(NoConnectionError) as raised:
        bench.key(command, allow_commands=True)

    assert told in str(raised.value)
    assert "sesame" not in str(raised.value)
    assert raised.value.__context__ is None, "an error of Python's own holds what was read"


@posix
def test_a_program_gets_nothing_that_opens_the_store(run_python: Callable[..., str]) -> None:
    """It gets the rest of the environment, since password managers are set up there."""
    show = "import os; print(*sorted(name for name in os.environ if name.startswith('JACKFIELD_')))"
    code = (
        "import os\n"
        "os.environ |= dict.fromkeys(('JACKFIELD_PASSPHRASE', 'JACKFIELD_STORE_KEY', 'JACKFIELD_OTHER'), 'x')\n"
        "from jackfield._engine.programs import printed\n"
        f"print(printed({printing(show).removeprefix('command:')!r}, timeout_s=30, max_bytes=999)[0].split()[-1])"
    )

    assert run_python(code) == "b'JACKFIELD_OTHER'"


@posix
def test_a_program_that_takes_too_long_is_ended() -> None:
    """Even if a child of it keeps its output open."""
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3)'])"
    begun = time.monotonic()

    assert printed(printing(code).removeprefix("command:"), timeout_s=0.5, max_bytes=99) == (b"", None)
    assert time.monotonic() - begun < 2.5


@pytest.mark.parametrize("text", ["", "sk-1234", "env:", ":x", "ENV:X", "a b:c", "\n"])
def test_what_is_no_reference_is_refused_without_being_shown(text: str) -> None:
    """It may be a secret in the wrong place."""
    with pytest.raises(InputError, match="has the shape SCHEME:PLACE") as raised:
        Reference.parse(text)

    assert not text.strip() or text not in str(raised.value).replace("env:NAME", "")


KEYRING_PROGRAM = """
import keyring
from keyring.backend import KeyringBackend

class Mine(KeyringBackend):
    priority = 1
    def get_password(self, service, username):
        return "sesame" if (service, username) == ("my/service", "ada") else None
    def set_password(self, service, username, password):
        raise NotImplementedError

keyring.set_keyring(Mine())
from jackfield import NoConnectionError, Reference
from jackfield._engine.references import References

references = References({}, allow_commands=False)
print(references.fetch(Reference.parse("keyring:my/service/ada")).reveal())
for odd in ("keyring:nobody", "keyring:my/service/bob"):
    try:
        references.fetch(Reference.parse(odd))
    except NoConnectionError as error:
        print(error)
"""


def test_the_keyring_of_the_system(run_python: Callable[..., str]) -> None:
    """By keyring's own interface; what is missing is told with the command that adds it."""
    pytest.importorskip("keyring", reason="the extra is not installed")

    lines = run_python(KEYRING_PROGRAM).splitlines()

    assert lines == [
        "sesame",
        "The secret that is kept at keyring:nobody is not there: it has the shape keyring:SERVICE/NAME.",
        "The secret that is kept at keyring:my/service/bob is not there: the keyring has no such entry.",
        "keyring set 'my/service' 'bob'",
    ]


def test_the_environment_comes_before_a_store(bench: Bench) -> None:
    """As for every program: what is set for this process counts; a store is asked for what it lacks."""

    class Store:
        label = "a store"

        def saved(self) -> tuple[()]:
            return ()

        def find(self, name: str, type_id: str) -> Mapping[str, object] | None:
            return {**connection("env:STORED"), "project_id": type_id} if name == "mine" else None

        @hookimpl
        def connection_stores(self) -> list[Any]:
            return [self]

    environ = {"STORED": "key-of-the-store"}
    host, seen = bench.host(Store(), answers=2, environ=environ)
    host.run("openai.get_models", connection="mine")
    environ["JACKFIELD_CONNECTION__MINE__API_KEY"] = "key-of-the-process"
    host.run("openai.get_models", connection="mine")

    assert seen == ["key-of-the-store", "key-of-the-process"]
    with pytest.raises(NoConnectionError, match="There is no connection 'other'"):
        host.run("openai.get_models", connection="other")
