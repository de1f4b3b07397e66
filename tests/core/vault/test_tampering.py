"""A file that something else than Jackfield has changed: it is refused, never half believed."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from jackfield import ConnectionType, Reference, Secret, StoreError
from jackfield.vault import Store

TYPE = "parrot.account"
SCHEMA_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SCHEMA_1 = Path(__file__).parent / "schemas" / "schema-1.sqlite"

TAMPERED = {
    "two secrets of one connection change places": """
        UPDATE secrets SET sealed = (SELECT s.sealed FROM secrets s WHERE s.connection = secrets.connection
        AND s.field <> secrets.field) WHERE connection = (SELECT id FROM connections WHERE name = 'mine')""",
    "a secret of another connection": """
        UPDATE secrets SET sealed = (SELECT s.sealed FROM secrets s JOIN connections c ON c.id = s.connection
        WHERE c.name = 'other' AND s.field = 'api_key') WHERE field = 'api_key'""",
    "settings of another connection": """
        UPDATE connections SET sealed = (SELECT c.sealed FROM connections c WHERE c.name = 'other')""",
    "the names change places": """
        UPDATE connections SET name = CASE name WHEN 'mine' THEN 'x' ELSE name END;
        UPDATE connections SET name = 'mine' WHERE name = 'other';
        UPDATE connections SET name = 'other' WHERE name = 'x'
        """,
    "another type": "UPDATE connections SET type_id = 'evil.account'",
    "a secret is taken away": "DELETE FROM secrets WHERE field = 'pin'",
    "a secret is added": "INSERT INTO secrets SELECT connection, 'extra', sealed FROM secrets WHERE field = 'pin'",
    "a byte of a secret": """
        UPDATE secrets SET sealed = CAST(substr(sealed, 1, 20) || CASE substr(sealed, 21, 1) WHEN x'00' THEN x'01'
        ELSE x'00' END || substr(sealed, 22) AS BLOB)""",
    "a byte of the settings": """
        UPDATE connections SET sealed = CAST(substr(sealed, 1, 20) || CASE substr(sealed, 21, 1) WHEN x'00' THEN x'01'
        ELSE x'00' END || substr(sealed, 22) AS BLOB)""",
    "a secret that is text": "UPDATE secrets SET sealed = 'text'",
    "a secret that is empty": "UPDATE secrets SET sealed = x''",
    "another id": """
        PRAGMA foreign_keys = OFF; UPDATE secrets SET connection = 'x' || connection;
        UPDATE connections SET id = 'x' || id""",
}


@pytest.fixture
def tampered(make_store: Callable[..., Store], kind: ConnectionType) -> Callable[[str], Store]:
    """Make a store with two connections, and run SQL on its file."""
    store = make_store()
    store.add("mine", TYPE, kind, {"api_key": "sesame", "pin": "1234"})
    store.add("other", TYPE, kind, {"api_key": "other-sesame", "pin": "7777"})

    def make(script: str) -> Store:
        with closing(sqlite3.connect(store.path)) as connection:
            connection.executescript(script)
        return make_store()

    return make


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_elsewhere_is_refused(tampered: Callable[[str], Store], what: str) -> None:
    """Each secret is bound to its store, connection and field, and each connection to its name and type."""
    store = tampered(TAMPERED[what])

    with pytest.raises(StoreError, match="is damaged, or was changed by something else") as raised:
        store.view("mine")

    assert "sesame" not in str(raised.value)
    assert raised.value.__cause__ is None
    store.remove("mine")  # it can be taken away, and added anew
    assert [each.name for each in store.saved()] == ["other"]


def test_an_older_secret_does_not_come_back(
    make_store: Callable[..., Store], kind: ConnectionType, tampered: Callable[[str], Store]
) -> None:
    """A row of before an edit, put in the place of the new one."""
    store = tampered("CREATE TABLE old AS SELECT * FROM secrets WHERE field = 'api_key'")
    store.edit("mine", kind, {"api_key": "new-sesame"})
    tampered(
        "UPDATE secrets SET sealed = (SELECT sealed FROM old WHERE old.connection = secrets.connection)"
        " WHERE field = 'api_key'"
    )

    with pytest.raises(StoreError, match="changed by something else"):
        make_store().view("mine")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("sealed_key = CAST(substr(sealed_key, 1, 30) AS BLOB)", "own key is damaged"),
        ("key_id = 'another'", "own key is damaged"),
        ("parameters = '{\"n\": 2}'", "own key is damaged"),
        ("method = 'magic'", "own key is damaged"),
        ("id = 'another'", "not the key of the store"),
        ("key_check = x'00'", "not the key of the store"),
    ],
)
def test_a_changed_key_is_refused(tampered: Callable[[str], Store], change: str, told: str) -> None:
    """A damaged store is told from a wrong key."""
    store = tampered(f"UPDATE store SET {change}")  # noqa: S608  written above

    with pytest.raises(StoreError, match=told):
        store.view("mine")


@pytest.mark.parametrize("parameters", ['{"salt": "00", "n": 1073741824, "r": 8, "p": 1}', '{"n": 16}', "{}"])
def test_a_passphrase_takes_no_more_memory_than_is_allowed(
    tampered: Callable[[str], Store], make_store: Callable[..., Store], parameters: str
) -> None:
    """Whatever the file says."""
    tampered(f"UPDATE store SET method = 'passphrase', parameters = '{parameters}'")  # noqa: S608  written above

    with pytest.raises(StoreError, match="is damaged"):
        make_store(environ={"JACKFIELD_PASSPHRASE": "a long passphrase"}).view("mine")


def test_a_store_of_a_newer_jackfield_is_left_alone(
    tampered: Callable[[str], Store], kind: ConnectionType, tmp_path: Path
) -> None:
    """It is neither read nor written, and the remedy is named."""
    store = tampered("PRAGMA user_version = 99")
    before = store.path.read_bytes()

    for call in (store.saved, lambda: store.view("mine"), lambda: store.add("new", TYPE, kind, {"api_key": "key"})):
        with pytest.raises(
            StoreError, match=r"written by a newer Jackfield \(schema 99; this one knows .* up to 2\)"
        ) as raised:
            call()
        assert raised.value.hint == "pip install --upgrade jackfield"
    assert store.path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be one" * 50, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_store_is_left_alone(
    make_store: Callable[..., Store], kind: ConnectionType, content: bytes
) -> None:
    """Not overwritten."""
    store = make_store()
    store.add("mine", TYPE, kind, {"api_key": "key"})
    store.path.write_bytes(content)

    with pytest.raises(StoreError, match="is damaged"):
        store.saved()
    with pytest.raises(StoreError, match="is damaged"):
        store.add("new", TYPE, kind, {"api_key": "key"})
    assert store.path.read_bytes() == content


def test_another_programs_database_is_left_alone(make_store: Callable[..., Store]) -> None:
    """It has the right format, and is not ours."""
    store = make_store()
    store.path.parent.mkdir()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript("CREATE TABLE theirs (a)")
    store.path.chmod(0o600)

    with pytest.raises(StoreError, match="is no store of Jackfield's"):
        store.saved()


def test_a_store_of_schema_1_is_brought_up_to_date(make_store: Callable[..., Store], kind: ConnectionType) -> None:
    """By the first who uses it; nothing is lost."""
    store = make_store(environ={"JACKFIELD_STORE_KEY": SCHEMA_KEY})
    store.path.parent.mkdir()
    shutil.copy(SCHEMA_1, store.path)
    store.path.chmod(0o600)

    assert [each.name for each in store.saved()] == ["elsewhere", "my-openai"]
    assert store.find("my-openai", "openai.openai") == {
        "api_key": Secret("sk-of-schema-1"),
        "organization_id": "org-1",
    }
    assert store.find("elsewhere", "openai.openai") == {
        "api_key": Reference.parse("env:SCHEMA_1_KEY"),
        "base_url": "http://localhost:11434/v1",
    }
    store.note_check("my-openai", "works")
    assert [each.verdict for each in store.saved()] == ["", "works"]


@pytest.mark.parametrize("step", ["schema 2 made", "migrate: to commit", "migrate: committed"])
def test_a_kill_while_a_store_is_brought_up_to_date_loses_nothing(
    make_other: Callable[..., object], make_store: Callable[..., Store], step: str
) -> None:
    """The next one does it, or finds it done."""
    store = make_store(environ={"JACKFIELD_STORE_KEY": SCHEMA_KEY})
    store.path.parent.mkdir()
    shutil.copy(SCHEMA_1, store.path)
    store.path.chmod(0o600)
    other = make_other(key=SCHEMA_KEY)

    assert other.ask("saved", die_at=step) == {"died": True}  # type: ignore[attr-defined]

    assert [each.name for each in store.saved()] == ["elsewhere", "my-openai"]
    assert store.view("my-openai").secrets == {"api_key": True}
