"""What the tests of the store share: a connection type, and stores in a folder of the test's own."""

import base64
import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import ConnectionType, KeyValue, Password, Secret, Text, Url, header
from jackfield.vault import Store

TYPE = "parrot.account"


@frozen(kw_only=True)
class Account:
    """Two secrets, two settings, and headers that a user makes up."""

    api_key: Annotated[Secret, Password(label="API key", min_length=3, env="PARROT_KEY")]
    pin: Annotated[Secret | None, Password(label="PIN")] = None
    owner: Annotated[str | None, Text(label="Owner", max_length=80)] = None
    url: Annotated[str, Url(label="Address")] = "https://parrot.example"
    headers: Annotated[dict[str, str] | None, KeyValue(label="Headers")] = None


def parrot_type() -> ConnectionType:
    """Make the type of connection that these tests save."""
    return ConnectionType(
        label="Parrot", form=Account, origin=lambda form: str(form.url), authorize=header("X-Key", "{api_key}")
    )


@pytest.fixture(scope="session")
def kind() -> ConnectionType:
    """The type of connection that these tests save."""
    return parrot_type()


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., Store]:
    """Make the object of a store; two with one name share a file."""

    def make(name: str = "store", **options: Any) -> Store:
        key_file = options.pop("key_file", tmp_path / "config" / f"{name}.key")
        return Store(tmp_path / "data" / f"{name}.sqlite", key_file=key_file, **{"environ": {}, **options})

    return make


def state_of(store: Store) -> dict[str, dict[str, object]]:
    """Give all that is saved, secrets revealed; and see that the file is whole."""
    if store.path.exists():
        with contextlib.closing(sqlite3.connect(store.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found = {each.name: store.find(each.name, TYPE) or {} for each in store.saved()}
    return {
        name: {key: value.reveal() if isinstance(value, Secret) else value for key, value in values.items()}
        for name, values in found.items()
    }


@pytest.fixture(scope="session")
def revealed() -> Callable[[Store], dict[str, dict[str, object]]]:
    """Give all that a store holds."""
    return state_of


class Workshop:
    """Another process, which works on any store; it starts again after its end."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def send(self, *command: object) -> None:
        """Have it begin to do one thing."""
        if self._process is None:
            words = [sys.executable, str(Path(__file__).with_name("worker.py"))]
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for what it answers."""
        assert self._process
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self.end()
            return {"died": True}
        found: dict[str, Any] = json.loads(line)
        return found

    def kill(self) -> None:
        """End it, wherever it is."""
        assert self._process
        self._process.kill()
        self.end()

    def end(self) -> None:
        """Let it end."""
        if self._process:
            with self._process:  # closes its pipes, and waits
                pass
            self._process = None


class Other:
    """Another process, for one store."""

    def __init__(self, workshop: Workshop, folder: Path, key: str) -> None:
        self._workshop = workshop
        self._place = (str(folder), key)

    def ask(self, verb: str, *arguments: object, die_at: str = "") -> dict[str, Any]:
        """Have it do one thing; gives what it answered."""
        self.send(verb, *arguments, die_at=die_at)
        return self._workshop.answer()

    def send(self, verb: str, *arguments: object, die_at: str = "") -> None:
        """Have it begin to do one thing."""
        self._workshop.send(*self._place, verb, arguments, die_at)

    def answer(self) -> dict[str, Any]:
        """Wait for what it answers."""
        return self._workshop.answer()

    def kill(self) -> None:
        """End it, wherever it is."""
        self._workshop.kill()


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """One process for many tests: starting one takes longer than most of what it is asked to do."""
    shop = Workshop()
    yield shop
    shop.end()


@pytest.fixture
def make_other(workshop: Workshop, tmp_path: Path) -> Callable[..., Other]:
    """Have the other process work on the store of ``make_store()``, or on one in another folder."""
    return lambda folder=tmp_path, key="": Other(workshop, folder, key)


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Other]:
    """A process of this test's own, which it may kill; on the store of ``make_store()``."""
    shop = Workshop()
    yield Other(shop, tmp_path, "")
    shop.end()


@pytest.fixture
def store(make_store: Callable[..., Store]) -> Store:
    """A store that is not there yet, to be protected by a key file."""
    return make_store()


@pytest.fixture(scope="session")
def store_key() -> Callable[[int], str]:
    """Give a key as it stands in ``JACKFIELD_STORE_KEY``."""
    return lambda number: base64.b64encode(bytes([number] * 32)).decode()
