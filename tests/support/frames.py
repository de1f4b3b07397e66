"""What whoever shows the variables of a traceback can see: pytest, rich, cgitb, trackers of errors."""

from collections.abc import Iterator, Mapping
from types import TracebackType

import attrs
from spelt import seen_in

_DEEPEST = 12


def shown_in(error: BaseException, *secrets: str) -> list[str]:
    """Say where secrets are among the variables of an error's traces, and of those that led to it.

    Frames of the tests themselves do not count: who calls has the secret.
    """
    return [
        f"{place}: {name}"
        for place, name, value in _variables(error)
        for text in _texts(value, 0, set())
        for secret in secrets
        if secret in text or seen_in(text.encode("utf-8", "surrogatepass"), secret)
    ]


def _variables(error: BaseException) -> Iterator[tuple[str, str, object]]:
    for one in _chain(error):
        yield "the error", "args", [one.args, vars(one)]
        for frame in _frames(one.__traceback__):
            place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"
            for name, value in frame.tb_frame.f_locals.items():
                yield place, name, value


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        if "/tests/" not in trace.tb_frame.f_code.co_filename.replace("\\", "/"):
            yield trace
        trace = trace.tb_next


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [former for former in (one.__cause__, one.__context__) if former is not None]


def _texts(value: object, depth: int, seen: set[int]) -> Iterator[str]:
    """Give every text in a value, however deep: in containers and in the attributes of attrs classes."""
    if depth > _DEEPEST or id(value) in seen:
        return
    seen.add(id(value))
    cls: type = type(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes | bytearray | memoryview):
        yield bytes(value).decode("latin-1")
        yield bytes(value).hex()
    elif isinstance(value, Mapping):
        for key, item in list(value.items()):
            yield from _texts(key, depth + 1, seen)
            yield from _texts(item, depth + 1, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item, depth + 1, seen)
    elif attrs.has(cls):
        for attribute in attrs.fields_dict(cls):
            yield from _texts(getattr(value, attribute, None), depth + 1, seen)
    else:
        yield repr(value)
