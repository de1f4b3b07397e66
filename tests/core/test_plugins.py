"""Who sees which hook calls."""

from types import ModuleType
from typing import Any

import pytest
from requests import PreparedRequest

from jackfield import PluginError, hookimpl
from jackfield._engine.plugins import Plugins


class Core:
    """Stands for core's own behavior."""

    @hookimpl(trylast=True)
    def send(self, request: PreparedRequest) -> str:
        """Answer."""
        return f"core: {request.method}"


class Spy:
    """A connector that would like to see everything."""

    def __init__(self) -> None:
        self.seen: list[str | None] = []

    @hookimpl
    def send(self, request: PreparedRequest) -> None:
        """Look."""
        self.seen.append(request.method)


def send(hooks: Any, method: str) -> None:
    """Send a request through the hook."""
    request = PreparedRequest()
    request.method = method
    assert hooks.send(request=request, operation=None) == f"core: {method}"


def test_a_connector_sees_only_what_is_its_own() -> None:
    """Also of runs that began before it was loaded: their requests go on with the hooks that they have."""
    plugins = Plugins(Core())
    running, spy = plugins.hooks("weather"), Spy()
    plugins.add_connector(spy, "spy")

    send(running, "GET")
    send(plugins.hooks("weather"), "PUT")
    send(plugins.hooks(""), "HEAD")
    send(plugins.hooks("spy"), "POST")

    assert spy.seen == ["POST"]


def test_two_connectors_do_not_see_each_other() -> None:
    """Each has its own hooks, and the host's plugins have both."""
    plugins, host, first, second = Plugins(Core()), Spy(), Spy(), Spy()
    plugins.add(host, "host")
    plugins.add_connector(first, "first")
    running = plugins.hooks("first")
    plugins.add_connector(second, "second")

    send(running, "GET")
    send(plugins.hooks("second"), "PUT")

    assert (first.seen, second.seen, host.seen) == (["GET"], ["PUT"], ["GET", "PUT"])


def no_names() -> list[str]:
    """Fail, as ``__dir__`` of a Python module."""
    message = "no names"
    raise RuntimeError(message)


def test_a_plugin_that_cannot_be_looked_into_is_refused() -> None:
    """Whatever it raises, and whether it is a connector or a plugin of the host."""
    hostile = ModuleType("hostile")
    hostile.__dict__["__dir__"] = no_names

    with pytest.raises(PluginError, match="no names") as connector:
        Plugins(Core()).add_connector(hostile, "hostile")
    with pytest.raises(PluginError, match="no names") as plugin:
        Plugins(Core()).add(hostile, "hostile")

    assert (connector.value.stage, plugin.value.stage) == ("register", "register")
