"""A service that answers from memory, as a plugin of a host."""

import io
import json
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict

from jackfield.hookspecs import hookimpl

__all__ = ["Replay"]


class Replay:
    """A service that answers from memory, as a plugin of a host.

    Give it answers, run modules, read the requests. It answers before credentials are added, so no key is ever in
    ``requests``. Nothing reaches the network: a request without an answer is an error.

    >>> from jackfield import Host
    >>> replay = Replay()
    >>> host = Host(plugins=[replay], discover=False)
    >>> replay.requests
    []

    Attributes:
        requests: What was sent, in order, one for each attempt.
    """

    def __init__(self) -> None:
        self.requests: list[PreparedRequest] = []
        self._answers: deque[Response | Exception] = deque()
        self._lock = threading.Lock()

    def reply(
        self,
        json_body: object = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        events: Sequence[object] | None = None,
    ) -> None:
        """Put one answer at the end of the queue.

        Args:
            json_body: A body to be sent as JSON.
            status: The HTTP status code.
            headers: More headers; they win over those that follow from the body.
            content: The body itself, instead of ``json_body``.
            events: A stream of server-sent events instead: a text is sent as it is, anything else as JSON.
        """
        response = Response()
        response.status_code = status
        response.reason = HTTPStatus(status).phrase
        kind, body = _body(json_body, content, events)
        response.headers = CaseInsensitiveDict({"Content-Type": kind, **(headers or {})})
        response.raw = io.BytesIO(body)
        self._answers.append(response)

    def fail(self, error: Exception) -> None:
        """Put an error at the end of the queue, to be raised instead of an answer."""
        self._answers.append(error)

    @hookimpl(tryfirst=True)
    def send(self, request: PreparedRequest) -> Response:
        """Answer with what is next in the queue."""
        with self._lock:
            self.requests.append(request)
            if not self._answers:
                message = f"Replay has no answer left for {request.method} {request.url}."
                raise AssertionError(message)
            answer = self._answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        answer.request = request
        answer.url = request.url or ""
        return answer


def _body(json_body: object, content: bytes | None, events: Sequence[object] | None) -> tuple[str, bytes]:
    if events is not None:
        texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
        return "text/event-stream", "".join(f"data: {text}\n\n" for text in texts).encode()
    if content is not None:
        return "application/octet-stream", content
    return "application/json", json.dumps(json_body).encode()
