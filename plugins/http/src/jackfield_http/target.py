"""Where a request goes: below the connection's base URL, or to any public server if it has none."""

from collections.abc import Iterable, Mapping
from typing import Annotated
from urllib.parse import parse_qs, quote, urlsplit

from attrs import field, frozen

from jackfield import Client, Context, InvalidInputError, KeyValue, Problem, Text
from jackfield_http.request_form import flat_flaw

__all__ = ["Headers", "Query", "Target", "Where", "target_of", "where_flaws"]

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
    def params(self) -> str | Mapping[str, object] | None:
        """The whole query; as the URL spells it, where that is all."""
        return self.named_params if self.more else self.query or None

    @property
    def named_params(self) -> Mapping[str, object]:
        """The whole query by name; a name that the user gives beside the URL wins."""
        return {**parse_qs(self.query, keep_blank_values=True), **self.more}


def where_flaws(query: Mapping[str, object] | None) -> Iterable[Problem]:
    """Find values that cannot stand in a query."""
    name = flat_flaw(query)
    if name:
        message = "must be a text, a number, yes or no, or a list of these"
        yield Problem(path=f"$.query.{name}", rule="type", message=message)


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
    if path != base_url and not path.startswith(f"{base_url}/"):
        message = f"must stand below the connection's base URL {base_url}; credentials go nowhere else"
        raise InvalidInputError([Problem(path="$.url", rule="origin", message=message)])
    return path.removeprefix(base_url).replace("@", "%40")


def _whole(path: str) -> str:
    parts = urlsplit(path)
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        message = "must be a whole URL with https:// or http://, since no connection says what it stands below"
        raise InvalidInputError([Problem(path="$.url", rule="url", message=message)])
    return path
