"""Asking for something only if it has changed since the last look (RFC 9110, section 13: conditional requests)."""

from collections.abc import Mapping
from http import HTTPStatus

from jackfield import Answer, Context
from jackfield_http.target import Target

__all__ = ["fetched_if_changed"]

_ASKED_BY = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
"""By the header of an answer, that of the next request."""
_CONDITIONS = frozenset({"if-match", "if-none-match", "if-modified-since", "if-range", "if-unmodified-since"})
_LONGEST = 1024
"""Of what a server calls a state; a longer one is not kept."""


def fetched_if_changed(target: Target, context: Context) -> Answer | None:
    """Fetch what a trigger looks at; ``None`` if the server says that it is as it was.

    Who sets such headers himself is not interfered with.
    """
    known = context.bookmark if isinstance(context.bookmark, Mapping) else {}
    own = any(name.lower() in _CONDITIONS for name in target.headers or ())
    conditions = {} if own else {asks: str(known[said]) for said, asks in _ASKED_BY.items() if said in known}
    answer = _asked(target, conditions)
    if answer.status == HTTPStatus.NOT_MODIFIED and conditions and _place(answer) != known.get("url"):
        answer = _asked(target, {})  # it moved: that another server has nothing newer says nothing
    if answer.status == HTTPStatus.NOT_MODIFIED and conditions:
        context.keep_bookmark(known)
        return None
    said = {} if own else {name: value for name in _ASKED_BY if 0 < len(value := _said(answer, name)) <= _LONGEST}
    context.keep_bookmark({"url": _place(answer), **said} if said else None)
    return answer


def _asked(target: Target, conditions: Mapping[str, str]) -> Answer:
    headers = {**(target.headers or {}), **conditions}
    return target.client.request("GET", target.path, params=target.params, headers=headers)


def _place(answer: Answer) -> str:
    return answer.url.partition("?")[0]


def _said(answer: Answer, name: str) -> str:
    value = answer.headers.get(name, "").strip()
    return value if value.isascii() and value.isprintable() else ""
