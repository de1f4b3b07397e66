"""What comes back over one connection, answer after answer: counted, and each step gets only the time that is left."""

import io
import socket
from http.client import IncompleteRead
from typing import Any, NamedTuple, Self

from jackfield._http.chunks import Chunks
from jackfield._http.heads import framing_of, read_head
from jackfield._http.trip import Trip
from jackfield.errors import LimitError

_BUFFER = 16 * 1024
_FINAL = 200
_SWITCHED = 101


class Incoming(io.RawIOBase):
    """What comes over the wire on one connection: counted, and each ``recv`` gets only the time that is left.

    Args:
        sock: From where.
        arrivals: What polls a socket that does not block; ``None`` for one that has a timeout.

    Attributes:
        received: How many bytes came so far, over all answers.
    """

    def __init__(self, sock: socket.socket, arrivals: Any = None) -> None:
        self._socket = sock
        self._arrivals = arrivals
        self._trip: Trip
        self._room = 0
        self._in_head = True
        self.received = 0

    def head_follows(self, trip: Trip) -> None:
        """Count against the limit for heads from now on, within the time of a trip."""
        self._trip = trip
        self._room = trip.settings.max_header_bytes
        self._in_head = True

    def body_follows(self, begun: int) -> None:
        """Count against the limit for bodies from now on; one byte more than allowed tells "too large" from "full".

        Args:
            begun: How many bytes of it came with the head.
        """
        self._in_head = False
        self._room = self._trip.settings.max_wire_bytes + 1 - begun

    def allow(self, max_bytes: int) -> None:
        """Let a body be larger than the setting says: it goes into a file."""
        self._room += max(0, max_bytes - self._trip.settings.max_wire_bytes)

    def makefile(self, _mode: str = "rb") -> io.BufferedReader:
        """Give what reads it; http.client takes this object for a socket."""
        return io.BufferedReader(self, _BUFFER)

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.received

    def readinto(self, buffer: Any) -> int:
        if self._room <= 0:
            raise self._too_large()
        view = memoryview(buffer)[: self._room]
        count = self._trip.receive(self._socket, view, self._arrivals)
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


class Inlet(NamedTuple):
    """Where the answers of one connection come in; both are kept as long as it is."""

    incoming: Incoming
    reader: io.BufferedReader

    @classmethod
    def at(cls, sock: socket.socket, arrivals: Any) -> Self:
        """Make that of a connection; arguments as those of Incoming."""
        incoming = Incoming(sock, arrivals)
        return cls(incoming, incoming.makefile())

    @property
    def taken(self) -> int:
        """How many bytes were read of what came."""
        return self.reader.tell()


class WireAnswer:
    """An answer that is read within the time that is left.

    Args:
        inlet: Of the connection; nothing of the answer was read from it yet.
        trip: How much time there is.
        method: What was asked with.

    Attributes:
        head: Status and headers.
        headers_by_name: The same headers, by lower-case name.
        length: How many bytes of the body are still to come; ``None`` where its chunks or the end of the connection say
            where it ends.
        will_close: Whether the connection ends with it.

    Raises:
        http.client.HTTPException: It is none.
    """

    __slots__ = ("_begun_at", "_chunks", "_inlet", "head", "headers_by_name", "length", "will_close")

    def __init__(self, inlet: Inlet, trip: Trip, method: str) -> None:
        incoming, reader = inlet
        settings = trip.settings
        longest = settings.max_header_bytes + 1
        incoming.head_follows(trip)
        head = read_head(reader, longest, settings.max_headers)
        # Past interim ones; 101 would be final, but nobody asked to change the protocol.
        while head.status < _FINAL and head.status != _SWITCHED:
            head = read_head(reader, longest, settings.max_headers)
        self.head = head
        self.headers_by_name = by_name = head.by_name()
        chunked, self.length, closes = framing_of(head, by_name, method)
        self.will_close = closes or head.status < _FINAL
        self._chunks = Chunks(reader, longest) if chunked else None
        self._inlet = inlet
        self._begun_at = reader.tell()
        incoming.body_follows(incoming.received - self._begun_at)

    def read1(self, amount: int) -> bytes:
        """Read what is there of the body, waiting for at least one byte; nothing at its end.

        Raises:
            http.client.IncompleteRead: The connection ended first; HTTPException if the framing of a chunk is none.
        """
        if self._chunks is not None:
            return self._chunks.read1(amount)
        left = self.length
        if left is None:
            return self._inlet.reader.read1(amount)
        data = self._inlet.reader.read1(min(amount, left)) if left else b""
        if left and not data:
            raise IncompleteRead(data, left)
        self.length = left - len(data)
        return data

    def allow(self, max_bytes: int) -> None:
        """Let the body be larger than the setting says."""
        self._inlet.incoming.allow(max_bytes)

    @property
    def wire_bytes(self) -> int:
        """How many bytes of the body came so far, as they stand on the wire."""
        return self._inlet.incoming.received - self._begun_at

    @property
    def reusable(self) -> bool:
        """Whether the connection may carry another request, once this answer was read to its end.

        Where more came than belongs to it, it may not.
        """
        return not self.will_close and self._inlet.incoming.received == self._inlet.taken
