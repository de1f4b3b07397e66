"""From what a module gives to the request that leaves."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, cast
from urllib.parse import quote, quote_plus, urldefrag, urlencode

import attrs
from requests import PreparedRequest

from jackfield._http.header_map import Headers
from jackfield._http.headers import check_header
from jackfield._http.uploading import FilePart, StreamBody, multipart
from jackfield._http.url import join, plain_url
from jackfield.errors import InvalidInputError, Problem, UnsafeRequestError

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
_QUERY = re.compile(r"[!\x22\x24-\x5b\x5d-\x7e]*")
_METHOD = re.compile(r"[A-Z]{1,32}")
_JSON = "$.json"
_DATA = "$.data"
_MOST_SEARCHED = 100_000
_LONGEST_PLACE = 1000
_BODY_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
Dump = Callable[[object], object]
"""Turns attrs objects into JSON values."""


class _Stamped(PreparedRequest):
    """A prepared request that is made, and copied, by its attributes, which requests does with more care than needed.

    Its hooks and cookies are those of a session, and there is none.
    """

    headers: Headers

    def __init__(self, method: str, url: str, headers: Headers, body: bytes | StreamBody | None) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.body = cast("bytes | None", body)  # whoever sends knows both
        self.hooks = {"response": []}
        self._cookies = None
        self._body_position = None

    def copy(self) -> PreparedRequest:
        """Make one with headers of its own."""
        twin = self.__class__.__new__(self.__class__)
        twin.__dict__.update(self.__dict__)
        twin.headers = self.headers.copy()
        return twin


class Outgoing(NamedTuple):
    """A request that can be sent any number of times.

    Attributes:
        method: In capitals.
        url: The whole, with the query.
        headers: Checked.
        body: ``None`` for none; a StreamBody is read while it is sent.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | StreamBody | None

    def stamp(self) -> PreparedRequest:
        """Make a prepared request of its own for one attempt; whoever gets it may change it.

        Not by requests' own ``prepare``, which would parse, quote and check again what ``join`` and ``make`` did.
        """
        body = self.body.fresh() if isinstance(self.body, StreamBody) else self.body
        return _Stamped(self.method, self.url, Headers(self.headers), body)

    def redirected(self, status: int, url: str) -> "Outgoing":
        """Give the request that follows a redirect: 303 asks with GET, and so do 301 and 302 after a POST."""
        keeps = (
            self.method in {"GET", "HEAD"} or (status in {301, 302} and self.method != "POST") or status in {307, 308}
        )
        if keeps:
            return self._replace(url=url)
        dropped = {"content-type", "content-length"}
        headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
        return Outgoing("GET", url, headers, None)


def make(
    base_url: str,
    method: str,
    path: str,
    *,
    params: object,
    body: bytes | StreamBody | None,
    body_type: str,
    headers: Mapping[str, str] | None,
    defaults: Mapping[str, str],
    dump: Dump,
) -> Outgoing:
    """Put a request together.

    Args:
        base_url: Where the path stands below; empty if the path is a whole URL.
        method: In capitals.
        path: As the client takes it.
        params: The query; a text is one that is spelled already.
        body: What is sent with it.
        body_type: What that is; empty if nobody says.
        headers: Those that a user made up.
        defaults: The others.
        dump: Turns attrs objects into JSON values.

    Raises:
        UnsafeRequestError: The method, the path or a header may not be sent.
        InvalidInputError: The query has a value that cannot stand in one.
    """
    if not _METHOD.fullmatch(method):
        message = "The method must be a word in capitals, such as GET."
        raise UnsafeRequestError(message)
    url = join(base_url, path) if base_url else plain_url(urldefrag(path).url)
    if params is not None:
        query = _spelled(params) if isinstance(params, str) else _encoded(params, "$.params", dump, quote)
        url = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
    all_headers = dict(defaults)
    if body is not None and body_type:
        all_headers["Content-Type"] = body_type
    if headers:
        _override(all_headers, headers)
    if body is not None or method in _BODY_EXPECTED:
        size = body.size if isinstance(body, StreamBody) else len(body or b"")
        if size is not None:
            all_headers["Content-Length"] = str(size)
    return Outgoing(method, url, all_headers, body)


def _spelled(query: str) -> str:
    """Check a query that is spelled already."""
    if not _QUERY.fullmatch(query):
        message = "The query has a blank, a '#', or a character that is not ASCII."
        raise UnsafeRequestError(message, hint="Percent-encode it, or give its names and values.")
    return query


def _override(all_headers: dict[str, str], headers: Mapping[str, str]) -> None:
    names = {name.lower(): name for name in all_headers}
    for name, value in headers.items():
        check_header(name, value)
        all_headers.pop(names.get(name.lower(), ""), None)
        all_headers[name] = value


def json_body(value: object, dump: Dump) -> bytes:
    """Write a JSON body, compactly; attrs objects may stand anywhere in it.

    Raises:
        InvalidInputError: It has NaN, an infinite number, half a surrogate pair, or what is no JSON.
    """
    try:
        # An attrs object at the top is dumped here: the encoder would ask for it by ``default``, twice as slowly.
        return _encoder(dump).encode(dump(value) if attrs.has(type(value)) else value).encode()
    except UnicodeEncodeError:
        reason = "has text that is not Unicode (half of a surrogate pair)"
    except RecursionError:
        reason = "is nested too deep"
    except TypeError:
        reason = "has a value that is no JSON"
    except ValueError:
        place = _bad_number(value, dump)
        raise _invalid(place or _JSON, "must be a finite number" if place else "must not hold itself") from None
    raise _invalid(_JSON, reason)


@lru_cache(maxsize=8)
def _encoder(dump: Dump) -> json.JSONEncoder:
    return json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=dump)


def _bad_number(value: object, dump: Dump) -> str:
    """Find the first number that JSON has no word for."""
    todo: list[tuple[str, object]] = [(_JSON, value)]
    for _ in range(_MOST_SEARCHED):
        if not todo:
            break
        path, item = todo.pop()
        if len(path) > _LONGEST_PLACE:  # it holds itself
            continue
        if isinstance(item, float) and not math.isfinite(item):
            return path
        inner = dump(item) if attrs.has(type(item)) else item
        if isinstance(inner, Mapping):
            todo += [(f"{path}.{name}", child) for name, child in inner.items()]
        elif isinstance(inner, list | tuple):
            todo += [(f"{path}[{index}]", child) for index, child in enumerate(inner)]
    return ""


def form_body(value: object, dump: Dump) -> bytes:
    """Write a body as a browser writes a form.

    Raises:
        InvalidInputError: It has a value that cannot stand in one.
    """
    return _encoded(value, _DATA, dump, quote_plus).encode()


def multipart_body(value: object, files: Sequence[FilePart], dump: Dump) -> tuple[StreamBody, str]:
    """Put a form with files together; gives its content type too.

    Raises:
        InvalidInputError: It has a value that cannot stand in one.
    """
    try:
        return multipart([] if value is None else list(_pairs(value, _DATA, dump)), files)
    except UnicodeEncodeError:
        reason = "has text that is not Unicode (half of a surrogate pair)"
    raise _invalid(_DATA, reason)


def _encoded(given: object, path: str, dump: Dump, quoter: Callable[..., str]) -> str:
    try:
        return urlencode(list(_pairs(given, path, dump)), quote_via=quoter)
    except UnicodeEncodeError:
        reason = "has text that is not Unicode (half of a surrogate pair)"
    raise _invalid(path, reason)


def _pairs(given: object, path: str, dump: Dump) -> Iterator[tuple[str, str]]:
    value = dump(given) if attrs.has(type(given)) else given
    if isinstance(value, Mapping):
        value = value.items()
    elif not isinstance(value, list | tuple):
        raise _invalid(path, "must be an object, or a list of pairs")
    for name, item in value:
        for one in item if isinstance(item, list | tuple) else (item,):
            if one is not None:
                yield str(name), _word(one, f"{path}.{name}", dump)


def _word(value: object, path: str, dump: Dump) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise _invalid(path, "is a datetime without a time zone; make it with tzinfo")
    if isinstance(value, date | time):
        return str(dump(value))
    raise _invalid(path, "must be a text, a finite number, a boolean, a date or time, or a list of these")


def _invalid(path: str, message: str) -> InvalidInputError:
    return InvalidInputError([Problem(path=path, rule="json", message=message)])
