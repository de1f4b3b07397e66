"""What a server answered, read as what it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import frozen

from jackfield import Answer, AnswerError, Context, File, LimitError
from jackfield_http.csv_text import read_csv
from jackfield_http.texts import text_of
from jackfield_http.xml_text import read_xml

__all__ = ["Parse", "Reading", "RequestAnswer", "read", "told"]

Parse = Literal["auto", "json", "xml", "csv", "text", "file"]

_CSV_TYPES = frozenset({"text/csv", "application/csv", "text/tab-separated-values"})
_BAD = 400
_NEXT_COOKIE = re.compile(r",\s*+(?=[!#$%&'*+.^_`|~0-9A-Za-z-]++=)")
"""Where one ends; the comma in a date has no name and ``=`` behind it."""


@frozen(kw_only=True)
class RequestAnswer:
    """What the server answered.

    Attributes:
        status_code: The HTTP status.
        headers: By name in lower case.
        url: Where it came from, after redirects.
        body: What was read: any JSON value, or a text; of a list, its items; ``None`` if it is empty or a file.
        file: What was answered, if that is a file.
        cookies: What each header ``Set-Cookie`` says, if there are several; ``headers`` has them with commas between.
    """

    status_code: int
    headers: Mapping[str, str]
    url: str
    body: object = None
    file: File | None = None
    cookies: Sequence[str] | None = None


@frozen(kw_only=True)
class Reading:
    """How an answer is to be read."""

    parse: Parse = "auto"
    delimiter: str | None = None
    has_header: bool = True
    max_cells: int = 1_000_000


def told(answer: Answer, body: object, file: File | None = None) -> RequestAnswer:
    """Give an answer with what was read of it."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    cookies = _NEXT_COOKIE.split(headers.get("set-cookie", ""))
    return RequestAnswer(
        status_code=answer.status,
        headers=headers,
        url=answer.url,
        body=body,
        file=file,
        cookies=cookies if len(cookies) > 1 else None,
    )


def read(answer: Answer, reading: Reading, context: Context) -> RequestAnswer:
    """Read an answer.

    Raises:
        AnswerError: It is not what it was to be read as, or what it says that it is.
        LimitError: It is too large or too deep to be read so.
    """
    body, file = None, answer.file
    if reading.parse == "file" and file is None and answer.status < _BAD:
        file = context.store_file(answer.body, media_type=answer.media_type)
    if file is None and answer.body:
        body, file = _content(answer, reading, context)
    return told(answer, body, file)


def _content(answer: Answer, reading: Reading, context: Context) -> tuple[object, File | None]:
    kind = _kind(answer) if reading.parse == "auto" or answer.status >= _BAD else reading.parse
    if kind == "file":
        return None, context.store_file(answer.body, name=_name(answer), media_type=answer.media_type)
    try:
        return _parsed(answer, kind, reading, context), None
    except (AnswerError, LimitError):
        if answer.status < _BAD:
            raise
        return text_of(answer), None  # a failure says what it says, in whatever shape


def _parsed(answer: Answer, kind: Parse, reading: Reading, context: Context) -> object:
    if kind == "json":
        return answer.json()
    if kind == "xml":
        return read_xml(answer, context.check)
    if kind == "csv":
        tabs = answer.media_type == "text/tab-separated-values"
        delimiter = reading.delimiter or ("\t" if tabs else ",")
        return read_csv(
            text_of(answer),
            delimiter=delimiter,
            has_header=reading.has_header,
            max_cells=reading.max_cells,
            check=context.check,
        )
    return text_of(answer)


def _kind(answer: Answer) -> Parse:
    """Find out what an answer is, by its type; one without a type is JSON if it begins so, else text if it is some."""
    media = answer.media_type
    subtype = media.partition("/")[2]
    if subtype == "json" or subtype.endswith("+json"):
        return "json"
    if media in _CSV_TYPES:
        return "csv"
    if (subtype == "xml" or subtype.endswith("+xml")) and not media.startswith("image/"):
        return "text" if subtype == "xhtml+xml" else "xml"
    if media:
        return "text" if answer.is_text and not media.startswith("image/") else "file"
    try:
        start = answer.body.decode().lstrip("\ufeff \t\r\n")[:1]
    except UnicodeDecodeError:
        return "file"
    return "json" if start in {"{", "["} and _is_json(answer) else "text"


def _is_json(answer: Answer) -> bool:
    try:
        answer.json()
    except (AnswerError, LimitError):
        return False
    return True


def _name(answer: Answer) -> str:
    return answer.url.partition("?")[0].rpartition("/")[2]
