"""One connection: urllib3 makes it, http.client writes and parses, and each step gets only the time that is left."""

import http.client
import io
import re
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import urllib3.connection

from jackfield._http.heads import Head, framing, read_head
from jackfield._http.names import Address, Resolver
from jackfield._http.trip import Trip
from jackfield.errors import LimitError, UnsafeRequestError

_BUFFER = 16 * 1024
_JOINED = 64 * 1024
"""Up to this size a body leaves in one piece with its head: one system call, and one packet where it fits."""


class _Incoming(io.RawIOBase):
    """What comes over the wire for one answer: counted, and each ``recv`` gets only the time that is left."""

    def __init__(self, sock: socket.socket, trip: Trip) -> None:
        self._socket = sock
        self._kept = sock.makefile("rb", 0)  # keeps the descriptor open after http.client has closed its connection
        self._trip = trip
        self._room = trip.settings.max_header_bytes
        self._in_head = True
        self.received = 0

    def makefile(self, _mode: str) -> "_Reader":
        """Give what http.client reads from; it takes this object for a socket."""
        return _Reader(self, _BUFFER)

    def body_follows(self, head_bytes: int) -> None:
        """Count against the limit for bodies from now on; one byte more than allowed tells "too large" from "full"."""
        self._in_head = False
        self._room = self._trip.settings.max_wire_bytes + 1 - (self.received - head_bytes)

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.received

    def readinto(self, buffer: Any) -> int:
        if self._room <= 0:
            raise self._too_large()
        view = memoryview(buffer)[: self._room]
        count = self._trip.receive(self._socket, view)
        self.received += count
        self._room -= count
        if self._room <= 0 and not self._in_head:
            raise self._too_large()
        return count

    def _too_large(self) -> LimitError:
        part, limit = ("head", "max_header_bytes") if self._in_head else ("body", "max_wire_bytes")
        maximum = getattr(self._trip.settings, limit)
        message = f"The {part} of the answer is larger than {maximum} bytes."
        return LimitError(message, limit=limit, maximum=maximum)

    def close(self) -> None:
        self._kept.close()
        super().close()


class _Reader(io.BufferedReader):
    """Tells how much lay behind the end of an answer when it was closed: on a sane connection nothing."""

    surplus = 0

    def close(self) -> None:
        if not self.closed:
            self.surplus = cast("_Incoming", self.raw).received - self.tell()
        super().close()


class WireAnswer(http.client.HTTPResponse):
    """An answer that is read within the time that is left.

    Attributes:
        head: Status and headers; http.client's own attributes for headers stay empty.
        headers_by_name: The same headers, by lower-case name.
    """

    head: Head
    headers_by_name: dict[str, str]

    def __init__(self, sock: socket.socket, trip: Trip, method: str | None) -> None:
        self._incoming = _Incoming(sock, trip)
        super().__init__(cast("socket.socket", self._incoming), method=method)
        self._reader = cast("_Reader", self.fp)
        self._longest = trip.settings.max_header_bytes + 1
        self._head_bytes = 0
        self._asked_with = method

    def begin(self) -> None:
        """Read the head, past interim ones; 101 would be final, but nobody asked to change the protocol.

        Raises:
            http.client.HTTPException: It is none.
        """
        head = read_head(self._reader.readline, self._longest)
        while head.status < http.client.OK and head.status != http.client.SWITCHING_PROTOCOLS:
            head = read_head(self._reader.readline, self._longest)
        self.head = head
        self.headers_by_name = head.merged()
        self.version, self.status, self.reason, _ = head
        self.chunked, self.length, closes = framing(head, self.headers_by_name, self._asked_with)
        self.will_close = closes or head.status < http.client.OK
        self.chunk_left = None
        self._head_bytes = self._reader.tell()
        self._incoming.body_follows(self._head_bytes)

    @property
    def wire_bytes(self) -> int:
        """How many bytes of the body came so far, as they stand on the wire."""
        return self._incoming.received - self._head_bytes

    @property
    def reusable(self) -> bool:
        """Whether the connection may carry another request, once this answer was read to its end and closed."""
        return not self.will_close and self._reader.surplus == 0


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
        trip: What is on its way now.
        idle_since: When it was given back to the pool, as ``time.monotonic()`` tells it.
    """

    auto_open = 0  # a closed connection stays closed: urllib3 has forgotten its tunnel by then, and would go past it
    # urllib3's looks for its own SKIP_HEADER in each value; we send none.
    putheader = http.client.HTTPConnection.putheader
    _gathered: list[bytes] | None = None
    _twin: socket.socket | None = None

    def __init__(self, host: str, port: int, resolver: Resolver, *, where: str, **options: Any) -> None:
        super().__init__(host, port, socket_options=_OPTIONS, **options)
        self._resolver = resolver
        self.where = where
        self.trip: Trip
        self.idle_since = 0.0

    def open(self, trip: Trip) -> None:
        """Connect: the name, the address, the proxy's tunnel, TLS.

        Raises:
            OSError: That failed; also ``http.client.HTTPException``, ``UnicodeError``, and what a Trip raises.
        """
        self.trip = trip
        trip.connecting()
        try:
            self.connect()
        except TimeoutError:
            raise trip.expired() from None
        finally:
            trip.forget()
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def response_class(self, sock: socket.socket, _debuglevel: int = 0, method: str | None = None) -> WireAnswer:  # type: ignore[override]
        """Make what reads an answer; http.client calls it like the class that it has here."""
        return WireAnswer(sock, self.trip, method)

    def _new_conn(self) -> socket.socket:
        # Private, and yet the seam that urllib3's own SOCKS support uses; called before TLS and before CONNECT.
        addresses = self._resolver.addresses(self._dns_host, self.port, self.trip.wait_s)
        sock = _dial(addresses, self.trip)
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def send(self, data: Any) -> None:
        """Transmit, or keep for later what is to leave together; http.client calls it for the head and for the body."""
        if self._gathered is None:
            self.trip.transmit(self.sock, data)
        else:
            self._gathered.append(data)

    def exchange(
        self, trip: Trip, method: str, target: str, headers: Mapping[str, str], body: bytes | Iterable[bytes] | None
    ) -> WireAnswer:
        """Send one request, and read the head of its answer.

        Raises:
            UnsafeRequestError: A header cannot be sent; nothing was.
            OSError: The connection broke; also ``http.client.HTTPException``, and what a Trip raises.
        """
        self.trip = trip
        chunked = headers.get("Transfer-Encoding", "").lower() == "chunked"
        self._gathered = [] if body is None or isinstance(body, bytes) else None
        unfit = refused = False
        try:
            http.client.HTTPConnection.request(self, method, target, body, headers, encode_chunked=chunked)
            self._leave()
        except ValueError:
            unfit = True
        except ConnectionError:
            refused = True  # a server that has read enough may answer, and close without reading the rest
        if unfit:  # raised out here: the text of the ValueError shows the header, which may be a credential
            raise _unfit(headers)
        self.trip.phase = "read"
        answer = cast("WireAnswer", http.client.HTTPConnection.getresponse(self))
        answer.will_close |= refused
        return answer

    def _leave(self) -> None:
        parts, self._gathered = self._gathered, None
        if not parts:
            return
        for part in [b"".join(parts)] if sum(map(len, parts)) <= _JOINED else parts:
            self.trip.transmit(self.sock, part)


class TlsConnection(PlainConnection, urllib3.connection.HTTPSConnection):
    """A connection with TLS, perhaps through the tunnel of a proxy."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        # The handshake happens on an object that does not exist yet, on the same descriptor: cancel by a twin of it.
        self._twin = sock.dup()
        self.trip.watch(self._twin)
        if self._tunnel_host is None:
            self.trip.phase = "tls"
        return sock

    def _tunnel(self) -> None:
        super()._tunnel()
        self.trip.phase = "tls"
        self.sock.settimeout(self.trip.left_s())  # the handshake counts its steps together against this


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


def _unfit(headers: Mapping[str, str]) -> UnsafeRequestError:
    """Name the header that http.client refused, not its value."""
    names = [name for name, value in headers.items() if not _fits(value)]
    where = f"The value of the header {names[0]!r}" if names else "The method, the path or the name of a header"
    return UnsafeRequestError(
        f"{where} has a character that cannot be sent; nothing was.",
        hint="Was a line break pasted together with a key?" if names else "",
    )


def _fits(value: object) -> bool:
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return re.fullmatch(r"[\t\x20-\xff]*", text) is not None
