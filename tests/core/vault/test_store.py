"""What can be done with saved connections."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jackfield import (
    ConnectionType,
    Host,
    InputError,
    InvalidInputError,
    NoConnectionError,
    Reference,
    Secret,
    StoreError,
    to_json,
)
from jackfield.vault import Store
from jackfield.vault.database import Database

TYPE = "parrot.account"
VALUES = {"api_key": "sesame-of-the-parrot", "owner": "Ada", "headers": {"X-Gate": "door-of-the-parrot"}}
SECRETS = ("sesame-of-the-parrot", "door-of-the-parrot")


def files_of(folder: Path) -> bytes:
    """Give all that lies in a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_saved_is_found_again_by_another_process(
    store: Store, make_store: Callable[..., Store], kind: ConnectionType
) -> None:
    """Every value, with its type; secrets as Secret."""
    store.add("mine", TYPE, kind, {**VALUES, "pin": Secret("1234")})

    found = make_store().find("mine", TYPE)

    assert found == {**VALUES, "api_key": Secret("sesame-of-the-parrot"), "pin": Secret("1234")}


def test_nothing_is_made_before_something_is_saved(store: Store, tmp_path: Path) -> None:
    """Looking into a store that is not there finds nothing and leaves nothing."""
    assert store.saved() == ()
    assert store.find("mine", TYPE) is None
    store.unlock()

    assert [*tmp_path.iterdir()] == []


def test_no_value_lies_readable_on_the_disk(store: Store, kind: ConnectionType, tmp_path: Path) -> None:
    """Settings neither: a name of an owner, an address and a header may tell as much as a key."""
    store.add("mine", TYPE, kind, VALUES)
    store.edit("mine", kind, {"owner": "Grace"})

    lying = files_of(tmp_path)

    assert b"mine" in lying
    assert not any(value.encode() in lying for value in (*SECRETS, "Ada", "Grace", "parrot.example"))


def test_a_view_shows_which_secrets_are_set_and_never_what(store: Store, kind: ConnectionType) -> None:
    """As data for a web page: values of headers and passwords in addresses are left out too."""
    owner = "https://ada:pass-of-the-parrot@ada.example"
    store.add("mine", TYPE, kind, {**VALUES, "owner": owner, "pin": Reference.parse("env:PIN")})

    view = store.view("mine")

    assert view.secrets == {"api_key": True, "pin": True}
    assert view.references == {"pin": "env:PIN"}
    assert view.settings == {
        "owner": "https://***@ada.example",
        "headers": {"X-Gate": "***"},
    }
    assert not any(secret in str(to_json(view)) for secret in (*SECRETS, "pass-of-the-parrot"))
    store.add("bare", TYPE, kind, {"api_key": "key"})
    assert store.view("bare").secrets == {"api_key": True, "pin": False}


def test_a_list_needs_no_key(store: Store, kind: ConnectionType, tmp_path: Path) -> None:
    """Names, types, and which secrets are set."""
    store.add("mine", TYPE, kind, VALUES)
    store.add("another", TYPE, kind, {"api_key": "key", "pin": "1"})
    (tmp_path / "config" / "store.key").unlink()

    assert [(each.name, each.type_id, each.secrets) for each in store.saved()] == [
        ("another", TYPE, ("api_key", "pin")),
        ("mine", TYPE, ("api_key",)),
    ]


def test_an_edit_keeps_what_it_does_not_name(store: Store, kind: ConnectionType) -> None:
    """Secrets too; None takes a value away."""
    store.add("mine", TYPE, kind, VALUES)

    store.edit("mine", kind, {"owner": None, "pin": "77"})

    assert store.find("mine", TYPE) == {
        "api_key": Secret("sesame-of-the-parrot"),
        "pin": Secret("77"),
        "headers": {"X-Gate": "door-of-the-parrot"},
    }


def test_a_changed_address_asks_for_each_secret_again(store: Store, kind: ConnectionType) -> None:
    """Whoever may change an address must not learn a key by it; headers count as secrets."""
    store.add("mine", TYPE, kind, {**VALUES, "pin": Reference.parse("env:PIN")})
    away = {"url": "https://parrot.example:8443"}

    with pytest.raises(InvalidInputError) as raised:
        store.edit("mine", kind, {**away, "pin": "1234"})

    assert {(problem.path, problem.rule) for problem in raised.value.problems} == {
        ("$.api_key", "origin"),
        ("$.headers", "origin"),
    }
    assert "url" not in (store.find("mine", TYPE) or {})
    store.edit("mine", kind, {**away, "api_key": "new", "pin": None, "headers": None})
    assert store.find("mine", TYPE) == {**away, "owner": "Ada", "api_key": Secret("new")}


def test_the_same_address_in_other_words_asks_for_nothing(store: Store, kind: ConnectionType) -> None:
    """A slash at the end, or the default said aloud."""
    store.add("mine", TYPE, kind, VALUES)

    store.edit("mine", kind, {"url": "https://parrot.example/"})

    assert store.view("mine").base_url == "https://parrot.example/"


def test_a_draft_is_what_an_edit_would_save(store: Store, kind: ConnectionType) -> None:
    """It can be tried first; an edit on top of a draft is refused if somebody was faster."""
    store.add("mine", TYPE, kind, VALUES)

    values, revision = store.draft("mine", kind, {"owner": "Grace"})

    assert values["owner"] == "Grace"
    assert values["api_key"] == Secret("sesame-of-the-parrot")
    store.edit("mine", kind, {"pin": "1"})
    with pytest.raises(InputError, match="changed by somebody else meanwhile"):
        store.edit("mine", kind, {"owner": "Grace"}, revision=revision)
    assert (store.find("mine", TYPE) or {})["owner"] == "Ada"


def test_another_name_keeps_everything_else(store: Store, kind: ConnectionType) -> None:
    """The old name is free again."""
    store.add("mine", TYPE, kind, VALUES)
    before = store.find("mine", TYPE)

    store.rename("mine", "yours")

    assert store.find("yours", TYPE) == before
    assert store.find("mine", TYPE) is None
    store.add("mine", TYPE, kind, VALUES)
    with pytest.raises(InputError, match="already"):
        store.rename("mine", "yours")
    with pytest.raises(InputError, match="already"):
        store.add("yours", TYPE, kind, VALUES)


def test_what_is_removed_is_gone_from_the_disk(store: Store, kind: ConnectionType, tmp_path: Path) -> None:
    """Its bytes are overwritten, so that nobody finds them who gets the key later."""
    store.add("mine", TYPE, kind, VALUES)
    store.add("other", TYPE, kind, VALUES)
    before = files_of(tmp_path / "data")

    store.remove("mine")

    after = files_of(tmp_path / "data")
    assert [each.name for each in store.saved()] == ["other"]
    assert before.count(b"mine") > 0
    assert after.count(b"mine") == 0


def test_what_is_not_there_is_named_with_what_is_meant(store: Store, kind: ConnectionType) -> None:
    """Every method says so in the same words."""
    with pytest.raises(NoConnectionError, match="There is no saved connection 'nine'"):
        store.view("nine")
    store.add("mine", TYPE, kind, VALUES)

    for call in (
        store.view,
        store.remove,
        lambda name: store.rename(name, "x"),
        lambda name: store.edit(name, kind, {}),
    ):
        with pytest.raises(NoConnectionError, match=r"'nine'\. Did you mean mine\?"):
            call("nine")


def test_a_connection_of_another_type_is_not_handed_out(store: Store, kind: ConnectionType) -> None:
    """A key must not go to a service that it was not made for."""
    store.add("mine", TYPE, kind, VALUES)

    with pytest.raises(InputError, match=r"is for parrot\.account, and openai\.openai is needed"):
        store.find("mine", "openai.openai")


@pytest.mark.parametrize("name", ["", " ", "-x", "a b", "a/b", "..", "a\n", "x" * 101, "\u202ea"])
def test_odd_names_are_refused_without_being_shown(store: Store, kind: ConnectionType, name: str) -> None:
    """It may be a key in the wrong place."""
    with pytest.raises(InputError, match="A connection's name has") as raised:
        store.add(name, TYPE, kind, VALUES)

    assert not name.strip() or name not in str(raised.value)
    assert store.saved() == ()


@pytest.mark.parametrize(
    ("values", "path", "rule"),
    [
        ({}, "$.api_key", "required"),
        ({"api_key": "no"}, "$.api_key", "min_length"),
        ({"api_key": "key", "onwer": "Ada"}, "$.onwer", "unknown_field"),
        ({"api_key": "key", "owner": Reference.parse("env:OWNER")}, "$.owner", "reference"),
    ],
)
def test_bad_values_are_not_saved(store: Store, kind: ConnectionType, values: Any, path: str, rule: str) -> None:
    """As everywhere: the place, the rule, and never the value."""
    with pytest.raises(InvalidInputError) as raised:
        store.add("mine", TYPE, kind, values)

    (problem,) = raised.value.problems
    assert (problem.path, problem.rule) == (path, rule)
    assert store.saved() == ()


def test_a_check_is_remembered_until_the_connection_changes(store: Store, kind: ConnectionType) -> None:
    """A new name changes nothing about it, new values do."""
    store.note_check("mine", "works")
    assert store.saved() == ()
    store.add("mine", TYPE, kind, VALUES)
    store.note_check("mine", "works")
    store.rename("mine", "yours")
    store.rotate()
    (saved,) = store.saved()
    assert (saved.verdict, saved.checked[:2]) == ("works", "20")

    store.edit("yours", kind, {"owner": "Grace"})

    (saved,) = store.saved()
    assert (saved.verdict, saved.checked) == ("", "")


def test_a_change_by_another_process_is_seen_at_once(
    store: Store, make_store: Callable[..., Store], kind: ConnectionType
) -> None:
    """Also one right behind another, within one tick of the file system's clock."""
    other = make_store()
    store.add("mine", TYPE, kind, VALUES)
    for number in range(20):
        other.edit("mine", kind, {"owner": str(number)})

        assert (store.find("mine", TYPE) or {})["owner"] == str(number)


def test_a_store_that_grew_too_large_says_which_limit_it_was(
    make_store: Callable[..., Store], kind: ConnectionType
) -> None:
    """What was there before is still there."""
    store = make_store(max_bytes=40_000)
    store.add("mine", TYPE, kind, VALUES)

    with pytest.raises(StoreError, match="max_bytes") as raised:
        store.add("large", TYPE, kind, {**VALUES, "headers": {"X-Long": "x" * 100_000}})

    assert "df -h" in raised.value.hint
    assert [each.name for each in make_store().saved()] == ["mine"]


def test_a_host_uses_a_store_only_if_it_is_given_one(store: Store, kind: ConnectionType, tmp_path: Path) -> None:
    """A library that makes a Host must not find a user's keys by itself."""
    environ = {"JACKFIELD_HOME": str(tmp_path / "home")}
    own = Store.default(environ)
    own.add("mine", "openai.openai", kind, {"api_key": "key-of-the-user"})

    with Host(environ=environ) as host, pytest.raises(NoConnectionError, match="There is no connection 'mine'"):
        host.preview("openai.get_models", connection="mine")
    with Host(environ=environ, plugins=[own]) as host:
        assert host.preview("openai.get_models", connection="mine").requests[0].headers["Authorization"] == "Bearer ***"


def test_a_folder_in_which_no_lock_can_be_made_is_told(tmp_path: Path) -> None:
    """Renewing tokens needs one; the error is ours, with the remedy."""
    database = Database(tmp_path / "away" / "x.sqlite", busy_timeout_s=1, max_bytes=4096, reached=lambda _: None)

    with (
        pytest.raises(StoreError, match="cannot be opened: No such file") as raised,
        database.claiming("a", lambda: None),
    ):
        pass

    assert "JACKFIELD_HOME" in raised.value.hint
