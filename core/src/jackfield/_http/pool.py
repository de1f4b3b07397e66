"""Idle connections, ready for the next request to the same place."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Hashable

from jackfield._http.forking import forget_after_fork
from jackfield._http.wire import PlainConnection


class Pool:
    """Keeps idle connections by key, and gives the one that was used last first.

    The lock is held for a few list operations, never while something goes over the network.
    """

    def __init__(self, *, size: int, max_idle_s: float) -> None:
        self._size = size
        self._max_idle_s = max_idle_s
        self._closed = False
        self._lock = threading.Lock()
        self._idle: defaultdict[Hashable, deque[PlainConnection]] = defaultdict(deque)
        forget_after_fork(self)

    def take(self, key: Hashable) -> PlainConnection | None:
        """Give a connection that the other side has not closed; ``None`` if there is none.

        One that has something to read while nothing was asked is dead (the end was read) or mad (a second answer).
        """
        oldest = time.monotonic() - self._max_idle_s
        while True:
            with self._lock:
                idle = self._idle.get(key)
                if not idle:
                    return None
                connection = idle.pop()
            if connection.idle_since >= oldest and connection.is_connected:
                return connection
            connection.close()

    def put(self, key: Hashable, connection: PlainConnection) -> None:
        """Keep a connection on which nothing is under way; where there is no room, the longest idle one gives way."""
        connection.idle_since = time.monotonic()
        surplus: PlainConnection | None = connection
        with self._lock:
            if not self._closed and self._size > 0:
                idle = self._idle[key]
                surplus = idle.popleft() if len(idle) >= self._size else None
                idle.append(connection)
        if surplus is not None:
            surplus.close()

    def close(self) -> None:
        """Close what is idle, and from now on whatever comes back."""
        with self._lock:
            self._closed = True
        self._drop_all()

    def forget(self) -> None:
        """Close this process's copies of the parent's sockets; the parent's connections live on.

        Used by both, a connection would bring each the other's answers. Closing a socket says nothing on the wire while
        the parent has it open, with TLS neither: Python sends no close_notify.
        """
        self._lock = threading.Lock()
        self._drop_all()

    def _drop_all(self) -> None:
        with self._lock:
            dropped = [connection for idle in self._idle.values() for connection in idle]
            self._idle.clear()
        for connection in dropped:
            connection.close()
