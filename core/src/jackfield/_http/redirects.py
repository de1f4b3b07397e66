"""Following redirects by hand: only to the same origin, and only below the base URL.

requests would forward ``X-Api-Key`` to another host, and send the body of a POST there again.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urldefrag, urljoin

from jackfield._http.outgoing import Outgoing
from jackfield._http.url import check_inside, split
from jackfield.errors import RefusedError, UnsafeRequestError

_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_ODD = re.compile(r"[\x00-\x20\x7f\\]")


def is_redirect(status: int, headers: Mapping[str, str]) -> bool:
    """Tell whether an answer sends us elsewhere."""
    return status in _FOLLOWED and "Location" in headers


def follow(outgoing: Outgoing, status: int, location: str, *, base_url: str, request_id: str) -> Outgoing:
    """Give the request that follows a redirect.

    Raises:
        RefusedError: It leads to another origin, or out of the base URL's path.
    """
    try:
        url = _resolved(outgoing.url, location)
        check_inside(base_url, url)
    except UnsafeRequestError:
        whereto = _whereto(outgoing.url, location)
    else:
        return outgoing.redirected(status, url)
    message = f"The service answered {status} and redirects {whereto}, which is not followed."
    hint = "If you trust the new address, make it the connection's base URL."
    raise RefusedError(message, status=status, request_id=request_id, hint=hint)


def _resolved(url: str, location: str) -> str:
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
        target = split(_resolved(url, location)).origin
    except UnsafeRequestError:
        return f"from {here} to an address that cannot be read"
    return f"from {here} to {target}" if target != here else f"out of the base URL, within {here}"
