"""The texts of a form as the values that a JSON body would have: numbers, switches, nested objects."""

from collections.abc import Callable, Sequence
from typing import Any

from jackfield_openai.sandbox.multipart import Part
from jackfield_openai.sandbox.replies import RefusalError

__all__ = ["values_of"]

_NUMBERS = frozenset(
    {
        "chunking_strategy[prefix_padding_ms]",
        "chunking_strategy[silence_duration_ms]",
        "expires_after[seconds]",
        "frame_count",
        "frame_duration_ms",
        "n",
        "output_compression",
        "partial_images",
    }
)
_DECIMALS = frozenset({"chunking_strategy[threshold]", "temperature"})
_SWITCHES = frozenset({"stream"})


def values_of(parts: Sequence[Part]) -> dict[str, Any]:
    """Give the values of the parts that are no files, by name.

    ``svg[model]`` is a member of ``svg``, and ``include[]`` an item of the list ``include``.

    Raises:
        RefusalError: One is no text, or not of its type.
    """
    found: dict[str, Any] = {}
    for part in parts:
        if part.name.endswith("[]"):
            _add(found, part)
            continue
        outer, *inner = part.name.replace("]", "").split("[")
        target, name = found, outer
        for member in inner:
            target, name = target.setdefault(name, {}), member
            if not isinstance(target, dict):
                message = f"Invalid type for '{outer}': expected an object, but got a string instead."
                raise RefusalError(message, code="invalid_type", param=outer)
        target[name] = _read(part)
    return found


def _add(found: dict[str, Any], part: Part) -> None:
    name = part.name.removesuffix("[]")
    items = found.setdefault(name, [])
    if not isinstance(items, list):
        message = f"Invalid type for '{name}': expected an array, but got a string instead."
        raise RefusalError(message, code="invalid_type", param=name)
    items.append(_read(part))


def _read(part: Part) -> object:
    if part.file_name is not None:
        message = f"Invalid type for '{part.name}': expected a string, but got a file instead."
        raise RefusalError(message, code="invalid_type", param=part.name)
    text = part.text()
    if part.name in _NUMBERS:
        return _as(int, text, part.name, "an integer")
    if part.name in _DECIMALS:
        return _as(float, text, part.name, "a decimal")
    if part.name in _SWITCHES:
        return _as({"true": True, "false": False}.__getitem__, text, part.name, "a boolean")
    return text


def _as(read: Callable[[str], object], text: str, name: str, wanted: str) -> object:
    try:
        return read(text)
    except (ValueError, KeyError):
        message = f"Invalid type for '{name}': expected {wanted}, but got a string instead."
        raise RefusalError(message, code="invalid_type", param=name) from None
