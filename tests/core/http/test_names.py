"""Names are looked up in time, or not waited for."""

import socket
import threading
from typing import Any

import pytest

from jackfield._http.limits import Deadline
from jackfield._http.names import Resolver
from jackfield.errors import DeadlineError


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    """Who asks stops at the deadline; all who ask for one name wait for one thread."""
    asked, released = [], threading.Event()

    def hang(host: str, port: int, **_: Any) -> Any:
        asked.append((host, port))
        released.wait(30)
        return []

    resolver, deadline = Resolver(getaddrinfo=hang), Deadline(0.2)

    try:
        for _ in range(3):
            with pytest.raises(DeadlineError):
                resolver.addresses("slow.example", 80, lambda: deadline.check("connect", sent=False))
    finally:
        released.set()
    assert asked == [("slow.example", 80)]


@pytest.mark.parametrize(
    ("host", "family", "address"),
    [("127.0.0.1", socket.AF_INET, ("127.0.0.1", 80)), ("::1", socket.AF_INET6, ("::1", 80, 0, 0))],
)
def test_an_address_needs_no_resolver(host: str, family: socket.AddressFamily, address: tuple[object, ...]) -> None:
    """No thread, no question."""

    def never(*_: object, **__: object) -> None:
        pytest.fail("asked")

    assert Resolver(getaddrinfo=never).addresses(host, 80, lambda: 1.0) == [(family, address)]


def test_answers_are_not_kept() -> None:
    """A name may move; whoever asks later is answered anew."""
    asked: list[str] = []

    def answer(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]

    resolver = Resolver(getaddrinfo=answer)

    found = [resolver.addresses("name.example", 80, lambda: 5.0) for _ in range(2)]

    assert found == [[(socket.AF_INET, ("10.0.0.1", 80))]] * 2
    assert len(asked) == 2


def test_a_failure_reaches_everybody_who_asked() -> None:
    """As the error that the system raised."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    resolver = Resolver(getaddrinfo=fail)

    for _ in range(2):
        with pytest.raises(socket.gaierror):
            resolver.addresses("name.example", 80, lambda: 5.0)


def test_only_so_many_names_are_looked_up_at_once() -> None:
    """A resolver that hangs costs a few threads, whatever is asked; who asks further ends at the deadline."""
    asked, released = [], threading.Event()

    def hang(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        released.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]

    resolver, deadline = Resolver(2, hang), Deadline(0.2)

    try:
        for number in range(5):
            with pytest.raises(DeadlineError):
                resolver.addresses(f"{number}.example", 80, lambda: deadline.check("connect", sent=False))
    finally:
        released.set()
    assert asked == ["0.example", "1.example"]
    assert resolver.addresses("5.example", 80, lambda: 5.0)
