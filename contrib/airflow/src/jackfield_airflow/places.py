"""Places in the fields of a task whose values are not known when its Dag is parsed."""

import json
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
    """Have what was rendered read as a person means it: a template gives text, also where a number is wanted.

    In a Dag that renders native objects, it gives a number, also where a text is wanted.

    Args:
        value: What was rendered.
        places: Where templates stood.
        place: Where the value stands.
    """
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        rendered = any(tuple(known) == place for known in places)
        return FromText(value if isinstance(value, str) else json.dumps(value)) if rendered else value
    if isinstance(value, Mapping):
        return {key: typed(item, places, (*place, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [typed(item, places, (*place, index)) for index, item in enumerate(value)]
    return value


def path_of(place: Place) -> str:
    """Write a place as problems of input name it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
