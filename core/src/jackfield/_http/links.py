"""Where a service's own links lead: to the next page of a list, in a header or in a body."""

import re
from collections.abc import Iterator

from jackfield._http.redirects import resolved
from jackfield._http.url import below, split

_TARGET = re.compile(r"[\s,]*<([^>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s",;]*)))?"""
)
_ESCAPED = re.compile(r"\\(.)")


def link_to(header: str, relation: str) -> str:
    """Give the target of the first link of a relation; empty if there is none.

    Links that are said to be about another thing (``anchor``) do not count. What follows a link that cannot be read is
    not looked at.

    Args:
        header: The value of a Link header; several are joined by commas.
        relation: Lower case: ``next``.

    Source: RFC 8288, sections 3.1 to 3.3 and appendix B.2, read 2026-11-25.
    """
    for target, parameters in _links(header):
        relations = parameters.get("rel", "").lower().split()
        if relation in relations and "anchor" not in parameters:
            return target
    return ""


def _links(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    at = 0
    while found := _TARGET.match(header, at):
        at, parameters = found.end(), dict[str, str]()
        while parameter := _PARAMETER.match(header, at):
            at = parameter.end()
            value = _ESCAPED.sub(r"\1", parameter["quoted"]) if parameter["quoted"] else parameter["token"] or ""
            parameters.setdefault(parameter["name"].lower(), value)  # of several, the first one counts
        yield found[1].strip(), parameters
        rest = header[at:].lstrip()
        if not rest.startswith(","):
            return


def followed(base_url: str, asked: str, url: str, location: str) -> tuple[str, str]:
    """Give path and query, as a client takes them, of an address that a service named in an answer.

    Args:
        base_url: That of the client; empty for one that takes whole URLs: of those, the next is of the same origin.
        asked: What the client was asked for at first.
        url: Where the answer came from.
        location: The address: relative to the answer's, or whole.

    Raises:
        UnsafeRequestError: It leads to another origin or out of the base URL's path, or cannot be read.
    """
    base = base_url or str(split(asked).origin)
    path, query = below(base, resolved(url, location))
    return (path if base_url else f"{base}{path}"), query
