"""The plugins of one host, and which of them see what.

Registration, specs, wrappers and ordering are pluggy's. What it lacks is here: a plugin that cannot be registered is
reported and stops nobody, defaults on hook implementations are refused, and a connector's hooks are called for its own
modules and connections only.
"""

import inspect
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pluggy

from jackfield import hookspecs
from jackfield.errors import PluginError
from jackfield.operations import Event

_logger = logging.getLogger("jackfield")
_HOOKS = tuple(name for name, value in vars(hookspecs).items() if hasattr(value, "jackfield_spec"))


class Hooks(SimpleNamespace):
    """One callable for each hook, limited to those who may see what it is called for.

    Attributes:
        listens: Whether anybody implements ``on_event``.
        narrows: Whether anybody but core implements ``module_fields``.
        prices: Whether anybody implements ``price_usage``.
    """

    listens: bool
    narrows: bool
    prices: bool


class Plugins:
    """Registers plugins and hands out the hooks."""

    def __init__(self, defaults: object) -> None:
        self._known: list[tuple[str, object]] = [("jackfield", defaults)]
        self._host = self._manager()
        self._connectors: dict[str, pluggy.PluginManager] = {}
        self._hooks: dict[str, Hooks] = {}
        self._aside: list[object] = []
        self._can_stand_aside = False

    def add(self, plugin: object, name: str, distributions: Sequence[str] = ()) -> None:
        """Register a plugin that sees every module and connection; to be done before connectors are.

        Raises:
            PluginError: It is registered already, or one of its hooks is not what the specification says.
        """
        _register(self._host, plugin, name, distributions)
        self._known.append((name, plugin))
        self._hooks = {}
        self._can_stand_aside = bool(self._host.hook.stand_aside.get_hookimpls())

    def look_who_stands_aside(self) -> None:
        """Ask the plugins which of them have nothing to do, so that their hooks are not called."""
        if not self._can_stand_aside:
            return
        aside = [one.plugin for one in self._host.hook.stand_aside.get_hookimpls() if _stands_aside(one)]
        if [*map(id, aside)] != [*map(id, self._aside)]:
            self._aside = aside
            self._hooks = {}  # a new one, after the other: what another thread makes of the old state is not found

    def add_given(self, plugin: object, name: str) -> None:
        """Register a plugin that a program gives: it gives it for its hooks.

        Raises:
            PluginError: It has none, or was given before; else as ``add``.
        """
        if not _implements(plugin, name, ()):
            what, hint = f"a Python {type(plugin).__name__}", "Mark its methods with @hookimpl."
            if isinstance(plugin, type):
                what, hint = f"the class {plugin.__name__}", f"Give an instance: {plugin.__name__}()."
            message = f"Host(plugins=...) was given {what}, which has no hooks."
            raise PluginError(message, stage="register", hint=hint)
        if any(known is plugin for _, known in self._known):
            message = f"Host(plugins=...) was given {name.partition(' ')[0]} twice."
            raise PluginError(message, stage="register", hint="Give each plugin once.")
        self.add(plugin, name)

    def has(self, plugin: object) -> bool:
        """Tell whether a plugin was added."""
        return any(known is plugin for _, known in self._known)

    def add_connector(self, plugin: object, connector_id: str, distributions: Sequence[str] = ()) -> None:
        """Register the hooks of a connector, which see only what is its own; a second time does nothing.

        Raises:
            PluginError: One of its hooks is not what the specification says.
        """
        if connector_id in self._connectors:
            return
        name, manager = f"connector:{connector_id}", self._host
        if _implements(plugin, name, distributions):
            # Not pluggy's subset_hook_caller: what it gave to other connectors before would call this one, too.
            manager = self._manager()
            _register(manager, plugin, name, distributions)
        self._connectors[connector_id] = manager
        self._hooks = {}  # a new one: what another thread makes of the old state goes where nobody looks

    def hooks(self, owned_id: str) -> Hooks:
        """Give the hooks as they are for one connector, by an id of what it owns; an empty one leaves all out."""
        made = self._hooks
        found = made.get(owned_id)
        if found is None:
            connector_id = owned_id.partition(".")[0]
            manager = self._connectors.get(connector_id, self._host)
            aside = self._aside
            callers: dict[str, pluggy.HookCaller] = {
                name: manager.subset_hook_caller(name, aside) if aside else getattr(manager.hook, name)
                for name in _HOOKS
            }
            counts = {name: len(caller.get_hookimpls()) for name, caller in callers.items()}
            found = made[owned_id] = Hooks(
                **{name: _shortest(caller) for name, caller in callers.items()},
                listens=counts["on_event"] > 0,
                narrows=counts["module_fields"] > 1,
                prices=counts["price_usage"] > 0,
            )
        return found

    def tell(self, event: Event) -> None:
        """Call ``on_event``; a plugin that fails at it is logged and changes nothing."""
        try:
            self.hooks(event.module_id).on_event(event=event)
        except (Exception, SystemExit):
            _logger.warning("A plugin failed at %s of %s", type(event).__name__, event.module_id, exc_info=True)

    def _manager(self) -> pluggy.PluginManager:
        manager = pluggy.PluginManager("jackfield")
        manager.add_hookspecs(hookspecs)
        for name, plugin in self._known:
            manager.register(plugin, name)
        return manager


def _register(manager: pluggy.PluginManager, plugin: object, name: str, distributions: Sequence[str]) -> None:
    _implements(plugin, name, distributions)
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except (Exception, SystemExit) as error:  # pluggy 1.6 evaluates properties: anything may come
        # pluggy 1.6 leaves a plugin that fails half registered.
        if manager.get_plugin(name) is plugin:
            manager.unregister(plugin)
        raise _refused(name, _reason(error, plugin, name), distributions) from error


def _stands_aside(one: pluggy.HookImpl) -> bool:
    try:
        hashable = getattr(type(one.plugin), "__hash__", None) is not None  # pluggy keeps those left out in a set
        return hashable and one.function() is True
    except (Exception, SystemExit):
        _logger.warning("The plugin %s failed at stand_aside.", one.plugin_name, exc_info=True)
        return False


def _implements(plugin: object, name: str, distributions: Sequence[str]) -> bool:
    """Say whether a plugin has any hook.

    Raises:
        PluginError: One has a default, or the plugin cannot be looked into.
    """
    try:
        return _count_hooks(plugin) > 0
    except (Exception, SystemExit) as error:
        raise _refused(name, _reason(error, plugin, name), distributions) from error


def _reason(error: BaseException, plugin: object, name: str) -> str:
    """Give what an error says, without how the plugin shows itself, which may hold what nobody is to see."""
    said = str(error)
    with suppress(Exception):  # somebody else's __repr__
        said = said.replace(repr(plugin), name)
    return " ".join(said.split()) or type(error).__name__


def _refused(name: str, reason: str, distributions: Sequence[str]) -> PluginError:
    message = f"The plugin {name!r} cannot be registered: {reason}"
    hint = "Compare its hooks with jackfield.hookspecs: names and arguments must be the same."
    return PluginError(message, distributions=distributions, stage="register", hint=hint)


def _shortest(caller: pluggy.HookCaller) -> Callable[..., Any]:
    """Give the hook itself; or its only implementation, which need not go through pluggy's loop (2 us each time)."""
    implementations = caller.get_hookimpls()
    if len(implementations) != 1 or implementations[0].wrapper or implementations[0].hookwrapper:
        return caller
    function, names = implementations[0].function, implementations[0].argnames
    first = bool(caller.spec and caller.spec.opts.get("firstresult"))

    def call(**given: Any) -> Any:
        answer = function(*[given[name] for name in names])
        if first:
            return answer
        return [] if answer is None else [answer]

    return call


def _count_hooks(plugin: object) -> int:
    # pluggy 1.6 passes the default, 1.7 the value, so a default makes a plugin behave differently on each.
    count = 0
    for name in dir(plugin) if inspect.ismodule(plugin) else dir(type(plugin)):
        function: Any = inspect.getattr_static(plugin, name, None)
        if not hasattr(function, "jackfield_impl"):
            continue
        count += 1
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is not parameter.empty:
                message = (
                    f"the hook {name!r} gives {parameter.name!r} a default, which pluggy 1.6 and 1.7 treat differently"
                )
                raise TypeError(message)
    return count
