"""What the stand-in answers: a JSON value, a text, or a stream of events; and OpenAI's shape of an error."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["RefusalError", "Reply", "Stream", "error_body"]

_STATUS_OF_CODE = {
    "insufficient_quota": 429,
    "invalid_api_key": 401,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "server_error": 500,
    "server_is_overloaded": 503,
    "unsupported_country_region_territory": 403,
}
"""What OpenAI answers with a code; 400 for any other."""

_TYPE_OF_STATUS = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}


@frozen(kw_only=True)
class Reply:
    """A whole answer."""

    status: int = 200
    media_type: str = "application/json"
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)

    @classmethod
    def json(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Reply":
        """Make an answer of a JSON value."""
        return cls(status=status, body=json.dumps(value).encode(), headers=headers or {})


@frozen(kw_only=True)
class Stream:
    """An answer in events, each a JSON value.

    Attributes:
        events: In their order.
        named: Whether each is sent under the name that its ``type`` says; else ``[DONE]`` follows the last.
    """

    events: Iterator[Mapping[str, Any]]
    named: bool = False


class RefusalError(Exception):
    """The request is refused, as OpenAI would refuse it."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param

    def reply(self, headers: Mapping[str, str] | None = None) -> Reply:
        """Give it as an answer."""
        return Reply.json(error_body(str(self), self.status, self.code, self.param), self.status, headers)

    @classmethod
    def for_code(cls, code: str, param: str | None = None) -> "RefusalError":
        """Make the refusal that usually comes with a code."""
        message = f"The stand-in was asked for {code or 'a failure'}."
        return cls(message, status=_STATUS_OF_CODE.get(code, 400), code=code, param=param)


def error_body(message: str, status: int, code: str | int | None, param: str | None) -> dict[str, Any]:
    """Make the body of an error; all four members are always there."""
    server_error = 500
    kind = "server_error" if status >= server_error else _TYPE_OF_STATUS.get(status, "invalid_request_error")
    if code == "insufficient_quota":
        kind = "insufficient_quota"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
