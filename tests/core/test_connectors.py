import sys
from collections.abc import Callable

import pytest

from jackfield import ConnectionType, PluginError
from jackfield._engine.catalog import Catalog
from jackfield._engine.discovery import PluginPolicy
from jackfield._engine.index import Entry

Install = Callable[..., str]
Entries = Callable[[], tuple[Entry, ...]]

ALL = PluginPolicy()

HOOKS = '''"""Hooks of a connector."""

from attrs import frozen

from jackfield import ConnectionType


@frozen
class Nothing:
    """Nothing at all."""


class Hooks:
    """Weather hooks. More."""

    account = ConnectionType(label="Weather", form=Nothing, origin="https://weather.example")

    @property
    def trap(self):
        """Never looked at."""
        raise SystemExit


hooks = Hooks()
'''


def test_a_connector_is_read_from_its_package(install: Install, entries: Entries) -> None:
    """Title and description are its docstring; connection types are its public attributes."""
    name = install("jackfield-weather")

    connector = Catalog(entries(), ALL).load_connector("weather")

    assert connector is not None
    assert (connector.id, connector.title) == ("weather", "Weather")
    assert connector.description.endswith("From a service that does not exist.")
    assert connector.plugin is sys.modules[name]
    assert list(connector.connection_types) == ["weather.account", "weather.second"]


@pytest.mark.parametrize(
    ("docstring", "title"),
    [("Weather.", "Weather"), ("Node.js: a connector", "Node.js"), ("  \n  Two words\n", "Two words"), ("", "a")],
)
def test_the_title_is_the_beginning_of_the_docstring(
    install: Install, entries: Entries, docstring: str, title: str
) -> None:
    """Up to the first colon or full stop; the id if there is no docstring."""
    install("a", f"{docstring!r}" if docstring else "", connectors={"a": "{}"})

    connector = Catalog(entries(), ALL).load_connector("a")

    assert connector is not None
    assert connector.title == title


def test_a_connector_may_be_an_object(install: Install, entries: Entries) -> None:
    """Its hooks are methods then, and nothing of it runs while it is looked at."""
    install("a", HOOKS, connectors={"weather": "{}:hooks"})

    connector = Catalog(entries(), ALL).load_connector("weather")

    assert connector is not None
    assert connector.title == "Weather hooks"
    assert list(connector.connection_types) == ["weather.account"]


def test_a_connector_that_nobody_registered_is_none() -> None:
    """Modules need not belong to one."""
    assert Catalog([], ALL).load_connector("weather") is None


def test_a_broken_connector_is_reported(install: Install, entries: Entries) -> None:
    """As any other plugin is."""
    install("a", "raise RuntimeError", connectors={"a": "{}"})
    catalog = Catalog(entries(), ALL)

    with pytest.raises(PluginError, match=r"The connector 'a' of a 1\.0 cannot be imported: RuntimeError"):
        catalog.load_connector("a")

    assert [problem.group for problem in catalog.broken] == ["jackfield.connectors"]


def test_the_id_of_a_connection_type_is_that_of_its_connector(install: Install, entries: Entries) -> None:
    """Also for modules that others add, which may use the connector's own account or bring one."""
    weather = install("jackfield-weather")
    install("more", f"from {weather} import get_it", modules={"weather.more": "{}:get_it"})
    install("own", connectors={"own": "{}"}, modules={"weather.own": "{}:get_it", "nobody.own": "{}:get_it"})
    install("lost", modules={"weather.lost": "{}:get_it"})
    catalog = Catalog(entries(), ALL)

    def type_id(module_id: str) -> str:
        connection = catalog.load_module(module_id).connection
        assert isinstance(connection, ConnectionType)
        return catalog.type_id(module_id, connection)

    ids = ["weather.get_it", "weather.set_it", "weather.more", "weather.own", "nobody.own", "weather.lost"]
    assert [type_id(module_id) for module_id in ids] == [
        "weather.account",
        "weather.second",
        "weather.account",
        "own.account",
        "own.account",
        "",
    ]


def test_a_broken_connector_has_no_connection_types(install: Install, entries: Entries) -> None:
    """Asking for the id is not what stops a run."""
    install("a", "raise RuntimeError", connectors={"weather": "{}"})
    install("b", modules={"weather.get": "{}:get_it"})
    catalog = Catalog(entries(), ALL)
    connection = catalog.load_module("weather.get").connection
    assert connection is not None

    assert catalog.type_id("weather.get", connection) == ""
