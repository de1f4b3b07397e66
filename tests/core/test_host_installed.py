"""What a Host does with connectors and plugins that are installed."""

import sys
from collections.abc import Callable, Iterator

import pytest

from jackfield import Host, InputError, PluginError

Install = Callable[..., str]

CONNECTOR = '''"""{title}: a connector with hooks."""

from attrs import frozen

from jackfield import ConnectionType, Context, Effect, hookimpl, module

seen = []


@frozen(kw_only=True)
class Nothing:
    """Nothing at all."""


account = ConnectionType(label="{title}", form=Nothing, origin="https://service.example")


@module(label="Do It", connection=account, effect=Effect.READ)
def do_it(form: Nothing, context: Context) -> Nothing:
    """Do it."""
    context.warn("done")
    return form


@hookimpl
def find_connection(name, type_id):
    seen.append(("find_connection", type_id))


@hookimpl
def on_event(event):
    seen.append((type(event).__name__, event.module_id))
'''

PLUGIN = '''"""A plugin of the host."""

from jackfield import hookimpl

seen = []


@hookimpl
def on_event(event):
    seen.append(event.module_id)
'''

MISSPELT = PLUGIN.replace("on_event", "on_evnt")


@pytest.fixture
def connect(install: Install) -> Callable[[str], str]:
    """Install a connector with one module and hooks of its own."""

    def make(name: str) -> str:
        return install(
            f"jackfield-{name}",
            CONNECTOR.format(title=name.title()),
            connectors={name: "{}"},
            modules={f"{name}.do_it": "{}:do_it"},
        )

    return make


@pytest.fixture
def host() -> Iterator[Host]:
    """Give a host of what is installed when it is first used."""
    with Host(environ={}) as host:
        yield host


def test_a_connectors_hooks_see_only_what_is_its_own(connect: Callable[[str], str]) -> None:
    """Neither the connections nor the events of another connector, whichever was loaded first."""
    ours, theirs = connect("ours"), connect("theirs")

    with Host() as host:
        for module_id in ("ours.do_it", "theirs.do_it", "ours.do_it"):
            host.run(module_id)

    assert {owner for _, owner in sys.modules[ours].seen} == {"ours.account", "ours.do_it"}
    assert {owner for _, owner in sys.modules[theirs].seen} == {"theirs.account", "theirs.do_it"}
    assert [name for name, _ in sys.modules[theirs].seen] == [
        "find_connection",
        "OperationStarted",
        "WarningRaised",
        "OperationFinished",
    ]


def test_a_plugin_of_the_host_sees_everything(install: Install, connect: Callable[[str], str]) -> None:
    """It is loaded before the first hook is called, without being named anywhere."""
    name = install("jackfield-watch", PLUGIN, plugins={"watch": "{}"})
    connect("ours")
    connect("theirs")

    with Host() as host:
        host.run("ours.do_it")
        host.run("theirs.do_it")

    assert set(sys.modules[name].seen) == {"ours.do_it", "theirs.do_it"}


def test_a_plugin_that_cannot_be_registered_is_reported_and_stops_nobody(
    install: Install, connect: Callable[[str], str]
) -> None:
    """A misspelt hook would never be called, so its plugin is refused by name."""
    install("jackfield-misspelt", MISSPELT, plugins={"misspelt": "{}"})
    connect("ours")

    with Host() as host:
        result = host.run("ours.do_it")
        (problem,) = [problem for problem in host.broken if problem.name == "misspelt"]

    assert result.warnings == ("done",)
    assert (problem.stage, problem.distributions) == ("register", ("jackfield-misspelt",))
    assert "on_evnt" in problem.message


def test_a_connector_with_a_wrong_hook_is_an_error_of_its_own_modules_only(
    install: Install, connect: Callable[[str], str]
) -> None:
    """The others run, before and after."""
    wrong = (
        CONNECTOR.format(title="Wrong").replace("def on_event(event)", "def on_event(evnt)").replace("event.", "evnt.")
    )
    install("jackfield-wrong", wrong, connectors={"wrong": "{}"}, modules={"wrong.do_it": "{}:do_it"})
    connect("ours")

    with Host() as host:
        host.run("ours.do_it")
        with pytest.raises(PluginError, match="evnt"):
            host.run("wrong.do_it")
        assert host.run("ours.do_it").attempts == 0


def test_listing_imports_no_connector(connect: Callable[[str], str]) -> None:
    """Ids, owners and versions are metadata; a kind is read from the code."""
    name = connect("ours")

    with Host() as host:
        (handle,) = [handle for handle in host.modules() if handle.id == "ours.do_it"]
        (connector,) = [handle for handle in host.connectors() if handle.id == "ours"]
        listed = (handle.distribution, handle.version, connector.distribution, connector.module_ids)
        untouched = name not in sys.modules
        label = handle.label

    assert listed == ("jackfield-ours", "1.0", "jackfield-ours", ("ours.do_it",))
    assert untouched
    assert label == "Do It"
    assert name in sys.modules


def test_a_connector_tells_what_it_is(connect: Callable[[str], str], host: Host) -> None:
    """Title, description and connection types come from its package."""
    connect("ours")

    with Host() as fresh:
        connector = fresh.connector("ours")

        assert (connector.title, connector.description) == ("Ours", "Ours: a connector with hooks.")
        assert list(connector.connection_types) == ["ours.account"]
        assert fresh.module("ours.do_it").connection_type_id == "ours.account"
        assert fresh.check_connection("ours.account").label == ""


def test_an_unknown_connector_is_answered_with_those_that_there_are(connect: Callable[[str], str]) -> None:
    """So is an unknown connection type."""
    connect("ours")

    with Host() as host:
        with pytest.raises(InputError, match=r"no connector 'our'\. Installed: .*ours"):
            host.connector("our")
        with pytest.raises(InputError, match=r"no connection type 'ours\.acount'"):
            host.check_connection("ours.acount")


def test_a_schema_is_titled_by_the_module(connect: Callable[[str], str]) -> None:
    """Who reads a schema wants to know what the module does."""
    connect("ours")

    with Host() as host:
        schema = host.module("ours.do_it").schema()

    assert (schema["title"], schema["description"]) == ("Do It", "Do it.")
