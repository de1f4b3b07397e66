"""Sending one request until an answer is good, or a further attempt is not worth it."""

from collections.abc import Callable
from http import HTTPStatus
from itertools import count
from typing import Protocol

from requests import PreparedRequest, Response

from jackfield._http.answers import Answer
from jackfield._http.body import read_start, read_whole
from jackfield._http.breakages import FOREIGN, foreign
from jackfield._http.failures import error_from
from jackfield._http.limits import Cancellation, Deadline, HttpSettings
from jackfield._http.outgoing import Outgoing
from jackfield._http.redirects import is_redirect, without
from jackfield._http.retry import advice_of, judge
from jackfield._http.turns import Turn
from jackfield._http.uploading import StreamBody
from jackfield.errors import (
    BusyError,
    DeadlineError,
    JackfieldError,
    LimitError,
    NotFoundError,
    RemoteError,
    TransportError,
)

_FAILURE = HTTPStatus.BAD_REQUEST.value
"""A number: to look a member of an enum up takes as long as to call a function, and each call asks three times."""


class Watcher(Protocol):
    """Who is told what a client does; the engine turns it into events."""

    def attempt(self, request: PreparedRequest, attempt: int) -> None:
        """A request leaves; attempt 1 is the first. Following a redirect, it leaves in the same attempt again."""

    def waiting(self, error: JackfieldError, attempt: int, wait_s: float) -> None:
        """An attempt failed, and the next one follows after a wait."""

    def answered(self, answer: Answer) -> None:
        """An answer came; the body of a stream is not read yet."""


Take = Callable[[Answer, Response], Answer]
"""Reads the body of a good answer while it comes, and gives the answer with it."""

ReadError = Callable[[Answer], RemoteError | None]
"""Reads a failure; ``None`` from it means "as for any service"."""

Follow = Callable[[Outgoing, Answer, str], Outgoing]
"""Gives the request that follows a redirect to a place, or raises."""


def _tell_of_attempts_before(error: RemoteError) -> None:
    """Say of what is not there that it may be gone because it was deleted."""
    if isinstance(error, NotFoundError):
        error.perhaps_deleted = True
        error.hint = "An attempt before this one broke off, and may have deleted it."


def _hold_others(response: Response, error: RemoteError) -> None:
    """Tell the gate, if there is one, that the service takes no more for now; used-up money is another matter."""
    turn: Turn | None = getattr(response.raw, "turn", None)
    if turn is not None and isinstance(error, BusyError) and error.status == HTTPStatus.TOO_MANY_REQUESTS:
        turn.refused(error.retry_after_s)


class Attempts:
    """Sends, follows redirects, repeats; arguments as in Client.

    Args:
        follow: Says where a redirect may lead.
        in_memory: Whether no body may be written to a file, not even while it comes.
    """

    def __init__(
        self,
        follow: Follow,
        *,
        settings: HttpSettings,
        deadline: Deadline,
        cancellation: Cancellation,
        send: Callable[[PreparedRequest], Response],
        watcher: Watcher,
        read_error: ReadError | None,
        request_id_header: str,
        in_memory: bool = False,
    ) -> None:
        self._follow = follow
        self._settings = settings
        self._deadline = deadline
        self._cancellation = cancellation
        self._send = send
        self._watcher = watcher
        self._read_error = read_error
        self._request_id_header = request_id_header
        self._in_memory = in_memory
        self._own_names: frozenset[str] = frozenset()

    def answered(
        self,
        outgoing: Outgoing,
        *,
        repeatable: bool,
        raise_errors: bool,
        streaming: bool = False,
        take: Take | None = None,
        read_error: ReadError | None = None,
    ) -> tuple[Answer, Response]:
        """Send, and give the answer; the body of a stream is left in the response.

        A body that is taken belongs to the attempt: if it breaks off, the request is repeated where that is harmless.

        Raises:
            RemoteError: The service answered with a failure, and failures are to be raised.
            TransportError: No whole answer came; also LimitError, DeadlineError, OperationCancelledError.
        """
        for attempt in count(1):
            self._cancellation.check()
            self._deadline.check("run", sent=attempt > 1)
            try:
                answer, response = self._attempt(outgoing, attempt, raise_errors, streaming or take is not None)
                if take is not None and answer.status < _FAILURE:
                    answer = take(answer, response)
            except TransportError as broken:
                self._wait(broken, attempt, outgoing, repeatable=repeatable)
                continue
            if answer.status < _FAILURE:
                break
            try:
                error = error_from(answer, read_error or self._read_error)
                if attempt > 1 and outgoing.method == "DELETE":
                    _tell_of_attempts_before(error)
                _hold_others(response, error)
                self._wait(error, attempt, outgoing, repeatable=repeatable, advice=advice_of(answer.headers))
            except RemoteError:
                if raise_errors:
                    raise
                break
        return answer, response

    def without_own(self, query: str) -> str:
        """Leave out of a query what the connection adds by itself: a service's link may have it, the key included."""
        return without(self._own_names, query) if self._own_names else query

    def _url_without_own(self, url: str) -> str:
        place, _, query = url.partition("?")
        kept = self.without_own(query)
        return f"{place}?{kept}" if kept else place

    def _wait(
        self,
        error: RemoteError | TransportError,
        attempt: int,
        outgoing: Outgoing,
        *,
        repeatable: bool,
        advice: bool | None = None,
    ) -> None:
        """Wait for the next attempt, or raise the error if there is none."""
        verdict = judge(
            error,
            attempt=attempt,
            repeatable=repeatable,
            left_s=self._deadline.left_s,
            settings=self._settings,
            advice=advice,
        )
        flaw = outgoing.body.flaw() if verdict.wait_s is not None and isinstance(outgoing.body, StreamBody) else ""
        note = f"It was not tried again, since the body cannot be sent again: {flaw}" if flaw else verdict.note
        if verdict.wait_s is None or flaw:
            error.hint = f"{error.hint} {note}".strip()
            raise error
        self._watcher.waiting(error, attempt, verdict.wait_s)
        self._cancellation.wait(verdict.wait_s)

    def _attempt(
        self,
        outgoing: Outgoing,
        attempt: int,
        raise_errors: bool,  # noqa: FBT001  as in answered
        streaming: bool,  # noqa: FBT001  the same
    ) -> tuple[Answer, Response]:
        """Send once, and follow where the service redirects."""
        settings = self._settings
        for _ in range(settings.max_redirects + 1):
            response = self._sent(outgoing, attempt)
            self._own_names |= getattr(response.raw, "own_names", self._own_names)
            if not is_redirect(response.status_code, response.headers):
                return self._received(response, raise_errors=raise_errors, streaming=streaming), response
            answer = self.answer(response, read_start(response, settings))
            self._watcher.answered(answer)
            outgoing = self._follow(outgoing, answer, response.headers["Location"])
            outgoing = outgoing._replace(url=self._url_without_own(outgoing.url))
        message = f"The service redirects more than {settings.max_redirects} times."
        raise LimitError(message, limit="max_redirects", maximum=settings.max_redirects)

    def _sent(self, outgoing: Outgoing, attempt: int) -> Response:
        request = outgoing.stamp()
        self._watcher.attempt(request, attempt)
        try:
            return self._send(request)
        except FOREIGN as error:
            raise foreign(error) from None
        except DeadlineError as error:
            error.sent |= attempt > 1  # the service may have acted on an earlier one
            raise

    def _received(self, response: Response, *, raise_errors: bool, streaming: bool) -> Answer:
        failed = response.status_code >= _FAILURE
        if failed and raise_errors:
            body = read_start(response, self._settings)
        else:
            left = streaming and not failed
            body = b"" if left else read_whole(response, self._settings, in_memory=self._in_memory)
        answer = self.answer(response, body)
        self._watcher.answered(answer)
        return answer

    def answer(self, response: Response, body: bytes) -> Answer:
        """Put an answer together from its head and body."""
        return Answer(
            status=response.status_code,
            headers=response.headers,
            body=body,
            url=response.url,
            request_id=response.headers.get(self._request_id_header, ""),
            max_json_bytes=self._settings.max_json_bytes,
            max_json_depth=self._settings.max_json_depth,
            method=getattr(response.request, "method", None) or "",
        )
