"""What protects the key, and what happens if it does not fit."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jackfield import ConnectionType, InputError, Secret, StoreError
from jackfield.vault import Protection, Store

TYPE = "parrot.account"
VALUES = {"api_key": "sesame"}
LONG = "four words make one"

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps others out by the folder, not by bits")


def found(store: Store) -> object:
    """Give the secret that is saved."""
    return (store.find("mine", TYPE) or {})["api_key"]


def run_in_a_shell(command: str) -> None:
    """Do what a hint says."""
    subprocess.run(["/bin/sh", "-c", command], check=True)


def asked(*answers: str) -> Callable[[bool], str]:
    """Answer questions for a passphrase."""
    waiting = list(answers)
    return lambda _new: waiting.pop(0)


def test_without_a_keyring_a_key_file_is_made_and_named(
    store: Store, kind: ConnectionType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container it just works, and says what protects the key."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    store.add("mine", TYPE, kind, VALUES)

    assert store.protection() is Protection.FILE
    assert store.told_protection() == f"the key file {tmp_path / 'config' / 'store.key'}"
    assert found(store) == Secret("sesame")


@posix
def test_files_and_folders_are_their_owners_alone_from_the_start(
    store: Store, kind: ConnectionType, tmp_path: Path
) -> None:
    """Whatever the umask says."""
    former = os.umask(0)
    try:
        store.add("mine", TYPE, kind, VALUES)
    finally:
        os.umask(former)

    modes = {path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"config": 0o700, "config/store.key": 0o600, "data": 0o700, "data/store.sqlite": 0o600}


@posix
@pytest.mark.parametrize("file", ["data/store.sqlite", "config/store.key"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_file_that_others_can_open_is_refused_with_the_command_that_mends_it(
    make_store: Callable[..., Store], kind: ConnectionType, tmp_path: Path, file: str, mode: int
) -> None:
    """The command is run here as it stands there."""
    make_store().add("mine", TYPE, kind, VALUES)
    (tmp_path / file).chmod(mode)

    with pytest.raises(StoreError, match="can be read or changed by others") as raised:
        found(make_store())

    assert file in raised.value.message
    run_in_a_shell(raised.value.hint.partition("   ")[0])
    assert found(make_store()) == Secret("sesame")


@posix
def test_a_folder_that_everybody_can_write_is_refused(
    make_store: Callable[..., Store], kind: ConnectionType, tmp_path: Path
) -> None:
    """Somebody could put another store in the place of this one."""
    make_store().add("mine", TYPE, kind, VALUES)
    (tmp_path / "data").chmod(0o777)

    with pytest.raises(StoreError, match="can be written by everybody") as raised:
        found(make_store())

    run_in_a_shell(raised.value.hint)
    assert found(make_store()) == Secret("sesame")


def test_a_missing_key_file_is_named(make_store: Callable[..., Store], kind: ConnectionType, tmp_path: Path) -> None:
    """And nothing new is made in its place."""
    make_store().add("mine", TYPE, kind, VALUES)
    (tmp_path / "config" / "store.key").unlink()

    with pytest.raises(StoreError, match=r"The key file .*store\.key is missing"):
        found(make_store())
    with pytest.raises(StoreError, match=r"The key file .*store\.key is missing"):
        make_store().add("new", TYPE, kind, VALUES)

    assert not (tmp_path / "config" / "store.key").exists()


def test_the_key_file_of_another_store_does_not_fit(
    make_store: Callable[..., Store], kind: ConnectionType, tmp_path: Path
) -> None:
    """Said as what it is: a wrong key, no damage."""
    make_store("first").add("mine", TYPE, kind, VALUES)
    make_store("second").add("mine", TYPE, kind, VALUES)

    with pytest.raises(StoreError, match="This is not the key of the store: the key file"):
        found(make_store("first", key_file=tmp_path / "config" / "second.key"))


@pytest.mark.parametrize("content", [b"nonsense\n", b"\xff\xfe", b"abc QUJD\n"])
def test_a_damaged_key_file_is_named(
    make_store: Callable[..., Store], kind: ConnectionType, tmp_path: Path, content: bytes
) -> None:
    """Its content is not shown."""
    make_store().add("mine", TYPE, kind, VALUES)
    (tmp_path / "config" / "store.key").write_bytes(content)

    with pytest.raises(StoreError, match=r"The key file .* (is damaged|cannot be read)"):
        found(make_store())


def test_a_key_in_the_environment(
    make_store: Callable[..., Store], kind: ConnectionType, store_key: Callable[[int], str], tmp_path: Path
) -> None:
    """It is what protects a new store if it is set; no key file is made."""
    environ = {"JACKFIELD_STORE_KEY": store_key(1)}
    make_store(environ=environ).add("mine", TYPE, kind, VALUES)

    assert found(make_store(environ=environ)) == Secret("sesame")
    assert make_store(environ=environ).protection() is Protection.ENVIRONMENT
    assert not (tmp_path / "config").exists()
    with pytest.raises(StoreError, match="JACKFIELD_STORE_KEY, which is not set"):
        found(make_store())
    with pytest.raises(StoreError, match="This is not the key of the store: the variable JACKFIELD_STORE_KEY"):
        found(make_store(environ={"JACKFIELD_STORE_KEY": store_key(2)}))
    for odd in ("c2hvcnQ=", "no base64!"):
        with pytest.raises(StoreError, match="keys of 32 bytes in base64") as raised:
            found(make_store(environ={"JACKFIELD_STORE_KEY": f"{odd},{odd}"}))
        assert odd not in str(raised.value)


def test_a_new_key_in_the_environment_stands_before_the_old_one(
    make_store: Callable[..., Store], kind: ConnectionType, store_key: Callable[[int], str]
) -> None:
    """After the rotation the old one can go."""
    make_store(environ={"JACKFIELD_STORE_KEY": store_key(1)}).add("mine", TYPE, kind, VALUES)

    make_store(environ={"JACKFIELD_STORE_KEY": f"{store_key(2)}, {store_key(1)}"}).rotate()

    assert found(make_store(environ={"JACKFIELD_STORE_KEY": store_key(2)})) == Secret("sesame")
    with pytest.raises(StoreError, match="not the key"):
        found(make_store(environ={"JACKFIELD_STORE_KEY": store_key(1)}))


def test_a_passphrase_is_asked_for_until_it_fits(make_store: Callable[..., Store], kind: ConnectionType) -> None:
    """Three times; once it fits, it is not asked for again. However an accent was typed, it is the same."""
    store = make_store()
    store.add("mine", TYPE, kind, VALUES)
    store.rotate(Protection.PASSPHRASE, passphrase="caf\u00e9 au lait")

    store = make_store(ask=asked("wrong one", "cafe\u0301 au lait"))
    assert found(store) == Secret("sesame")
    store.edit("mine", kind, {"owner": "Ada"})
    with pytest.raises(StoreError, match="The passphrase is not the one of the store"):
        found(make_store(ask=asked("one", "two", "three")))
    with pytest.raises(StoreError, match="nobody to ask") as raised:
        found(make_store())
    assert "JACKFIELD_PASSPHRASE" in raised.value.hint


def test_a_short_passphrase_is_refused(make_store: Callable[..., Store], kind: ConnectionType) -> None:
    """The store stays as it was."""
    store = make_store(ask=asked("seven77"))
    store.add("mine", TYPE, kind, VALUES)

    with pytest.raises(InputError, match="at least 8 characters"):
        store.rotate(Protection.PASSPHRASE)

    assert make_store().protection() is Protection.FILE
    assert found(make_store()) == Secret("sesame")


def test_another_protection_takes_the_place_of_the_old_one(
    make_store: Callable[..., Store], kind: ConnectionType, store_key: Callable[[int], str], tmp_path: Path
) -> None:
    """There and back; what gave way opens nothing."""
    key_file = tmp_path / "config" / "store.key"
    make_store().add("mine", TYPE, kind, VALUES)
    old = key_file.read_text("utf-8")
    environ = {"JACKFIELD_STORE_KEY": store_key(3)}

    make_store(environ=environ).rotate(Protection.ENVIRONMENT)
    key_file.unlink()
    assert found(make_store(environ=environ)) == Secret("sesame")
    make_store(environ=environ).rotate(Protection.FILE)

    assert found(make_store()) == Secret("sesame")
    key_file.write_text(old, "utf-8")
    with pytest.raises(StoreError, match="not the key"):
        found(make_store())


KEYRING = """
import json, pathlib, sys
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 5
    place = pathlib.Path(sys.argv[1]) / "entries.json"

    def _all(self):
        return json.loads(self.place.read_text()) if self.place.exists() else {}

    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")

    def set_password(self, service, username, password):
        self.place.write_text(json.dumps({**self._all(), f"{service}/{username}": password}))
"""
KEYRING_PROGRAM = """
import json, pathlib, sys
import keyring
sys.path.insert(0, sys.argv[2])
import conftest, entries
keyring.set_keyring(entries.Keyring())
from jackfield.vault import Store

folder = pathlib.Path(sys.argv[1])
kind = conftest.parrot_type()
make = lambda: Store(folder / "store.sqlite", key_file=folder / "never", environ={})
make().add("mine", conftest.TYPE, kind, {"api_key": "sesame"})
first = list(entries.Keyring()._all().values())
make().rotate()
second = list(entries.Keyring()._all().values())
found = make().find("mine", conftest.TYPE)["api_key"].reveal()
print(json.dumps([make().protection(), make().told_protection(), found, first != second, len(second)]))
entries.Keyring.place.unlink()
try:
    make().find("mine", conftest.TYPE)
except Exception as error:
    print(error.message)
"""


def test_a_keyring_keeps_the_key_if_there_is_one(tmp_path: Path, run_python: Callable[..., str]) -> None:
    """With keyring's own interface and a backend of the test's; it is what protects a new store then."""
    pytest.importorskip("keyring", reason="the extra is not installed")
    tmp_path.chmod(0o700)
    (tmp_path / "entries.py").write_text(KEYRING, "utf-8")
    program = KEYRING_PROGRAM.replace("sys.argv[1]", repr(str(tmp_path))).replace(
        "sys.argv[2]", repr(str(Path(__file__).parent))
    )
    (tmp_path / "entries.py").write_text(KEYRING.replace("sys.argv[1]", repr(str(tmp_path))), "utf-8")

    printed = run_python(program, tmp_path).splitlines()

    assert printed[0] == '["keyring", "the keyring of the operating system", "sesame", true, 1]'
    assert printed[1].startswith("The keyring has no key for this store (service jackfield, name ")
    assert not (tmp_path / "never").exists()


@posix
def test_a_full_disk_changes_nothing(
    make_store: Callable[..., Store], kind: ConnectionType, tmp_path: Path, run_python: Callable[..., str]
) -> None:
    """A limit on the size of files stands for it: the system refuses to write more."""
    make_store().add("mine", TYPE, kind, VALUES)
    size = (tmp_path / "data" / "store.sqlite").stat().st_size
    program = textwrap.dedent(f"""
        import pathlib, resource, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import conftest
        from jackfield.vault import Store

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        folder = pathlib.Path({str(tmp_path)!r})
        store = Store(folder / "data/store.sqlite", key_file=folder / "config/store.key", environ={{}})
        store.unlock()
        resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
        try:
            store.add("large", conftest.TYPE, conftest.parrot_type(),
                      {{"api_key": "key", "headers": {{"X": "x" * 200_000}}}})
        except Exception as error:
            print(type(error).__name__, error.message)
        print(store.find("mine", conftest.TYPE)["api_key"].reveal())
    """)

    told, secret = run_python(program).splitlines()

    assert told.startswith("StoreError The disk ")
    assert secret == "sesame"
    assert [each.name for each in make_store().saved()] == ["mine"]


def test_two_processes_lose_no_update(
    make_store: Callable[..., Store], make_other: Callable[..., Any], kind: ConnectionType, revealed: Callable[..., Any]
) -> None:
    """Each changes its own field of one connection, both at once, while keys are rotated."""
    store, other = make_store(busy_timeout_s=60), make_other()
    store.add("mine", TYPE, kind, VALUES)
    for turn in range(10):
        other.send("edit", "mine", {"pin": str(turn)})
        store.edit("mine", kind, {"owner": str(turn)})
        assert "error" not in other.answer()
        if turn % 3 == 0:
            other.send("rotate")
            store.rotate()
            assert "error" not in other.answer()
        assert revealed(store)["mine"] == {"api_key": "sesame", "owner": str(turn), "pin": str(turn)}


def test_who_waits_too_long_for_another_process_is_told(make_store: Callable[..., Store], kind: ConnectionType) -> None:
    """With the name of the setting; nothing was changed."""
    waiting = make_store(busy_timeout_s=0.05)
    told: list[str] = []

    def meanwhile(step: str) -> None:
        if step == "edit: to commit":
            with pytest.raises(StoreError) as raised:
                waiting.add("new", TYPE, kind, VALUES)
            told.append(raised.value.message)

    make_store().add("mine", TYPE, kind, VALUES)
    make_store(reached=meanwhile).edit("mine", kind, {"owner": "Ada"})

    assert "for 0.05 s (busy_timeout_s)" in told[0]
    assert [each.name for each in waiting.saved()] == ["mine"]
