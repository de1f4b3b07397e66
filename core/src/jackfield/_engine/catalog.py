"""What is installed: known by name from metadata, loaded when it is first asked for, reported where it is broken."""

import inspect
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from attrs import frozen

from jackfield._engine.claims import Claim, claims_of
from jackfield._engine.discovery import PluginPolicy, PluginProblem, load_entry, split_value, told
from jackfield._engine.index import GROUPS, Entry
from jackfield._engine.suggestions import close_ids, close_names
from jackfield.connections import ConnectionType
from jackfield.errors import InputError, PluginError, UnknownModuleError
from jackfield.modules import AnyModule, Module

ALIASES = "jackfield.aliases"
MODULES = "jackfield.modules"
CONNECTORS = "jackfield.connectors"
PLUGINS = "jackfield.plugins"

IN_CODE = "this program"
"""Stands for a distribution where a module was given in code."""

_WORD = "[a-z][a-z0-9_]*"
_NAMES = {MODULES: (re.compile(rf"{_WORD}\.{_WORD}"), "connector.name"), CONNECTORS: (re.compile(_WORD), "name")}


@frozen(kw_only=True)
class Connector:
    """A package that was loaded.

    Attributes:
        id: As in the entry point.
        title: What a person reads.
        description: What it is for, in sentences.
        plugin: The object whose hooks are called.
        connection_types: How its services are reached, by id: ``weather.account``.
    """

    id: str
    title: str
    description: str
    plugin: object
    connection_types: Mapping[str, ConnectionType]


class Catalog:
    """What is installed and allowed.

    Args:
        entries: What the metadata says.
        policy: Whose entries are not served.
        modules: Modules given in code, by id. One whose id an entry has too clashes with it, and neither is served.
    """

    def __init__(
        self, entries: Sequence[Entry], policy: PluginPolicy, modules: Mapping[str, AnyModule] | None = None
    ) -> None:
        self._problems: dict[tuple[str, str, tuple[str, ...]], PluginProblem] = {}
        self._failed: dict[Entry, PluginProblem] = {}
        self._loaded: dict[Entry, object] = {}
        self._hidden: frozenset[str] = frozenset()
        self._pins = policy.checked_pins()
        self._given = dict(modules or {})
        self._installed = tuple(entry for entry in entries if entry.group == MODULES)
        claims = [*entries, *(Entry(MODULES, name, "", IN_CODE, "") for name in self._given)]
        # Several may answer to one product's names; what is denied is told of their other entries.
        named = [entry for entry in entries if entry.group == ALIASES and not policy.denies(entry.distribution)]
        self._answering = frozenset((entry.name, entry.distribution) for entry in named)
        self._served = {group: self._sift(group, claims, policy) for group in sorted(GROUPS - {ALIASES})}

    # What there is. Nothing here imports anything.

    @property
    def module_ids(self) -> tuple[str, ...]:
        """The modules that can be loaded, sorted; without those that are denied, clash or are hidden."""
        return tuple(sorted(self._served[MODULES].keys() - self._hidden))

    @property
    def connector_ids(self) -> tuple[str, ...]:
        """The connectors that can be loaded, sorted."""
        return tuple(sorted(self._served[CONNECTORS]))

    @property
    def broken(self) -> tuple[PluginProblem, ...]:
        """What cannot be used, and why: what was known without an import, then what has failed since."""
        return tuple(self._problems.values())

    def hide(self, ids: Collection[str]) -> None:
        """Make modules as unknown as if they were not installed."""
        self._hidden |= frozenset(ids)

    def entry(self, module_id: str) -> Entry | None:
        """Say who provides a module; ``None`` for one that was given in code or is not there."""
        return None if module_id in self._given else self._served[MODULES].get(module_id)

    def connector_entry(self, connector_id: str) -> Entry:
        """Say who provides a connector.

        Raises:
            KeyError: Nobody; it is not in ``connector_ids``.
        """
        return self._served[CONNECTORS][connector_id]

    def report(self, entry: Entry, error: PluginError) -> PluginProblem:
        """Put what somebody found out about an entry among ``broken``."""
        owners = error.distributions or (entry.distribution,)
        problem = PluginProblem(
            group=entry.group,
            name=entry.name,
            distributions=owners,
            stage=error.stage,
            message=error.message,
            hint=error.hint,
        )
        self._problems[entry.group, entry.name, owners] = problem
        return problem

    # Modules.

    def load_module(self, module_id: str) -> AnyModule:
        """Give a module.

        Args:
            module_id: Its id; or one of its aliases, for which the modules of those packages are imported whose
                metadata says that they answer to such names.

        Raises:
            UnknownModuleError: None has that id, or it is hidden.
            PluginError: It is installed and cannot be used.
        """
        if module_id not in self._hidden:
            if module_id in self._served[MODULES]:
                return self._module(module_id)
            self._raise_problem(MODULES, module_id)
        names = [(alias, found) for alias, found in self._names_like(module_id) if found not in self._hidden]
        meant = [found for alias, found in names if alias == module_id]
        if len(meant) == 1:
            return self._module(meant[0])
        suggestions = meant or close_ids(module_id, [*self.module_ids, *(alias for alias, _ in names)])
        raise UnknownModuleError(module_id, suggestions, hint="`jackfield module list` shows every module.")

    def id_of(self, module: AnyModule) -> str:
        """Give the id under which a module is known, hidden and denied ones too; empty if nobody registered it."""
        given = (name for name, found in self._given.items() if found is module)
        installed = (entry.name for entry in self._installed if _is_at(module, entry.value))
        return next(given, "") or next(installed, "")

    def _module(self, module_id: str) -> AnyModule:
        if module_id in self._given:
            return self._given[module_id]
        module = self._load(self._served[MODULES][module_id], Module)
        assert isinstance(module, Module)  # noqa: S101  load_entry has seen to it
        return module

    def _names_like(self, alias: str) -> Iterator[tuple[str, str]]:
        """Give the names that other people have for modules, with the ids: all of the product that an alias names."""
        product = alias.partition(":")[0]
        for module_id, entry in sorted(self._served[MODULES].items()):
            if module_id in self._given:
                module: object = self._given[module_id]
            else:
                module = self._try(entry, Module) if (product, entry.distribution) in self._answering else None
            if isinstance(module, Module):
                yield from ((name, module_id) for name in module.aliases if name.partition(":")[0] == product)

    # Connectors and plugins.

    def load_connector(self, connector_id: str) -> Connector | None:
        """Give a connector; ``None`` if nobody registered one with that id.

        Raises:
            PluginError: It is installed and cannot be used.
        """
        entry = self._served[CONNECTORS].get(connector_id)
        if entry is not None:
            return self._connector(entry)
        self._raise_problem(CONNECTORS, connector_id)
        return None

    def load_connection_type(self, type_id: str) -> ConnectionType:
        """Give a connection type, importing its connector.

        Raises:
            InputError: There is none.
            PluginError: Its connector cannot be used.
        """
        connector = self.load_connector(type_id.partition(".")[0])
        found = connector.connection_types.get(type_id) if connector else None
        if found is None:
            known = connector.connection_types if connector else ()
            there = f" There are: {', '.join(known)}." if known else ""
            message = f"There is no connection type {type_id!r}.{close_names(type_id, known) or there}"
            raise InputError(message, hint="`jackfield connector list` shows the connectors.")
        return found

    def type_id(self, module_id: str, connection_type: ConnectionType) -> str:
        """Give the id of a connection type that a module uses; empty if no connector has it.

        Looked for in the connector that the module's id names, then in those of the module's own distribution, since
        it may add to somebody else's connector.
        """
        entry = self.entry(module_id)
        connectors = self._served[CONNECTORS]
        first = connectors.get(module_id.partition(".")[0])
        mine = [own for own in connectors.values() if entry and own.distribution == entry.distribution]
        for own in [first, *mine] if first else mine:
            with suppress(PluginError):  # it is among those that are broken
                for type_id, found in self._connector(own).connection_types.items():
                    if found is connection_type:
                        return type_id
        return ""

    def claims(self, owned_id: str, type_id: str, connection_type: ConnectionType) -> tuple[Claim, ...]:
        """Find the secrets of a connection type whose variables are named after somebody else's connector.

        Args:
            owned_id: Of the module or connection type for which it is used.
            type_id: Of the type; empty if no connector has it.
            connection_type: The type. One that was given in code is the program's own, and may name what it likes.
        """
        connectors = self._served[CONNECTORS]
        mine = connectors.get(type_id.partition(".")[0]) or self.entry(owned_id)
        return claims_of(connection_type, mine, connectors.values()) if mine else ()

    def _connector(self, entry: Entry) -> Connector:
        plugin = self._load(entry, object)
        try:
            return _connector(entry.name, plugin)
        except (Exception, SystemExit) as error:  # it has a __dir__ or a docstring of its own making
            message = f"The connector {entry.name!r} of {entry.distribution} cannot be looked into: {told(error)}"
            failure = PluginError(message, distributions=(entry.distribution,), stage="object")
            self._failed[entry] = self.report(entry, failure)
            raise failure from error

    def load_plugins(self) -> list[tuple[Entry, object]]:
        """Load all plugins that extend the host; those that fail are among ``broken`` afterwards."""
        entries = sorted(self._served[PLUGINS].values())
        loaded = [(entry, self._try(entry, object)) for entry in entries]
        return [(entry, plugin) for entry, plugin in loaded if plugin is not None]

    # How it is found out.

    def _sift(self, group: str, entries: Iterable[Entry], policy: PluginPolicy) -> dict[str, Entry]:
        """Choose the entries that can be loaded, and report the others."""
        claims: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.group == group:
                try:
                    self._check(entry, policy)
                except PluginError as error:
                    self.report(entry, error)
                else:
                    claims.setdefault(entry.name, []).append(entry)
        for claimed in claims.values():
            if len(claimed) > 1:
                self.report(claimed[0], _clash(claimed))
        return {name: claimed[0] for name, claimed in claims.items() if len(claimed) == 1}

    def _check(self, entry: Entry, policy: PluginPolicy) -> None:
        owner = entry.distribution
        if owner == IN_CODE:
            _check_name(entry)
            given: object = self._given[entry.name]
            if not isinstance(given, Module):
                message = f"The module {entry.name!r} given in code must be a Module, and is a {type(given).__name__}."
                raise PluginError(message, distributions=(owner,), stage="object", hint="Decorate it with @module.")
        elif policy.denies(owner):
            message = f"{owner} is denied, so its {_kind(entry)} {entry.name!r} is not used."
            hint = f"`jackfield plugin allow {owner}` allows it."
            raise PluginError(message, distributions=(owner,), stage="denied", hint=hint)
        else:
            _check_name(entry)
            split_value(entry)

    def _load(self, entry: Entry, kind: type) -> object:
        """Load what an entry names, once, whether that succeeds or fails."""
        if entry in self._failed:
            raise _error_of(self._failed[entry])
        if entry not in self._loaded:
            try:
                self._loaded[entry] = load_entry(entry, kind, self._pins)
            except PluginError as error:
                self._failed[entry] = self.report(entry, error)
                raise
        return self._loaded[entry]

    def _try(self, entry: Entry, kind: type) -> object | None:
        try:
            return self._load(entry, kind)
        except PluginError:
            return None

    def _raise_problem(self, group: str, name: str) -> None:
        for problem in self.broken:
            if (problem.group, problem.name) == (group, name):
                raise _error_of(problem)


def _kind(entry: Entry) -> str:
    return entry.group.removeprefix("jackfield.").removesuffix("s")


def _check_name(entry: Entry) -> None:
    pattern, shape = _NAMES.get(entry.group, (None, ""))
    if pattern is not None and not pattern.fullmatch(entry.name):
        message = f"{entry.distribution} calls a {_kind(entry)} {entry.name!r}; its id must be spelt {shape}."
        hint = "In small letters, digits and underscores, each word beginning with a letter."
        raise PluginError(message, distributions=(entry.distribution,), stage="object", hint=hint)


def _clash(claimed: Sequence[Entry]) -> PluginError:
    owners = [entry.distribution for entry in claimed]
    ways = [f"`jackfield plugin deny {owner}`" for owner in owners if owner != IN_CODE]
    name = f"{_kind(claimed[0])} {claimed[0].name!r}"
    message = f"The {name} is provided by {' and by '.join(owners)}, so none of them is used."
    return PluginError(message, distributions=owners, stage="duplicate", hint=f"Choose: {' or '.join(ways)}.")


def _error_of(problem: PluginProblem) -> PluginError:
    return PluginError(problem.message, distributions=problem.distributions, stage=problem.stage, hint=problem.hint)


def _is_at(module: AnyModule, value: str) -> bool:
    """Say whether a module is what an entry point names: where it was made, or where it was imported to."""
    name, _, attribute = value.replace(" ", "").partition(":")
    if f"{name}:{attribute}" == module.reference:
        return True
    place = sys.modules.get(name)  # anything: a package may have put something else than a Python module there
    return place is not None and inspect.getattr_static(place, attribute, None) is module


def _connector(connector_id: str, plugin: object) -> Connector:
    description = inspect.getdoc(plugin) or ""
    return Connector(
        id=connector_id,
        title=re.split(r"[:.](?:\s|$)", description.partition("\n")[0], maxsplit=1)[0].strip() or connector_id,
        description=description,
        plugin=plugin,
        connection_types=_connection_types(connector_id, plugin),
    )


def _connection_types(connector_id: str, plugin: object) -> dict[str, ConnectionType]:
    # Static, so that neither a property nor a lazy module's __getattr__ runs.
    named = {name: inspect.getattr_static(plugin, name, None) for name in sorted(dir(plugin)) if name[0] != "_"}
    return {f"{connector_id}.{name}": value for name, value in named.items() if isinstance(value, ConnectionType)}
