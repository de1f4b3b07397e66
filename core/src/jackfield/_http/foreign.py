"""Fetching a URL that anybody named: no credential travels, each hop is looked at anew, and only public hosts answer.

Nothing here is authorized, so redirects may lead to another host: a service answers with the address of a file, and
that redirects to a store. The transport refuses addresses that are not public at each hop, since each is a connection
of its own, and connects to the very addresses that it looked at.
"""

from collections.abc import Callable
from urllib.parse import urldefrag

from requests import PreparedRequest, Response

from jackfield._http.answers import Answer
from jackfield._http.attempts import Attempts, Take, Watcher
from jackfield._http.failures import error_from
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.outgoing import Outgoing
from jackfield._http.redirects import follow_anywhere
from jackfield._http.url import plain_url
from jackfield.errors import RemoteError

_HINT = "Does the address still work? Many such addresses are good for a short time only."


def fetch(
    url: str,
    *,
    settings: HttpSettings,
    deadline: Deadline,
    cancellation: Cancellation,
    send: Callable[[PreparedRequest], Response],
    watcher: Watcher,
    take: Take | None = None,
    in_memory: bool = False,
) -> tuple[Answer, Response]:
    """GET a URL that is not the connection's, without any credential.

    Args:
        url: A whole one; what follows ``#`` is not sent.
        settings: Limits, and how often to try.
        deadline: Of the whole operation.
        cancellation: Stops it.
        send: Sends one request over a transport that knows that a stranger named the host.
        watcher: Is told what happens.
        take: Reads the body; a body that breaks off is fetched again.
        in_memory: As in Attempts.

    Returns:
        The head of the answer, whose ``url`` says where the redirects ended, and the response. Its body is not read:
        read it with ``pieces``, which counts it, and close it.

    Raises:
        UnsafeRequestError: It is no URL that we send, or it leads to an address that is not public.
        RemoteError: There is no such file; a redirect that is not followed is a RefusedError.
        TransportError: No whole answer came; also LimitError, DeadlineError, OperationCancelledError.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": settings.user_agent}
    attempts = Attempts(
        follow_anywhere,
        settings=settings,
        deadline=deadline,
        cancellation=cancellation,
        send=send,
        watcher=watcher,
        read_error=_error,
        request_id_header="x-request-id",
        in_memory=in_memory,
    )
    outgoing = Outgoing("GET", plain_url(urldefrag(url).url), headers, None)
    return attempts.answered(outgoing, repeatable=True, raise_errors=True, streaming=True, take=take)


def _error(answer: Answer) -> RemoteError:
    """Make the error for a failure; the connection and its key have nothing to do with it."""
    error = error_from(answer)
    error.hint = _HINT
    return error
