"""The lean adapter behind requests' own types: it sends one prepared request, and follows and repeats nothing."""

import warnings
from functools import partial
from http.client import HTTPException
from typing import Any

from attrs import evolve
from requests import PreparedRequest
from requests.adapters import BaseAdapter
from requests.utils import select_proxy
from urllib3.exceptions import InsecureRequestWarning

from jackfield._http.breakages import no_answer, not_connected
from jackfield._http.incoming import WireAnswer
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.names import Resolver
from jackfield._http.pool import Pool
from jackfield._http.reach import Reach, check_proxied
from jackfield._http.responses import RawBody, WireResponse
from jackfield._http.routes import Proxy, Route, parse_proxy
from jackfield._http.tls import Certificate, Contexts, Verify
from jackfield._http.trip import Trip
from jackfield._http.url import Place, split
from jackfield._http.wire import PlainConnection


class LeanAdapter(BaseAdapter):
    """Sends prepared requests over connections of its own pool.

    It can be mounted in a ``requests.Session``; its errors are Jackfield's, not those of requests. Any number of
    threads may use one; a child process that ``os.fork`` makes starts with an empty pool.

    Args:
        settings: Limits.
        resolver: What looks names up; the system's own without.
    """

    def __init__(self, settings: HttpSettings | None = None, resolver: Resolver | None = None) -> None:
        super().__init__()
        self._settings = settings or HttpSettings()
        self._pool = Pool(size=self._settings.pool_size, max_idle_s=self._settings.max_idle_s)
        self._contexts = Contexts()
        self._resolver = resolver or Resolver(self._settings.max_lookups)

    def send(  # noqa: PLR0917  as requests has it
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002  a Session reads the body itself if it is to be read
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002  as requests has it
        cert: Any = None,
        proxies: Any = None,
    ) -> WireResponse:
        """Send one request as a Session asks for it.

        Args:
            request: With a URL, a method and headers.
            stream: Means nothing here: the body is read when somebody asks for it.
            timeout: Seconds for everything, the body included; a pair bounds the connecting alone by its first number.
            verify: ``False`` itself, and nothing else that is false, trusts any certificate; a path trusts its content.
            cert: Our own certificate: a file, or a pair of a file and its key.
            proxies: By scheme, as in requests.

        Raises:
            TransportError: No whole head of an answer came; also DeadlineError and LimitError.
            UnsafeRequestError: The URL or a header cannot be sent.
            InvalidInputError: The proxy or a certificate cannot be used.
        """
        settings, deadline = self._time(timeout)
        if verify is False and (request.url or "").lower().startswith("https:"):
            message = "The certificate is not checked: whoever stands in between can read the credentials."
            warnings.warn(message, InsecureRequestWarning, stacklevel=2)
        return self.exchange(
            request,
            trip=Trip(settings, deadline, Cancellation()),
            verify=verify if verify is False else verify or True,
            certificate=tuple(cert) if isinstance(cert, list) else cert,
            proxy=parse_proxy(select_proxy(request.url or "", proxies) or ""),
        )

    def _time(self, timeout: Any) -> tuple[HttpSettings, Deadline]:
        connect, read = timeout if isinstance(timeout, tuple) else (None, timeout)
        if connect is None:
            return self._settings, Deadline(self._settings.deadline_s if read is None else read)
        settings = evolve(self._settings, connect_timeout_s=connect)
        return settings, Deadline(settings.deadline_s if read is None else connect + read)

    def exchange(
        self,
        request: PreparedRequest,
        *,
        trip: Trip,
        verify: Verify = True,
        certificate: Certificate = None,
        proxy: Proxy | None = None,
        reach: Reach = Reach.ANYWHERE,
    ) -> WireResponse:
        """Send one request, and read the head of its answer; raises as ``send``, and OperationCancelledError."""
        place = split(request.url or "")
        route = Route(place.origin, verify, certificate, proxy, reach)
        connection = self._pool.take(route) or self._open(route, trip)
        try:
            answer = _talk(connection, request, place, route, trip)
            trip.check()
        except (OSError, HTTPException) as error:
            _drop(connection, trip)
            trip.check()
            raise no_answer(error, connection.where) from error
        except BaseException:
            _drop(connection, trip)
            raise
        return WireResponse(request, RawBody(answer, connection, trip, partial(self._pool.put, route)), self)

    def _open(self, route: Route, trip: Trip) -> PlainConnection:
        if route.proxy:
            check_proxied(route.origin.host, route.reach, str(route), filters=self._settings.proxy_filters)
        connection = route.connection(self._contexts, self._resolver)
        try:
            connection.open(trip)
        except (OSError, UnicodeError, HTTPException) as error:
            connection.close()
            trip.check()
            raise not_connected(error, connection.where) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._pool.close()


def _talk(connection: PlainConnection, request: PreparedRequest, place: Place, route: Route, trip: Trip) -> WireAnswer:
    target = f"{place.path}{place.query}"
    if route.forwards:
        target = f"{place.origin}{target}"
    body = request.body.encode() if isinstance(request.body, str) else request.body
    trip.sending(connection.sock)
    return connection.exchange(trip, request.method or "GET", target, request.headers, body)


def _drop(connection: PlainConnection, trip: Trip) -> None:
    trip.forget()
    connection.close()
