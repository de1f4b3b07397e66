"""What the host is told of the call that it works for: whose connections there are, and who hears what happens."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from attrs import field, frozen

from jackfield import (
    Connection,
    ConnectionStore,
    ConnectionType,
    Event,
    NoConnectionError,
    SavedConnection,
    Store,
    hookimpl,
)
from jackfield_web.asking import Principal


@frozen(kw_only=True, eq=False)
class Call:
    """What is done for one request.

    Attributes:
        principal: Who asks.
        store: Their connections; ``None`` if the application keeps none.
        allow_environment: As in WebSettings.
        tell: Is given what happens on the way; ``None`` if nobody wants to know.
    """

    principal: Principal
    store: Store | None
    allow_environment: bool
    tell: Callable[[Event], None] | None = None
    _used: dict[int, Connection] = field(factory=dict, init=False)

    def use(self, connection: Connection) -> None:
        """Remember a connection whose credentials went to a service, which may say them back."""
        self._used[id(connection)] = connection

    def masked(self, value: Any) -> Any:
        """Give a JSON value without the secrets that were sent: whoever may use a connection may not read its key."""
        for connection in [*self._used.values()]:
            value = connection.redactor.mask_json(value)
        return value

    @contextmanager
    def current(self) -> Iterator[None]:
        """Be the call that the host works for, in this thread, as long as the block lasts."""
        token = _CALL.set(self)
        try:
            yield
        finally:
            _CALL.reset(token)


_CALL: ContextVar[Call | None] = ContextVar("jackfield-web-call", default=None)


class _Theirs:
    """The store of whoever the host works for at the moment; nothing outside of a call."""

    label = "the connections of whoever asks"

    @property
    def _store(self) -> Store | None:
        call = _CALL.get()
        return call.store if call else None

    def saved(self) -> Sequence[SavedConnection]:
        """As ConnectionStore."""
        return self._store.saved() if self._store else ()

    def find(self, name: str, type_id: str) -> Mapping[str, object] | None:
        """As ConnectionStore."""
        return self._store.find(name, type_id) if self._store else None

    def renewing(self, name: str, wait: Callable[[], None]) -> AbstractContextManager[None]:
        """As TokenStore."""
        return self._store.renewing(name, wait) if self._store else nullcontext()

    def renew(self, name: str, kind: ConnectionType, tokens: Mapping[str, object]) -> None:
        """As TokenStore."""
        if self._store:
            self._store.renew(name, kind, tokens)


class Plugin:
    """What the host asks during a call."""

    def __init__(self) -> None:
        self._theirs = _Theirs()

    @hookimpl
    def connection_stores(self) -> Sequence[ConnectionStore]:
        """Give the store of whoever asks."""
        return [self._theirs]

    @hookimpl(tryfirst=True)
    def find_connection(self, name: str, type_id: str, connection_type: ConnectionType) -> Mapping[str, object] | None:
        """Look only where whoever asks may look: never into somebody else's store, nor the server's environment.

        Raises:
            NoConnectionError: There is nothing, or no connection was named.
        """
        call = _CALL.get()
        if call is None:
            return None
        if not name:
            if call.allow_environment:
                return None
            message = f"No connection was named, and {connection_type.label} needs one."
            raise NoConnectionError(
                message, hint="Name one in the query, ?connection=NAME; GET connections lists them."
            )
        values = self._theirs.find(name, type_id)
        if values is None:
            message = f"There is no connection {name!r}."
            raise NoConnectionError(message, name=name, hint="GET connections lists those that there are.")
        return values

    @hookimpl
    def authorize(self, connection: Connection) -> None:
        """Remember whose secrets leave."""
        call = _CALL.get()
        if call is not None:
            call.use(connection)

    @hookimpl
    def on_event(self, event: Event) -> None:
        """Pass on what happens."""
        call = _CALL.get()
        if call is not None and call.tell is not None:
            call.tell(event)
