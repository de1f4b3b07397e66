"""Whether a function does what it did: a fingerprint of its code, with what it calls and reads in its own package."""

import hashlib
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

_PLAIN = (str, int, float, bool, bytes, type(None), tuple, frozenset)


def fingerprint(function: Callable[..., Any]) -> str:
    """Give what is the same for two functions whose code is; it says nothing of comments, places and names of files.

    Both must come from one interpreter, since it is made of bytecode. Of what is no function of Python, such as a
    ``partial``, nothing is known but its class.
    """
    parts = [*_parts(function, set())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _parts(function: object, seen: set[int]) -> Iterator[str]:
    if not isinstance(function, FunctionType):
        yield type(function).__qualname__
        return
    if id(function) in seen:
        return
    seen.add(id(function))
    package = function.__module__.partition(".")[0]
    yield repr((function.__defaults__ or (), sorted((function.__kwdefaults__ or {}).items())))
    for code in _codes(function.__code__):
        yield code.co_code.hex()
        yield repr([_shown(constant) for constant in code.co_consts])
        yield repr((code.co_names, code.co_varnames))
        for name in code.co_names:
            found = function.__globals__.get(name)
            if isinstance(found, FunctionType) and found.__module__.partition(".")[0] == package:
                yield from _parts(found, seen)
            elif isinstance(found, _PLAIN):
                yield f"{name}={_shown(found)}"


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _shown(constant: object) -> str:
    """Write a constant, the same in each process: a set has another order each time."""
    if isinstance(constant, CodeType):
        return constant.co_name
    if isinstance(constant, frozenset):
        return repr(sorted(map(_shown, constant)))
    return repr(constant)
