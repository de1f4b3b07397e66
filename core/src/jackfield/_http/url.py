"""Where a request may go: only below its connection's base URL, whatever the path says.

One strict parser serves the check and the transport, so the two cannot read one URL in two ways.
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from requests import Request, RequestException

from jackfield.errors import UnsafeRequestError

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?")
_PRINTABLE = re.compile(r"[\x21-\x7e]*")
_ESCAPE_NOT_WHOLE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CLEAN = re.compile(r"(?:/[0-9A-Za-z_~-][0-9A-Za-z._~:-]*)*/?(?:\?[0-9A-Za-z._~:%&=+,*-]*)?")
"""What needs no closer look: plain segments that start with no dot, and a plain query."""

_PLAIN_SEGMENT = re.compile(r"[0-9A-Za-z_~-][0-9A-Za-z._~-]*")

_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT_IN_PATHS = "/%!$&'()*+,;=:~"
_MOST_DECODINGS = 5
"""A path that still changes when it is decoded for the fifth time is made to hide something."""
_LONGEST_PATH = 8192
_URL_NAME = "The URL"
_LONGEST_HOST = 253
_LARGEST_PORT = 65535


class Origin(NamedTuple):
    """Who is spoken to. The host is lower-case ASCII; an IPv6 address has no brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Give it as a URL without a path, and without the port that the scheme implies."""
        implied = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{self.netloc.rpartition(':')[0] if implied else self.netloc}"

    @property
    def netloc(self) -> str:
        """Host and port, as they stand in a CONNECT request."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Place(NamedTuple):
    """A URL, taken apart. The path starts with a slash; the query is empty or starts with ``?``."""

    origin: Origin
    path: str
    query: str


class _Base(NamedTuple):
    text: str
    origin: Origin
    path: str


def join(base_url: str, path: str) -> str:
    """Put a relative path below a base URL; ``/models`` and ``models`` are the same place.

    Raises:
        UnsafeRequestError: The path could lead out of the base URL, or has characters that cannot stand in one.
    """
    if len(path) > _LONGEST_PATH:
        message = f"The path is longer than {_LONGEST_PATH} characters."
        raise UnsafeRequestError(message, hint="Long values belong in params=... or in the body.")
    return _join(base_url, path)


@lru_cache(maxsize=256)
def _join(base_url: str, path: str) -> str:
    base = _base(base_url)
    _check_relative(path, base)
    _check_path(path, "The path")
    relative = quote(path.removeprefix("/"), safe=_KEPT_IN_PATHS)
    url = f"{base.text}/{relative}" if path else base.text
    check_inside(base_url, url)
    return url


def _check_relative(path: str, base: _Base) -> None:
    if "://" in path or path.startswith("//"):
        message = f"The path is a whole URL; it must be relative to {base.text}."
        raise UnsafeRequestError(message, hint="Requests of a connection stay below its base URL.")
    for mark in "?#":
        if mark in path:
            message = f"The path has a {mark!r}."
            raise UnsafeRequestError(message, hint="Give the query as params=...; write %3F or %23 for the character.")
    if "@" in path:
        message = "The path has an '@'."
        raise UnsafeRequestError(message, hint="Write %40 for the character.")


def _check_path(path: str, what: str) -> None:
    """Refuse a path that a server could read in another way than we do."""
    reason = _objection(path)
    if reason:
        message = f"{what} {reason}."
        raise UnsafeRequestError(message, hint="Percent-encode what is data; dot segments are never followed.")


def _objection(path: str) -> str:
    if _ESCAPE_NOT_WHOLE.search(path):
        return "has a '%' that starts no escape such as %20"
    if "\\" in path:
        return "has a backslash"
    if any(character.isspace() for character in path):
        return "has a blank"
    if "//" in path:
        return "has an empty segment ('//')"
    return _objection_to_decoded(path)


def _objection_to_decoded(path: str) -> str:
    text = path
    for _ in range(_MOST_DECODINGS):
        if _CONTROL.search(text):
            return "has a control character"
        if _climbs(text) or _climbs(unicodedata.normalize("NFKC", text)):
            return "has a dot segment ('.' or '..')"
        try:
            decoded = unquote_to_bytes(text).decode()
        except UnicodeError:
            return "is not UTF-8 when it is decoded"
        if decoded == text:
            return ""
        text = decoded
    return "is encoded too many times"


def _climbs(path: str) -> bool:
    # Some servers drop what follows a semicolon, and blanks at the ends of a segment, before they resolve dots.
    segments = re.split(r"[/\\]", path)
    return any(segment.partition(";")[0].strip() in {".", ".."} for segment in segments)


def is_plain_segment(text: str) -> bool:
    """Tell whether a value is one segment of a path as it stands: most are."""
    return _PLAIN_SEGMENT.fullmatch(text) is not None


def segment_flaw(text: str) -> str:
    """Say why a value cannot be one segment of a path, percent-encoded; empty if it can."""
    if is_plain_segment(text):
        return ""
    if not text:
        return "is empty"
    if "/" in text or "\\" in text:
        return "has a slash or a backslash"
    try:
        return _objection_to_decoded(quote(text, safe=""))
    except UnicodeEncodeError:
        return "has text that is not Unicode (half of a surrogate pair)"


def split(url: str) -> Place:
    """Take a whole URL apart. One without a query is remembered; a query may hold what should not be kept.

    Raises:
        UnsafeRequestError: It is none that we send: not http or https, with user or password, with a fragment, or with
            characters that another program could read in another way.
    """
    return _split(url, _URL_NAME) if "?" in url or len(url) > _LONGEST_PATH else _split_again(url, _URL_NAME)


def _split(url: str, what: str) -> Place:
    match = _URL.fullmatch(url) if _PRINTABLE.fullmatch(url) and "\\" not in url else None
    if match is None:
        message = f"{what} {_why_not(url)}."
        raise UnsafeRequestError(message)
    scheme = match["scheme"].lower()
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    host = _host(match["host"], what)
    if not 0 < port <= _LARGEST_PORT:
        message = f"{what} has a port that cannot be: {port}."
        raise UnsafeRequestError(message)
    return Place(Origin(scheme, host, port), match["path"] or "/", match["query"] or "")


_split_again = lru_cache(maxsize=256)(_split)


def _why_not(url: str) -> str:
    if not re.match(r"https?://", url, re.IGNORECASE):
        return "does not start with https:// or http://"
    if "@" in re.split(r"[/?#\\]", url.partition("://")[2])[0]:
        return "has a user or password; credentials belong in the connection's own fields"
    if "\\" in url or not _PRINTABLE.fullmatch(url):
        return "has a backslash, a blank, a control character or one that is not ASCII"
    if "#" in url:
        return "has a fragment ('#...'), which is never sent"
    return "has no host that can be reached, or a port that is no number"


@lru_cache(maxsize=256)
def _host(text: str, what: str) -> str:
    try:
        if text.startswith("["):
            return ipaddress.IPv6Address(text[1:-1]).compressed
    except ValueError:
        message = f"{what} has an IPv6 address that cannot be read."
        raise UnsafeRequestError(message) from None
    host = text.lower()
    labels = host.removesuffix(".").split(".")
    if len(host) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        message = f"{what} has a host that is no name and no address."
        raise UnsafeRequestError(message)
    return host


@lru_cache(maxsize=256)
def _base(base_url: str) -> _Base:
    what = "The base URL"
    if not base_url.isascii():
        base_url = _ascii(base_url)
    for mark, name in (("?", "a query"), ("#", "a fragment")):
        if mark in base_url:
            message = f"{what} has {name}; it must end with a host or with a segment of a path."
            raise UnsafeRequestError(message)
    place = _split(base_url, what)
    _check_path(place.path, what)
    path = quote(place.path.removesuffix("/"), safe=_KEPT_IN_PATHS + "@")
    return _Base(f"{place.origin}{path}", place.origin, path)


def _ascii(base_url: str) -> str:
    reason = _objection(base_url.partition("://")[2])  # before requests resolves dot segments by itself
    if reason:
        message = f"The base URL {reason}."
        raise UnsafeRequestError(message)
    return _spelled(base_url, "The base URL")


def _spelled(url: str, what: str) -> str:
    """Let requests spell a host and path of other letters in ASCII (IDNA, percent)."""
    try:
        return Request("GET", url).prepare().url or ""
    except (RequestException, ValueError):
        message = f"{what} has a host that is no name and no address."
        raise UnsafeRequestError(message) from None


def plain_url(url: str) -> str:
    """Give a whole URL that anybody named as it is sent: in ASCII, and with nothing that can be read in two ways.

    Raises:
        UnsafeRequestError: As ``split``.
    """
    odd = "\\" in url or _CONTROL.search(url) or any(character.isspace() for character in url)
    if not url.isascii() and not odd:
        url = _spelled(url, _URL_NAME)
    split(url)
    return url


def below(base_url: str, url: str) -> tuple[str, str]:
    """Give what of a URL stands below the base URL: the path, as ``join`` takes it, and the query without its mark.

    Raises:
        UnsafeRequestError: As ``check_inside``.
    """
    check_inside(base_url, url)
    place = split(url)
    return place.path.removeprefix(_base(base_url).path).replace("@", "%40"), place.query.removeprefix("?")


def check_inside(base_url: str, url: str) -> None:
    """Check that a URL is the base URL or lies below it: the same scheme, host and port, and under its path.

    Raises:
        UnsafeRequestError: It does not, or could be read by another program as if it did not.
    """
    base = _base(base_url)
    if url.startswith(base.text) and _CLEAN.fullmatch(url, len(base.text)):
        return
    place = split(url)
    if place.origin != base.origin:
        message = f"The request would leave {base.origin} for {place.origin}."
        raise UnsafeRequestError(message, hint="A connection's credentials go to its own origin only.")
    _check_path(place.path, "The URL's path")
    if place.path != base.path and not place.path.startswith(f"{base.path}/"):
        message = f"The request would leave {base.text}: its path is not below {base.path}."
        raise UnsafeRequestError(message)
