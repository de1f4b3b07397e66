"""A secret is planted in every secret field, everything is done that can be done, and every byte is searched for it.

The connection types are those of whatever is installed, and the commands those of the command line, so what is added
later is covered by itself; a command without a case here is a failure.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import canary_connector
import click
import pytest
from careless_service import MODES, serving
from spelt import seen_in, spellings_of

from jackfield import ConnectionType, Host, Store
from jackfield._cli.main import cli
from jackfield.fields import Url
from jackfield.forms import form_of
from jackfield.testing.samples import least_of

SUPPORT = Path(__file__).parents[1] / "support"
CARELESS = SUPPORT / "line_server.py"
CANARY = "can/ary+47\"11&<swallow>='of'"
PASSPHRASE = 'pass phrase/of+47"12&<swallows>'
_OWN = "canary.account"
"""The connection type that is made for this."""
ENTRIES = """\
[jackfield.connectors]
canary = canary_connector

[jackfield.modules]
canary.fall = canary_connector:fall
canary.watch = canary_connector:watch

[jackfield.plugins]
diary = canary_connector:diary
"""
METADATA = "Metadata-Version: 2.1\nName: canary-connector\nVersion: 1.0\n"
RUN = "import logging; logging.basicConfig(level=logging.DEBUG); from jackfield._cli.main import main; main()"

CASES: Mapping[str, Sequence[Sequence[str]]] = {
    "module list": [[], ["-o", "json"]],
    "module show": [["{module}", "--connection", "planted-denied"], ["{module}", "--all", "-o", "json"]],
    "module schema": [["{module}", "--connection", "planted-denied"], ["{module}", "--output"]],
    "module choices": [
        ["{module}", "{choosing}", "--connection", "planted-denied"],
        ["{module}", "{choosing}", "--fresh", "--connection", "planted-page", "-o", "json"],
    ],
    "module translate": [["{module}", "--input", "{input}"], ["{module}", "--input", "{input}", "--report"]],
    "module run": [
        ["{module}", "--input", "{input}", "--connection", "planted-denied"],
        ["{module}", "--input", "{input}", "--connection", "planted-moved", "-o", "json"],
        ["{module}", "--input", "{input}", "--connection", "planted-limited", "--deadline", "2"],
        ["{module}", "--input", "{input}", "--connection", "planted-cut", "--stream"],
        ["{module}", "--input", "{lines}", "--each", "--connection", "planted-page", "--deadline", "2"],
        ["{module}", "--input", "{input}", "--connection", "planted-bad", "--dry-run"],
        ["{module}", "--input", "{input}", "--connection", "planted-bad", "--dry-run", "-o", "json"],
        ["{module}", "--input", "{input}", "--connection", "planted-bad", "--as-curl"],
        ["{module}", "--input", "{input}", "--save", "kept.json"],
        ["{module}", "--input", "{input}", "--connection", "no-such-connection"],
        ["{module}", "api_key={canary}"],
    ],
    "module upgrade": [["{input}"], ["{lines}", "--dry-run"]],
    "module watch": [
        ["{trigger}", "--once", "--from", "all", "--connection", "planted-text"],
        ["{trigger}", "--once", "--connection", "planted-denied"],
        ["{trigger}", "--once", "--connection", "planted-limited", "--deadline", "2"],
        ["{trigger}", "--once", "--connection", "planted-page", "--name", "{canary}"],
        ["{trigger}", "--once", "--confidential", "--connection", "planted-cut"],
    ],
    "connector list": [["-o", "json"]],
    "connector show": [["{connector}"], ["{connector}", "-o", "json"]],
    "connector new": [["fresh"]],
    "connector check": [["{connector}", "--rule", "JF203"], ["{connector}", "--rule", "JF502", "-o", "json"]],
    "connector diff": [["{connector}", "no-such.whl"]],
    "connection add": [
        ["second", "{type}", "{values}", "--no-check"],
        ["third", "{type}", "{values}"],
        ["fourth", "{type}", "{urls}", "--stdin", "--no-check"],
        ["fifth", "{type}", "{urls}", "--from-env", "--no-check"],
        ["sixth", "{type}", "{typed}"],
        ["second", "{type}", "{values}", "--no-check"],
    ],
    "connection login": [["planted-denied"], ["planted-denied", "{typed}"], ["no-such-connection"]],
    "connection list": [[], ["-o", "json"]],
    "connection show": [["second"], ["planted-denied", "-o", "json"]],
    "connection check": [
        ["planted-denied"],
        ["planted-page", "-o", "json"],
        ["planted-bad", "--offline"],
        ["{type}"],
    ],
    "connection explain": [["planted-denied"], ["{type}", "-o", "json"]],
    "connection edit": [["second", "{secrets}", "--no-check"], ["second", "{secrets}"], ["second", "{typed}"]],
    "connection rename": [["second", "renamed"]],
    "connection export": [
        ["--output", "bare.json", "--without-secrets"],
        ["--output", "sealed.json", "--stdin"],
        ["--output", "-", "--stdin"],
    ],
    "connection import": [["sealed.json", "--replace", "--stdin"], ["bare.json", "--replace"]],
    "connection remove": [["renamed", "--yes"]],
    "connection rotate-key": [[]],
    "config list": [["-o", "json"]],
    "config path": [[]],
    "config get": [["http.deadline_s"]],
    "config set": [["http.deadline_s", "9"], ["http.deadline_s", "{canary}"]],
    "config unset": [["http.deadline_s"]],
    "plugin list": [[], ["--load", "-o", "json"]],
    "plugin verify": [["jackfield"], ["no-such-distribution"], ["-o", "json"]],
    "plugin pin": [["--version-only", "canary-connector"], ["no-such-distribution"], ["--print", "canary-connector"]],
    "plugin unpin": [["canary-connector"]],
    "plugin deny": [["nobody"]],
    "plugin allow": [["nobody"]],
    "doctor": [[], ["-o", "json"]],
    "stubs": [[], ["--check"]],
    "completion": [["bash"]],
    "demo": [["--yes"]],
    "mcp config": [["zed"], ["nobody"]],
    "mcp serve": [["--module", "{module}"], ["--module", "no.such"]],
}
"""What is run of each command, in this order; what stands in braces is filled in for each connection type."""

_OF_NO_CONNECTION = (
    "module list",
    "connector list",
    "connector new",
    "config ",
    "plugin ",
    "stubs",
    "completion",
    "demo",
    "mcp config",
)
"""What does the same whatever is connected, so that one type will do."""

_STDIN = {"connection add": CANARY, "mcp serve": ""}
"""What each command reads, where that is no passphrase: the SDK for MCP logs what is no message, at DEBUG."""


def commands() -> Iterator[str]:
    """Walk the tree of commands, contributed ones included."""
    root = cli.make_context("jackfield", [], resilient_parsing=True)
    waiting: list[tuple[str, click.Command]] = [("", cli)]
    while waiting:
        path, command = waiting.pop()
        if isinstance(command, click.Group):
            for name in command.list_commands(root):
                found = command.get_command(root, name)
                assert found is not None
                waiting.append((f"{path} {name}".strip(), found))
        else:
            yield path


def installed_types() -> dict[str, ConnectionType]:
    """Give the connection types of every distribution that is installed."""
    with Host(environ={}) as host:
        return {key: kind for found in host.connectors() for key, kind in found.connection_types.items()}


TYPES = {**installed_types(), _OWN: canary_connector.account}


class World(NamedTuple):
    """Where everything happens; the secrets themselves are planted from outside of it."""

    root: Path
    keys: Path
    environment: Mapping[str, str]
    service: str

    def run(self, *command: str, stdin: str = "") -> bytes:
        """Run a program of Python in it, and give all that it wrote to both streams."""
        done = subprocess.run(
            [sys.executable, *command],
            input=stdin.encode(),
            capture_output=True,
            check=False,
            cwd=self.root / "cwd",
            env=self.environment,
            timeout=120,
        )
        return done.stdout + done.stderr

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give every file in it, names included: a name may hold a key as well."""
        for path in sorted(self.root.rglob("*")):
            yield f"the name of {path}", str(path).encode()
            if path.is_file():
                yield str(path), path.read_bytes()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty home, and a service that is careless with keys."""
    root, keys, packages = tmp_path / "world", tmp_path / "keys", tmp_path / "packages"
    for folder in (root / "home", root / "cwd", root / "tmp", keys, packages / "canary_connector-1.0.dist-info"):
        folder.mkdir(parents=True)
    shutil.copy(SUPPORT / "canary_connector.py", packages)
    (packages / "canary_connector-1.0.dist-info" / "METADATA").write_text(METADATA)
    (packages / "canary_connector-1.0.dist-info" / "entry_points.txt").write_text(ENTRIES)
    (keys / "secret").write_text(CANARY)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(root / "home"),
        "USERPROFILE": str(root / "home"),
        "JACKFIELD_HOME": str(root / "home" / "jackfield"),
        "TMPDIR": str(root / "tmp"),
        "TEMP": str(root / "tmp"),
        "PYTHONPATH": str(packages),
        "PYTHONIOENCODING": "utf-8",
        "JACKFIELD_DEBUG": "1",
        "JACKFIELD_HTTP_RETRY_BASE_S": "0.01",
        "JACKFIELD_PROGRAMS_ALLOW": shlex.quote(sys.executable),
    }
    with serving() as service:
        yield World(root, keys, environment, service)


def secrets_of(kind: ConnectionType) -> list[str]:
    """Name the secret fields of a connection type."""
    return [slot.key for slot in form_of(kind.form).slots if slot.is_secret]


def urls_of(kind: ConnectionType) -> list[str]:
    """Name the fields that say where the service is."""
    return [slot.key for slot in form_of(kind.form).slots if isinstance(slot.word, Url)]


def values_for(kind: ConnectionType, url: str) -> dict[str, object]:
    """Make up a connection whose secrets are the canary."""
    form = form_of(kind.form)
    least = {**least_of(form), **({"allow_local": True} if form.slot("allow_local") else {})}
    way = "quiet" if url.endswith("quiet") else "careless"
    local = {"program": sys.executable, "arguments": [str(CARELESS), way]} if form.slot("program") else {}
    return {**least, **local, **dict.fromkeys(urls_of(kind), url), **dict.fromkeys(secrets_of(kind), CANARY)}


def plant(world: World, type_id: str, kind: ConnectionType) -> World:
    """Save a connection for each way in which its service fails; the environment has one too."""
    store = Store.default(world.environment)
    for mode in MODES:
        store.add(f"planted-{mode}", type_id, kind, values_for(kind, f"{world.service}/mode-{mode}"))
    own = {slot.word.env: CANARY for slot in form_of(kind.form).slots if slot.is_secret and slot.word.env}
    proxy = {} if urls_of(kind) else {"JACKFIELD_PROXY": world.service}  # nothing may leave this machine
    return world._replace(environment={**world.environment, **own, **proxy})


def filled(world: World, type_id: str, arguments: Sequence[str], module: str, choosing: str) -> list[str]:
    """Fill in what stands in braces."""
    kind = TYPES[type_id]
    urls = [f"{key}={world.service}/mode-denied" for key in urls_of(kind)]
    secrets = [f"{key}=@{world.keys / 'secret'}" for key in secrets_of(kind)]
    lists = {
        "{values}": [*urls, *secrets],
        "{urls}": urls,
        "{secrets}": secrets,
        "{typed}": [f"{key}={CANARY}" for key in secrets_of(kind)],
    }
    texts = {
        "module": module,
        "trigger": "canary.watch" if type_id == _OWN else module,
        "choosing": choosing,
        "type": type_id,
        "connector": type_id.partition(".")[0],
        "input": str(world.root / "cwd" / "input.json"),
        "lines": str(world.root / "cwd" / "lines.jsonl"),
        "canary": CANARY,
    }
    parts = [part for argument in arguments for part in lists.get(argument, [argument])]
    return [part.format(**texts) if part.startswith("{") or "={" in part else part for part in parts]


def leaks(where: str, data: bytes) -> list[str]:
    """Tell in which ways the secrets stand in some bytes."""
    return [f"{where}: {text}" for secret in (CANARY, PASSPHRASE) for text in seen_in(data, secret)]


def first_module(type_id: str) -> tuple[str, str, dict[str, object]]:
    """Give a module of a connection type with a field of it that offers something, and an input."""
    if type_id == _OWN:
        return "canary.fall", "way", {"note": "x"}
    with Host(environ={}) as host:
        found = [module for module in host.modules() if module.connection_type_id == type_id]
        chosen = next((module for module in found if module.form.slot("model")), found[0])
        return chosen.id, "model", least_of(chosen.form)


def test_every_command_has_a_case() -> None:
    """A command that is added later is to be searched as well."""
    assert {*commands()} - CASES.keys() == set()


@pytest.mark.canary
@pytest.mark.parametrize("type_id", TYPES)
def test_no_command_lets_a_secret_out(world: World, type_id: str) -> None:
    """Not to a stream, not to a file, in no encoding; though the service says it in every answer."""
    world = plant(world, type_id, TYPES[type_id])
    module, choosing, values = first_module(type_id)
    (world.root / "cwd" / "input.json").write_text(json.dumps(values))
    (world.root / "cwd" / "lines.jsonl").write_text(json.dumps(values) + "\n")
    known = {name for name in commands() if type_id == _OWN or not name.startswith(_OF_NO_CONNECTION)}
    found, said = [], b""

    for command in (name for name in CASES if name in known):
        for arguments in CASES[command]:
            given = filled(world, type_id, arguments, module, choosing)
            stdin = _STDIN.get(command, PASSPHRASE)
            output = world.run("-c", RUN, *command.split(), *given, stdin=stdin)
            said += output
            found += leaks(f"{command} {' '.join(arguments)}", output)
    found += [leak for where, data in world.files() for leak in leaks(where, data)]

    assert found == []
    assert b"error:" in said
    assert b"***" in said
    assert len([*world.files()]) > 5


@pytest.mark.canary
@pytest.mark.parametrize("type_id", TYPES)
def test_no_failure_of_a_module_lets_a_secret_out(world: World, type_id: str) -> None:
    """Whatever its service answers: errors, logs at DEBUG, events, previews, pickles, and tracebacks with variables."""
    world = plant(world, type_id, TYPES[type_id])

    output = world.run(str(SUPPORT / "canary_program.py"), type_id, CANARY)

    assert leaks("the program", output) == []
    assert [leak for where, data in world.files() for leak in leaks(where, data)] == []
    assert b"Traceback" in output
    assert output.count(b"ERROR:program:it failed") >= len(MODES) - 1


def test_the_search_finds_what_is_there() -> None:
    """Else it would prove nothing."""
    assert all(seen_in(b"before " + form + b" after", CANARY) for form in spellings_of(CANARY))
    assert seen_in(b"before and after", CANARY) == []
