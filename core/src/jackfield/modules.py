"""What a connector can do."""

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, overload

from attrs import field, frozen

from jackfield._filenames import url_flaw
from jackfield._http.client import Client
from jackfield._http.limits import Cancellation, Deadline
from jackfield._signatures import Signature, place_of, signature_of
from jackfield.connections import Connection, ConnectionType, ConnectionView
from jackfield.errors import InputError, PluginError, Problem
from jackfield.fields import Dynamic
from jackfield.files import Elsewhere, File
from jackfield.forms import Form, Slot, form_of
from jackfield.kinds import Effect, Kind, Sunset
from jackfield.storage import FileStore
from jackfield.translations import Translation
from jackfield.triggers import Trigger
from jackfield.usage import Usage

__all__ = [
    "AnyModule",
    "Context",
    "Effect",
    "Kind",
    "Module",
    "Sunset",
    "module",
]

Refine = Callable[[Form, Mapping[str, object], ConnectionView | None], Form]
"""Makes a form fit what is filled in so far."""
Migrate = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Makes of a form in JSON, saved for one version of a module, one for the next."""

FormT = TypeVar("FormT")
OutputT_co = TypeVar("OutputT_co", covariant=True)
PieceT_co = TypeVar("PieceT_co", covariant=True)
T = TypeVar("T")
P = TypeVar("P")


Fetch = Callable[[Elsewhere], File]
"""Fetches a file of the web into the host's store."""


class Context:
    """What a module is given beside its form.

    Attributes:
        idempotency_key: The same for every attempt of one operation, and for its repeat by the same caller.
        streaming: Whether somebody takes the pieces as they come; else only the whole is wanted.
        max_age_s: For a list of choices: how old it may be; ``None`` if the field decides.
        age_s: How old the list of choices is, as ``record_age`` was told; 0 if it was asked for now.
        stale_because: Why it is older than it should be, as ``record_age`` was told; empty if it is not.
        confidential: Whether nothing of the input and output may be written anywhere; what goes through the context and
            its client goes by it already.
        since: For a trigger: what is older is not wanted, so the service need not be asked for it; ``None`` for all.
        last_key: For a trigger with ``keep_last_key``: the key of the item that was given last; ``None`` at first.
    """

    def __init__(
        self,
        *,
        client: Client | None,
        connection: Connection | None,
        deadline: Deadline,
        cancellation: Cancellation,
        idempotency_key: str,
        warn: Callable[[str], None],
        record_usage: Callable[[Usage], None],
        store: FileStore,
        fetch: Fetch,
        web: Callable[[], Client],
        streaming: bool = False,
        max_age_s: float | None = None,
        confidential: bool = False,
        since: datetime | None = None,
        last_key: object = None,
        tell_wait: Callable[[float, str], None],
        parting: Callable[[float], Client] | None = None,
    ) -> None:
        self._client = client
        self._connection = connection
        self._deadline = deadline
        self._cancellation = cancellation
        self.idempotency_key = idempotency_key
        self.streaming = streaming
        self.max_age_s = max_age_s
        self.confidential = confidential
        self.age_s = 0.0
        self.stale_because = ""
        self.since = since
        self.last_key = last_key
        self._warn = warn
        self._record_usage = record_usage
        self._store = store
        self.fetch = fetch
        self._tell_wait = tell_wait
        self._parting = parting
        self._web = web

    @property
    def client(self) -> Client:
        """Sends authorized requests to the connection's own origin.

        Raises:
            PluginError: The module declares no connection.
        """
        if self._client is None:
            message = "This module declares no connection, so it has no client."
            raise PluginError(message, stage="object", hint="Give @module(connection=...).")
        return self._client

    @property
    def web(self) -> Client:
        """Sends requests to anywhere on the web, without any credential; each path is a whole URL.

        For addresses that an input names, or a service's answer: only public ones are reached, unless the setting
        ``allow_local_downloads`` is on. Redirects are followed to other servers, too, but not from ``https://`` to
        ``http://``; headers that the module gave stay with the server that it named, and so does a body.
        """
        return self._web()

    @property
    def connection(self) -> ConnectionView | None:
        """What may be seen of the connection; ``None`` for a module that needs none."""
        return self._connection.view() if self._connection else None

    @property
    def left_s(self) -> float:
        """Seconds that the operation still has."""
        return self._deadline.left_s

    def check(self) -> None:
        """Call this in a long loop of your own.

        Raises:
            DeadlineError: No time is left.
            OperationCancelledError: Somebody cancelled.
        """
        self._cancellation.check()
        self._deadline.check("run", sent=True)

    def wait(self, seconds: float, reason: str) -> None:
        """Let time pass before the service is asked again; whoever watches sees what is waited for.

        Args:
            seconds: How long; no longer than the operation still has.
            reason: As a person reads it: ``the response is queued``.

        Raises:
            DeadlineError: No time is left.
            OperationCancelledError: Somebody cancelled, also meanwhile.
        """
        self.check()
        self._tell_wait(min(seconds, self.left_s), reason)
        self._cancellation.wait(min(seconds, self.left_s))
        self.check()

    def parting_client(self, within_s: float = 5.0) -> Client:
        """Give a client that can still say, within so many seconds, that what was begun is to be stopped.

        The client of an operation that was cancelled, or has no time left, sends nothing more.
        """
        return self.client if self._parting is None else self._parting(within_s)

    def warn(self, message: str) -> None:
        """Tell the user something that is no error; it stands in ``Result.warnings``."""
        self._warn(message)

    def record_usage(self, usage: Usage) -> None:
        """Say what the service says that it used, once for each model that did some of the work.

        It stands in ``Result.used``, its sum in ``Result.usage``; in the error's ``used`` if the module fails after it.
        """
        self._record_usage(usage)

    def store_file(self, content: bytes | Iterable[bytes], *, name: str = "", media_type: str = "") -> File:
        """Give a file to the host, which decides where it is kept and for how long.

        Args:
            content: Bytes, or pieces of them; each is written before the next is asked for.
            name: What it is to be called; folders are cut off, and it is numbered if there is one of that name.
            media_type: Guessed from the name without.

        Raises:
            LimitError: It is larger than the host allows; or than it keeps in memory, if the run is confidential.
            FileError: It cannot be written; nothing of it is left.
        """
        return self._store.add(content, name=name, media_type=media_type, in_memory=self.confidential)

    def download(self, url: str, *, name: str = "", media_type: str = "") -> File:
        """Fetch a file from anywhere on the web, without any credential, and give it to the host.

        Redirects are followed, to other servers too. What ``store_file`` and a client raise may be raised.

        Args:
            url: ``http`` or ``https``, as a service named it.
            name: What the file is to be called; what the server says, or the end of the URL, without.
            media_type: What it is; what the server says without.

        Raises:
            InputError: The URL cannot be used.
            UnsafeRequestError: It leads to where no stranger may send us.
            RemoteError: The server answered with a failure.
        """
        flaw = url_flaw(url)
        if flaw:
            message = f"The URL of a file {flaw}."
            raise InputError(message)
        return self.fetch(Elsewhere(url, name=name, media_type=media_type))

    def record_age(self, age_s: float, *, stale_because: str = "") -> None:
        """Say how old a list of choices is that was not asked for now; it stands in what ``Host.choices`` gives.

        Args:
            age_s: Seconds since the service was asked.
            stale_because: Why a list is given that is older than it should be; empty if it is not.
        """
        self.age_s, self.stale_because = age_s, stale_because


def connection_of(context: Context) -> Connection | None:
    """Give the connection of a context, secrets included: for core alone."""
    return context._connection  # noqa: SLF001  modules see a view of it


@frozen(kw_only=True, eq=False, slots=False)
class Module(Generic[FormT, OutputT_co, PieceT_co]):
    """One thing that a connector can do; made by the decorator ``module``.

    Its id is not here: the entry point that names it says it.

    Attributes:
        function: Does it.
        label: What a person reads, verb first.
        connection: How to reach the service; ``None`` if it needs none.
        effect: What a repeat leaves behind; or a function that says it for a form.
        validate: Finds what is wrong with a form as a whole, beyond what each field says.
        declared_kind: The kind, where the function's annotations cannot say it.
        aliases: Other names under which people know it, ``openai-gpt-3:CreateCompletion``, and how what they bring
            from there becomes its form.
        sunset: When it stops or stopped working at the service.
        refine: Makes the form fit what is filled in so far, for whoever shows or exports it: fewer choices, other help.
        foresee: Says the most that a run with a form can use, as far as that is known before it runs.
        trigger: For a trigger: how to tell what is new.
        version: Of its form: 1, and one more with each change that inputs saved before would not survive.
        migrate: By version: makes of a form in JSON, saved for that version, one for the next.
    """

    function: Callable[[FormT, Context], Any]
    label: str
    connection: ConnectionType | None = None
    effect: Effect | Callable[[FormT], Effect] = Effect.UNSAFE
    validate: Callable[[FormT], Sequence[Problem]] | None = None
    declared_kind: Kind | None = None
    aliases: Mapping[str, Translation] = field(factory=dict)
    sunset: Sunset | None = None
    refine: Refine | None = None
    foresee: Callable[[FormT], Usage] | None = None
    trigger: Trigger | None = None
    version: int = 1
    migrate: Mapping[int, Migrate] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        """Look whether the versions make sense.

        Raises:
            PluginError: There is a function for a version that is not an older one.
        """
        wrong = [version for version in self.migrate if not 1 <= version < self.version]
        if self.version < 1 or wrong:
            known = ", ".join(map(str, self.migrate)) or "none"
            message = f"{self.label}: version {self.version} does not go with ways from the versions {known}."
            raise PluginError(message, stage="object", hint="migrate has functions for the versions before this one.")

    @cached_property
    def signature(self) -> Signature:
        """Read the annotations of the function.

        Raises:
            PluginError: An annotation is missing or cannot be resolved.
        """
        return signature_of(self.function, self.declared_kind, self.trigger)

    @property
    def kind(self) -> Kind:
        """What it gives."""
        return self.signature.kind

    @property
    def streams(self) -> bool:
        """Whether it can give its output in pieces while it comes."""
        return self.signature.piece is not None

    @cached_property
    def form(self) -> Form:
        """What it takes."""
        return form_of(self.signature.form)

    @cached_property
    def dynamic(self) -> tuple[Slot, ...]:
        """The fields of its form whose own fields a service knows alone."""
        return tuple(slot for slot in self.form.slots if isinstance(slot.word, Dynamic))

    @cached_property
    def output(self) -> Form:
        """What each of its bundles holds."""
        return form_of(self.signature.output)

    def shown(self, values: Mapping[str, object], connection: ConnectionView | None) -> Form:
        """Give its form as people see it when some values are filled in already.

        Args:
            values: As JSON has them; they may be incomplete, and nobody has checked them.
            connection: Which it is, if that is known.
        """
        return self.form if self.refine is None else self.refine(self.form, values, connection)

    @cached_property
    def description(self) -> str:
        """The docstring of the function."""
        return inspect.cleandoc(self.function.__doc__ or "")

    @property
    def reference(self) -> str:
        """Where it is in Python, as an entry point spells it: ``jackfield_weather:get_weather``."""
        return place_of(self.function)

    def effect_of(self, form: FormT) -> Effect:
        """Say what a repeat with these values leaves behind."""
        return self.effect if isinstance(self.effect, Effect) else self.effect(form)


AnyModule = Module[Any, Any, Any]


class _Decorator(Protocol):
    @overload
    def __call__(self, function: Callable[[FormT, Context], Generator[P, None, T]], /) -> Module[FormT, T, P]: ...
    @overload
    def __call__(self, function: Callable[[FormT, Context], Iterator[T]], /) -> Module[FormT, T, Any]: ...
    @overload
    def __call__(self, function: Callable[[FormT, Context], T], /) -> Module[FormT, T, Any]: ...


def module(
    *,
    label: str,
    connection: ConnectionType | None = None,
    effect: Effect | Callable[[Any], Effect] = Effect.UNSAFE,
    validate: Callable[[Any], Sequence[Problem]] | None = None,
    kind: Kind | None = None,
    aliases: Mapping[str, Translation] | Sequence[str] = (),
    sunset: Sunset | None = None,
    refine: Refine | None = None,
    foresee: Callable[[Any], Usage] | None = None,
    trigger: Trigger | None = None,
    version: int = 1,
    migrate: Mapping[int, Migrate] | None = None,
) -> _Decorator:
    """Make a module of a function of a form and a context.

    The function's annotations say the form, the output and the kind: ``-> T`` is an action, ``-> Iterator[T]`` a
    search, ``-> Generator[Piece, None, T]`` an action that can stream its pieces and returns the whole. Its docstring
    is the module's description. The annotations are read when they are first needed.

    Args:
        label: What a person reads, verb first: ``Get the Weather``.
        connection: How to reach the service; none for a module that computes.
        effect: What a repeat leaves behind in the service; or a function that says it for a form.
        validate: Finds what is wrong with a form as a whole, beyond what each field says.
        kind: Only for a universal module.
        aliases: Other names under which people know it, each with the Translation of its fields if they are not the
            same. What stands before the colon is also named in the metadata of the package, in the group
            ``jackfield.aliases``, since no module is imported to find a name.
        sunset: When it stops or stopped working at the service.
        refine: Makes the form fit what is filled in so far, for whoever shows or exports it. It is given the form, the
            values, which nobody has checked, and the connection if that is known, and may do no I/O. What it leaves
            out can still be given: a run is checked by the form as declared, and by ``validate``.
        foresee: Says the most that a run with a form can use, so that a budget can refuse it before anything is sent.
            A count that nobody can know beforehand is ``None``; a module that uses nothing gives zeros.
        trigger: Makes it a trigger, and says how to tell what is new among the items that the function gives.
        version: Of its form: one more with each change that inputs saved before would not survive.
        migrate: Functions by version: ``{1: from_1}`` is given a form in JSON, a copy of what was saved for version 1,
            and gives that of version 2. Inputs of any older version are brought to the present by one after the other.
    """

    def decorate(function: Callable[[Any, Context], Any]) -> Any:
        return Module(
            function=function,
            label=label,
            connection=connection,
            effect=effect,
            validate=validate,
            declared_kind=kind,
            aliases=aliases if isinstance(aliases, Mapping) else dict.fromkeys(aliases, Translation()),
            sunset=sunset,
            refine=refine,
            foresee=foresee,
            trigger=trigger,
            version=version,
            migrate=migrate or {},
        )

    return decorate
