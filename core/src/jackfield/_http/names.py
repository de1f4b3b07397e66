"""From a host's name to its addresses, within the time that is left."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from jackfield._http.forking import forget_after_fork

Address = tuple[socket.AddressFamily, tuple[Any, ...]]
"""The family, and what ``socket.connect`` takes."""

_GLANCE_S = 0.05
"""How often a waiting thread looks whether it was cancelled."""


class _Lookup:
    """One question to the resolver, and everybody who waits for its answer."""

    def __init__(self, getaddrinfo: Callable[..., Any]) -> None:
        self._getaddrinfo = getaddrinfo
        self.done = threading.Event()
        self.addresses: list[Address] = []
        self.error: Exception | None = None

    def ask(self, host: str, port: int) -> None:
        try:
            found = self._getaddrinfo(host, port, type=socket.SOCK_STREAM)
            self.addresses = [(family, address) for family, _, _, _, address in found]
        except (OSError, UnicodeError) as error:
            self.error = error


class Resolver:
    """Looks names up, and waits no longer than it is told.

    ``getaddrinfo`` takes no timeout and cannot be interrupted, so it runs in a daemon thread, and who asked stops
    waiting when the time is over. Everybody who asks for one name at one time waits for the same thread: a resolver
    that hangs costs one thread for each name, not one for each call. (A resolver of our own would not read
    ``/etc/hosts``, mDNS or the settings of Windows; signals work in the main thread only.) Answers are not kept: the
    system does that, and a connection is made seldom.

    No more than ``most`` threads ever hang; who asks for a further name waits until one of them comes back.

    Args:
        most: How many names are looked up at once.
        getaddrinfo: What looks names up.
    """

    def __init__(self, most: int = 16, getaddrinfo: Callable[..., Any] = socket.getaddrinfo) -> None:
        self._most = most
        self._getaddrinfo = getaddrinfo
        self.forget()
        forget_after_fork(self)

    def forget(self) -> None:
        """Start anew: in a child process the threads that look names up do not exist."""
        self._lock = threading.Lock()
        self._lookups: dict[tuple[str, int], _Lookup] = {}

    def addresses(self, host: str, port: int, wait: Callable[[], float]) -> list[Address]:
        """Give the addresses of a host, in the order in which they should be tried.

        Args:
            host: A name, or an address without brackets, for which nobody is asked.
            port: Goes into each address.
            wait: Gives the seconds left, or raises; called every 50 ms.

        Raises:
            OSError: The name does not resolve.
            UnicodeError: It is no name.
        """
        literal = _literal(host, port)
        if literal:
            return [literal]
        while (lookup := self._join(host, port)) is None:
            time.sleep(min(wait(), _GLANCE_S))
        while not lookup.done.wait(min(wait(), _GLANCE_S)):
            pass
        if lookup.error:
            raise lookup.error
        return lookup.addresses

    def _join(self, host: str, port: int) -> _Lookup | None:
        """Give the question that is being asked already, or ask it; ``None`` if too many are asked."""
        key = (host, port)
        with self._lock:
            lookup = self._lookups.get(key)
            if lookup is not None:
                return lookup
            if len(self._lookups) >= self._most:
                return None
            lookup = self._lookups[key] = _Lookup(self._getaddrinfo)
        thread = threading.Thread(target=self._run, args=(key, lookup), name="jackfield-resolver", daemon=True)
        thread.start()
        return lookup

    def _run(self, key: tuple[str, int], lookup: _Lookup) -> None:
        try:
            lookup.ask(*key)
        finally:
            with self._lock:
                self._lookups.pop(key, None)
            lookup.done.set()


def _literal(host: str, port: int) -> Address | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except OSError:
        return None
    return family, ((host, port, 0, 0) if family == socket.AF_INET6 else (host, port))
