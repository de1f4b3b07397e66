"""What of a form goes where in a request."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from attrs import frozen

from jackfield._engine.dumping import dump
from jackfield._http.segments import flaw_of, spelled
from jackfield._http.uploading import FilePart
from jackfield.errors import Problem
from jackfield.files import File
from jackfield.forms import Slot
from jackfield.rest.templates import ABSENT, Filled, text_of
from jackfield.secrets import Secret

Encoding = Literal["json", "form", "multipart"]


@frozen
class Segment:
    """A place in a path.

    Attributes:
        key: The field, by its name in JSON.
        several: Whether it may be several segments, with slashes between them.
    """

    key: str
    several: bool

    def flaw(self, value: object) -> str:
        """Say why a value cannot stand there; empty if it can."""
        return flaw_of(text_of(value), several=self.several)

    def filled(self, value: object) -> str:
        """Spell a value, so that it is what it is and leads nowhere else."""
        return spelled(text_of(value), several=self.several)


@frozen(kw_only=True)
class Request:
    """A request but for the values of its fields.

    Attributes:
        method: In capitals.
        path: Texts and the places between them.
        query: By name.
        headers: By name.
        body: ``None`` for no body.
        encoding: How a body is sent.
        sent: The fields that are sent.
        placed: Those of them that stand in the path, and where.
        idempotency_header: Carries the key of the operation; empty for none.
    """

    method: str
    path: Sequence[str | Segment]
    query: Mapping[str, Filled]
    headers: Mapping[str, Filled]
    body: Filled | None
    encoding: Encoding
    sent: Sequence[Slot]
    placed: Sequence[tuple[Slot, Segment]]
    idempotency_header: str

    def problems(self, form: object) -> Iterator[Problem]:
        """Find values that cannot stand in the path."""
        for slot, segment in self.placed:
            flaw = segment.flaw(_plain(getattr(form, slot.name)))
            if flaw:
                yield Problem(path=f"$.{slot.key}", rule="path", message=f"{flaw}, and cannot stand in the path")

    def values(self, form: object) -> dict[str, object]:
        """Give what is set, as it is sent, by the fields' names in JSON."""
        return {slot.key: _plain(value) for slot in self.sent if (value := getattr(form, slot.name)) is not None}

    def place(self, values: Mapping[str, object]) -> str:
        """Give the path."""
        return "".join(part if isinstance(part, str) else part.filled(values[part.key]) for part in self.path)

    def parts(self, values: Mapping[str, object], idempotency_key: str) -> dict[str, Any]:
        """Give query, headers and body, as arguments of the client."""
        headers = {name: text_of(value) for name, value in _set(self.headers, values)}
        if self.idempotency_header:
            headers[self.idempotency_header] = idempotency_key
        body = {} if self.body is None else self._body(self.body(values))
        return {"params": dict(_set(self.query, values)) or None, "headers": headers or None, **body}

    def _body(self, body: object) -> dict[str, Any]:
        if body is ABSENT:
            return {}
        if isinstance(body, File):
            return {"content": body}
        if self.encoding == "json":
            return {"json": body}
        fields = body if isinstance(body, Mapping) else {}
        if self.encoding == "form":
            return {"data": fields}
        files = [FilePart(name=name, file=file) for name, value in fields.items() for file in _files(value)]
        named = {part.name for part in files}
        return {"data": {name: value for name, value in fields.items() if name not in named}, "files": files}


def _set(parts: Mapping[str, Filled], values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, part in parts.items():
        value = part(values)
        if value is not ABSENT:
            yield name, value


def _plain(value: object) -> object:
    if type(value) in {str, int, bool}:
        return value
    if isinstance(value, Secret):
        return value.reveal()
    return value if _files(value) else dump(value)


def _files(value: object) -> list[File]:
    """Give the files that a value is, if it is one or several and nothing else."""
    found = value if isinstance(value, list | tuple) else [value]
    files = [item for item in found if isinstance(item, File)]
    return files if len(files) == len(found) else []
