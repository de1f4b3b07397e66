"""What a service answers, as data: for a service that answers from memory, and for the samples of a module."""

import io
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from attrs import field, frozen
from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict

from jackfield._http.uploading import StreamBody

__all__ = ["Reply", "body_of"]


_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED})
"""Statuses whose answers have no body. Source: RFC 9110, 15.3.5, 15.3.6 and 15.4.5."""


@frozen(kw_only=True)
class Reply:
    """One answer of a service. At most one of ``json``, ``content`` and ``events`` is its body.

    Attributes:
        json: A body to be sent as JSON.
        status: The HTTP status code; with 204, 205 and 304 there is no body.
        headers: More headers; they win over those that follow from the body.
        content: The body itself.
        events: A stream of server-sent events: a text is sent as it is, anything else as JSON.
    """

    json: object = None
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes | None = None
    events: Sequence[object] | None = None

    def response(self, request: PreparedRequest) -> Response:
        """Make the response to a request; its body has not been read."""
        kind, body = self._body()
        response = Response()
        response.status_code = self.status
        response.reason = HTTPStatus(self.status).phrase
        response.headers = CaseInsensitiveDict({**({"Content-Type": kind} if kind else {}), **self.headers})
        response.raw = io.BytesIO(body)
        response.request = request
        response.url = request.url or ""
        return response

    def _body(self) -> tuple[str, bytes]:
        if self.status in _BODILESS:
            return "", b""
        if self.events is not None:
            texts = [event if isinstance(event, str) else json.dumps(event) for event in self.events]
            return "text/event-stream", "".join(f"data: {text}\n\n" for text in texts).encode()
        if self.content is not None:
            return "application/octet-stream", self.content
        return "application/json", json.dumps(self.json).encode()


def body_of(request: PreparedRequest) -> Any:
    """Give what a request sends: the JSON value for JSON, ``None`` for nothing, what is in it for files, else text.

    What is no text is given as bytes.
    """
    body: Any = request.body
    if isinstance(body, StreamBody):
        return body.described()
    if not body:
        return None
    raw = body.encode() if isinstance(body, str) else bytes(body)
    try:
        text = raw.decode()
        return json.loads(text) if "json" in str(request.headers.get("Content-Type", "")) else text
    except UnicodeDecodeError:
        return raw
    except ValueError:
        return text
