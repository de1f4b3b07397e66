"""What a request may take: time, bytes, tries. Every limit has a name here, and an error that says the name."""

import contextlib
import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Annotated

from attrs import Attribute, field, fields, frozen

from jackfield._http.bells import Bell
from jackfield._variables import CA_BUNDLE, PROXY
from jackfield.errors import DeadlineError, InvalidInputError, OperationCancelledError, Problem
from jackfield.fields import Boolean, Integer, Number, Text


def _seconds(help_: str, minimum: float = 0.001) -> Number:
    return Number(help=help_, minimum=minimum, unit="seconds")


def _bytes(help_: str) -> Integer:
    return Integer(help=help_, minimum=1, unit="bytes")


def _path(given: str | os.PathLike[str] | None) -> str:
    return "" if given is None else os.fspath(given)


@frozen(kw_only=True)
class HttpSettings:
    """How a host goes out to the network. ``evolve`` one to change a limit.

    A host goes by the settings that it is given, and by nothing else: it reads no file of the user's and no variable.
    ``user_settings()`` gives those that the command line goes by.
    """

    deadline_s: Annotated[
        float, _seconds("How long one operation may take, retries included, where the caller does not say.")
    ] = 600.0
    connect_timeout_s: Annotated[
        float, _seconds("How long a connection may take to be made, TLS included; never more than the deadline leaves.")
    ] = 10.0
    max_attempts: Annotated[
        int, Integer(help="How often one request is sent at most; 1 switches repeats off.", minimum=1)
    ] = 3
    retry_base_s: Annotated[
        float, _seconds("The wait before the second attempt, doubled for each further one.", minimum=0)
    ] = 0.5
    retry_cap_s: Annotated[
        float, _seconds("The longest wait between two attempts where the service names no time.", minimum=0)
    ] = 8.0
    max_retry_after_s: Annotated[
        float, _seconds("A service that asks for a longer wait than this is not waited for.", minimum=0)
    ] = 120.0
    max_requests_per_s: Annotated[
        float | None,
        Number(
            help="How many requests of one connection leave in a second at most, evenly spread; unset for no limit of "
            "our own.",
            minimum=0.001,
        ),
    ] = None
    max_in_flight: Annotated[
        int | None,
        Integer(
            help="How many requests of one connection are under way at once at most, the reading of their answers "
            "included; unset for no limit.",
            minimum=1,
        ),
    ] = None
    heed_rate_limits: Annotated[
        bool,
        Boolean(
            help="Whether requests are held back by what the service says of its rate limits, and for a while after it "
            "refused one with 429, in all threads that use the connection."
        ),
    ] = True
    retry_timeouts: Annotated[
        bool,
        Boolean(help="Whether a request whose answer broke off may be sent again, where a repeat is harmless."),
    ] = True
    max_header_bytes: Annotated[int, _bytes("Status line and headers of an answer.")] = 64 * 1024
    max_headers: Annotated[int, Integer(help="How many lines of headers an answer may have.", minimum=1)] = 200
    max_wire_bytes: Annotated[int, _bytes("Body of an answer as it comes over the wire.")] = 256 * 1024 * 1024
    max_body_bytes: Annotated[int, _bytes("Body of an answer when decompressed.")] = 256 * 1024 * 1024
    max_ratio: Annotated[
        int,
        Integer(
            help="How many decompressed bytes one wire byte may become, counted from the first megabyte on.", minimum=1
        ),
    ] = 200
    max_confidential_bytes: Annotated[
        int,
        _bytes("Body of an answer to a confidential run, which is held in memory whole: larger ones wait in a file."),
    ] = 64 * 1024 * 1024
    max_error_bytes: Annotated[int, _bytes("How much of a failure's body is read.")] = 64 * 1024
    max_event_bytes: Annotated[int, _bytes("One server-sent event.")] = 16 * 1024 * 1024
    max_json_bytes: Annotated[
        int,
        _bytes("Body of an answer that is read as JSON: what comes out of it takes many times the room."),
    ] = 64 * 1024 * 1024
    max_json_depth: Annotated[
        int, Integer(help="How deep lists and objects may stand in each other in an answer.", minimum=1, unit="levels")
    ] = 200
    max_redirects: Annotated[
        int,
        Integer(
            help="How many redirects one request may follow; what carries a credential follows to its own origin only.",
            minimum=0,
        ),
    ] = 5
    max_pages: Annotated[
        int,
        Integer(
            help="How many pages of one list are asked for at most, where a connector goes through pages.", minimum=1
        ),
    ] = 10_000
    max_lookups: Annotated[
        int,
        Integer(
            help="How many names may be looked up at once; one that the system's resolver does not come back from "
            "holds a thread until then.",
            minimum=1,
        ),
    ] = 16
    pool_size: Annotated[int, Integer(help="Idle connections kept for each origin.", minimum=0)] = 64
    max_idle_s: Annotated[
        float,
        _seconds(
            "A connection that was idle for longer is not used again: what stands between may have forgotten it.",
            minimum=0,
        ),
    ] = 60.0
    proxy: Annotated[
        str,
        Text(
            help="URL of a proxy for every request; empty for none. What other programs go by is ignored.",
            env=PROXY,
        ),
    ] = ""
    proxy_filters: Annotated[
        bool,
        Boolean(
            help="Whether the proxy itself refuses addresses of private networks. Behind one that does not, servers "
            "that may only be public ones cannot be checked, and are refused."
        ),
    ] = False
    allow_local: Annotated[
        bool,
        Boolean(
            help="Whether a base URL that a user typed may lead to this machine or to a private network. Switch it off "
            "where strangers fill in connections. Link-local addresses, where clouds keep their metadata, are refused "
            "in any case."
        ),
    ] = True
    allow_local_downloads: Annotated[
        bool,
        Boolean(help="The same as allow_local for files by URL, which an input or a service's answer may name."),
    ] = False
    ca_bundle: Annotated[
        str,
        Text(
            help="A file of certificates to trust instead of the ones that requests brings; empty for those.",
            env=CA_BUNDLE,
        ),
    ] = field(default="", converter=_path)
    user_agent: Annotated[str, Text(help="What we call ourselves.", min_length=1)] = "jackfield"

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
        if not isinstance(given, int | float) or isinstance(given, bool) or math.isnan(given):  # NaN would never pass
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
    """Lets any thread stop an operation, also while it waits for the network; so does a signal handler."""

    # A handler runs between any two steps of the thread that it interrupts, which may be in here. So the lock can be
    # taken twice by one thread, and what is to be stopped is noted first and looked at afterwards.

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._sockets: set[socket.socket] = set()
        self._waits: set[Bell] = set()
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Tell whether ``cancel()`` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Stop: shut the sockets that the operation waits on, and let nothing further start."""
        with self._lock:
            self._cancelled = True
            for bell in self._waits:
                bell.set()
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
        self.wait_for(Bell(), seconds)

    def wait_for(self, bell: Bell, seconds: float) -> bool:
        """Wait until a bell rings, but no longer than so many seconds; say whether it did.

        Raises:
            OperationCancelledError: ``cancel()`` was called, before or during the wait.
        """
        with self._lock:
            self._waits.add(bell)
        try:
            self.check()
            found = bell.wait(max(seconds, 0.0))
        finally:
            with self._lock:
                self._waits.discard(bell)
        self.check()
        return found

    def watch(self, sock: socket.socket) -> None:
        """Have a socket shut if ``cancel()`` is called before ``forget``.

        Raises:
            OperationCancelledError: It was called already.
        """
        with self._lock:
            self._sockets.add(sock)
            if not self._cancelled:
                return
            self._sockets.discard(sock)
        self.check()

    def forget(self, sock: socket.socket) -> None:
        """Leave a socket alone from now on."""
        with self._lock:
            self._sockets.discard(sock)
