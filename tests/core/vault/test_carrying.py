"""Connections that are carried to another machine."""

import json
from collections.abc import Callable

import pytest

from jackfield import ConnectionType, InputError, NoConnectionError, Reference, Secret
from jackfield.vault import Store

TYPE = "parrot.account"
PASSPHRASE = "four words make one"
VALUES = {"api_key": "sesame-of-the-parrot", "owner": "Ada", "headers": {"X-Gate": "door-of-the-parrot"}}


@pytest.fixture
def full(store: Store, kind: ConnectionType) -> Store:
    """A store with two connections."""
    store.add("mine", TYPE, kind, VALUES)
    store.add("other", TYPE, kind, {"api_key": "key", "pin": Reference.parse("env:PIN")})
    return store


@pytest.fixture
def target(make_store: Callable[..., Store]) -> Store:
    """An empty store."""
    return make_store("target")


def test_everything_arrives(full: Store, target: Store) -> None:
    """Values, types and, where that is wanted, where secrets are kept."""
    text = full.export(passphrase=PASSPHRASE)

    target.load(text, passphrase=PASSPHRASE, references=True)

    for name in ("mine", "other"):
        assert target.find(name, TYPE) == full.find(name, TYPE)
    assert not any(word in text for word in ("sesame", "Ada", "mine", "parrot", "env:"))


def test_a_reference_of_a_stranger_is_left_out(full: Store, target: Store) -> None:
    """He chose which secret of this machine is fetched, and where it goes."""
    views = target.load(full.export(["other"], passphrase=PASSPHRASE), passphrase=PASSPHRASE)

    assert [(view.name, view.secrets) for view in views] == [("other", {"api_key": True, "pin": False})]
    assert target.find("other", TYPE) == {"api_key": Secret("key")}


def test_a_text_that_looks_like_a_reference_is_none(target: Store) -> None:
    """In the place of a secret or of a setting."""
    each = {"name": "sly", "type": TYPE, "secrets": {"api_key": "env:HOME"}, "settings": {"owner": "file:/etc/passwd"}}

    target.load(json.dumps({"format": "jackfield-connections", "version": 1, "connections": [each]}))

    assert target.find("sly", TYPE) == {"api_key": Secret("env:HOME"), "owner": "file:/etc/passwd"}


def test_without_secrets_there_are_none(full: Store, target: Store) -> None:
    """Nor headers, in which people put a second key."""
    text = full.export(passphrase=None)

    assert not any(word in text for word in ("sesame", "door-of", "X-Gate", "env:", '"key"'))
    target.load(text)
    assert target.find("mine", TYPE) == {"owner": "Ada"}


def test_without_secrets_nothing_that_is_saved_loses_its_own(full: Store) -> None:
    """Replacing a connection by the same without secrets leaves it as it is, headers and all."""
    before = {name: full.find(name, TYPE) for name in ("mine", "other")}

    views = full.load(full.export(passphrase=None), replace=True)

    assert {name: full.find(name, TYPE) for name in ("mine", "other")} == before
    assert [view.secrets["api_key"] for view in views] == [True, True]


def test_secrets_are_not_carried_to_other_settings(full: Store) -> None:
    """Whoever made the file may have changed where they go; so nothing is saved, not even the others in it."""
    before = {name: full.find(name, TYPE) for name in ("mine", "other")}
    changed = full.export(["mine"], passphrase=None).replace("Ada", "Eve")
    of_another_type = full.export(["mine"], passphrase=None).replace(TYPE, "parrot.other")
    both = json.loads(changed)
    both["connections"].insert(0, {"name": "new", "type": TYPE})

    for text in (changed, of_another_type, json.dumps(both)):
        with pytest.raises(InputError, match="'mine', whose secrets would be lost; nothing was changed") as caught:
            full.load(text, replace=True)

        assert "jackfield connection edit mine" in caught.value.hint
    assert {name: full.find(name, TYPE) for name in ("mine", "other")} == before
    assert [saved.name for saved in full.saved()] == ["mine", "other"]


def test_a_name_that_is_taken_is_kept_unless_it_may_be_replaced(
    full: Store, target: Store, kind: ConnectionType
) -> None:
    """All are saved, or none."""
    target.add("other", TYPE, kind, {"api_key": "kept"})
    target.note_check("other", "works")
    text = full.export(passphrase=PASSPHRASE)

    with pytest.raises(InputError, match="'other' already"):
        target.load(text, passphrase=PASSPHRASE)

    assert [each.name for each in target.saved()] == ["other"]
    target.load(text, passphrase=PASSPHRASE, replace=True)
    assert target.find("other", TYPE) == {"api_key": Secret("key")}
    assert [(each.name, each.verdict) for each in target.saved()] == [("mine", ""), ("other", "")]


def test_another_passphrase_opens_nothing(full: Store, target: Store) -> None:
    """Nor a text with a changed letter; a short passphrase is not taken."""
    text = full.export(passphrase=PASSPHRASE)
    envelope = json.loads(text)
    envelope["sealed"] = ("A" if envelope["sealed"][40] != "A" else "B").join(
        [envelope["sealed"][:40], envelope["sealed"][41:]]
    )

    for given, passphrase in ((text, "another passphrase"), (json.dumps(envelope), PASSPHRASE)):
        with pytest.raises(InputError, match="not the one of this file"):
            target.load(given, passphrase=passphrase)
    with pytest.raises(InputError, match="at least 8 characters"):
        full.export(passphrase="short")
    with pytest.raises(NoConnectionError, match="'nobody'"):
        full.export(["mine", "nobody"], passphrase=PASSPHRASE)


CARRIED = {"name": "x", "type": TYPE}


def file_of(**content: object) -> str:
    """Write a file as a stranger might."""
    return json.dumps({"format": "jackfield-connections", "version": 1, **content})


ODD = {
    "no JSON": ("{", "is no JSON"),
    "JSON of something else": ("[]", "must be an object"),
    "another format": (file_of(format="other", connections=[]), r"\$\.format"),
    "a newer version": (file_of(version=2, connections=[]), "must be 1, was 2"),
    "neither open nor sealed": (file_of(), "either connections or sealed"),
    "an unknown key": (file_of(connections=[], run="id"), r"\$\.run: is no field"),
    "a name that cannot be one": (file_of(connections=[{**CARRIED, "name": "../x"}]), "A connection's name has"),
    "a secret that is no text": (
        file_of(connections=[{**CARRIED, "secrets": {"a": 1}}]),
        r"\$\.connections\[0\]\.secrets\.a",
    ),
    "the same name twice": (file_of(connections=[CARRIED, CARRIED]), "'x' already"),
    **{
        f"key parameters that are none: {name}={value}": (
            file_of(sealed="QUJD", parameters={"salt": "00", "n": 2, "r": 1, "p": 1, name: value}),
            "is damaged",
        )
        for name, value in [("n", -(10**30)), ("r", 0), ("r", -1), ("p", -1), ("p", 2**22), ("p", 10**400)]
    },
    "key parameters that would take all memory": (
        file_of(sealed="QUJD", parameters={"salt": "00", "n": 2**40, "r": 8, "p": 1}),
        "is damaged",
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_a_hostile_file_is_refused_as_a_whole(target: Store, what: str) -> None:
    """With the place and the rule; nothing is saved."""
    text, told = ODD[what]

    with pytest.raises(Exception, match=told) as raised:
        target.load(text, passphrase=PASSPHRASE)

    assert type(raised.value).__module__ == "jackfield.errors"
    assert target.saved() == ()
