import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from attrs import frozen

from jackfield import ConnectionType, Host, HttpSettings, InputError, Password, PluginError, Secret
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


MODULE = (
    HOOKS.partition("class Hooks")[0]
    + '''
from jackfield import Context, module

account = ConnectionType(label="Odd", form=Nothing, origin="https://odd.example")


@module(label="Get", connection=account)
def get_it(form: Nothing, context: Context) -> Nothing:
    """Get it."""
    return form
'''
)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Keep what a host remembers apart from everybody else's."""
    return {"JACKFIELD_HOME": str(tmp_path / "home")}


HOSTILE = {
    "an error that is none": "class Odd(BaseException): ...\n\n\nraise Odd",
    "names that fail": "def __dir__():\n    raise RuntimeError('no names')",
    "a description that fails": """
import sys


class Odd:
    @property
    def __doc__(self):
        raise SystemExit


sys.modules[__name__] = Odd()
""",
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE)
def test_a_connector_that_cannot_be_looked_into_is_broken(install: Install, home: dict[str, str], code: str) -> None:
    """Whatever it raises; its neighbors go on."""
    install("jackfield-hostile", code, connectors={"hostile": "{}"}, modules={"hostile.get_it": "{}:get_it"})
    install("jackfield-weather")

    with Host(environ=home) as host:
        for _ in range(2):
            with pytest.raises(PluginError):
                _ = host.connector("hostile").connection_types
        assert host.connector("weather").title == "Weather"
        broken = {problem.name for problem in host.broken}

    assert "hostile" in broken


def test_a_python_module_may_be_replaced_by_anything(install: Install, home: dict[str, str]) -> None:
    """Some packages put an object into sys.modules in place of themselves."""
    code = MODULE + "\nimport sys\nclass Slim:\n    __slots__ = ('get_it',)\n\n\nslim = Slim()\n"
    code += "slim.get_it = get_it\nsys.modules[__name__] = slim\n"
    install("jackfield-slim", code, modules={"slim.get_it": "{}:get_it"})

    with Host(environ=home) as host:
        assert host.module("slim.get_it").label == "Get"


def test_a_connector_whose_hooks_are_wrong_is_broken(install: Install, home: dict[str, str]) -> None:
    """It is refused each time, and listed with whoever provides it."""
    code = MODULE + "\nfrom jackfield import hookimpl\n\n\n@hookimpl\ndef sent(request):\n    pass\n"
    install("jackfield-odd", code, connectors={"odd": "{}"}, modules={"odd.get_it": "{}:get_it"})

    with Host(environ=home) as host:
        for _ in range(2):
            with pytest.raises(PluginError, match="sent"):
                host.run("odd.get_it")
        found = [(problem.name, problem.stage, problem.distributions) for problem in host.broken]

    assert found == [("odd", "register", ("jackfield-odd",))]


def test_a_connector_gives_the_schema_of_its_connections(install: Install, home: dict[str, str]) -> None:
    """A page can draw the form of a connection; a type that is not there is an error that names those that are."""
    install("jackfield-weather")

    with Host(environ=home) as host:
        schema = host.connector("weather").connection_schema("weather.account")
        with pytest.raises(InputError, match="There are: weather"):
            host.connector("weather").connection_schema("weather.none")

    assert schema["title"] == "Weather"
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {}


def test_a_host_tells_the_settings_that_it_goes_by() -> None:
    """A program that serves a host to others can look whether it is fit for them."""
    with Host(discover=False, settings=HttpSettings(allow_local=False)) as host:
        assert host.settings.allow_local is False


@frozen(kw_only=True)
class Key:
    key: Annotated[Secret, Password(label="Key")]


MEANINGLESS = {
    "no address": ({"origin": ""}, "origin is ''"),
    "a number for an address": ({"origin": 3}, "origin is 3"),
    "a number for what authorizes": ({"authorize": 3}, "authorize is 3"),
    "a text for what authorizes": ({"authorize": "X-Key"}, "authorize is 'X-Key'"),
    "a check that is none": ({"check": 3}, "check is 3"),
    "failures that are none": ({"read_error": {}}, "read_error is a Python dict"),
    "a time that is no function": ({"timeout_s": 3}, "timeout_s is 3"),
}


@pytest.mark.parametrize(("said", "words"), MEANINGLESS.values(), ids=MEANINGLESS)
def test_a_connection_type_that_cannot_be_meant_is_refused_where_it_is_declared(
    said: dict[str, Any], words: str
) -> None:
    """Not when the first user of it runs something; the hint says what would mean something."""
    given: dict[str, Any] = {"label": "Key", "form": Key, "origin": "https://api.example", **said}

    with pytest.raises(PluginError, match=f"ConnectionType 'Key': {words}") as refused:
        ConnectionType(**given)

    assert refused.value.hint.startswith("Give ")
