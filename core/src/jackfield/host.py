"""What a program that embeds Jackfield holds in its hand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Literal, NoReturn, Self, TypeVar, Unpack, overload

import attrs

from jackfield._bars import with_bar
from jackfield._calling import CallMethods
from jackfield._checks import ConnectionMethods
from jackfield._engine.clients import surroundings
from jackfield._engine.discovery import PluginProblem
from jackfield._engine.dumping import to_json
from jackfield._engine.handles import ConnectorHandle, ModuleHandle, connector_handle, module_handle
from jackfield._engine.offers import told_choices
from jackfield._engine.options import cancellation_in, check_kind, refuse_to_be_kept
from jackfield._engine.preview import Preview, PreviewRequest, preview
from jackfield._engine.stream import Stream, finished
from jackfield._engine.threads import Threads, map_in_order
from jackfield._http.limits import HttpSettings
from jackfield._logins import LoginMethods
from jackfield._runtime import Runtime
from jackfield._watching import WatchMethods
from jackfield.errors import InputError, JackfieldError
from jackfield.forms import Form
from jackfield.modules import AnyModule, Context, Module
from jackfield.operations import Choices, Failure, Result, RunOptions
from jackfield.programs import ProgramSettings
from jackfield.storage import FileSettings, FileStore

__all__ = [
    "ConnectorHandle",
    "Host",
    "ModuleHandle",
    "PluginProblem",
    "Preview",
    "PreviewRequest",
    "Stream",
    "to_json",
]

FormT = TypeVar("FormT")
OutputT = TypeVar("OutputT")
PieceT = TypeVar("PieceT")

_EMPTY: Mapping[str, object] = MappingProxyType({})


class Host(CallMethods, ConnectionMethods, LoginMethods, WatchMethods):
    """Finds what is installed, and runs it.

    Making one imports no connector and sends nothing. It is thread-safe and fork-safe, keeps no global state, and two
    of them share nothing. Close it, or use it as a context manager.

    Its connectors are attributes, and their modules can be called with fields and options as keywords:
    ``host.openai.create_chat_completion(model=..., messages=[...], deadline_s=10)`` is as ``run``; ``.arun(...)``,
    ``.stream(...)``, ``.preview(...)`` and ``.map([...])`` are there too. ``jackfield stubs`` writes types for these.

    Args:
        plugins: More plugins, as objects with ``@hookimpl`` methods: a test's replay, a policy, a host's credentials.
        modules: Modules by id, beside those that are installed: for frozen applications and notebooks.
        discover: Whether installed connectors and plugins are found by their entry points.
        environ: Where connections, references and ``JACKFIELD_HOME`` are looked up; the process's environment without.
        settings: Limits and ways of going out to the network.
        files: Where files are kept, and which ones of this machine an input may name.
        choices_dir: A directory where lists of choices that services gave are kept for other processes, without any
            secret; without it they are kept in memory.
        allow_commands: Whether a secret may be what a program prints: a Reference with the scheme ``command``.
        programs: Which programs of this machine connections may start; none without.
    """

    def __init__(
        self,
        *,
        plugins: Sequence[object] = (),
        modules: Mapping[str, AnyModule] | None = None,
        discover: bool = True,
        environ: Mapping[str, str] | None = None,
        settings: HttpSettings | None = None,
        files: FileSettings | None = None,
        choices_dir: Path | None = None,
        allow_commands: bool = False,
        programs: ProgramSettings | None = None,
    ) -> None:
        check_kind("discover", discover, bool, "True or False")
        check_kind("plugins", plugins, Iterable, "a list of plugins")
        check_kind("modules", modules, Mapping, "modules by id")
        check_kind("environ", environ, Mapping, "texts by name")
        self._runtime = Runtime(
            plugins=plugins or (),
            modules=modules,
            discover=discover,
            environ=environ,
            around=surroundings(settings, files, programs, allow_commands=allow_commands),
            choices_dir=None if choices_dir is None else Path(choices_dir),
        )
        self._threads = Threads(most=64)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __reduce__(self) -> NoReturn:
        """Refuse: see there."""
        refuse_to_be_kept("A Host", "Make one in each process.")

    def close(self) -> None:
        """Close every connection and end every thread of this host; what ``arun`` still runs is cancelled.

        Its files go, unless ``FileSettings(directory=...)`` keeps them. A second time does nothing.
        """
        self._threads.close()
        self._runtime.close()

    # What there is.

    @property
    def broken(self) -> tuple[PluginProblem, ...]:
        """What is installed and cannot be used, and why: known from metadata, and what has failed since."""
        return self._runtime.catalog.broken

    def has_plugin(self, plugin: object) -> bool:
        """Tell whether the hooks of a plugin are called here: this very object, given in code or installed."""
        return self._runtime.has_plugin(plugin)

    @property
    def settings(self) -> HttpSettings:
        """The limits and ways of going out to the network that it goes by."""
        return self._runtime.around.settings

    @property
    def files(self) -> FileStore:
        """The files of this host: those that modules made, and those that a program adds for them to use."""
        return self._runtime.around.store

    def modules(self) -> tuple[ModuleHandle, ...]:
        """Give every module, sorted by id. Imports none of them."""
        self._runtime.load_plugins()
        catalog = self._runtime.catalog
        return tuple(module_handle(catalog, module_id, *self._ways) for module_id in catalog.module_ids)

    @property
    def _ways(self) -> tuple[Any, Any, Any]:
        return self._runtime.narrowed, self.run, self._runtime.check_form

    def module(self, module: str | AnyModule) -> ModuleHandle:
        """Give one module, by id, alias or declaration.

        Raises:
            UnknownModuleError: There is none.
            PluginError: It is there and cannot be used.
        """
        module_id, found = self._runtime.find(module)
        asked_as = module if isinstance(module, str) and module != module_id else ""
        return module_handle(self._runtime.catalog, module_id, *self._ways, module=found, asked_as=asked_as)

    def connectors(self) -> tuple[ConnectorHandle, ...]:
        """Give every connector, sorted by id. Imports none of them."""
        self._runtime.load_plugins()
        catalog = self._runtime.catalog
        return tuple(connector_handle(catalog, connector_id) for connector_id in catalog.connector_ids)

    def connector(self, connector_id: str) -> ConnectorHandle:
        """Give one connector.

        Raises:
            InputError: There is none.
            PluginError: It is there and cannot be used.
        """
        self._runtime.load_plugins()
        known_ids = self._runtime.catalog.connector_ids
        if connector_id not in known_ids:
            self._runtime.catalog.load_connector(connector_id)  # raises what is known of one that is denied or clashes
            known = ", ".join(known_ids) or "none"
            message = f"There is no connector {connector_id!r}. Installed: {known}."
            raise InputError(message)
        return connector_handle(self._runtime.catalog, connector_id)

    # What it does.

    @overload
    def run(
        self,
        module: Module[FormT, OutputT, Any],
        form: FormT | Mapping[str, object] = _EMPTY,
        *,
        dry_run: Literal[False] = False,
        **options: Unpack[RunOptions],
    ) -> Result[OutputT]: ...
    @overload
    def run(
        self, module: str, form: object = _EMPTY, *, dry_run: Literal[False] = False, **options: Unpack[RunOptions]
    ) -> Result[Any]: ...
    @overload
    def run(
        self, module: str | AnyModule, form: object = _EMPTY, *, dry_run: Literal[True], **options: Unpack[RunOptions]
    ) -> Preview: ...
    def run(
        self, module: str | AnyModule, form: object = _EMPTY, *, dry_run: bool = False, **options: Unpack[RunOptions]
    ) -> Result[Any] | Preview:
        """Run a module once.

        Args:
            module: Its id, an alias, or the declaration itself.
            form: Its input: an instance of the module's form, or the same as JSON values; empty without.
            dry_run: Whether to give the request that would be sent, secrets masked, instead of sending it.
            **options: See RunOptions.

        Raises:
            InputError: The module is unknown, or the input breaks its form; nothing was sent.
            NoConnectionError: There is nothing to authorize with.
            RemoteError: The service answered with a failure, after retries where a repeat is harmless.
            TransportError: No whole answer came, after retries where a repeat is harmless.
            AnswerError: The answer is not what the module declares.
            LimitError: A limit was hit.
            DeadlineError: The time ran out.
            OperationCancelledError: It was cancelled.
            PluginError: The connector or a plugin cannot be used, or has a defect.
        """
        if dry_run:
            return self.preview(module, form, **options)
        return finished(self._runtime.started(self._runtime.operation(module, form, **options)))

    def preview(
        self, module: str | AnyModule, form: object = _EMPTY, *, streaming: bool = False, **options: Unpack[RunOptions]
    ) -> Preview:
        """Give the request that a run would send first, secrets masked, and send nothing.

        Args:
            module: As in ``run``.
            form: As in ``run``.
            streaming: Whether to give what ``stream`` would send, instead of what ``run`` would.
            **options: See RunOptions.

        Raises:
            InputError: As in ``run``; also NoConnectionError and PluginError.
        """
        operation = attrs.evolve(self._runtime.operation(module, form, **options), streaming=streaming)
        return preview(operation, self._runtime.hooks_for(operation.module_id), self._runtime.around)

    @overload
    def stream(
        self,
        module: Module[FormT, OutputT, PieceT],
        form: FormT | Mapping[str, object] = _EMPTY,
        **options: Unpack[RunOptions],
    ) -> Stream[OutputT, PieceT]: ...
    @overload
    def stream(self, module: str, form: object = _EMPTY, **options: Unpack[RunOptions]) -> Stream[Any, Any]: ...
    def stream(self, module: str | AnyModule, form: object = _EMPTY, **options: Unpack[RunOptions]) -> Stream[Any, Any]:
        """Run a module and give its pieces as they come; arguments and errors as in ``run``."""
        operation = attrs.evolve(self._runtime.operation(module, form, **options), streaming=True)
        return Stream(self._runtime.started(operation), operation.cancellation)

    def map(
        self,
        module: str | Module[FormT, OutputT, Any],
        forms: Iterable[FormT | Mapping[str, object]],
        *,
        concurrency: int = 8,
        progress: bool = True,
        **options: Unpack[RunOptions],
    ) -> Iterator[Result[OutputT] | Failure]:
        """Run a module for each of many inputs, several at once.

        Inputs are taken as lazily as results are asked for, at most twice ``concurrency`` ahead. Closing the iterator
        cancels what runs.

        Args:
            module: As in ``run``.
            forms: The inputs.
            concurrency: How many run at once.
            progress: Whether a notebook shows how far it is.
            **options: See RunOptions; ``deadline_s`` is for each item.

        Returns:
            For each input, in order, its result, or a Failure with the error that ``run`` would have raised.

        Raises:
            InputError: The module is unknown, the inputs are a single one, or ``concurrency`` is less than 1.
        """
        given: object = concurrency
        if not isinstance(given, int) or given < 1:
            message = f"concurrency must be a whole number of at least 1, was {concurrency!r}."
            raise InputError(message)
        if isinstance(forms, str | Mapping):
            message = "map takes many inputs, and was given one."
            raise InputError(message, hint="Put it in a list: [form].")
        self._runtime.find(module)
        cancellation = cancellation_in(options)

        def call(form: object) -> Result[OutputT] | Failure:
            try:
                return finished(self._runtime.started(self._runtime.operation(module, form, **options)))
            except JackfieldError as error:
                return Failure(error=error)

        outcomes = map_in_order(call, forms, concurrency, cancellation.cancel)
        return with_bar(outcomes, forms) if progress else outcomes

    @overload
    async def arun(
        self,
        module: Module[FormT, OutputT, Any],
        form: FormT | Mapping[str, object] = _EMPTY,
        **options: Unpack[RunOptions],
    ) -> Result[OutputT]: ...
    @overload
    async def arun(self, module: str, form: object = _EMPTY, **options: Unpack[RunOptions]) -> Result[Any]: ...
    async def arun(self, module: str | AnyModule, form: object = _EMPTY, **options: Unpack[RunOptions]) -> Result[Any]:
        """Run a module once without holding up the event loop; cancelling the task cancels the operation."""
        import asyncio  # noqa: PLC0415  its import costs what a command line without it need not pay

        self._runtime.check_open()
        cancellation = cancellation_in(options)
        future = self._threads.submit(
            lambda: finished(self._runtime.started(self._runtime.operation(module, form, **options))),
            cancellation.cancel,
        )
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            cancellation.cancel()
            raise

    def choices(
        self,
        module: str | AnyModule,
        field: str,
        *,
        query: str = "",
        values: Mapping[str, object] = _EMPTY,
        max_age_s: float | None = None,
        **options: Unpack[RunOptions],
    ) -> Choices:
        """Give what a field offers.

        What a service was asked for is kept for a while, and given after that, too, if the service is away; the answer
        says how old it is and why.

        Args:
            module: As in ``run``.
            field: Its path in the form: ``model``, ``messages.role``.
            query: Only what has this text in its value or label, whatever the case; or what the service finds for it,
                where the field says so.
            values: What stands beside the field already, by name in JSON, where other fields decide what is offered.
            max_age_s: How old a list may be that is given without asking the service; 0 asks it. Without, the field
                decides.
            **options: See RunOptions; a connection is only needed where the service is asked.

        Raises:
            InputError: There is no such field, or it offers nothing.
            JackfieldError: As ``run`` would, where the service is asked.
        """
        runtime = self._runtime
        operation = attrs.evolve(runtime.question(module, field, **options), max_age_s=max_age_s)

        def ask(hooks: Any, context: Context) -> Choices:
            found: Iterable[object] = hooks.field_choices(
                module=operation.module,
                module_id=operation.module_id,
                field=field,
                query=query,
                values=values,
                context=context,
            )
            return told_choices(found, operation, context)

        return runtime.asked(operation, ask)

    def form(
        self, module: str | AnyModule, values: Mapping[str, object] = _EMPTY, **options: Unpack[RunOptions]
    ) -> Form:
        """Give what a module takes for a connection, when some values are filled in already.

        The plugins narrow it for that connection, and the service is asked for the fields of those that are Dynamic.
        ``ModuleHandle.form_for`` gives it without a connection, and asks nobody; ``ModuleHandle.schema_of`` gives the
        JSON Schema of either.

        Args:
            module: As in ``run``.
            values: What is filled in, by name in JSON.
            **options: See RunOptions.

        Raises:
            InputError: A value is wrong.
            JackfieldError: As ``run`` would, where the service is asked.
        """
        operation = self._runtime.question(module, **options)
        return self._runtime.asked(
            operation, lambda hooks, context: self._runtime.form(operation, values, hooks, context)
        )
