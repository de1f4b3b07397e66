"""A search for fields that do nothing, and for what is sent though nobody asked for it."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

import attrs
from attrs import frozen

from jackfield.errors import InputError, InvalidInputError
from jackfield.forms import Slot
from jackfield.host import Host, ModuleHandle, Preview, PreviewRequest
from jackfield.testing.cases import Case, made_connection
from jackfield.testing.samples import Change, beside, changes, completed, given, least_of, samples

T = TypeVar("T")

_BOUNDARY = re.compile(r'boundary="?([^";]+)')


def dead_fields(host: Host, module_id: str, case: Case | None = None) -> list[str]:
    """Find fields of a module whose value makes no difference to what is sent.

    Every field is changed in turn: those inside others, each kind of a union, each value of a choice, the length of a
    list, the names of a map. A field that may be left out is also given and not given. Nothing is sent.

    Args:
        host: Has the module.
        module_id: Of the module.
        case: What its form does not say.

    Returns:
        One line for each place that changes nothing, or could not be tried; one for each that ``case`` calls inert and
        that is not. Empty if all is well.
    """
    trial = _Trial.of(host, module_id, case)
    tried: dict[str, bool] = {}
    untried: dict[str, str] = {}
    for slot in trial.handle.form.slots:
        tried[slot.key] = False
        for path, before, after in trial.pairs(slot):
            try:
                tried[path] = trial.differ(before, after) or tried.get(path, False)
            except InvalidInputError as error:
                untried[path] = f"cannot be tried: {'; '.join(map(str, error.problems))}"
    dead = {path: "changes nothing in the request" for path in (*tried, *untried) if not _is_alive(path, tried)}
    inert = trial.case.inert
    needless = [name for name in inert if not any(_covers(name, path) for path in dead)]
    return [
        *(f"{path}: {untried.get(path, why)}" for path, why in dead.items() if not _told(inert, path)),
        *(f"{name}: is said to be inert, and is not" for name in needless),
    ]


def _is_alive(path: str, tried: Mapping[str, bool]) -> bool:
    return any(alive and _covers(path, other) for other, alive in tried.items())


def unasked(host: Host, module_id: str, case: Case | None = None) -> list[str]:
    """Find what a module sends beyond what is required, if only that is given; and what is required and not sent.

    Args:
        host: Has the module.
        module_id: Of the module.
        case: What its form does not say.

    Returns:
        The names in the query or at the top of the body that no required field accounts for, and the required fields
        of which nothing is there, nor in the path; one line for each. Empty if all is well.
    """
    trial = _Trial.of(host, module_id, case)
    sent = {name for request in trial.preview(trial.least).requests for name in _names(request)}
    wanted = {key: trial.case.sent_as.get(key, (key,)) for key in trial.least}
    expected = {name for names in wanted.values() for name in names} | set(trial.case.always)
    expected |= trial.handle.module.adds
    return [
        *(
            f"{name}: is sent, and no required field asks for it; Case(always=...) tells why"
            for name in sorted(sent - expected)
        ),
        *(
            f"{key}: is required, and not sent"
            for key, names in wanted.items()
            if not sent.issuperset(names) and not trial.is_in_path(key)
        ),
    ]


@frozen
class _Trial:
    """A module that is tried."""

    host: Host
    handle: ModuleHandle
    case: Case
    least: Mapping[str, object]
    connection: Mapping[str, object] | None

    @classmethod
    def of(cls, host: Host, module_id: str, case: Case | None) -> Self:
        case, handle = case or Case(), host.module(module_id)
        least = least_of(handle.form) if case.least is None else case.least
        return cls(host, handle, case, least, case.connection or made_connection(handle.connection_type))

    def pairs(self, slot: Slot) -> Iterator[tuple[str, Mapping[str, object], Mapping[str, object]]]:
        """Give pairs of inputs that differ in one place of a field, and the path of the place."""
        if slot.key in self.case.whole:
            yield slot.key, *self.case.whole[slot.key]
            return
        form, values = self.handle.form, self.case.samples.get(slot.key)
        made = changes(slot, slot.key) if values is None else (Change(slot.key, *pair) for pair in pairwise(values))
        for change in made:
            others = {**self.least, **beside(form, slot), **(_told(self.case.needs, change.path) or {})}
            before, after = (completed(form, given(others, slot.key, value)) for value in (change.before, change.after))
            yield change.path, before, after

    def preview(self, form: Mapping[str, object], *, streaming: bool = False) -> Preview:
        return self.host.preview(self.handle.id, form, streaming=streaming, connection=self.connection)

    def is_in_path(self, key: str) -> bool:
        """Tell whether another value of a required field leads to another path."""
        slot = self.handle.form.slot(key)
        values = self.case.samples.get(key) or (samples(slot) if slot else ())
        try:
            return len({self._path(given(self.least, key, value)) for value in (self.least[key], *values)}) > 1
        except InputError:
            return False  # the values that we think of do not fit; a case can have others

    def _path(self, form: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(urlsplit(request.url).path for request in self.preview(form).requests)

    def differ(self, before: Mapping[str, object], after: Mapping[str, object]) -> bool:
        """Tell whether two inputs become different requests: whole, or as a stream if the module can."""
        return any(
            _plain(self.preview(before, streaming=streaming)) != _plain(self.preview(after, streaming=streaming))
            for streaming in ((False, True) if self.handle.module.streams else (False,))
        )


def _names(request: PreviewRequest) -> Iterator[str]:
    yield from (name for name, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    if isinstance(request.body, Mapping):
        yield from map(str, request.body)
    elif isinstance(request.body, list):  # a form with files, told field by field
        yield from (str(field["name"]) for field in request.body if isinstance(field, Mapping) and "name" in field)
    elif isinstance(request.body, str):
        yield from re.findall(r'name="([^"]+)"', request.body)


def _told(said: Mapping[str, T], path: str) -> T | None:
    """Give what is said of a path, or of one that it stands in: the closest."""
    names = [name for name in said if _covers(name, path)]
    return said[max(names, key=len)] if names else None


def _covers(name: str, path: str) -> bool:
    return path == name or (path.startswith(name) and path[len(name)] in ".[{<")


def _plain(preview: Preview) -> list[PreviewRequest]:
    """Give the requests without what is random in them."""
    return [_without_boundary(request) for request in preview.requests]


def _without_boundary(request: PreviewRequest) -> PreviewRequest:
    found = _BOUNDARY.search(request.headers.get("Content-Type", ""))
    if found is None:
        return request
    body = request.body.replace(found[1], "boundary") if isinstance(request.body, str) else request.body
    return attrs.evolve(request, headers={**request.headers, "Content-Type": "multipart/form-data"}, body=body)
