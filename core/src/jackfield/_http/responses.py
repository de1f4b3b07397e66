"""A requests.Response over one of our connections, and the raw body that it reads from."""

import contextlib
import datetime as dt
import http.client
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from requests import PreparedRequest, Response
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from requests.utils import get_encoding_from_headers

from jackfield._http.body import decoded
from jackfield._http.breakages import no_answer
from jackfield._http.header_map import Headers
from jackfield._http.incoming import WireAnswer
from jackfield._http.trip import Trip
from jackfield._http.turns import Turn
from jackfield._http.wire import PlainConnection
from jackfield.errors import JackfieldError

_PIECE = 64 * 1024
_NO_TIME = dt.timedelta(0)


class RawBody:
    """The body of one answer, as requests and its users expect of ``Response.raw``; names and defaults are urllib3's.

    When it is read to its end, its connection goes back to where it came from; when it is closed before, so is the
    connection: what is left of the answer must not become the beginning of the next. Whatever reads may raise
    BrokenAnswerError (the answer was cut), DeadlineError, LimitError and OperationCancelledError.

    Attributes:
        closed: Whether the connection was let go.
        turn: What is owed to a gate that let the request leave; ``None`` without one.
        own_names: The parameters of the query that the connection added, when the request left.
        headers: By name; look-up ignores case.
        headers_by_name: The same, by lower-case name.
    """

    def __init__(
        self, answer: WireAnswer, connection: PlainConnection, trip: Trip, give_back: Callable[[PlainConnection], None]
    ) -> None:
        self._answer = answer
        self._connection = connection
        self._trip = trip
        self._give_back = give_back
        self._decoded: Iterator[bytes] | None = None
        self._rest = b""
        self.turn: Turn | None = None
        self.own_names: frozenset[str] = frozenset()
        self.closed = False
        fields, by_name = answer.head.fields, answer.headers_by_name
        self.headers_by_name: Mapping[str, str] = by_name
        self.headers = Headers(fields if len(fields) == len(by_name) else by_name)

    @property
    def status(self) -> int:
        """HTTP status code."""
        return self._answer.head.status

    @property
    def reason(self) -> str:
        """What the service calls the status."""
        return self._answer.head.reason

    @property
    def version(self) -> int:
        """11 for HTTP/1.1."""
        return self._answer.head.version

    @property
    def msg(self) -> http.client.HTTPMessage:
        """The headers as http.client gives them; requests looks for cookies in ``raw._original_response.msg``."""
        return self._answer.head.message()

    @property
    def _original_response(self) -> "RawBody":
        return self

    def tell(self) -> int:
        """Count the bytes of the body that came over the wire so far, the framing of chunks included."""
        return self._answer.wire_bytes

    @property
    def length_remaining(self) -> int | None:
        """How many bytes of the body are still to come; ``None`` where the answer does not say."""
        return self._answer.length

    def allow(self, max_bytes: int) -> None:
        """Let the body be larger than ``max_wire_bytes`` says, for one that is not held in memory."""
        self._answer.allow(max_bytes)

    def readable(self) -> bool:
        """Say that it is for reading."""
        return True

    def read1(self, amount: int = _PIECE, decode_content: bool | None = None) -> bytes:  # noqa: FBT001  as in urllib3
        """Read what is there, waiting for at least one byte; nothing at the end."""
        if decode_content:
            self._rest = self._rest or next(self._decoded_pieces(), b"")
            return self._take(amount)
        if self.closed:
            return b""
        try:
            data = self._answer.read1(amount)
            if not data or self._answer.length == 0:
                self._finish()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self._trip.check()
            raise no_answer(error, self._connection.where) from error
        except BaseException:
            self.close()
            raise
        return data

    def read(self, amount: int | None = None, decode_content: bool | None = None) -> bytes:  # noqa: FBT001  as in urllib3
        """Read so many bytes, fewer only at the end; all of them without an amount."""
        source = self._decoded_pieces() if decode_content else self._pieces()
        whole = amount is None or amount < 0
        while whole or len(self._rest) < (amount or 0):
            piece = next(source, b"")
            if not piece:
                break
            self._rest += piece
        return self._take(len(self._rest) if whole else amount or 0)

    def stream(
        self,
        amount: int | None = _PIECE,
        decode_content: bool | None = None,  # noqa: FBT001  as in urllib3
    ) -> Iterator[bytes]:
        """Give the body in pieces as they come, none larger than the amount."""
        size = amount or _PIECE
        for piece in self._decoded_pieces() if decode_content else self._pieces():
            yield from (piece[start : start + size] for start in range(0, len(piece), size))

    def _take(self, amount: int) -> bytes:
        data, self._rest = self._rest[:amount], self._rest[amount:]
        return data

    def _pieces(self) -> Iterator[bytes]:
        return iter(self.read1, b"")

    def _decoded_pieces(self) -> Iterator[bytes]:
        if self._decoded is None:
            encoding = (self.headers.get("Content-Encoding") or "identity").strip().lower()
            self._decoded = decoded(self.read1, encoding, self._trip.settings)
        return self._decoded

    def finish_within(self, seconds: float) -> None:
        """Read a body to its end if that comes soon, so that the connection can be used again; else close it."""
        self._trip.hurry(seconds)
        with contextlib.suppress(JackfieldError):
            while self.read1():
                pass
        self.close()

    def _finish(self) -> None:
        self._trip.check()
        self._end()
        if self._answer.reusable:
            self._give_back(self._connection)
        else:
            self._connection.close()

    def _end(self) -> None:
        self.closed = True
        self._trip.forget()
        if self.turn is not None:
            self.turn.end()

    def close(self) -> None:
        """Let the connection go: it is closed, unless the body was read to its end and it went back already."""
        if not self.closed:
            self._end()
            self._connection.close()

    def release_conn(self) -> None:
        """Do as ``close``: a connection with an unread answer is never given back."""
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        """Give the body in pieces as they come."""
        return self.stream()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


class WireResponse(Response):
    """What requests gives, made of one of our answers; what is seldom asked for is made when it is."""

    raw: RawBody  # requests says urllib3's; ours has what of it is used

    def __init__(self, request: PreparedRequest, raw: RawBody, adapter: Any) -> None:
        # Not the constructor of requests: it makes a cookie jar (5 us) and a timedelta for each response.
        self._content = False  # type: ignore[assignment]  # as requests marks what was not read
        self._content_consumed = False
        self._next = None
        self.status_code = raw.status
        self.reason = raw.reason
        self.headers = raw.headers
        self.raw = raw
        self.url = request.url or ""
        self.history = []
        self.elapsed = _NO_TIME
        self.request = request
        self.connection = adapter

    @property
    def cookies(self) -> RequestsCookieJar:
        """What the answer set."""
        if "cookies" not in self.__dict__:
            self.__dict__["cookies"] = jar = RequestsCookieJar()
            extract_cookies_to_jar(jar, self.request, self.raw)  # type: ignore[no-untyped-call]
        found: RequestsCookieJar = self.__dict__["cookies"]
        return found

    @cookies.setter
    def cookies(self, jar: RequestsCookieJar) -> None:
        self.__dict__["cookies"] = jar

    @property
    def encoding(self) -> str | None:
        """The charset that the answer names; may be set to read the text in another one."""
        if "encoding" not in self.__dict__:
            self.__dict__["encoding"] = get_encoding_from_headers(self.headers)
        found: str | None = self.__dict__["encoding"]
        return found

    @encoding.setter
    def encoding(self, name: str | None) -> None:
        self.__dict__["encoding"] = name
