"""From what an author says of a request to the request, with all that cannot be meant refused."""

import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from attrs import frozen

from jackfield._annotations import misuse
from jackfield._answer_paths import steps_of
from jackfield._http.headers import check_header
from jackfield._http.url import join
from jackfield.errors import UnsafeRequestError
from jackfield.forms import (
    AFile,
    Anything,
    Either,
    Fixed,
    Form,
    ListOf,
    Scalar,
    ScalarKind,
    Shape,
    Slot,
    form_of,
    slots_to_files,
    slots_to_secrets,
)
from jackfield.paging import Paging
from jackfield.rest.request import Encoding, Request, Segment
from jackfield.rest.templates import compiled, compiled_body, names_in, stray_brace

_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) +(/\S*)")
_PLACE = re.compile(r"\{(\+?)([^{}+]+)\}")
_IN_QUERY = frozenset({"GET", "DELETE"})
"""Where fields go that are not mentioned; of any other method, into the body."""


@frozen(kw_only=True)
class Said:
    """What an author says of a request; as in ``module``."""

    request: str
    form: type
    query: Mapping[str, object] | Sequence[str]
    headers: Mapping[str, str]
    body: object
    encoding: Encoding
    limit: str
    keep: tuple[str, ...]
    paging: Paging | None
    idempotency_header: str

    @property
    def where(self) -> str:
        """How an error names the place."""
        return f"{self.form.__module__}.{self.form.__qualname__} ({self.request})"

    def refuse(self, what: str, remedy: str) -> NoReturn:
        """Raise the error for what cannot be meant."""
        raise misuse(self.where, what, remedy) from None


def request_of(said: Said) -> Request:
    """Make the request.

    Raises:
        PluginError: Something in it cannot be meant; names the place, the rule and the remedy.
    """
    form, (method, path) = form_of(said.form), _method_and_path(said)
    segments = _segments(said, path, form)
    query = _query(said)
    templates = {"query": query, "header": said.headers, "body": said.body}
    placed = [(_existing(said, "path", form, part.key), part) for part in segments if isinstance(part, Segment)]
    mentioned = {slot.key for slot, _ in placed}
    for what, template in templates.items():
        _check_template(said, what, template, form)
        mentioned |= set(names_in(template))
    skipped = _skipped(said, form)
    left = {slot.key: f"{{{slot.key}}}" for slot in form.slots if slot.key not in mentioned | skipped}
    body = said.body
    if method in _IN_QUERY:
        query = _merged(said, "query", query, left)
    else:
        body = _with_rest(said, left)
    request = _Parts(said, form, method, query, body)
    request.check()
    return Request(
        method=method,
        path=segments,
        query={name: compiled(template) for name, template in query.items()},
        headers={name: compiled(template) for name, template in said.headers.items()},
        body=None if body is None else compiled_body(body),
        encoding=said.encoding,
        sent=[slot for slot in form.slots if slot.key not in skipped],
        placed=placed,
        idempotency_header=said.idempotency_header,
    )


def _method_and_path(said: Said) -> tuple[str, str]:
    found = _REQUEST.fullmatch(said.request)
    if found is None:
        remedy = 'Write a method and a path from the connection\'s base URL: "GET /repos/{owner}/issues".'
        said.refuse("the request cannot be read", remedy)
    method, path = found.groups()
    plain = _PLACE.sub("x", path)
    if "{" in plain or "}" in plain:
        said.refuse("a brace in the path belongs to no place", "Write {name}, or {+name} for several segments.")
    try:
        join("https://host.example", plain)
    except UnsafeRequestError as error:
        said.refuse(f"the path cannot be used: {error.message.rstrip('.')}", error.hint)
    return method, path


def _segments(said: Said, path: str, form: Form) -> list[str | Segment]:
    pieces = _PLACE.split(path)  # texts, and between each two a plus or nothing, and the name of a field
    parts: list[str | Segment] = [pieces[0]]
    for several, key, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        slot = _existing(said, "path", form, key)
        if not slot.required and (slot.nullable or slot.default is None):
            said.refuse(f"the path needs {key}, which may be left out", "Make it required, or give it a default.")
        if not _is_single(slot.shape):
            said.refuse(f"{key} is no single value, and cannot stand in the path", "Use a text or a number.")
        parts += (Segment(key, bool(several)), text)
    return parts


def _existing(said: Said, what: str, form: Form, key: str) -> Slot:
    slot = form.slot(key)
    if slot is None:
        known = ", ".join(slot.key for slot in form.slots) or "none"
        said.refuse(f"the {what} names {key!r}, and there is no such field", f"There are: {known}.")
    return slot


def _query(said: Said) -> dict[str, object]:
    if isinstance(said.query, str):
        said.refuse("the query is a text", 'Give a list of fields, ["page"], or {"q": "{text}"}.')
    if isinstance(said.query, Mapping):
        return dict(said.query)
    return {key: f"{{{key}}}" for key in said.query}


def _check_template(said: Said, what: str, template: object, form: Form) -> None:
    for key in names_in(template):
        _existing(said, what, form, key)
    if stray_brace(template):
        said.refuse(f"a brace in the {what} belongs to no place", "Write {name}, or {name:,} to join a list.")


def _skipped(said: Said, form: Form) -> frozenset[str]:
    if form.rest:
        said.refuse(f"nothing says where {form.rest} goes", "Declare its fields, or write a function.")
    unsent = frozenset(_existing(said, "keep", form, key).key for key in said.keep)
    if not said.limit:
        return unsent
    slot = _existing(said, "limit", form, said.limit)
    if slot.shape != Scalar(ScalarKind.INTEGER):
        said.refuse(f"the limit {said.limit} is no whole number", "Make it an int with the word Integer.")
    return unsent | {said.limit}


def _merged(said: Said, what: str, given: Mapping[str, object], left: Mapping[str, object]) -> dict[str, object]:
    twice = next((name for name in given if name in left), "")
    if twice:
        remedy = "Call one of the two otherwise: a field by key=... in its word."
        said.refuse(f"the {what} has {twice}, and so has the form", remedy)
    return {**given, **left}


def _with_rest(said: Said, left: Mapping[str, object]) -> object:
    """Give the template of a body together with the fields that are mentioned nowhere."""
    if said.body is None:
        return left or None
    if isinstance(said.body, Mapping):
        return _merged(said, "body", said.body, left)
    if left:
        remedy = f"Mention what goes into the query: query={sorted(left)}."
        said.refuse(f"{' and '.join(left)} would be sent nowhere, since the body is something else", remedy)
    return said.body


@frozen
class _Parts:
    """A request whose parts are looked at together."""

    said: Said
    form: Form
    method: str
    query: Mapping[str, object]
    body: object

    def check(self) -> None:
        """Look whether each value can stand where it is put."""
        said = self.said
        if self.body is not None and self.method == "GET":
            said.refuse("a GET has no body", "Leave body out: fields of a GET go into the query.")
        if said.encoding != "json" and not isinstance(self.body, Mapping):
            said.refuse(f"there is no body to be sent as {said.encoding}", "Leave encoding out.")
        for name in (*said.headers, *filter(None, [said.idempotency_header])):
            self._check_header(name)
        for what, template in (("query", self.query), ("header", said.headers)):
            self._check_flat(what, template)
        if said.encoding != "json":
            self._check_flat("body", self.body, files=said.encoding == "multipart")
        self._check_files()
        self._check_secrets()
        self._check_paging()

    def _check_header(self, name: str) -> None:
        try:
            check_header(name, "x")
        except UnsafeRequestError as error:
            self.said.refuse(error.message.rstrip("."), error.hint or "Call it otherwise.")

    def _check_flat(self, what: str, template: object, *, files: bool = False) -> None:
        for key in names_in(template):
            slot = _existing(self.said, what, self.form, key)
            if not _is_flat(slot.shape, files=files):
                remedy = "Send it in a JSON body, or write a function."
                self.said.refuse(f"{key} is no single value nor a list of these, as the {what} needs", remedy)

    def _check_files(self) -> None:
        alone = self.body if isinstance(self.body, str) else ""
        for slot in slots_to_files(self.form.cls):
            if self.said.encoding == "multipart" and _is_flat(slot.shape, files=True):
                continue
            if alone != f"{{{slot.key}}}" or slot.shape != AFile():
                remedy = f'Say encoding="multipart", or body="{{{slot.key}}}" to send nothing but the file.'
                self.said.refuse(f"{slot.key} holds a file, which has no place in JSON", remedy)

    def _check_secrets(self) -> None:
        for slot in slots_to_secrets(self.form.cls):
            if not slot.is_secret:
                self.said.refuse(f"there is a secret inside {slot.key}", "Make it a field of the form itself.")

    def _check_paging(self) -> None:
        style = self.said.paging
        names = paging_names(style)
        if getattr(style, "into", "query") == "query":
            said = self.query
        elif self.said.encoding != "json" or self.method in _IN_QUERY:
            self.said.refuse("the paging speaks in a body, and there is no JSON body", 'Say into="query".')
        else:
            said = self.body if isinstance(self.body, Mapping) else {}
        twice = next((name for name in names if name in said and not isinstance(said[name], Mapping)), "")
        if twice:
            remedy = "Take the field out of the form: the paging fills it in."
            self.said.refuse(f"{twice} is said by the form and by the paging", remedy)


def paging_names(style: Paging | None) -> list[str]:
    """Give the names in the query, or at the top of the body, that a style of paging fills in."""
    names = [name for name in (getattr(style, "param", ""), getattr(style, "size_param", "")) if name]
    if getattr(style, "into", "query") == "query":
        return names
    return [str(steps_of(name)[0]) for name in names]


def _is_single(shape: Shape) -> bool:
    return isinstance(shape, Scalar | Fixed)


def _is_flat(shape: Shape, *, files: bool = False) -> bool:
    if isinstance(shape, ListOf):
        return _is_flat(shape.item.shape, files=files) and not isinstance(shape.item.shape, ListOf)
    if isinstance(shape, Either):
        return all(_is_flat(member, files=files) for member in shape.members)
    return _is_single(shape) or isinstance(shape, Anything) or (files and isinstance(shape, AFile))
