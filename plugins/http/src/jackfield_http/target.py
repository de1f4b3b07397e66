"""Where a request goes: below the connection's base URL, or to any public server if it has none."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import parse_qs, quote, unquote_plus, urlencode, urlsplit

from attrs import evolve, field, frozen

from jackfield import Client, Context, Effect, InvalidInputError, KeyValue, Problem, Text
from jackfield_http.request_form import flat_flaw

__all__ = [
    "Headers",
    "Query",
    "Target",
    "Where",
    "as_the_form_says",
    "target_of",
    "where_flaws",
]

_PORTS = {"https": ":443", "http": ":80"}
_FIELDS = {"$.params": "$.query", "$.json": "$.body.value", "$.data": "$.body.fields"}
_PLACE = re.compile(rf"^(?:{'|'.join(map(re.escape, _FIELDS))})")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

Where = Annotated[
    str,
    Text(
        label="URL",
        help="The whole URL; with a connection that has a base URL, a path below it does.",
        min_length=1,
        example="https://api.example.com/v1/items",
    ),
]
Query = Annotated[
    Mapping[str, object] | None,
    KeyValue(label="Query", help="Names and values; a list is sent as one pair for each item."),
]
Headers = Annotated[Mapping[str, str] | None, KeyValue(label="Headers", help="Beside those that the connection sends.")]


@frozen(kw_only=True)
class Target:
    """Where a request goes.

    Attributes:
        client: What sends it there.
        path: As the client takes it, without a query.
        query: The query of the URL, as it is spelled there.
        more: What stands in the query beside it.
        headers: Those of the user, and what is accepted unless he says it.
    """

    client: Client
    path: str
    query: str = field(repr=False)
    more: Mapping[str, object] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def params(self) -> str | None:
        """The whole query, the URL's as it is spelled there; a name that the user gives beside it wins."""
        own = [pair for pair in self.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in self.more]
        more = urlencode([*_pairs(self.more)], quote_via=quote)
        return "&".join([*own, more] if more else own) or None

    @property
    def named_params(self) -> Mapping[str, object]:
        """The same by name.

        Raises:
            InvalidInputError: The query of the URL has bytes that are no UTF-8.
        """
        try:
            return {**parse_qs(self.query, keep_blank_values=True, errors="strict"), **self.more}
        except UnicodeDecodeError:
            message = "has bytes in its query that are no UTF-8, which cannot be kept where pages are asked for"
            raise InvalidInputError([Problem(path="$.url", rule="encoding", message=message)]) from None


def where_flaws(
    query: Mapping[str, object] | None, headers: Mapping[str, str] | None, *, reads: bool = True
) -> Iterator[Problem]:
    """Find what cannot be sent, or would do another thing than it says.

    Args:
        query: As the user gives it.
        headers: Likewise.
        reads: Whether the module only reads, so that no header may change the method.
    """
    name = flat_flaw(query)
    if name:
        message = "must be a text, a finite number, yes or no, or a list of these"
        yield Problem(path=f"$.query.{name}", rule="type", message=message)
    for name in headers or ():
        if reads and Effect.is_told_by(name):
            message = "would make the server do another thing than to read"
            yield Problem(path=f"$.headers.{name}", rule="effect", message=message)


@contextmanager
def as_the_form_says() -> Iterator[None]:
    """Let errors in what a client was given name the fields that it came from."""
    try:
        yield
    except InvalidInputError as error:
        raise InvalidInputError([evolve(each, path=_PLACE.sub(_field, each.path)) for each in error.problems]) from None


def _field(found: re.Match[str]) -> str:
    return _FIELDS[found[0]]


def _pairs(query: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is not None:
                yield name, {True: "true", False: "false"}[one] if isinstance(one, bool) else str(one)


def target_of(
    context: Context,
    url: str,
    query: Mapping[str, object] | None,
    headers: Mapping[str, str] | None,
    *,
    accept: str = "*/*",
    body_type: str = "",
) -> Target:
    """Find out where a request goes.

    Raises:
        InvalidInputError: The URL is not below the connection's base URL; or it is a path, and there is no base URL.
    """
    base_url = context.client.base_url
    whole, _, _ = url.strip().partition("#")
    path, _, typed = whole.partition("?")
    said = {name.lower() for name in headers or ()}
    defaults = {"Accept": accept, **({"Content-Type": body_type} if body_type else {})}
    return Target(
        client=context.client if base_url else context.web,
        path=_below(path, base_url) if base_url else _whole(path),
        query=quote(typed, safe=_PRINTABLE),
        more=query or {},
        headers={**{name: value for name, value in defaults.items() if name.lower() not in said}, **(headers or {})},
    )


def _below(path: str, base_url: str) -> str:
    if "://" not in path and not path.startswith("//"):
        return path.replace("@", "%40")
    wanted, base = _normal(path), _normal(base_url)
    if wanted != base and not wanted.startswith(f"{base}/"):
        message = f"must stand below the connection's base URL {base_url}; credentials go nowhere else"
        raise InvalidInputError([Problem(path="$.url", rule="origin", message=message)])
    return wanted.removeprefix(base).replace("@", "%40")


def _normal(url: str) -> str:
    """Spell scheme, host and port as everybody does."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    port = _PORTS.get(scheme.lower(), ":")
    return f"{scheme.lower()}{mark}{host.lower().removesuffix(port)}{slash}{path}"


def _whole(path: str) -> str:
    parts = urlsplit(path)
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        message = "must be a whole URL with https:// or http://, since no connection says what it stands below"
        raise InvalidInputError([Problem(path="$.url", rule="url", message=message)])
    return path
