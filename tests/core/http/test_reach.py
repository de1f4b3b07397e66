"""Where a connection may be made to, by who named the host."""

import itertools
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from jackfield._http.body import read_whole
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.names import Resolver
from jackfield._http.reach import NamedBy, Reach, check_peer
from jackfield._http.transport import Transport
from jackfield.errors import DeadlineError, UnreachableError, UnsafeRequestError

METADATA = "169.254.169.254"
SETTINGS = HttpSettings()


class Names:
    """A name service that tells what it is told to, and counts who asks."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = itertools.cycle(answers)

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        """Answer with the next list of addresses."""
        self.asked.append(host)
        found = next(self._answers)
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in found]
        return [
            (family, socket.SOCK_STREAM, 6, "", (place, port)) for family, place in zip(families, found, strict=True)
        ]


@pytest.fixture
def line() -> Iterator[Any]:
    """Make transports with a name service of their own; all are closed afterwards."""
    made: list[Transport] = []

    def make(names: Names | None = None, **settings: Any) -> Transport:
        resolver = Resolver(getaddrinfo=names.getaddrinfo) if names else None
        made.append(Transport(HttpSettings(**settings), resolver))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def get(transport: Transport, url: str, named_by: NamedBy = NamedBy.USER) -> bytes:
    """GET a URL, and read its body."""
    request = requests.Request("GET", url).prepare()
    response = transport.send(request, deadline=Deadline(5), cancellation=Cancellation(), named_by=named_by)
    return read_whole(response, SETTINGS)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", METADATA, "100.64.0.1", "224.0.0.1"])
def test_what_a_stranger_names_must_be_public(line: Any, serve: Any, address: str, scheme: str) -> None:
    """No packet leaves for an address of this machine or of a private network, whatever the scheme."""
    server, names = serve(), Names([address])

    with pytest.raises(UnsafeRequestError, match=r"service\.example:\d+ leads to .*nothing was sent") as caught:
        get(line(names), f"{scheme}://service.example:{server.port}/", NamedBy.STRANGER)

    assert address not in str(caught.value)
    assert server.connections == 0


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"]
)
def test_spellings_of_this_machine_are_seen_through(line: Any, serve: Any, host: str) -> None:
    """The system reads them as it always does; the address that comes out of it counts."""
    server = serve()

    with pytest.raises((UnsafeRequestError, UnreachableError)):
        get(line(), f"http://{host}:{server.port}/", NamedBy.STRANGER)

    assert server.connections == 0


def test_a_base_url_may_be_local_unless_the_host_says_otherwise(line: Any, serve: Any) -> None:
    """A model on one's own machine works; a host of strangers switches allow_local off, and the error says so."""
    server = serve()

    assert b"GET / " in get(line(), server.url)
    with pytest.raises(UnsafeRequestError, match=r"this machine \(127\.0\.0\.0/8\)") as caught:
        get(line(allow_local=False), server.url)

    assert "allow_local" in caught.value.hint
    assert server.connections == 1


def test_downloads_may_be_allowed_to_be_local(line: Any, serve: Any) -> None:
    """The setting allow_local_downloads, and not that for base URLs, decides."""
    server = serve()

    assert b"GET / " in get(line(allow_local=False, allow_local_downloads=True), server.url, NamedBy.STRANGER)


def test_a_host_that_the_author_named_is_not_looked_at(line: Any, serve: Any) -> None:
    """A connector for a service inside one's own network names it in its code."""
    server = serve()

    assert b"GET / " in get(line(allow_local=False), server.url, NamedBy.AUTHOR)


@pytest.mark.parametrize("address", [METADATA, "100.100.100.200", "fd00:ec2::254", "224.0.0.1", "2002:a9fe:a9fe::"])
def test_metadata_is_no_base_url(line: Any, address: str) -> None:
    """No setting lets a user's base URL lead to a cloud's metadata, whatever the name resolves to."""
    names = Names([address])

    with pytest.raises(UnsafeRequestError) as caught:
        get(line(names, allow_local=True), "http://metadata.example/latest")

    assert "No setting allows" in caught.value.hint


def test_a_name_with_two_addresses_is_reached_at_the_one_that_may_be(line: Any, serve: Any) -> None:
    """What may not be reached is passed over, and nobody connects to it."""
    server, names = serve(), Names([METADATA, "127.0.0.1"])

    assert b"GET / " in get(line(names), f"http://two.example:{server.port}/")


def test_a_name_that_changes_its_address_gains_nothing(line: Any, serve: Any) -> None:
    """CVE-2026-41488: a name is looked up once for each connection, and that very address is connected to."""
    server, names = (
        serve(lambda talk: talk.asked() and talk.reply(Connection="close")),
        Names(["127.0.0.1"], [METADATA]),
    )
    transport, refused = line(names), 0

    for _ in range(200):
        try:
            get(transport, f"http://rebinding.example:{server.port}/")
        except UnsafeRequestError:
            refused += 1

    assert (refused, server.connections, len(names.asked)) == (100, 100, 200)


def test_an_open_connection_serves_only_those_who_may_reach_that_far(line: Any, serve: Any) -> None:
    """What a user's request left open is not used for a stranger's."""
    server = serve()
    transport = line()
    get(transport, server.url)

    with pytest.raises(UnsafeRequestError):
        get(transport, server.url, NamedBy.STRANGER)

    assert len(server.asked) == 1


def test_the_connected_peer_is_looked_at_too(serve: Any) -> None:
    """Whoever is at the other end in the end must be admitted."""
    with socket.create_connection(("127.0.0.1", serve().port)) as sock:
        check_peer(sock, Reach.PUBLIC_AND_LOCAL, "x")
        check_peer(sock, Reach.ANYWHERE, "x")
        with pytest.raises(UnsafeRequestError):
            check_peer(sock, Reach.PUBLIC, "x")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["name.example", METADATA, "10.0.0.1", "2852039166", "[::ffff:a00:1]"])
def test_behind_a_proxy_strangers_are_refused(line: Any, serve: Any, scheme: str, host: str) -> None:
    """The proxy looks names up itself, so nobody here sees what would be reached; nothing is sent to it."""
    proxy = serve()

    with pytest.raises(UnsafeRequestError):
        get(line(proxy=proxy.url), f"{scheme}://{host}/", NamedBy.STRANGER)

    assert proxy.connections == 0


@pytest.mark.parametrize(
    "address", [METADATA, f"{METADATA}.", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.16689662", "127.1"]
)
def test_a_proxy_that_filters_is_trusted_with_names(line: Any, serve: Any, address: str) -> None:
    """The setting proxy_filters says so; addresses are refused here all the same, in whatever way they are written."""
    proxy = serve()
    transport = line(proxy=proxy.url, proxy_filters=True)

    assert b"http://name.example/" in get(transport, "http://name.example/", NamedBy.STRANGER)
    with pytest.raises(UnsafeRequestError):
        get(transport, f"http://{address}/", NamedBy.STRANGER)
    assert len(proxy.asked) == 1


def test_base_urls_go_through_a_proxy_as_before(line: Any, serve: Any) -> None:
    """Where local servers are allowed, a name needs no filter; an address of a metadata service is still refused."""
    proxy = serve()
    transport = line(proxy=proxy.url)

    assert b"http://name.example/" in get(transport, "http://name.example/")
    with pytest.raises(UnsafeRequestError):
        get(transport, f"http://{METADATA}/")


def test_the_check_holds_over_tls(line: Any, serve: Any, server_context: Any, ca_bundle: Path) -> None:
    """The same over https; not even a handshake begins."""
    server = serve(context=server_context)

    assert b"GET / " in get(line(ca_bundle=ca_bundle), server.url)
    with pytest.raises(UnsafeRequestError):
        get(line(ca_bundle=ca_bundle, allow_local=False), server.url)

    assert server.connections == 1


def test_many_threads_are_all_refused(line: Any, serve: Any) -> None:
    """No race lets one through."""
    server, names = serve(), Names(["127.0.0.1"])
    transport, refused = line(names), []

    def go() -> None:
        with pytest.raises(UnsafeRequestError):
            get(transport, f"http://x.example:{server.port}/", NamedBy.STRANGER)
        refused.append(1)

    threads = [threading.Thread(target=go) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(refused), server.connections) == (16, 0)


def test_a_name_service_that_hangs_ends_at_the_deadline(serve: Any) -> None:
    """Also that counts as connecting: nothing was sent, and nothing is waited for any longer."""
    released, began = threading.Event(), time.monotonic()

    def hang(*_: Any, **__: Any) -> list[Any]:
        released.wait(30)
        return []

    transport = Transport(HttpSettings(), Resolver(getaddrinfo=hang))
    request = requests.Request("GET", "http://slow.example/").prepare()
    try:
        with pytest.raises(DeadlineError) as caught:
            transport.send(request, deadline=Deadline(0.3), cancellation=Cancellation())
    finally:
        released.set()
        transport.close()

    assert (caught.value.phase, caught.value.sent) == ("connect", False)
    assert time.monotonic() - began < 5


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is no address of this machine")
def test_addresses_share_the_time_for_connecting(line: Any, serve: Any) -> None:
    """One that does not answer takes its share and no more; the next one is still tried."""
    server, names = serve(), Names(["127.0.0.2", "127.0.0.1"])
    with socket.socket() as full:
        full.bind(("127.0.0.2", server.port))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:  # they fill the queue of those who wait to be taken; whoever comes later hears nothing
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.2", server.port))

        body = get(line(names, connect_timeout_s=2.0), f"http://two.example:{server.port}/")

        for sock in waiting:
            sock.close()
    assert b"GET / " in body
