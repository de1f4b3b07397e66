"""What a module is given beside its form."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from jackfield._encoded import decoded_base64
from jackfield._filenames import url_flaw
from jackfield._http.client import Client
from jackfield._http.limits import Cancellation, Deadline
from jackfield.connections import Connection, ConnectionView
from jackfield.errors import InputError, PluginError
from jackfield.files import Elsewhere, File
from jackfield.storage import FileStore
from jackfield.usage import Usage

__all__ = ["Context", "Fetch", "connection_of"]

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
        bookmark: For a trigger: what ``keep_bookmark`` was told at the last look; ``None`` where it was told nothing,
            or not all that was new then was taken.
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
        bookmark: object = None,
        mark: Callable[[object], None] | None = None,
        tell_wait: Callable[[float, str], None],
        parting: Callable[[float], Client] | None = None,
        elsewhere: Callable[[str], Client] | None = None,
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
        self.bookmark = bookmark
        self._mark = mark
        self._warn = warn
        self._record_usage = record_usage
        self._store = store
        self.fetch = fetch
        self._tell_wait = tell_wait
        self._parting = parting
        self._web = web
        self._elsewhere = elsewhere

    @property
    def client(self) -> Client:
        """Sends authorized requests to the connection's own origin.

        Raises:
            PluginError: The module declares no connection.
        """
        if self._client is None:
            raise _unconnected()
        return self._client

    def client_at(self, place: str) -> Client:
        """Give a client for another place to which the connection's credentials may go.

        Args:
            place: Its name among the connection type's ``also_at``: ``uploads``.

        Raises:
            PluginError: There is none, or the module declares no connection.
        """
        if self._elsewhere is None:
            raise _unconnected()
        return self._elsewhere(place)

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

    def store_base64(
        self, said: Mapping[str, object], at: str, *, size: str = "", name: str = "", media_type: str = ""
    ) -> File:
        """Give a file to the host that stands in an answer as base64; line breaks in it do not count.

        Args:
            said: The object in which it stands.
            at: Under which name.
            size: Under which name the object says how many bytes it has; not compared without, or if it does not say.
            name: As for ``store_file``.
            media_type: As for ``store_file``.

        Raises:
            AnswerError: It is no base64, or has another size.
            LimitError: As ``store_file``.
            FileError: As ``store_file``.
        """
        return self.store_file(decoded_base64(said, at, size), name=name, media_type=media_type)

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

    def keep_bookmark(self, bookmark: object) -> None:
        """For a trigger: keep something for ``bookmark`` at the next look, such as the ETag of a list.

        It is kept with what the watch remembers, and only where all that is new now is taken; in a confidential run,
        and where a secret of the connection is in it, it is not. A function that is not watched may call this, too.

        Args:
            bookmark: A JSON value; small, since it is written at each look.
        """
        if self._mark is not None:
            self._mark(bookmark)

    def record_age(self, age_s: float, *, stale_because: str = "") -> None:
        """Say how old a list of choices is that was not asked for now; it stands in what ``Host.choices`` gives.

        Args:
            age_s: Seconds since the service was asked.
            stale_because: Why a list is given that is older than it should be; empty if it is not.
        """
        self.age_s, self.stale_because = age_s, stale_because


def _unconnected() -> PluginError:
    message = "This module declares no connection, so it has no client."
    return PluginError(message, stage="object", hint="Give @module(connection=...).")


def connection_of(context: Context) -> Connection | None:
    """Give the connection of a context, secrets included: for core alone."""
    return context._connection  # noqa: SLF001  modules see a view of it
