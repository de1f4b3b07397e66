"""Places in the fields of a task whose values are not known when its Dag is parsed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jackfield import FromText

Place = tuple[str | int, ...]

_TEMPLATE = ("{{", "{%", "{#")


def is_later(value: object) -> bool:
    """Tell whether a value is a template, or what another task gives."""
    if isinstance(value, str):
        return any(mark in value for mark in _TEMPLATE)
    return value is not None and not isinstance(value, bool | int | float | Mapping | list | tuple)


def later_places(value: object, place: Place = ()) -> Iterator[Place]:
    """Give each place in a value that is filled in later."""
    if is_later(value):
        yield place
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from later_places(item, (*place, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from later_places(item, (*place, index))


def typed(value: Any, places: Sequence[Sequence[str | int]], place: Place = ()) -> Any:
    """Have rendered texts read as a person means them: a template gives text, also where a number is wanted.

    Args:
        value: What was rendered.
        places: Where templates stood.
        place: Where the value stands.
    """
    if isinstance(value, str):
        return FromText(value) if any(tuple(known) == place for known in places) else value
    if isinstance(value, Mapping):
        return {key: typed(item, places, (*place, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [typed(item, places, (*place, index)) for index, item in enumerate(value)]
    return value


def path_of(place: Place) -> str:
    """Write a place as problems of input name it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
