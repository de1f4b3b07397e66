import sys
from collections.abc import Callable

import pytest
from attrs import frozen

from jackfield import Context, Module, PluginError, UnknownModuleError, module
from jackfield._engine.catalog import IN_CODE, Catalog
from jackfield._engine.discovery import PluginPolicy
from jackfield._engine.index import Entry

ALL = PluginPolicy()


@frozen(kw_only=True)
class Nothing:
    """Nothing at all."""


@module(label="Given", aliases=["an alias"])
def given(form: Nothing, _: Context) -> Nothing:
    """Give it back."""
    return form


Install = Callable[..., str]
Entries = Callable[[], tuple[Entry, ...]]


def stages(catalog: Catalog) -> list[tuple[str, str]]:
    """Give the name and stage of each problem that is known."""
    return [(problem.name, problem.stage) for problem in catalog.broken]


# What there is.


def test_names_come_from_metadata_alone(install: Install, entries: Entries) -> None:
    """Listing what is installed imports none of it."""
    name = install("jackfield-weather")

    catalog = Catalog(entries(), ALL)

    assert catalog.module_ids == ("weather.get_it", "weather.set_it")
    assert catalog.connector_ids == ("weather",)
    assert catalog.broken == ()
    assert catalog.connector_entry("weather").distribution == "jackfield-weather"
    assert name not in sys.modules


def test_a_module_is_imported_when_it_is_asked_for(install: Install, entries: Entries) -> None:
    """And is the same object from then on."""
    install("jackfield-weather")
    catalog = Catalog(entries(), ALL)

    found = catalog.load_module("weather.get_it")

    assert isinstance(found, Module)
    assert found.label == "Get"
    assert catalog.load_module("weather.get_it") is found
    assert catalog.id_of(found) == "weather.get_it"
    entry = catalog.entry("weather.get_it")
    assert entry is not None
    assert (entry.distribution, entry.version) == ("jackfield-weather", "1.0")


def test_modules_can_be_given_in_code() -> None:
    """A frozen application has no metadata."""
    catalog = Catalog([], ALL, {"mine.given": given})

    assert catalog.module_ids == ("mine.given",)
    assert catalog.load_module("mine.given") is given
    assert catalog.load_module("an alias") is given
    assert catalog.id_of(given) == "mine.given"
    assert catalog.entry("mine.given") is None


def test_a_module_that_nobody_registered_has_no_id() -> None:
    """It can still be run: whoever holds it may do so."""
    assert Catalog([], ALL).id_of(given) == ""


def test_a_module_is_known_where_it_was_imported_to(install: Install, entries: Entries) -> None:
    """An entry point may name the package that offers it, not the file in which it was written."""
    name = install("jackfield-weather", modules={})
    install("facade", f"from {name} import get_it as get", modules={"weather.get": "{}:get"})
    catalog = Catalog(entries(), ALL)

    assert catalog.id_of(catalog.load_module("weather.get")) == "weather.get"


def test_another_distribution_may_add_modules_to_a_connector(install: Install, entries: Entries) -> None:
    """Nobody has to ask the owner of the connector."""
    install("jackfield-weather")
    install("more-weather", modules={"weather.more": "{}:get_it"})

    catalog = Catalog(entries(), ALL)

    assert catalog.module_ids == ("weather.get_it", "weather.more", "weather.set_it")
    assert catalog.broken == ()


# What is not served.


def test_what_is_denied_is_neither_listed_nor_imported(install: Install, entries: Entries) -> None:
    """Who asks for it is told why it is not there; everything else is."""
    name = install("jackfield-weather")
    install("other", modules={"other.get": "{}:get_it"})

    catalog = Catalog(entries(), PluginPolicy(deny=frozenset({"Jackfield_Weather"})))

    assert catalog.module_ids == ("other.get",)
    assert catalog.connector_ids == ()
    assert {problem.stage for problem in catalog.broken} == {"denied"}
    assert {problem.name for problem in catalog.broken} == {"weather", "weather.get_it", "weather.set_it"}
    for load, wanted in ((catalog.load_module, "weather.get_it"), (catalog.load_connector, "weather")):
        with pytest.raises(PluginError, match="denied") as caught:
            load(wanted)
        assert caught.value.stage == "denied"
        assert "jackfield plugin allow jackfield-weather" in caught.value.hint
    assert name not in sys.modules


def test_a_list_of_the_allowed_leaves_all_others_out(install: Install, entries: Entries) -> None:
    """The same the other way round."""
    install("jackfield-weather")
    install("other", modules={"other.get": "{}:get_it"})

    assert Catalog(entries(), PluginPolicy(allow=frozenset({"other"}))).module_ids == ("other.get",)


def test_a_denied_module_keeps_its_id(install: Install, entries: Entries) -> None:
    """So that whoever holds the object cannot run it as if it were nobody's."""
    install("jackfield-weather")
    found = Catalog(entries(), ALL).load_module("weather.get_it")

    denying = Catalog(entries(), PluginPolicy(deny=frozenset({"jackfield-weather"})))

    assert denying.id_of(found) == "weather.get_it"
    assert "weather.get_it" not in denying.module_ids


def test_two_owners_of_one_name_are_both_named_and_neither_is_served(install: Install, entries: Entries) -> None:
    """Whoever came second might be an impostor, and nobody can tell which that is."""
    install("jackfield-weather")
    install("evil", connectors={"weather": "{}"}, modules={"weather.get_it": "{}:get_it"}, plugins={"p": "{}"})

    catalog = Catalog(entries(), ALL)

    assert catalog.module_ids == ("weather.set_it",)
    assert catalog.connector_ids == ()
    assert set(stages(catalog)) == {
        ("weather", "duplicate"),
        ("weather.get_it", "duplicate"),
    }
    for problem in catalog.broken:
        assert sorted(problem.distributions) == ["evil", "jackfield-weather"]
        assert "jackfield plugin deny evil" in problem.hint
    with pytest.raises(PluginError, match=r"evil|jackfield-weather"):
        catalog.load_module("weather.get_it")


def test_denying_one_of_two_owners_serves_the_other(install: Install, entries: Entries) -> None:
    """That is the remedy which the report names."""
    install("jackfield-weather")
    install("evil", connectors={"weather": "{}"}, modules={"weather.get_it": "{}:get_it"})

    catalog = Catalog(entries(), PluginPolicy(deny=frozenset({"evil"})))

    assert catalog.module_ids == ("weather.get_it", "weather.set_it")
    assert catalog.connector_entry("weather").distribution == "jackfield-weather"
    assert {problem.stage for problem in catalog.broken} == {"denied"}


def test_the_same_name_in_two_groups_is_no_clash(install: Install, entries: Entries) -> None:
    """A command may be called as a connector is."""
    install("a", connectors={"weather": "{}"})
    install("b", plugins={"weather": "{}"}, commands={"weather": "{}:x"})

    assert Catalog(entries(), ALL).broken == ()


def test_a_module_in_code_wins_no_clash(install: Install, entries: Entries) -> None:
    """It is one of two owners like any other."""
    install("jackfield-weather")

    catalog = Catalog(entries(), ALL, {"weather.get_it": given, "weather.own": given})

    assert catalog.module_ids == ("weather.own", "weather.set_it")
    (problem,) = catalog.broken
    assert sorted(problem.distributions) == ["jackfield-weather", IN_CODE]
    assert problem.hint == "Choose: `jackfield plugin deny jackfield-weather`."


@pytest.mark.parametrize(
    "bad", ["weather", "Weather.get", "weather.get-it", "weather.get.it", "1weather.get", "weather.", "weather.get it"]
)
def test_a_malformed_id_is_a_problem_of_its_distribution(install: Install, entries: Entries, bad: str) -> None:
    """Ids are typed, put into URLs and made into names of tools."""
    install("other", modules={bad: "{}:get_it", "other.get": "{}:get_it"})

    catalog = Catalog(entries(), ALL, {bad: given})

    assert catalog.module_ids == ("other.get",)
    assert set(stages(catalog)) == {(bad, "object")}
    assert {problem.distributions for problem in catalog.broken} == {("other",), (IN_CODE,)}
    with pytest.raises(PluginError, match=r"must be spelt connector\.name"):
        catalog.load_module(bad)


def test_a_malformed_value_is_known_without_an_import(install: Install, entries: Entries) -> None:
    """The metadata alone shows it."""
    install("other", connectors={"Other": "{}"}, modules={"other.get": "not an object"})

    catalog = Catalog(entries(), ALL)

    assert catalog.module_ids == catalog.connector_ids == ()
    assert [problem.stage for problem in catalog.broken] == ["object", "object"]


def test_what_is_given_in_code_must_be_a_module() -> None:
    """A function that nobody decorated is none."""
    catalog = Catalog([], ALL, {"mine.given": lambda form, _: form})  # type: ignore[dict-item]

    assert catalog.module_ids == ()
    with pytest.raises(PluginError, match="is a function"):
        catalog.load_module("mine.given")


def test_hidden_modules_are_as_if_they_were_not_there(install: Install, entries: Entries) -> None:
    """By id, by alias, and among what may have been meant."""
    install("jackfield-weather")
    catalog = Catalog(entries(), ALL)

    catalog.hide({"weather.get_it", "no.such"})
    catalog.hide([])

    assert catalog.module_ids == ("weather.set_it",)
    for wanted in ("weather.get_it", "old-weather:GetIt"):
        with pytest.raises(UnknownModuleError) as caught:
            catalog.load_module(wanted)
        assert "weather.get_it" not in caught.value.suggestions


# What does not work.


def test_a_broken_module_stops_no_other(install: Install, entries: Entries) -> None:
    """It is reported once it was tried, by the same error each time, and its code does not run again."""
    install("jackfield-weather")
    install("broken", "import sys\nsys.exit(7)", modules={"broken.get": "{}:x"}, plugins={"broken": "{}"})
    install("wrong", modules={"wrong.get": "{}:account"})
    install("late", "", head="Requires-Dist: jackfield>=999\n", modules={"late.get": "{}:x"})
    catalog = Catalog(entries(), ALL)
    assert stages(catalog) == []

    for _ in range(2):
        for name, stage in (("broken.get", "import"), ("wrong.get", "object"), ("late.get", "incompatible")):
            with pytest.raises(PluginError) as caught:
                catalog.load_module(name)
            assert caught.value.stage == stage

    assert stages(catalog) == [
        ("broken.get", "import"),
        ("wrong.get", "object"),
        ("late.get", "incompatible"),
    ]
    assert catalog.load_module("weather.get_it").label == "Get"
    assert "broken.get" in catalog.module_ids


def test_plugins_that_fail_are_reported_and_the_others_loaded(install: Install, entries: Entries) -> None:
    """The host never stops for one of them."""
    good = install("good", "x = 1", plugins={"good": "{}", "also": "{}:x"})
    install("broken", "raise RuntimeError('on purpose')", plugins={"broken": "{}"})
    install("nothing", "x = None", plugins={"nothing": "{}:x"})
    catalog = Catalog(entries(), ALL)

    loaded = catalog.load_plugins()

    assert [(entry.name, plugin) for entry, plugin in loaded] == [("also", 1), ("good", sys.modules[good])]
    assert set(stages(catalog)) == {
        ("broken", "import"),
        ("nothing", "object"),
    }


def test_what_a_host_finds_out_later_is_reported_too(install: Install, entries: Entries) -> None:
    """Such as a plugin that cannot be registered."""
    install("good", "", plugins={"good": "{}"})
    catalog = Catalog(entries(), ALL)
    ((entry, _),) = catalog.load_plugins()

    catalog.report(entry, PluginError("no such hook", stage="register", hint="look"))

    (problem,) = catalog.broken
    assert (problem.group, problem.name, problem.stage) == ("jackfield.plugins", "good", "register")
    assert (problem.distributions, problem.message, problem.hint) == (("good",), "no such hook", "look")


# What somebody may have meant.


def test_an_alias_is_as_good_as_an_id(install: Install, entries: Entries) -> None:
    """Other products' names for a module find it, whatever else is broken."""
    install("jackfield-weather")
    install("a-broken", "raise RuntimeError", modules={"a.broken": "{}:x"})

    found = Catalog(entries(), ALL).load_module("old-weather:GetIt")

    assert found.label == "Get"


def test_an_alias_of_two_modules_is_none(install: Install, entries: Entries) -> None:
    """Whoever used it must say which of them is meant."""
    install("jackfield-weather")

    with pytest.raises(UnknownModuleError) as caught:
        Catalog(entries(), ALL).load_module("both")

    assert caught.value.suggestions == ("weather.get_it", "weather.set_it")


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("weather.get_itt", "weather.get_it"),
        ("wether.set_it", "weather.set_it"),
        ("get_it", "weather.get_it"),
        ("other.set_it", "weather.set_it"),
        ("Weather:GetIt", "weather.get_it"),
        ("completely.different", None),
        ("", None),
        ("x" * 1_000_000, None),
    ],
    ids=["typo", "typo in the connector", "last part", "other connector", "other spelling", "nothing", "empty", "long"],
)
def test_an_unknown_id_brings_up_close_ones(install: Install, entries: Entries, wanted: str, first: str | None) -> None:
    """Closest first; none if nothing is close."""
    install("jackfield-weather")

    with pytest.raises(UnknownModuleError) as caught:
        Catalog(entries(), ALL).load_module(wanted)

    assert next(iter(caught.value.suggestions), None) == first
    assert "jackfield module list" in caught.value.hint
