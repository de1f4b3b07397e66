"""The way out to the network that a host's default hooks use."""

from requests import PreparedRequest

from jackfield._http.adapter import LeanAdapter
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.names import Resolver
from jackfield._http.reach import NamedBy, reach_of
from jackfield._http.responses import WireResponse
from jackfield._http.routes import parse_proxy
from jackfield._http.tls import Verify
from jackfield._http.trip import Trip


class Transport:
    """Sends prepared requests under one host's settings; thread-safe and fork-safe.

    Args:
        settings: Limits, proxy, certificates.
        resolver: What looks names up; the system's own without.

    Raises:
        InvalidInputError: The setting ``proxy`` cannot be used.
    """

    def __init__(self, settings: HttpSettings, resolver: Resolver | None = None) -> None:
        self._settings = settings
        self._proxy = parse_proxy(settings.proxy)
        self._verify: Verify = settings.ca_bundle or True
        self._reaches = {named_by: reach_of(named_by, settings) for named_by in NamedBy}
        self._adapter = LeanAdapter(settings, resolver)

    def send(
        self,
        request: PreparedRequest,
        *,
        deadline: Deadline,
        cancellation: Cancellation,
        named_by: NamedBy = NamedBy.USER,
    ) -> WireResponse:
        """Send one request, and read the head of its answer.

        The body is read from ``response.raw``, under the same deadline; ``response.close()`` lets go of it.

        Args:
            request: With its credentials; it follows no redirect.
            deadline: Of the whole operation.
            cancellation: Stops it.
            named_by: Who named the host, which decides which addresses it may have.

        Raises:
            UnreachableError: No connection was made; nothing was sent.
            BrokenAnswerError: The connection broke before the head of an answer was whole.
            DeadlineError: The time is over.
            LimitError: The head is larger than ``max_header_bytes``.
            OperationCancelledError: Somebody cancelled.
            UnsafeRequestError: The URL or a header cannot be sent, or the host may not be reached; nothing was sent.
            InvalidInputError: The setting ``ca_bundle`` cannot be used.
        """
        trip = Trip(self._settings, deadline, cancellation)
        try:
            reach = self._reaches[named_by]
            return self._adapter.exchange(request, trip=trip, verify=self._verify, proxy=self._proxy, reach=reach)
        except Exception as error:
            _forget_frames(error)
            raise

    def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._adapter.close()


def _forget_frames(error: BaseException) -> None:
    """Drop the way to an error and to what led to it: its variables hold the head of the request, key included.

    Some programs log the variables of every frame.
    """
    here: BaseException | None = error
    while here is not None:
        here.__traceback__ = None
        here = here.__cause__ or here.__context__
