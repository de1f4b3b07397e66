"""What a service answered, and what can be read from it."""

import codecs
import re
from collections.abc import Mapping

from attrs import field, frozen

from jackfield import _json
from jackfield.errors import AnswerError, LimitError
from jackfield.files import File

_TITLE = re.compile(rb"<title[^>]*>([^<]*)", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body)", re.IGNORECASE)
_TEXTS = frozenset({"json", "jsonl", "x-ndjson", "xml", "yaml", "javascript", "x-www-form-urlencoded"})
_SEARCHED = 8192
_LONGEST_TITLE = 80
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}", re.ASCII)
_OF_THE_WEB = re.compile(
    r"ascii|utf-(?:8|16|32).*|iso8859-\d+|cp\d+|koi8-\w|gb\w+|big5.*|euc_\w+|shift_jis.*|iso2022_\w+"
)
"""Python has others under the same roof: ``punycode`` takes minutes for a megabyte, and nothing can interrupt it."""
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
        file: The body, where it was given to the host as a file; ``body`` is empty then.
        method: What was answered: GET, too, where a POST was redirected; empty if nobody says.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str = field(repr=lambda url: repr(url.partition("?")[0]))  # some services take a key in the query
    request_id: str = ""
    max_json_bytes: int | None = field(default=None, repr=False)
    max_json_depth: int = field(default=_json.MAX_DEPTH, repr=False)
    file: File | None = None
    method: str = field(default="", repr=False)

    @property
    def media_type(self) -> str:
        """Lower-case type and subtype, without parameters; empty if the service said none, or what cannot be one."""
        said = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return said if _MEDIA_TYPE.fullmatch(said) else ""

    @property
    def is_text(self) -> bool:
        """Whether the service says that the body is text: JSON, XML, a form, any ``text/``."""
        kind = self.media_type
        return kind.startswith("text/") or kind.partition("/")[2].rpartition("+")[2] in _TEXTS

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
        return self.body.decode(_codec(self.headers.get("Content-Type", "")), "replace")


def _codec(content_type: str) -> str:
    """Give Python's name for the charset that a header names; that of UTF-8 where it is none, or none of the web's."""
    named = _CHARSET.search(content_type)
    try:
        name = codecs.lookup(named[1]).name if named else ""
    except (LookupError, ValueError):
        name = ""
    return name if _OF_THE_WEB.fullmatch(name) else "utf-8"
