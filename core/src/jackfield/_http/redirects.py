"""Following redirects by hand.

What carries a credential follows to the same origin only, and only below the base URL: requests would forward
``X-Api-Key`` to another host, and send the body of a POST there again. What carries none may follow anywhere, but not
out of TLS.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote_plus, urldefrag, urljoin

from jackfield._http.answers import Answer
from jackfield._http.outgoing import Outgoing
from jackfield._http.url import check_inside, split
from jackfield.errors import RefusedError, UnsafeRequestError

_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_KEPT_ELSEWHERE = frozenset({"accept", "accept-encoding", "if-modified-since", "if-none-match", "user-agent"})
"""What may be told to another origin than the one that was meant: a header that a user typed may be a key."""
_ODD = re.compile(r"[\x00-\x20\x7f\\]")


def names_in(query: str) -> frozenset[str]:
    """Give the names of the parameters in a query."""
    return frozenset(unquote_plus(pair.partition("=")[0]) for pair in query.split("&") if pair)


def without(names: frozenset[str], query: str) -> str:
    """Leave parameters of some names out of a query; the others stay as they are spelled."""
    kept = [pair for pair in query.split("&") if unquote_plus(pair.partition("=")[0]) not in names]
    return "&".join(kept)


def is_redirect(status: int, headers: Mapping[str, str]) -> bool:
    """Tell whether an answer sends us elsewhere."""
    return status in _FOLLOWED and "Location" in headers


def follow(base_url: str, outgoing: Outgoing, answer: Answer, location: str) -> Outgoing:
    """Give the request that follows a redirect, credentials included.

    Raises:
        RefusedError: It leads to another origin, or out of the base URL's path.
    """
    try:
        url = resolved(outgoing.url, location)
        check_inside(base_url, url)
    except UnsafeRequestError:
        hint = "If you trust the new address, make it the connection's base URL."
        raise _not_followed(answer, _whereto(outgoing.url, location), hint) from None
    return outgoing.redirected(answer.status, url)


def follow_anywhere(outgoing: Outgoing, answer: Answer, location: str) -> Outgoing:
    """Give the request that follows a redirect of one that carries no credential of a connection.

    To another origin, headers that a user typed stay behind, and no body goes there.

    Raises:
        RefusedError: It leads from https:// to http://, or to what is no address of the web; or a body would go to
            another origin.
    """
    here = split(outgoing.url).origin
    try:
        url = resolved(outgoing.url, location)
        there = split(url).origin
    except UnsafeRequestError:
        url, there = "", here
    if not url or (here.scheme, there.scheme) == ("https", "http"):
        hint = "What was asked for over https:// is not fetched without TLS, nor from anywhere but the web."
        raise _not_followed(answer, _whereto(outgoing.url, location), hint)
    following = outgoing.redirected(answer.status, url)
    if here == there:
        return following
    if following.body is not None:
        hint = "If what is sent may go there, give that address itself."
        raise _not_followed(answer, _whereto(outgoing.url, location), hint)
    kept = {name: value for name, value in following.headers.items() if name.lower() in _KEPT_ELSEWHERE}
    return following._replace(headers=kept)


def _not_followed(answer: Answer, whereto: str, hint: str) -> RefusedError:
    message = f"The service answered {answer.status} and redirects {whereto}, which is not followed."
    return RefusedError(message, status=answer.status, request_id=answer.request_id, hint=hint)


def resolved(url: str, location: str) -> str:
    """Give the whole URL that a service means by an address in an answer, without its fragment.

    Args:
        url: That of the answer.
        location: As it stands there: relative or whole.

    Raises:
        UnsafeRequestError: It cannot be read, or could be read in two ways.
    """
    message = "The address cannot be read."
    if _ODD.search(location):  # urljoin would drop line breaks and tabs, and some programs take \ for /
        raise UnsafeRequestError(message)
    # http.client reads headers as Latin-1; what is no ASCII was UTF-8 (as everywhere on the web), to be quoted again.
    plain = quote(location.encode("latin-1", "replace"), safe=_ASCII)
    try:
        return urldefrag(urljoin(url, plain)).url
    except ValueError:
        raise UnsafeRequestError(message) from None


def _whereto(url: str, location: str) -> str:
    here = split(url).origin
    try:
        target = split(resolved(url, location)).origin
    except UnsafeRequestError:
        return f"from {here} to an address that cannot be read"
    return f"from {here} to {target}" if target != here else f"out of the base URL, within {here}"
