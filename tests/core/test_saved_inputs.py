"""Inputs that are kept for years: brought to the present by the module that has changed meanwhile."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import pytest
from attrs import frozen

from jackfield import (
    AnyModule,
    Array,
    ConnectionType,
    Context,
    Effect,
    Failure,
    Host,
    InvalidInputError,
    KeyValue,
    Password,
    PluginError,
    Secret,
    Text,
    module,
    rest,
)


@frozen(kw_only=True)
class Greeting:
    """Whom to greet; in version 1 there was one field ``name``, in version 2 ``whom`` was a text."""

    whom: Annotated[list[str], Array(label="Whom")]
    tone: Annotated[str | None, Text(label="Tone")] = None


@frozen(kw_only=True)
class Said:
    """What was said."""

    text: str


def from_1(form: dict[str, Any]) -> dict[str, Any]:
    """Rename a field."""
    form["whom"] = form.pop("name")
    return form


def from_2(form: dict[str, Any]) -> dict[str, Any]:
    """Make a list of it."""
    return {**form, "whom": form["whom"].split(" and ")}


@module(label="Greet", effect=Effect.READ, version=3, migrate={1: from_1, 2: from_2}, aliases=["old:Greet"])
def greet(form: Greeting, _context: Context) -> Said:
    """Greet."""
    return Said(text=f"Hello, {', '.join(form.whom)}{form.tone or '.'}")


@module(label="Break", effect=Effect.READ, version=4, migrate={2: lambda form: form["none"], 3: lambda _: 5})  # type: ignore[dict-item,return-value]  # wrong on purpose
def broken(form: Greeting, context: Context) -> Said:
    """Greet as well."""
    return greet.function(form, context)  # type: ignore[no-any-return]


MODULES: Mapping[str, AnyModule] = {"polite.greet": greet, "polite.broken": broken}
OLD = {"$module": "polite.greet", "$version": 1, "name": "Ada and Eve", "tone": "!"}


@pytest.fixture
def host() -> Iterator[Host]:
    """Have these two alone."""
    with Host(discover=False, modules=MODULES) as made:
        yield made


def test_an_old_input_runs_and_says_that_it_is_old(host: Host) -> None:
    """One version after the other; what was saved is not changed."""
    kept = dict(OLD)
    result = host.run("polite.greet", kept)

    assert result.bundle == {"text": "Hello, Ada, Eve!"}
    assert result.warnings == ("The input was saved for version 1 of polite.greet, and was brought to 3.",)
    assert kept == OLD


def test_an_input_of_today_runs_without_a_word(host: Host) -> None:
    """So does one that names the module as another product does, and one that says nothing of itself."""
    handle = host.module("polite.greet")
    saved = handle.saved({"whom": ["Ada"]})

    assert saved == {"$module": "polite.greet", "$version": 3, "whom": ["Ada"]}
    assert host.run("polite.greet", saved).warnings == ()
    assert host.run("polite.greet", {**saved, "$module": "old:Greet"}).warnings == ()
    assert host.run("polite.greet", {"whom": ["Ada"]}).warnings == ()
    assert (handle.form_version, host.module("polite.broken").form_version) == (3, 4)


def test_many_inputs_may_be_of_different_versions(host: Host) -> None:
    """Each is brought to the present by itself."""
    found: list[Any] = list(host.map("polite.greet", [OLD, {"$version": 2, "whom": "Max"}, {"$version": 9}]))

    assert [getattr(outcome, "bundle", None) for outcome in found[:2]] == [
        {"text": "Hello, Ada, Eve!"},
        {"text": "Hello, Max."},
    ]
    assert isinstance(found[2], Failure)


@pytest.mark.parametrize(
    ("saved", "path", "message"),
    [
        ({"$module": "polite.wave", "name": "Ada"}, "$.$module", "is polite.wave: this is no input of polite.greet"),
        ({"$module": 7}, "$.$module", "is a Python int: this is no input of polite.greet"),
        ({"$version": 4, "whom": []}, "$.$version", "is 4, and this module is version 3; update its package"),
        ({"$version": 0}, "$.$version", "must be a whole number of at least 1"),
        ({"$version": True}, "$.$version", "must be a whole number of at least 1"),
        ({"$version": "1"}, "$.$version", "must be a whole number of at least 1"),
        ({"$version": 3, "name": "Ada"}, "$.name", ""),
    ],
)
def test_what_cannot_be_brought_to_the_present_is_refused(
    host: Host, saved: dict[str, Any], path: str, message: str
) -> None:
    """At the key that says so, before anything runs."""
    with pytest.raises(InvalidInputError) as caught:
        host.run("polite.greet", saved)

    assert path in [problem.path for problem in caught.value.problems]
    assert message in str(caught.value)


def test_a_way_that_fails_is_the_modules_defect(host: Host) -> None:
    """What it raises may show the input, and is not told; a version without a way is told as that."""
    with pytest.raises(PluginError, match=r"from version 2 to 3 failed with KeyError\.$") as caught:
        host.run("polite.broken", {"$version": 2, "name": "Ada Lovelace"})
    assert "Lovelace" not in repr(caught.value)
    with pytest.raises(InvalidInputError, match=r"is of version 1, from which polite\.broken has no way to 2"):
        host.run("polite.broken", {"$version": 1})
    with pytest.raises(PluginError, match="from version 3 to 4 gave int, not a form in JSON"):
        host.run("polite.broken", {"$version": 3})


def test_an_upgrade_gives_what_is_to_be_saved(host: Host) -> None:
    """Checked, so that it will run."""
    handle = host.module("polite.greet")

    assert handle.upgraded(OLD) == handle.saved({"tone": "!", "whom": ["Ada", "Eve"]})
    with pytest.raises(InvalidInputError, match=r"\$\.tone"):
        handle.upgraded({**OLD, "tone": 5})


@pytest.mark.parametrize(
    ("version", "known"), [(2, [2]), (3, [1]), (4, [1, 3]), (1, [0]), (0, []), (2, ["1"]), (2.0, []), (True, [])]
)
def test_ways_that_do_not_lead_to_the_present_are_refused(version: Any, known: list[Any]) -> None:
    """When the module is declared: a hole would be found only by whoever has an input of that version."""
    with pytest.raises(PluginError, match="does not go with ways from the versions") as caught:
        module(label="Greet", version=version, migrate=dict.fromkeys(known, from_2))(greet.function)
    assert caught.value.hint.startswith("migrate has a function for each version from the oldest that it knows")


def test_a_declared_module_has_versions_too() -> None:
    """As one with a function."""
    account = ConnectionType(label="Here", form=Said, origin="http://127.0.0.1:9")
    declared = rest.module(
        "GET /greetings", form=Greeting, output=Said, label="Get", connection=account, version=2, migrate={1: from_1}
    )

    assert declared.version == 2
    assert declared.migrate[1]({"name": "Ada"}) == {"whom": "Ada"}


@frozen(kw_only=True)
class Door:
    """A door with a lock."""

    kind: Literal["door"] = "door"
    code: Annotated[Secret | None, Password(label="Code")] = None


@frozen(kw_only=True)
class Window:
    """A window without."""

    kind: Literal["window"] = "window"
    code: Annotated[str | None, Text(label="Pane")] = None


@frozen(kw_only=True)
class House:
    """What has secrets at every depth."""

    key: Annotated[Secret | None, Password(label="Key")] = None
    front: Door | None = None
    openings: Annotated[list[Door | Window] | None, Array(label="Openings")] = None
    codes: Annotated[list[Secret] | None, Array(label="Codes")] = None
    rooms: Annotated[Mapping[str, Secret] | None, KeyValue(label="Rooms")] = None


@module(label="Lock", effect=Effect.READ)
def lock(form: House, _context: Context) -> Said:
    """Lock up."""
    return Said(text=str(form.openings))


def test_no_secret_is_saved_however_deep_it_lies() -> None:
    """Nor a mask in its place, which would be sent for it."""
    form = {
        "key": "s-1",
        "front": {"code": Secret("s-2")},
        "openings": [{"kind": "door", "code": "s-3"}, {"kind": "window", "code": "glass"}],
        "codes": ["s-4"],
        "rooms": {"attic": "s-5"},
    }
    with Host(discover=False, modules={"house.lock": lock}) as host:
        handle = host.module("house.lock")
        saved = handle.saved(form)

        assert saved == {
            "$module": "house.lock",
            "$version": 1,
            "front": {},
            "openings": [{"kind": "door"}, {"kind": "window", "code": "glass"}],
            "codes": [],
            "rooms": {},
        }
        assert str(host.run("house.lock", saved).bundle["text"]).startswith("[Door(")
