"""A request as a user writes it, made ready for the client."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve, field, frozen

from jackfield import Answer, Context, File, FilePart

__all__ = ["Call", "query_items"]

Scalar = str | int | float | bool | None


@frozen(kw_only=True)
class Call:
    """One request.

    Attributes:
        method: In capitals.
        path: Below the base URL, without a query.
        params: The query: every value of every name.
        body: What goes with it, as the client's arguments of those names: ``json``, ``data``, ``files``, ``content``.
        headers: Beside those of the connection.
        raise_errors: Whether an answer of 400 and above is raised.
    """

    method: str
    path: str
    params: Mapping[str, Sequence[str]]
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    raise_errors: bool

    @classmethod
    def of(
        cls,
        method: str,
        url: str,
        *,
        base_url: str,
        query: Mapping[str, object],
        headers: Mapping[str, str],
        body: object,
        body_type: str | None,
        files: Mapping[str, File | Sequence[File]] | None,
        raise_errors: bool,
    ) -> Self:
        """Read what the user wrote.

        Args:
            method: In capitals.
            url: A path, in any of its spellings; may have a query.
            base_url: The connection's.
            query: More of the query; a name that stands here too wins over the URL's.
            headers: Beside those of the connection.
            body: Any JSON value; ``None`` for no body.
            body_type: ``json``, ``text``, ``form``, or ``None`` to go by the value.
            files: Fields with files, sent in a form together with the body.
            raise_errors: Whether an answer of 400 and above is raised.
        """
        path, _, typed = url.partition("?")
        params: dict[str, list[str]] = {}
        for name, value in parse_qsl(typed, keep_blank_values=True):
            params.setdefault(name, []).append(value)
        for name, values in query.items():
            params[name] = [_spelled(value) for value in query_items(values) if value is not None]
        kind = "form" if files is not None else body_type or ("text" if isinstance(body, str) else "json")
        return cls(
            method=method,
            path=_path(path, base_url),
            params=params,
            body={**_body(body, kind), **_files(files)},
            headers=_with_type(headers, body) if kind == "text" and isinstance(body, str) else headers,
            raise_errors=raise_errors,
        )

    def send(self, context: Context) -> Answer:
        """Send it, and wait for the whole answer."""
        return context.client.request(
            self.method,
            self.path,
            params=self.params or None,
            headers=self.headers or None,
            raise_errors=self.raise_errors,
            store_files=True,
            **self.body,
        )

    def after(self, item_id: str) -> Self:
        """Give the request for the page that follows an item."""
        return evolve(self, params={**self.params, "after": [item_id]})


def query_items(value: object) -> Sequence[Any]:
    """Give the values that a name of the query stands for."""
    return value if isinstance(value, list | tuple) else [value]


def _spelled(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _path(path: str, base_url: str) -> str:
    """Give a path below the base URL; ``models``, ``/models``, ``/v1/models`` and the whole URL all mean the same.

    What is no path (``//host``, ``https://elsewhere``) stays as it is, for the client to refuse.
    """
    path = path.removeprefix(f"{base_url}/")
    if path.startswith("//") or "://" in path:
        return path
    path = path.removeprefix("/")
    base_path = urlsplit(base_url).path.strip("/")
    for prefix in (base_path, "v1"):
        while prefix and f"{path}/".startswith(f"{prefix}/"):
            path = path[len(prefix) :].removeprefix("/")
    return path


def _body(body: object, kind: str) -> dict[str, Any]:
    if body is None:
        return {}
    if kind == "form" and isinstance(body, Mapping):
        return {"data": {name: _spelled(value) for name, value in body.items() if value is not None}}
    if kind == "text" and isinstance(body, str):
        return {"content": body.encode()}
    return {"json": body}


def _files(files: Mapping[str, File | Sequence[File]] | None) -> dict[str, Any]:
    if files is None:
        return {}
    return {"files": [FilePart(name=name, file=file) for name, several in files.items() for file in _each(several)]}


def _each(files: File | Sequence[File]) -> Sequence[File]:
    return [files] if isinstance(files, File) else files


def _with_type(headers: Mapping[str, str], text: str) -> Mapping[str, str]:
    """Say what a text is, unless the user did: people paste JSON into a field for text."""
    if any(name.lower() == "content-type" for name in headers):
        return headers
    try:
        is_json = isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        is_json = False
    return {**headers, "Content-Type": "application/json" if is_json else "text/plain; charset=utf-8"}
