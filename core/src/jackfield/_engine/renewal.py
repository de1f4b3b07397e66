"""Tokens that are renewed while a connection is used: once, however many threads and processes want it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from jackfield._engine.lookup import Lookup
from jackfield._http.forking import forget_after_fork
from jackfield._oauth.endpoint import Way
from jackfield._oauth.logins import renew
from jackfield._tokens import TOKEN_FIELDS, OAuth2
from jackfield.connections import Connection, TokenStore
from jackfield.errors import CredentialsError, InputError, NoConnectionError, RemoteError, StoreError
from jackfield.secrets import Secret

_KEPT = 1024
"""How many connections' tokens are remembered at most; the oldest is forgotten first."""
_POLL_S = 0.02


class _Held:
    """The latest state of one connection in this process, and the lock for changing it."""

    def __init__(self, connection: Connection) -> None:
        self.latest = connection
        self.lock = threading.Lock()


class Renewals:
    """Gives connections with tokens that are good.

    Args:
        lookup: Knows the stores in which tokens are kept.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._held: OrderedDict[bytes, _Held] = OrderedDict()
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Make new locks: in a child process a vanished thread may hold one."""
        self._lock = threading.Lock()
        for held in self._held.values():
            held.lock = threading.Lock()

    def current(
        self, connection: Connection, way: Way, *, warn: Callable[[str], None], refused: Connection | None = None
    ) -> Connection:
        """Give a connection with an access token that can be sent.

        Args:
            connection: As the operation has it.
            way: To the authorization server.
            warn: Is told what the user should know.
            refused: What ``current`` gave before, and the service did not accept.

        Raises:
            NoConnectionError: Nobody has logged in.
            CredentialsError: The login has ended.
        """
        oauth = connection.oauth
        assert oauth is not None  # noqa: S101  nothing else is renewed
        held = self._of(connection)
        if not _unusable(held.latest, oauth, refused):
            connection.remember(held.latest)
            return held.latest
        with _locked(held.lock, way):
            if _unusable(held.latest, oauth, refused):
                held.latest = self._renewed(held.latest, oauth, way, warn, refused)
        connection.remember(held.latest)
        return held.latest

    def _of(self, connection: Connection) -> _Held:
        with self._lock:
            key = connection.counted_as + connection.name.encode()
            held = self._held.get(key)
            if held is None:
                held = self._held[key] = _Held(connection)
                if len(self._held) > _KEPT:
                    self._held.popitem(last=False)
            return held

    def _renewed(
        self, known: Connection, oauth: OAuth2, way: Way, warn: Callable[[str], None], refused: Connection | None
    ) -> Connection:
        store = self._lookup.keeper(known.name, known.type_id, known.type)
        if store is None and not oauth.can_renew(known.form):
            message = "Nobody has logged in yet."
            raise _to_log_in(known, NoConnectionError(message))
        with store.renewing(known.name, _waiter(way)) if store else nullcontext():
            saved = _saved(known, store)
            if not _unusable(saved, oauth, refused):
                return saved  # somebody else was quicker
            try:
                tokens = renew(way, oauth, saved.form)
            except (CredentialsError, NoConnectionError) as error:
                raise _to_log_in(known, error) from None
            if store is not None:
                _keep(store, known, tokens, warn)
        return saved.with_tokens(tokens)


def _unusable(connection: Connection, oauth: OAuth2, refused: Connection | None) -> bool:
    if connection.form.access_token is None:
        return True
    if refused is not None and _same(connection.form.access_token, refused.form.access_token):
        return True
    # What nothing can renew is used until the service says no: its clock is the one that counts.
    return oauth.is_stale(connection.form) and oauth.can_renew(connection.form)


def _same(one: Secret | None, other: Secret | None) -> bool:
    return one is not None and other is not None and one == other


def _saved(known: Connection, store: TokenStore | None) -> Connection:
    """Give a connection with the tokens that its store has now, unless it could not save the latest."""
    found = store.find(known.name, known.type_id) if store else None
    if found is None or _moment(found.get("issued_at")) < _moment(known.form.issued_at):
        return known
    return known.with_tokens({name: found.get(name) for name in TOKEN_FIELDS})


def _moment(issued_at: object) -> float:
    return issued_at if isinstance(issued_at, int | float) else 0.0


def _keep(store: TokenStore, known: Connection, tokens: dict[str, object], warn: Callable[[str], None]) -> None:
    try:
        store.renew(known.name, known.type, tokens)
    except (StoreError, InputError, NoConnectionError) as error:
        warn(
            f"The renewed login of {known.name} could not be saved, and is good for this process only: {error.message}"
        )


def _to_log_in(known: Connection, error: RemoteError | NoConnectionError) -> RemoteError | NoConnectionError:
    """Say which command helps."""
    if isinstance(error, RemoteError) and error.code != "invalid_grant":
        return error
    if isinstance(error, NoConnectionError):
        error.message = f"{known.type.label}: {error.message}"
        error.name = known.name
    else:
        error.message += " It was ended or replaced, or a process was stopped just while it renewed it."
    error.hint = f"jackfield connection login {known.name}" if known.name else "Log in again: Host.begin_login(...)."
    error.args = (error.message,)
    return error


def _waiter(way: Way) -> Callable[[], None]:
    def wait() -> None:
        way.cancellation.wait(min(_POLL_S, max(0.0, way.deadline.left_s)))
        way.deadline.check("queue", sent=False)

    return wait


@contextmanager
def _locked(lock: threading.Lock, way: Way) -> Iterator[None]:
    wait = _waiter(way)
    while not lock.acquire(blocking=False):
        wait()
    try:
        yield
    finally:
        lock.release()
