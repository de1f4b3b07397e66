"""A request as the stand-in sees it, and the bodies that it may have."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from attrs import field, frozen

from jackfield_openai.sandbox.multipart import Part, read_parts
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.replies import RefusalError

__all__ = ["FORM", "Request"]

FORM = "multipart/form-data"
_JSON = "application/json"


@frozen(kw_only=True)
class Request:
    """A request that came whole.

    Attributes:
        method: In capitals.
        target: The path and query, as they came.
        headers: By name in lower case.
        body: As it came.
        orders: What the caller wants to go wrong.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    orders: Orders

    @property
    def path(self) -> str:
        """Where it goes, without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query; the last of several equal names."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def media_type(self) -> str:
        """What the body is, as the request says."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def parts(self) -> list[Part]:
        """Read the body as a form.

        Raises:
            RefusalError: It is none, or does not say that it is one.
        """
        self._require(FORM)
        return read_parts(self.headers["content-type"], self.body)

    def json(self) -> dict[str, Any]:
        """Read the body.

        Raises:
            RefusalError: It is no JSON object, or does not say that it is one.
        """
        self._require(_JSON)
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            message = "We could not parse the JSON body of your request."
            raise RefusalError(message, code="invalid_json") from None
        if not isinstance(value, dict):
            message = "The JSON body of your request must be an object."
            raise RefusalError(message, code="invalid_json")
        return value

    def _require(self, media_type: str) -> None:
        if self.media_type != media_type:
            message = (
                f"Unsupported content type: '{self.media_type}'. This method only accepts '{media_type}' requests."
            )
            raise RefusalError(message, status=415, code="unsupported_content_type")
