"""Less of a result: the parts that were asked for, and no more than a limit allows."""

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

_MISSING = object()
SHORTEST = 40
_STEPS = ((8000, 200), (2000, 100), (500, 50), (200, 20), (100, 8), (SHORTEST, 3))
"""How long a text, and how many items of a list or object, may stay, from one try to the next."""


def spelled(value: object) -> str:
    """Write JSON as clients get it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def selected(bundle: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """Give only some parts of a bundle; what is not there is left out.

    Args:
        bundle: The whole.
        paths: Dotted; a step goes into each item of a list.
    """
    found: dict[str, Any] = {}
    for path in paths:
        part = _taken(bundle, path.split("."))
        if part is not _MISSING:
            found = _merged(found, part)
    return found


def _taken(value: Any, steps: Sequence[str]) -> Any:
    if not steps:
        return value
    if isinstance(value, list | tuple):
        parts = [_taken(item, steps) for item in value]
        return _MISSING if all(part is _MISSING for part in parts) else [{} if p is _MISSING else p for p in parts]
    if not isinstance(value, Mapping) or steps[0] not in value:
        return _MISSING
    inner = _taken(value[steps[0]], steps[1:])
    return _MISSING if inner is _MISSING else {steps[0]: inner}


def _merged(first: Any, second: Any) -> Any:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return {**first, **{key: _merged(first[key], item) if key in first else item for key, item in second.items()}}
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [_merged(one, other) for one, other in zip(first, second, strict=True)]
    return second


def fitted(value: Mapping[str, Any], max_bytes: int) -> dict[str, Any] | None:
    """Shorten a JSON object until it is small enough; ``None`` if it is already.

    Texts are cut, and of lists and objects the first items stay.

    Args:
        value: The whole.
        max_bytes: How much JSON it may be.
    """
    if len(spelled(value).encode()) <= max_bytes:
        return None
    for longest, most in _STEPS:
        shorter: dict[str, Any] = _cut(value, longest, most)
        if len(spelled(shorter).encode()) <= max_bytes:
            return shorter
    return {}


def _cut(value: Any, longest: int, most: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}... ({len(value) - longest} more characters)"
    if isinstance(value, Mapping):
        return {key: _cut(item, longest, most) for key, item in islice(value.items(), most)}
    if isinstance(value, list | tuple):
        return [_cut(item, longest, most) for item in value[:most]]
    return value
