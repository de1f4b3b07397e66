"""What a request may take: time, bytes, tries. Every limit has a name here, and an error that says the name."""

import contextlib
import math
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import Attribute, fields, frozen

from jackfield.errors import DeadlineError, InvalidInputError, OperationCancelledError, Problem


@frozen(kw_only=True)
class HttpSettings:
    """How a host goes out to the network. ``evolve`` one to change a limit.

    Attributes:
        deadline_s: Seconds for one operation, retries included, where the caller gives none.
        connect_timeout_s: Seconds for one connection to be made, TLS included; never more than the deadline leaves.
        max_attempts: How often one request is sent at most; 1 switches repeats off.
        retry_base_s: Seconds before the second attempt, doubled for each further one.
        retry_cap_s: Most seconds between two attempts where the service names no time.
        max_retry_after_s: A service that asks for a longer wait than this is not waited for.
        max_requests_per_s: How many requests of one connection leave in a second at most, evenly spread; ``None`` for
            no limit of our own.
        max_in_flight: How many requests of one connection are under way at once at most, the reading of their answers
            included; ``None`` for no limit.
        heed_rate_limits: Whether requests are held back by what the service says of its rate limits, and for a while
            after it refused one with 429, in all threads that use the connection.
        retry_timeouts: Whether a request whose answer broke off may be sent again, where a repeat is harmless.
        max_header_bytes: Status line and headers of an answer.
        max_headers: How many lines of headers an answer may have.
        max_wire_bytes: Body of an answer as it comes over the wire.
        max_body_bytes: Body of an answer when decompressed.
        max_ratio: How many decompressed bytes one wire byte may become, counted from the first megabyte on.
        max_error_bytes: How much of a failure's body is read.
        max_event_bytes: One server-sent event.
        max_json_bytes: Body of an answer that is read as JSON: what comes out of it takes many times the room.
        max_json_depth: How deep lists and objects may stand in each other in an answer.
        max_redirects: How many redirects, all to the same origin, one request may follow.
        max_lookups: How many names may be looked up at once; one that the system's resolver does not come back from
            holds a thread until then.
        pool_size: Idle connections kept for each origin.
        max_idle_s: A connection that was idle for longer is not used again: what stands between may have forgotten it.
        proxy: URL of a proxy for every request; empty for none. Environment variables are not read.
        proxy_filters: Whether the proxy itself refuses addresses of private networks. Behind one that does not, servers
            that may only be public ones cannot be checked, and are refused.
        allow_local: Whether a base URL that a user typed may lead to this machine or to a private network. Switch it
            off where strangers fill in connections. Link-local addresses, where clouds keep their metadata, are refused
            in any case.
        allow_local_downloads: The same for files by URL, which an input or a service's answer may name.
        ca_bundle: A file of certificates to trust instead of the ones that requests brings.
        user_agent: What we call ourselves.
    """

    deadline_s: float = 600.0
    connect_timeout_s: float = 10.0
    max_attempts: int = 3
    retry_base_s: float = 0.5
    retry_cap_s: float = 8.0
    max_retry_after_s: float = 120.0
    max_requests_per_s: float | None = None
    max_in_flight: int | None = None
    heed_rate_limits: bool = True
    retry_timeouts: bool = True
    max_header_bytes: int = 64 * 1024
    max_headers: int = 200
    max_wire_bytes: int = 256 * 1024 * 1024
    max_body_bytes: int = 256 * 1024 * 1024
    max_ratio: int = 200
    max_error_bytes: int = 64 * 1024
    max_event_bytes: int = 16 * 1024 * 1024
    max_json_bytes: int = 64 * 1024 * 1024
    max_json_depth: int = 200
    max_redirects: int = 5
    max_lookups: int = 16
    pool_size: int = 64
    max_idle_s: float = 60.0
    proxy: str = ""
    proxy_filters: bool = False
    allow_local: bool = True
    allow_local_downloads: bool = False
    ca_bundle: Path | None = None
    user_agent: str = "jackfield"

    def __attrs_post_init__(self) -> None:
        """Look whether every limit can be one.

        Raises:
            InvalidInputError: Some cannot; all of them are named.
        """
        problems = [problem for slot in fields(HttpSettings) for problem in _problems(slot, getattr(self, slot.name))]
        if problems:
            raise InvalidInputError(problems, subject="HTTP settings")


_MAY_BE_NOTHING = frozenset(
    {"max_error_bytes", "max_idle_s", "max_redirects", "max_retry_after_s", "pool_size", "retry_base_s", "retry_cap_s"}
)


def _problems(slot: "Attribute[object]", value: object) -> Iterator[Problem]:
    kind = type(slot.default)
    numeric = kind in {int, float} or slot.name in {"max_requests_per_s", "max_in_flight"}
    if kind is bool and not isinstance(value, bool):
        yield Problem(path=f"$.{slot.name}", rule="type", message="must be True or False")
    elif numeric and value != slot.default:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield Problem(path=f"$.{slot.name}", rule="type", message=f"must be a number, was a {type(value).__name__}")
        elif not (value > 0 or (value == 0 and slot.name in _MAY_BE_NOTHING)):
            least = "at least 0" if slot.name in _MAY_BE_NOTHING else "greater than 0"
            yield Problem(path=f"$.{slot.name}", rule="minimum", message=f"must be {least}, was {value:g}")


_LONGEST_S = 2_000_000.0
"""23 days: what is counted in milliseconds in a C integer (a socket's timeout) cannot be longer."""


class Deadline:
    """The moment by which a whole operation must be over.

    Attributes:
        total_s: The whole time that was given.
        ends_at: The moment, as ``time.monotonic()`` tells it.

    Raises:
        InvalidInputError: The time given is no number.
    """

    __slots__ = ("ends_at", "total_s")

    def __init__(self, total_s: float) -> None:
        given: object = total_s
        if not isinstance(given, int | float) or math.isnan(given):  # NaN would never pass
            what = "NaN" if isinstance(given, float) else f"a Python {type(given).__name__}"
            message = f"must be a number, was {what}"
            raise InvalidInputError([Problem(path="$.deadline_s", rule="type", message=message)])
        self.total_s = total_s
        self.ends_at = time.monotonic() + min(total_s, _LONGEST_S)

    @property
    def left_s(self) -> float:
        """Seconds left; negative when it is over."""
        return self.ends_at - time.monotonic()

    def check(self, phase: str, *, sent: bool) -> float:
        """Give the seconds left.

        Raises:
            DeadlineError: None are left.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise self.error(phase, sent=sent)
        return left

    def error(self, phase: str, *, sent: bool, message: str = "") -> DeadlineError:
        """Make the error for a phase in which the time ran out, or would."""
        return DeadlineError(
            message or f"The deadline of {self.total_s:g} s passed in the phase {phase!r}.",
            phase=phase,
            deadline_s=self.total_s,
            sent=sent,
            hint="Give the call more time: deadline_s=... in code, --deadline SECONDS on the command line.",
        )


class Cancellation:
    """Lets any thread stop an operation, also while it waits for the network."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._waits: set[threading.Event] = set()
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Tell whether ``cancel()`` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Stop: shut the sockets that the operation waits on, and let nothing further start."""
        with self._lock:
            self._cancelled = True
            for event in self._waits:
                event.set()
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    # Not ``sock.shutdown``: SSLSocket's drops the TLS layer, and the reader gets ciphertext as body.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def check(self) -> None:
        """Go on, or stop.

        Raises:
            OperationCancelledError: ``cancel()`` was called.
        """
        if self._cancelled:
            message = "The operation was cancelled."
            raise OperationCancelledError(message)

    def wait(self, seconds: float) -> None:
        """Sleep, unless cancelled.

        Raises:
            OperationCancelledError: ``cancel()`` was called, before or during the wait.
        """
        self.wait_for(threading.Event(), seconds)

    def wait_for(self, event: threading.Event, seconds: float) -> bool:
        """Wait until an event is set, but no longer than so many seconds; say whether it was.

        Raises:
            OperationCancelledError: ``cancel()`` was called, before or during the wait; then the event is set, too.
        """
        with self._lock:
            self.check()
            self._waits.add(event)
        try:
            found = event.wait(max(seconds, 0.0))
        finally:
            with self._lock:
                self._waits.discard(event)
        self.check()
        return found

    def watch(self, sock: socket.socket) -> None:
        """Have a socket shut if ``cancel()`` is called before ``forget``.

        Raises:
            OperationCancelledError: It was called already.
        """
        with self._lock:
            if not self._cancelled:
                self._sockets.add(sock)
                return
        self.check()

    def forget(self, sock: socket.socket) -> None:
        """Leave a socket alone from now on."""
        with self._lock:
            self._sockets.discard(sock)
