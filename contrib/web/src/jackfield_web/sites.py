"""Whose pages may change something: those of the same host, and those that the application trusts."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.requests import Request

from jackfield_web.problems import WebError

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})


def refuse_other_sites(request: Request, trusted: Collection[str]) -> None:
    """Go on with a request that no page of another site has made; programs send none of these headers.

    Raises:
        WebError: Another site's page asks for a change, with the cookies of whoever looks at it.
    """
    if request.method in _READING:
        return
    origin = request.headers.get("origin")
    if origin is not None and origin.lower().rstrip("/") in trusted:
        return
    site = request.headers.get("sec-fetch-site")
    foreign = site not in _OWN if site is not None else origin is not None and not _is_own(origin, request)
    if foreign:
        message = "A page of another site asked for this."
        hint = "Whoever runs the application can name its origin in WebSettings(trusted_origins=...)."
        raise WebError(message, status=403, hint=hint)


def _is_own(origin: str, request: Request) -> bool:
    # The host alone: behind a proxy that speaks TLS the scheme of the request is not that of the page.
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower() != ""
