"""The plugins of one host, and which of them see what.

Registration, specs, wrappers and ordering are pluggy's. What it lacks is here: a plugin that cannot be registered is
reported and stops nobody, defaults on hook implementations are refused, and a connector's hooks are called for its own
modules and connections only.
"""

import inspect
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pluggy

from jackfield import hookspecs
from jackfield.errors import PluginError

_HOOKS = tuple(name for name, value in vars(hookspecs).items() if hasattr(value, "jackfield_spec"))


class Hooks(SimpleNamespace):
    """One callable for each hook, limited to those who may see what it is called for."""


class Plugins:
    """Registers plugins and hands out the hooks."""

    def __init__(self, defaults: object) -> None:
        self._manager = pluggy.PluginManager("jackfield")
        self._manager.add_hookspecs(hookspecs)
        self._manager.register(defaults, "jackfield")
        self._connectors: dict[str, object] = {}
        self._hooks: dict[str, Hooks] = {}

    def add(self, plugin: object, name: str, distributions: Sequence[str] = ()) -> None:
        """Register a plugin that sees every module and connection.

        Raises:
            PluginError: It is registered already, or one of its hooks is not what the specification says.
        """
        self._register(plugin, name, distributions)
        self._hooks.clear()

    def add_connector(self, plugin: object, connector_id: str, distributions: Sequence[str] = ()) -> None:
        """Register the hooks of a connector, which see only what is its own; a second time does nothing.

        Raises:
            PluginError: One of its hooks is not what the specification says.
        """
        if connector_id in self._connectors:
            return
        self._register(plugin, f"connector:{connector_id}", distributions)
        self._connectors[connector_id] = plugin
        self._hooks.clear()

    def hooks(self, connector_id: str) -> Hooks:
        """Give the hooks as they are for one connector; an empty id leaves all connectors out."""
        found = self._hooks.get(connector_id)
        if found is None:
            others = [plugin for owner, plugin in self._connectors.items() if owner != connector_id]
            callers = {name: self._manager.subset_hook_caller(name, others) for name in _HOOKS}
            found = self._hooks[connector_id] = Hooks(**callers)
        return found

    def _register(self, plugin: object, name: str, distributions: Sequence[str]) -> None:
        try:
            _refuse_defaults(plugin)
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError, TypeError) as error:
            # pluggy 1.6 leaves a plugin that fails half registered.
            if self._manager.get_plugin(name) is plugin:
                self._manager.unregister(plugin)
            reason = str(error).replace("\n", " ")
            message = f"The plugin {name!r} cannot be registered: {reason}"
            hint = "Compare its hooks with jackfield.hookspecs: names and arguments must be the same."
            raise PluginError(message, distributions=distributions, stage="register", hint=hint) from error


def _refuse_defaults(plugin: object) -> None:
    # pluggy 1.6 passes the default, 1.7 the value, so a default makes a plugin behave differently on each.
    for name in dir(plugin) if inspect.ismodule(plugin) else dir(type(plugin)):
        function: Any = inspect.getattr_static(plugin, name, None)
        if not hasattr(function, "jackfield_impl"):
            continue
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is not parameter.empty:
                message = (
                    f"the hook {name!r} gives {parameter.name!r} a default, which pluggy 1.6 and 1.7 treat differently"
                )
                raise TypeError(message)
