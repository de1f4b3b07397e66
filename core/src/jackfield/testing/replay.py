"""A service that answers from memory, as a plugin of a host."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from requests import PreparedRequest, Response

from jackfield.hookspecs import hookimpl
from jackfield.testing.replies import Reply, body_of

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

    Args:
        replies: The first answers; more with ``reply``.

    Attributes:
        requests: What was sent, in order, one for each attempt.
    """

    def __init__(self, *replies: Reply) -> None:
        self.requests: list[PreparedRequest] = []
        self._answers: deque[Reply | Exception] = deque(replies)
        self._lock = threading.Lock()

    @property
    def bodies(self) -> list[Any]:
        """What each request sent: the JSON value for JSON, ``None`` for nothing, what is in it for files, else text."""
        return [body_of(request) for request in self.requests]

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
        self._answers.append(
            Reply(json=json_body, status=status, headers=headers or {}, content=content, events=events)
        )

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
        return answer.response(request)
