"""What a service answered, and what can be read from it."""

import re
from collections.abc import Mapping

from attrs import field, frozen

from jackfield import _json
from jackfield.errors import AnswerError, LimitError

_TITLE = re.compile(rb"<title[^>]*>([^<]*)", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body)", re.IGNORECASE)
_SEARCHED = 8192
_LONGEST_TITLE = 80
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


@frozen(kw_only=True)
class Answer:
    """What a service answered.

    Attributes:
        status: HTTP status code.
        headers: By name; look-up ignores case.
        body: Decompressed; empty while it is still streaming.
        url: The URL that answered.
        request_id: The service's own name for the answer; may be empty.
        max_json_bytes: How large the body may be to be read as JSON; ``None`` for any size.
        max_json_depth: How deep lists and objects may stand in each other in the body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    request_id: str = ""
    max_json_bytes: int | None = field(default=None, repr=False)
    max_json_depth: int = field(default=_json.MAX_DEPTH, repr=False)

    @property
    def media_type(self) -> str:
        """Lower-case type and subtype, without parameters; empty if the service said none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def described(self) -> str:
        """What the body is, in words that show none of it but the title of an HTML page."""
        if not self.body.strip():
            return "an empty body"
        if self.media_type == "text/html" or _MARKUP.match(self.body):
            title = _TITLE.search(self.body, 0, _SEARCHED)
            words = " ".join(title[1].decode("utf-8", "replace").split())[:_LONGEST_TITLE] if title else ""
            return f"an HTML page ({words!r})" if words else "an HTML page"
        return self.media_type or "a body of no stated type"

    def json(self) -> object:
        """Read the body as JSON.

        Raises:
            AnswerError: It is empty, or not JSON; names the media type, shows no content.
            LimitError: It is larger or nested deeper than the settings ``max_json_bytes`` and ``max_json_depth`` allow.
        """
        most = self.max_json_bytes
        if most is not None and len(self.body) > most:
            message = f"The answer is larger than {most} bytes, and is not read as JSON."
            raise LimitError(message, limit="max_json_bytes", maximum=most)
        try:
            return _json.parse(self.body, max_depth=self.max_json_depth)
        except _json.JsonError as error:
            raise self._no_json(error) from None

    def _no_json(self, error: _json.JsonError) -> AnswerError:
        said_json = "json" in self.media_type and self.body.strip()
        detail = f" ({error})" if said_json else ""
        return AnswerError(
            f"The service answered {self.status} with {self.described} where JSON was expected{detail}.",
            request_id=self.request_id,
            hint="" if said_json else "Check the connection's base URL: is it the address of the API itself?",
        )

    def text(self) -> str:
        """Read the body as text, in the charset that the service names; what cannot be read is replaced."""
        named = _CHARSET.search(self.headers.get("Content-Type", ""))
        try:
            return self.body.decode(named[1] if named else "utf-8", "replace")
        except (LookupError, ValueError):  # a charset that Python does not know, or that is no charset ("hex")
            return self.body.decode("utf-8", "replace")
