"""What stands behind a Host: the catalog, the plugins, and the making of operations."""

import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from jackfield._engine.catalog import Catalog
from jackfield._engine.claims import Claim
from jackfield._engine.clients import Surroundings
from jackfield._engine.conversion import read_values
from jackfield._engine.discovery import PluginPolicy
from jackfield._engine.dynamic import known_form
from jackfield._engine.execution import (
    Recorder,
    context_for,
    defect_of,
    execution_by,
    guarded,
    keep_quiet,
    sending_by,
    telling_defects,
)
from jackfield._engine.file_flow import accepted
from jackfield._engine.filled import check_narrowed, filled_form
from jackfield._engine.index import read_entries
from jackfield._engine.options import check_run
from jackfield._engine.paths import asks_the_service
from jackfield._engine.plugins import Hooks, Plugins
from jackfield._engine.pricing import Prices
from jackfield._engine.resolve import Connections
from jackfield._engine.saved_inputs import current_form, is_saved
from jackfield._engine.telling import started_event, told
from jackfield._engine.withholding import withhold
from jackfield._home import Home
from jackfield._http.forking import forget_after_fork
from jackfield._http.limits import Cancellation, Deadline
from jackfield.connections import Connection, ConnectionType
from jackfield.defaults import Defaults
from jackfield.errors import InputError, JackfieldError, PluginError, UnknownModuleError
from jackfield.forms import Form
from jackfield.modules import AnyModule, Context, Effect, Module
from jackfield.operations import Event, Execution, Operation, Purpose

T = TypeVar("T")


class Runtime:
    """The private half of a Host; arguments as there."""

    def __init__(
        self,
        *,
        plugins: Sequence[object],
        modules: Mapping[str, AnyModule] | None,
        discover: bool,
        environ: Mapping[str, str] | None,
        around: Surroundings,
        choices_dir: Path | None = None,
    ) -> None:
        self.around, self.home = around, Home.find(environ)
        entries = read_entries(self.home.cache) if discover else ()
        self.catalog = Catalog(entries, PluginPolicy.load(self.home), modules)
        self._defaults = Defaults(
            around=around, environ=environ, hooks_for=self.hooks_for, emit=self.emit, choices_dir=choices_dir
        )
        self.lookup, self.way = self._defaults.lookup, self._defaults.way
        self._plugins = Plugins(self._defaults)
        for number, plugin in enumerate(plugins, 1):
            self._plugins.add_given(plugin, f"{type(plugin).__name__} (given, {number})")
        self._extended = bool(plugins)
        self.forget()
        forget_after_fork(self)
        self._found: dict[str | AnyModule, tuple[str, AnyModule]] = {}
        self._types: dict[tuple[str, ConnectionType], tuple[str, tuple[Claim, ...]]] = {}
        self._joined: set[str] = set()
        self._connections = Connections()
        self._prices = Prices(self.hooks_for)
        self._registered = self._loaded = self._closed = False

    def forget(self) -> None:
        """Make new locks: in a child process a vanished thread may hold them."""
        self._lock = threading.RLock()
        self.around.store.forget()

    def close(self) -> None:
        """Close every connection."""
        self._closed = True
        self._defaults.transport.close()
        self.around.store.close()

    def check_open(self) -> None:
        """Go on, unless it was closed.

        Raises:
            InputError: It was.
        """
        if self._closed:
            message = "This host is closed."
            raise InputError(message, hint="Use it inside its `with` block, or make a new one.")

    # Plugins.

    def load_plugins(self) -> None:
        """Load the plugins that extend the host, once, before the first hook is called."""
        with self._lock:
            if not self._loaded:
                self._loaded = True  # first, since a plugin may ask for hooks while it loads
                try:
                    self._load_plugins()
                except BaseException:
                    self._loaded = False  # a policy that failed is asked again, and not passed over
                    raise

    def _load_plugins(self) -> None:
        found = () if self._registered else self.catalog.load_plugins()
        self._registered = True
        for entry, plugin in found:
            try:
                self._plugins.add(plugin, entry.name, (entry.distribution,))
            except PluginError as error:
                self.catalog.report(entry, error)
            else:
                self._extended = True
        if self._extended:
            self._hide()

    def _hide(self) -> None:
        for ids in self._plugins.hooks("").hide_modules(module_ids=self.catalog.module_ids):
            if isinstance(ids, str) or not isinstance(ids, Collection):
                message = (
                    f"A plugin answered the hook 'hide_modules' with {type(ids).__name__}, not with a list of ids."
                )
                raise PluginError(message, stage="hook")
            self.catalog.hide(ids)

    def has_plugin(self, plugin: object) -> bool:
        """Tell whether a plugin that extends the host is registered."""
        self.load_plugins()
        return self._plugins.has(plugin)

    def hooks_for(self, owned_id: str) -> Hooks:
        """Give the hooks as they are for a module or connection type: those of the host and of its own connector."""
        if not self._loaded:
            self.load_plugins()
        return self._plugins.hooks(owned_id)

    def _join_connector(self, owned_id: str) -> None:
        connector_id = owned_id.partition(".")[0]
        if connector_id in self._joined:
            return
        connector = self.catalog.load_connector(connector_id)
        with self._lock:
            if connector is not None:
                entry = self.catalog.connector_entry(connector_id)
                try:
                    self._plugins.add_connector(connector.plugin, connector.id, (entry.distribution,))
                except PluginError as error:
                    self.catalog.report(entry, error)
                    raise
            self._joined.add(connector_id)

    def emit(self, event: Event) -> None:
        """Tell the plugins about an event; a plugin that fails at it is logged and changes nothing."""
        self._plugins.tell(event)

    # Modules and operations.

    def find(self, module: str | AnyModule) -> tuple[str, AnyModule]:
        """Give a module and its id.

        Raises:
            UnknownModuleError: There is none, or a policy hides it.
            PluginError: It is there and cannot be used.
        """
        self.check_open()
        given: object = module
        if not isinstance(given, str | Module):
            message = f"A module is given by its id or its declaration, not by a Python {type(module).__name__}."
            raise InputError(message, hint="Put @module(...) on the function, or give the id as text.")
        known = self._found.get(module)
        if known is None:
            self.load_plugins()
            known = self._found[module] = self._look_up(module)
        return known

    def _look_up(self, module: str | AnyModule) -> tuple[str, AnyModule]:
        if isinstance(module, str):
            found = self.catalog.load_module(module)
            is_id = module in self.catalog.module_ids  # not an alias; one declaration may have two ids
            return module if is_id else self.catalog.id_of(found) or module, found
        module_id = self.catalog.id_of(module)
        if not module_id:
            return module.reference, module
        if module_id not in self.catalog.module_ids:
            raise UnknownModuleError(module_id)
        return module_id, module

    @telling_defects
    def operation(
        self,
        module: str | AnyModule,
        form: object,
        *,
        connection: str | Mapping[str, object] | None = None,
        deadline_s: float | None = None,
        idempotency_key: str = "",
        cancellation: Cancellation | None = None,
        confidential: bool = False,
    ) -> Operation:
        """Check what a caller gave, and make the operation to run."""
        module_id, found = self.find(module)
        try:
            current, note = current_form(found, module_id, form) if is_saved(form) else (form, "")
            filled, resolved = self._taken(module_id, found, current, connection)
        except JackfieldError as error:
            if confidential:
                withhold(error, found)
            raise
        return self._make(
            module_id,
            found,
            form=filled,
            connection=resolved,
            effect=found.effect_of(filled),
            note=note,
            deadline_s=deadline_s,
            idempotency_key=idempotency_key,
            cancellation=cancellation,
            confidential=confidential,
        )

    def _taken(
        self, module_id: str, module: AnyModule, form: object, connection: str | Mapping[str, object] | None
    ) -> tuple[Any, Connection | None]:
        filled = self._filled(module_id, module, form)
        resolved = self._resolve(module_id, module.connection, connection)
        self._check_narrowed(module_id, module, filled, resolved)
        return filled, resolved

    def _filled(self, module_id: str, module: AnyModule, form: object) -> Any:
        return filled_form(module, module_id, form, lambda found: accepted(found, self.around.store, subject=module_id))

    @telling_defects
    def check_form(self, module: str | AnyModule, form: object) -> None:
        """Go on with an input that a module takes, as far as that can be told without a connection."""
        module_id, found = self.find(module)
        current = current_form(found, module_id, form)[0] if is_saved(form) else form
        self._check_narrowed(module_id, found, self._filled(module_id, found, current), None)

    @telling_defects
    def question(
        self,
        module: str | AnyModule,
        field: str = "",
        *,
        connection: str | Mapping[str, object] | None = None,
        deadline_s: float | None = None,
        idempotency_key: str = "",
        cancellation: Cancellation | None = None,
        confidential: bool = False,
    ) -> Operation:
        """Make the operation that asks what a field offers; it has a connection only if the service is asked.

        Without a field, it asks for the form itself.
        """
        module_id, found = self.find(module)
        asks = not field or asks_the_service(found.form, field)
        return self._make(
            module_id,
            found,
            connection=self._resolve(module_id, found.connection if asks else None, connection),
            purpose=Purpose.CHOICES,
            deadline_s=deadline_s,
            idempotency_key=idempotency_key,
            cancellation=cancellation,
            confidential=confidential,
        )

    def connection_type(self, type_id: str) -> ConnectionType:
        """Give a connection type; InputError if there is none."""
        self.check_open()
        self.load_plugins()
        return self.catalog.load_connection_type(type_id)

    @telling_defects
    def check(
        self,
        type_id: str,
        *,
        connection: str | Mapping[str, object] | None = None,
        deadline_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> Operation:
        """Make the operation that proves a connection."""
        connection_type = self.connection_type(type_id)
        resolved = self._resolve(type_id, connection_type, connection)
        return self._make(
            type_id, None, connection=resolved, purpose=Purpose.CHECK, deadline_s=deadline_s, cancellation=cancellation
        )

    def _resolve(
        self, owned_id: str, connection_type: ConnectionType | None, given: str | Mapping[str, object] | None
    ) -> Connection | None:
        self._join_connector(owned_id)
        if connection_type is None:
            return None
        known = self._types.get((owned_id, connection_type))
        if known is None:
            type_id = self.catalog.type_id(owned_id, connection_type)
            claims = self.catalog.claims(owned_id, type_id, connection_type)
            known = self._types[owned_id, connection_type] = (type_id, claims)
        type_id, claims = known
        return self._connections.get(given, connection_type, type_id, self.hooks_for(owned_id), claims)

    def _make(
        self,
        module_id: str,
        module: AnyModule | None,
        *,
        connection: Connection | None,
        form: object = None,
        purpose: Purpose = Purpose.RUN,
        effect: Effect = Effect.READ,
        note: str = "",
        deadline_s: float | None = None,
        idempotency_key: str = "",
        cancellation: Cancellation | None = None,
        confidential: bool = False,
    ) -> Operation:
        check_run(confidential, idempotency_key, cancellation)
        operation_id = os.urandom(16).hex()
        if deadline_s is None:
            own = connection.type.timeout_s if connection else None
            deadline_s = (own(connection.form) if own and connection else None) or self.around.settings.deadline_s
        return Operation(
            id=operation_id,
            module_id=module_id,
            module=module,
            form=form,
            connection=connection,
            purpose=purpose,
            effect=effect,
            deadline=Deadline(deadline_s),
            cancellation=cancellation or Cancellation(),
            idempotency_key=idempotency_key or operation_id,
            price=self._prices.of(module_id, connection),
            confidential=confidential,
            note=note,
            programs=self.around.programs,
        )

    def _check_narrowed(self, module_id: str, module: AnyModule, filled: object, connection: Connection | None) -> None:
        hooks = self.hooks_for(module_id)
        if hooks.narrows:
            narrow = partial(hooks.module_fields, module=module, module_id=module_id, connection=connection)
            check_narrowed(module, module_id, filled, narrow, connection.view() if connection else None)

    # Runs.

    def started(self, operation: Operation) -> Execution:
        """Give the run of an operation; if anybody listens, with an event at its start and at its end."""
        self._plugins.look_who_stands_aside()
        hooks = self.hooks_for(operation.module_id)
        execution = guarded(operation, execution_by(operation, hooks))
        return told(operation, execution, self.emit) if hooks.listens else execution

    def form(self, operation: Operation, values: Mapping[str, object], hooks: Hooks, context: Context) -> Form:
        """Give a module's form as this host shows it beside some values, with all that must be asked for."""
        module = operation.module
        assert module is not None  # noqa: S101  forms are asked for modules
        read = read_values(module.form, [slot.key for slot in module.form.slots], values)
        shown: Form = hooks.module_fields(
            module=module, module_id=operation.module_id, values=read, connection=operation.connection
        )
        return known_form(operation, shown, read, hooks, context)

    def asked(self, operation: Operation, ask: Callable[[Hooks, Context], T]) -> T:
        """Ask the service a question; its errors are ours, and hold no secret."""
        self._plugins.look_who_stands_aside()
        hooks = self.hooks_for(operation.module_id)
        if hooks.listens:
            self.emit(started_event(operation))
        recorder = Recorder(operation, self.emit if hooks.listens else None, self.around.settings)
        try:
            return ask(hooks, context_for(operation, recorder, self.around, sending_by(hooks)))
        except JackfieldError as error:
            keep_quiet(error, operation)
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  somebody else's code; raised again as a PluginError
            defect = defect_of(error, operation)
        raise defect  # here, so that it stands alone if its cause was taken away

    def narrowed(self, module: AnyModule, module_id: str, values: Mapping[str, object]) -> Form:
        """Give a module's form as the plugins of this host show it."""
        hooks = self.hooks_for(module_id)
        form: Form = hooks.module_fields(module=module, module_id=module_id, values=values, connection=None)
        return form
