"""One request on its way: how much time it has, who may stop it, and how far it came."""

import math
import select
import socket
import time
from typing import Any

from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield.errors import JackfieldError, UnreachableError

_PIECE = 64 * 1024
_LONGEST_POLL_S = 86_400.0


class Trip:
    """One request on its way: how much time it has, who may stop it, and how far it came.

    Attributes:
        phase: As in DeadlineError.
        sent: Whether a byte of the request may have left.
    """

    __slots__ = ("_cancellation", "_deadline", "_until", "_watched", "phase", "sent", "settings")

    def __init__(self, settings: HttpSettings, deadline: Deadline, cancellation: Cancellation) -> None:
        cancellation.check()
        self.settings = settings
        self.phase = "connect"
        self.sent = False
        self._deadline = deadline
        self._cancellation = cancellation
        self._until = deadline.ends_at
        self._watched: socket.socket | None = None

    def connecting(self) -> None:
        """A connection is made from now on; that has a limit of its own."""
        self._until = min(self._deadline.ends_at, time.monotonic() + self.settings.connect_timeout_s)

    def sending(self, sock: socket.socket) -> None:
        """The request leaves from now on."""
        self.phase = "send"
        self._until = self._deadline.ends_at
        self.watch(sock)

    def hurry(self, seconds: float) -> None:
        """Give what follows only so many seconds."""
        self._until = min(self._until, time.monotonic() + seconds)

    def left_s(self) -> float:
        """Give the seconds left.

        Raises:
            DeadlineError: None are left.
            UnreachableError: The time for making a connection is over.
        """
        left = self._until - time.monotonic()
        if left > 0:
            return left
        raise self.expired()

    def wait_s(self) -> float:
        """Give the seconds left, and look whether somebody cancelled; else as ``left_s``."""
        self._cancellation.check()
        return self.left_s()

    def expired(self) -> JackfieldError:
        """Make the error for time that ran out."""
        if self._deadline.left_s <= 0 or self._until >= self._deadline.ends_at:
            return self._deadline.error(self.phase, sent=self.sent)
        limit = self.settings.connect_timeout_s
        message = f"No connection was made within {limit:g} s (it stopped in the phase {self.phase!r})."
        return UnreachableError(message, hint="Check the network; the setting connect_timeout_s gives more time.")

    def check(self) -> None:
        """Go on, or stop: expiry and cancellation outrank any answer.

        Raises:
            DeadlineError: The time is over.
            OperationCancelledError: Somebody cancelled.
        """
        self._cancellation.check()
        self._deadline.check(self.phase, sent=self.sent)

    def watch(self, sock: socket.socket) -> None:
        """Have a socket shut when somebody cancels, instead of the one that was watched so far."""
        self.forget()
        self._cancellation.watch(sock)
        self._watched = sock

    def forget(self) -> None:
        """Have no socket shut any more. To be called before one is closed or used for something else."""
        if self._watched is not None:
            self._cancellation.forget(self._watched)
            self._watched = None

    def receive(self, sock: socket.socket, buffer: memoryview, arrivals: Any = None) -> int:
        """Read once, within the time that is left; 0 at the end.

        Args:
            sock: From where.
            buffer: Where to.
            arrivals: What polls a socket that does not block; ``None`` for one that has a timeout.
        """
        try:
            if arrivals is None:
                sock.settimeout(self.left_s())
            else:
                while not arrivals.poll(_milliseconds(self.left_s())):
                    pass
            count = sock.recv_into(buffer)
        except TimeoutError:
            raise self.expired() from None
        if not count:
            self._cancellation.check()  # a socket that was shut reads as if the answer had ended
        return count

    def transmit(self, sock: socket.socket, data: bytes) -> None:
        """Write all of it, within the time that is left.

        In pieces: ``SSLSocket.sendall`` starts its timeout anew at each piece, so the socket's own cannot be trusted.
        """
        view = memoryview(data)
        while view:
            left_s = self.left_s()
            if sock.gettimeout() != 0:  # 0 is that of a socket that does not block
                sock.settimeout(left_s)
            self.sent = self.phase == "send"  # what a proxy is told before does not count
            try:
                view = view[sock.send(view[:_PIECE]) :]
            except BlockingIOError:
                self._await_room(sock)
            except TimeoutError:
                raise self.expired() from None

    def _await_room(self, sock: socket.socket) -> None:
        room = select.poll()
        room.register(sock, select.POLLOUT)
        while not room.poll(_milliseconds(self.left_s())):
            pass


def _milliseconds(seconds: float) -> int:
    return math.ceil(min(seconds, _LONGEST_POLL_S) * 1000)
