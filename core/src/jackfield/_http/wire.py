"""One connection: urllib3 makes it, and each step gets only the time that is left."""

import http.client
import select
import socket
import ssl
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast

import urllib3.connection

from jackfield._http.heads import write_head
from jackfield._http.incoming import Incoming, Inlet, WireAnswer
from jackfield._http.names import Address, Resolver
from jackfield._http.reach import Reach, admitted, check_peer
from jackfield._http.trip import Trip
from jackfield._http.uploading import StreamBody

_BODY_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
_JOINED = 64 * 1024
"""Up to this size a body leaves in one piece with its head: one system call, and one packet where it fits."""


def _keep_alive() -> list[tuple[int, int, int | bytes]]:
    """Have the system probe a silent connection: a model may think for minutes, and routers forget who says nothing."""
    options = [*urllib3.connection.HTTPConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    idle = getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", None))  # Linux and Windows; macOS
    return options if idle is None else [*options, (socket.IPPROTO_TCP, idle, 60)]


_OPTIONS = _keep_alive()


class PlainConnection(urllib3.connection.HTTPConnection):
    """A connection without TLS; what it shares with one that has it.

    Attributes:
        where: Host and port, for people.
        own_lines: Headers that every request on it has: who is spoken to, and what the proxy wants to see.
        trip: What is on its way now.
        idle_since: When it was given back to the pool, as ``time.monotonic()`` tells it.
    """

    auto_open = 0  # a closed connection stays closed: urllib3 has forgotten its tunnel by then, and would go past it
    _twin: socket.socket | None = None
    _inlet: Inlet | None = None
    _arrivals: Any = None
    _unblocked: Any = None
    """Polls the socket, which then does not block: two system calls less than to give it a timeout for each step."""

    def __init__(
        self, host: str, port: int, resolver: Resolver, *, where: str, own_lines: str, reach: Reach, **options: Any
    ) -> None:
        super().__init__(host, port, socket_options=_OPTIONS, **options)
        self._resolver = resolver
        self._reach = reach
        self.where = where
        self.own_lines = own_lines
        self.trip: Trip
        self.idle_since = 0.0

    def open(self, trip: Trip) -> None:
        """Connect: the name, the address, the proxy's tunnel, TLS.

        Raises:
            OSError: That failed; also ``http.client.HTTPException``, ``UnicodeError``, and what a Trip raises.
        """
        self.trip = trip
        self._arrivals = self._unblocked = self._inlet = None
        trip.connecting()
        try:
            self.connect()
            self._unblock()
        except TimeoutError:
            raise trip.expired() from None
        finally:
            trip.forget()
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def _unblock(self) -> None:
        if hasattr(select, "poll"):  # not on Windows
            self.sock.setblocking(False)
            self._arrivals = self._unblocked = _arrivals_at(self.sock)

    def response_class(  # type: ignore[override]
        self, sock: socket.socket, _debuglevel: int = 0, method: str | None = None
    ) -> http.client.HTTPResponse:
        """Make what reads a proxy's answer to CONNECT; http.client calls it like the class that it has here."""
        incoming = Incoming(sock)
        incoming.head_follows(self.trip)
        return http.client.HTTPResponse(cast("socket.socket", incoming), method=method)

    def _new_conn(self) -> socket.socket:
        # Private, and yet the seam that urllib3's own SOCKS support uses; called before TLS and before CONNECT.
        addresses = self._resolver.addresses(self._dns_host, self.port, self.trip.wait_s)
        sock = _dial(admitted(addresses, self._reach, self.where), self.trip)
        try:
            check_peer(sock, self._reach, self.where)
        except BaseException:
            self.trip.forget()
            sock.close()
            raise
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    @property
    def is_connected(self) -> bool:
        """Whether it stands, and nothing came that nobody asked for."""
        if self.sock is None or not hasattr(select, "poll"):  # not on Windows
            return super().is_connected
        if self._arrivals is None:  # urllib3 makes one each time: a hundredth of a call
            self._arrivals = _arrivals_at(self.sock)
        return not self._arrivals.poll(0)

    def send(self, data: Any) -> None:
        """Transmit; urllib3 calls it to ask a proxy for a tunnel."""
        self.trip.transmit(self.sock, data)

    def exchange(
        self, trip: Trip, method: str, target: str, headers: Mapping[str, str], body: bytes | Iterable[bytes] | None
    ) -> WireAnswer:
        """Send one request, and read the head of its answer.

        Raises:
            UnsafeRequestError: A header cannot be sent; nothing was.
            OSError: The connection broke; also ``http.client.HTTPException``, and what a Trip raises.
        """
        self.trip = trip
        parts, framing = _framed(method, headers, body)
        head = write_head(method, target, self.own_lines + framing, headers)
        refused = False
        try:
            self._leave(head, parts)
        except ConnectionError:
            refused = True  # a server that has read enough may answer, and close without reading the rest
        finally:
            if not isinstance(parts, tuple) and isinstance(parts, Generator):
                parts.close()  # and with it the file that it reads
        trip.phase = "read"
        self._inlet = self._inlet or Inlet.at(self.sock, self._unblocked)
        answer = WireAnswer(self._inlet, trip, method)
        answer.will_close |= refused
        return answer

    def _leave(self, head: bytes, parts: Iterable[bytes]) -> None:
        for part in parts:
            if head and len(head) + len(part) <= _JOINED:
                part = head + part  # noqa: PLW2901
            elif head:
                self.trip.transmit(self.sock, head)
            self.trip.transmit(self.sock, part)
            head = b""
        if head:
            self.trip.transmit(self.sock, head)


def _framed(
    method: str, headers: Mapping[str, str], body: bytes | Iterable[bytes] | None
) -> tuple[Iterable[bytes], str]:
    """Give the parts of a body, and the header that says where it ends."""
    if body is None:
        return (), "Content-Length: 0\r\n" if method in _BODY_EXPECTED else ""
    if isinstance(body, bytes):
        return (body,), f"Content-Length: {len(body)}\r\n"
    if isinstance(body, StreamBody) and body.size is not None:
        return body.pieces(), f"Content-Length: {body.size}\r\n"
    pieces = iter(partial(body.read, _JOINED), b"") if hasattr(body, "read") else body
    if "Content-Length" in headers:  # of a file, as requests found it
        return pieces, f"Content-Length: {headers['Content-Length']}\r\n"
    return _chunks(pieces), "Transfer-Encoding: chunked\r\n"


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


class TlsConnection(PlainConnection, urllib3.connection.HTTPSConnection):
    """A connection with TLS, perhaps through the tunnel of a proxy."""

    @property
    def is_connected(self) -> bool:
        """Whether it stands, and nothing came that nobody asked for: neither on the wire nor decrypted already."""
        return super().is_connected and not cast("ssl.SSLSocket", self.sock).pending()

    def connect(self) -> None:
        """Connect; called by ``open``."""
        super().connect()
        # RFC 9112, section 9.8: a body that ends with its connection is whole only if TLS said goodbye. Else whoever
        # can cut the connection can cut the body.
        tls: Any = self.sock
        tls.suppress_ragged_eofs = False

    def _unblock(self) -> None:
        """Leave it as it is: what TLS has decrypted cannot be polled."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        # The handshake happens on an object that does not exist yet, on the same descriptor: cancel by a twin of it.
        try:
            self._twin = sock.dup()
            self.trip.watch(self._twin)
        except BaseException:
            sock.close()
            raise
        if self._tunnel_host is None:
            self.trip.phase = "tls"
        return sock

    def _tunnel(self) -> None:
        super()._tunnel()
        self.trip.phase = "tls"
        self.sock.settimeout(self.trip.left_s())  # the handshake counts its steps together against this


def _arrivals_at(sock: socket.socket) -> Any:
    found = select.poll()
    found.register(sock, select.POLLIN)
    return found


def _dial(addresses: Sequence[Address], trip: Trip) -> socket.socket:
    """Connect to the first address that answers; each gets its share of the time that is left."""
    failure = OSError("it has no address")
    for tried, address in enumerate(addresses):
        try:
            return _dial_one(address, trip, trip.left_s() / (len(addresses) - tried))
        except OSError as error:
            failure = error
    raise failure


def _dial_one(address: Address, trip: Trip, seconds: float) -> socket.socket:
    family, place = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        for option in _OPTIONS:
            sock.setsockopt(*option)
        trip.watch(sock)
        sock.settimeout(seconds)
        sock.connect(place)
        sock.settimeout(trip.wait_s())  # TLS starts with what is left; and a socket that was shut may seem connected
    except BaseException:
        trip.forget()
        sock.close()
        raise
    return sock
