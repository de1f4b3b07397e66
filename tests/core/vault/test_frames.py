"""A failure of the store shows no key, passphrase or secret to whoever shows the variables of its traceback."""

import base64
import contextlib
import json
import sqlite3
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from frames import shown_in

from jackfield import Protection, Reference, Secret
from jackfield.connections import ConnectionType
from jackfield.vault import Store

TYPE = "parrot.account"
PASSPHRASE = "correct horse battery 'staple'"
OTHER = "another horse & battery"
SECRET = "polly/wants+a 'cracker'"
VALUES = {"api_key": SECRET, "owner": "Sam"}
KEY = base64.b64encode(bytes(range(64, 96))).decode()
OTHER_KEY = base64.b64encode(bytes(range(32, 64))).decode()
TOLD = (PASSPHRASE, OTHER, SECRET, KEY, OTHER_KEY, bytes(range(64, 96)).decode(), bytes(range(64, 96)).hex())


@pytest.fixture
def failing() -> Callable[..., list[str]]:
    """Do what must fail, and say what the variables of the failure show."""

    def fail(act: Callable[[], object], *more: str) -> list[str]:
        with pytest.raises(Exception) as caught:  # noqa: PT011  whichever
            act()
        return shown_in(caught.value, *TOLD, *more)

    return fail


@pytest.fixture
def locked(make_store: Callable[..., Store], kind: ConnectionType) -> Callable[..., Store]:
    """Make a store with a connection, protected by a passphrase, and give what opens it anew with other arguments."""
    make_store(environ={"JACKFIELD_PASSPHRASE": PASSPHRASE}).add("polly", TYPE, kind, VALUES)
    return make_store


@pytest.mark.parametrize(
    "options",
    [{"environ": {"JACKFIELD_PASSPHRASE": OTHER}}, {"ask": lambda _new: OTHER}, {"ask": lambda _new: Secret(OTHER)}],
    ids=["in the environment", "typed", "as a secret"],
)
def test_a_wrong_passphrase(locked: Callable[..., Store], failing: Callable[..., list[str]], options: Any) -> None:
    """Neither the one that was tried nor the key that was made of it."""
    assert failing(lambda: locked(**options).view("polly")) == []


def test_a_passphrase_that_is_too_short(locked: Callable[..., Store], failing: Callable[..., list[str]]) -> None:
    """For an export, and for the store."""
    store = locked(environ={"JACKFIELD_PASSPHRASE": PASSPHRASE})

    assert failing(lambda: store.export(passphrase="sh/ort"), "sh/ort") == []
    assert failing(lambda: store.rotate(Protection.PASSPHRASE, passphrase="sh/ort"), "sh/ort") == []


@pytest.mark.parametrize("column", ["sealed_key", "parameters", "key_check"])
def test_a_damaged_key(locked: Callable[..., Store], failing: Callable[..., list[str]], column: str) -> None:
    """Whichever part of what wraps it."""
    store = locked(environ={"JACKFIELD_PASSPHRASE": PASSPHRASE})
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(f"UPDATE store SET {column} = substr({column}, 1, 5)")  # noqa: S608  a name of ours

    assert failing(lambda: store.view("polly")) == []


@pytest.mark.parametrize("written", [OTHER_KEY, f"{KEY},{OTHER_KEY}x", f"{KEY[:-4]}, {OTHER_KEY[:-8]}"])
def test_a_wrong_key_in_the_environment(
    make_store: Callable[..., Store], kind: ConnectionType, failing: Callable[..., list[str]], written: str
) -> None:
    """One that is another, and ones that are none."""
    make_store(environ={"JACKFIELD_STORE_KEY": f"{'A' * 43}="}).add("polly", TYPE, kind, VALUES)

    assert failing(lambda: make_store(environ={"JACKFIELD_STORE_KEY": written}).view("polly"), KEY[:-4]) == []


@pytest.mark.parametrize("spoil", ["a line is cut", "no UTF-8"])
def test_a_damaged_key_file(
    store: Store, kind: ConnectionType, failing: Callable[..., list[str]], tmp_path: Path, spoil: str
) -> None:
    """The keys that are still in it."""
    store.add("polly", TYPE, kind, VALUES)
    (path,) = (tmp_path / "config").glob("*.key")
    data = path.read_bytes()
    key = data.split()[-1].decode()
    path.write_bytes(data + (f"other {key[:-9]}\n".encode() if spoil == "a line is cut" else b"\xff\n"))

    assert failing(lambda: Store(store.path, key_file=path, environ={}).view("polly"), key, key[:-9]) == []


def test_a_key_file_that_cannot_be_written(
    make_store: Callable[..., Store], kind: ConnectionType, failing: Callable[..., list[str]], tmp_path: Path
) -> None:
    """The key that was to be in it: its folder is a file, or a folder has its name."""
    (tmp_path / "taken").mkdir()
    made: list[str] = []
    store = make_store(key_file=tmp_path / "taken", reached=made.append)

    assert failing(lambda: store.add("polly", TYPE, kind, VALUES)) == []


class Keyring(types.ModuleType):
    """A keyring that repeats what it is given when it fails, as some backends do."""

    def __init__(self, *, works: bool) -> None:
        super().__init__("keyring")
        self.works = works
        self.kept: dict[str, str] = {}

    def get_keyring(self) -> Any:
        """Give a backend that can be recommended."""
        return types.SimpleNamespace(priority=5)

    def get_password(self, _service: str, name: str) -> str | None:
        """Give what was set."""
        return self.kept.get(name)

    def set_password(self, _service: str, name: str, password: str) -> None:
        """Fail with it, or keep it."""
        self.kept[name] = password
        if not self.works:
            raise ValueError(password)


def test_a_keyring_that_fails(
    make_store: Callable[..., Store],
    kind: ConnectionType,
    failing: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What its backend says of the key goes nowhere, nor do its variables; and an entry that is no key is not shown."""
    keyring = Keyring(works=False)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    store = make_store()

    shown = failing(lambda: store.add("polly", TYPE, kind, VALUES))
    (key,) = keyring.kept.values()
    assert len(key) == 44
    assert shown == failing(lambda: store.add("polly", TYPE, kind, VALUES), key) == []

    keyring.works = True
    keyring.kept.clear()
    store.add("polly", TYPE, kind, VALUES)
    (name,) = keyring.kept
    keyring.kept[name] += f" {OTHER_KEY[:-8]}"
    assert failing(lambda: make_store().view("polly"), OTHER_KEY[:-8]) == []


def stopping_at(step: str) -> Callable[[str], None]:
    """Fail at a step, as a full disk may."""

    def reached(name: str) -> None:
        if name == step:
            raise OSError(28, "No space left on device")

    return reached


CHANGES: Mapping[str, Callable[[Store, ConnectionType], object]] = {
    "add": lambda store, kind: store.add("jacko", TYPE, kind, VALUES),
    "edit": lambda store, kind: store.edit("polly", kind, {"api_key": f"{SECRET}2"}),
    "rename": lambda store, kind: store.rename("polly", "molly"),
    "rotate": lambda store, kind: store.rotate(Protection.PASSPHRASE, passphrase=OTHER),
    "load": lambda store, kind: store.load(store.export(passphrase=OTHER), passphrase=OTHER, replace=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_failure_at_any_step_of_a_change(
    tmp_path: Path, kind: ConnectionType, failing: Callable[..., list[str]], change: str
) -> None:
    """Whatever was in hand there."""

    def fresh(name: str, reached: Callable[[str], None]) -> Store:
        path, key_file = tmp_path / f"{name}.sqlite", tmp_path / f"{name}.key"
        Store(path, key_file=key_file, environ={}).add("polly", TYPE, kind, VALUES)
        return Store(path, key_file=key_file, environ={}, reached=reached)

    steps: list[str] = []
    CHANGES[change](fresh("first", steps.append), kind)
    assert steps

    for number, step in enumerate(dict.fromkeys(steps)):
        store = fresh(str(number), stopping_at(step))
        assert failing(lambda: CHANGES[change](store, kind)) == [], step  # noqa: B023  called at once


@pytest.mark.parametrize(
    "act",
    [
        lambda store, kind: store.add("polly", TYPE, kind, VALUES),
        lambda store, kind: store.add("a name!", TYPE, kind, VALUES),
        lambda store, kind: store.add("jacko", TYPE, kind, {**VALUES, "owner": 4}),
        lambda store, kind: store.add("jacko", TYPE, kind, {**VALUES, "pin": {"a": 1}}),
        lambda store, kind: store.add("jacko", TYPE, kind, {**VALUES, "url": Reference.parse("env:X")}),
        lambda store, kind: store.edit("polly", kind, {"url": "https://other.example"}),
        lambda store, kind: store.edit("jacko", kind, {"api_key": SECRET}),
        lambda store, kind: store.edit("polly", kind, {"api_key": SECRET}, revision=9),
        lambda store, kind: store.draft("polly", kind, {"api_key": SECRET, "owner": 4}),
        lambda store, kind: store.rename("polly", "a name!"),
        lambda store, kind: store.export(["jacko"], passphrase=PASSPHRASE),
        lambda store, kind: store.load(store.export(passphrase=PASSPHRASE), passphrase=OTHER),
        lambda store, kind: store.load(store.export(passphrase=PASSPHRASE), passphrase=PASSPHRASE),
        lambda store, kind: store.find("polly", "other.type"),
    ],
)
def test_a_refusal(store: Store, kind: ConnectionType, failing: Callable[..., list[str]], act: Any) -> None:
    """Names that are taken, values that break the form, passphrases that are others."""
    store.add("polly", TYPE, kind, VALUES)

    assert failing(lambda: act(store, kind)) == []


def test_a_file_of_connections_that_breaks_the_rules(
    store: Store, kind: ConnectionType, failing: Callable[..., list[str]]
) -> None:
    """Once it is decrypted, its secrets are read with everything else."""
    from jackfield.vault.key_typed import derived, fresh_parameters  # noqa: PLC0415  only here
    from jackfield.vault.sealing import Place, seal  # noqa: PLC0415  the same

    parameters = fresh_parameters()
    for content in ('{"connections": [{"name": "p", "type": "t", "secrets": {"api_key": %s}, "x": 1}]}', "{%s"):
        plain = (content % json.dumps(SECRET)).encode()
        sealed = seal(derived(Secret(PASSPHRASE), parameters), plain, Place("jackfield-connections", "1", "all"))
        envelope = {"format": "jackfield-connections", "version": 1, "parameters": parameters}
        text = json.dumps({**envelope, "sealed": base64.b64encode(sealed).decode()})

        assert failing(lambda: store.load(text, passphrase=PASSPHRASE)) == []  # noqa: B023  called at once


def test_the_search_finds_what_a_variable_shows() -> None:
    """In containers, in attributes, in the errors that led to another; else the rest would prove nothing."""
    code = compile("def f(passphrase, deep):\n  raise ValueError(4)", "/elsewhere/program.py", "exec")
    place: dict[str, Any] = {}
    exec(code, place)  # noqa: S102  frames of this file do not count
    with pytest.raises(ValueError, match="4") as caught:
        place["f"](PASSPHRASE, [{"a": (KEY.encode(),)}])
    later = KeyError(SECRET)
    later.__cause__ = caught.value

    assert [found.rpartition(":")[2] for found in shown_in(later, PASSPHRASE)] == [" passphrase"]
    assert {found.rpartition(":")[2] for found in shown_in(later, KEY)} == {" deep"}
    assert {found.rpartition(":")[2] for found in shown_in(later, SECRET)} == {" args"}
    assert shown_in(later, OTHER) == []
