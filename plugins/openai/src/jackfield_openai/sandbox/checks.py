"""Checks of a request body, which refuse what OpenAI refuses: with its codes, and naming the parameter.

A check is a function of a value and of its place (``messages[0].role``); it raises RefusalError or does nothing.
"""

from collections.abc import Callable, Mapping, Sequence

from jackfield_openai.sandbox.replies import RefusalError

__all__ = [
    "Check",
    "anything",
    "array",
    "boolean",
    "choice",
    "either",
    "integer",
    "mapping",
    "nullable",
    "number",
    "record",
    "tagged",
    "text",
]

Check = Callable[[object, str], None]


def _wrong_type(value: object, place: str, wanted: str) -> RefusalError:
    names = {
        bool: "a boolean",
        str: "a string",
        int: "an integer",
        float: "a decimal",
        list: "an array",
        dict: "an object",
    }
    got = names.get(type(value), "null")
    message = f"Invalid type for '{place}': expected {wanted}, but got {got} instead."
    return RefusalError(message, code="invalid_type", param=place)


def anything(value: object, place: str) -> None:
    """Accept any JSON value."""


def boolean(value: object, place: str) -> None:
    """Accept true and false."""
    if not isinstance(value, bool):
        raise _wrong_type(value, place, "a boolean")


def nullable(check: Check) -> Check:
    """Accept null beside what a check accepts."""

    def checked(value: object, place: str) -> None:
        if value is not None:
            check(value, place)

    return checked


def text(longest: int | None = None) -> Check:
    """Accept a string, of so many characters at most."""

    def checked(value: object, place: str) -> None:
        if not isinstance(value, str):
            raise _wrong_type(value, place, "a string")
        if longest is not None and len(value) > longest:
            message = f"Invalid '{place}': at most {longest} characters, and it has {len(value)}."
            raise RefusalError(message, code="string_above_max_length", param=place)

    return checked


def choice(*values: str) -> Check:
    """Accept one of several strings."""

    def checked(value: object, place: str) -> None:
        if not isinstance(value, str):
            raise _wrong_type(value, place, "a string")
        if value not in values:
            wanted = ", ".join(map(repr, values))
            message = f"Invalid value: '{value[:40]}'. Supported values are: {wanted}."
            raise RefusalError(message, code="invalid_value", param=place)

    return checked


def integer(least: int | None = None, most: int | None = None) -> Check:
    """Accept a whole number between bounds, which count."""

    def checked(value: object, place: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(value, place, "an integer")
        _check_bounds(value, place, "integer", least, most)

    return checked


def number(least: float | None = None, most: float | None = None) -> Check:
    """Accept a number between bounds, which count."""

    def checked(value: object, place: str) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _wrong_type(value, place, "a decimal")
        _check_bounds(value, place, "decimal", least, most)

    return checked


def _check_bounds(value: float, place: str, kind: str, least: float | None, most: float | None) -> None:
    if least is not None and value < least:
        message = f"Invalid '{place}': {kind} below minimum value. Expected a value >= {least}, but got {value}."
        raise RefusalError(message, code=f"{kind}_below_min_value", param=place)
    if most is not None and value > most:
        message = f"Invalid '{place}': {kind} above maximum value. Expected a value <= {most}, but got {value}."
        raise RefusalError(message, code=f"{kind}_above_max_value", param=place)


def array(item: Check, least: int = 0, most: int | None = None) -> Check:
    """Accept an array of what a check accepts."""

    def checked(value: object, place: str) -> None:
        if not isinstance(value, list):
            raise _wrong_type(value, place, "an array")
        if len(value) < least:
            message = f"Invalid '{place}': at least {least} items, and it has {len(value)}."
            raise RefusalError(message, code="empty_array" if not value else "array_below_min_length", param=place)
        if most is not None and len(value) > most:
            message = f"Invalid '{place}': at most {most} items, and it has {len(value)}."
            raise RefusalError(message, code="array_above_max_length", param=place)
        for position, entry in enumerate(value):
            item(entry, f"{place}[{position}]")

    return checked


def mapping(value_check: Check, most: int | None = None) -> Check:
    """Accept an object whose names the caller makes up."""

    def checked(value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise _wrong_type(value, place, "an object")
        if most is not None and len(value) > most:
            message = f"Invalid '{place}': at most {most} properties, and it has {len(value)}."
            raise RefusalError(message, code="object_above_max_properties", param=place)
        for name, entry in value.items():
            value_check(entry, f"{place}.{name}")

    return checked


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accept an object of these members and no others."""
    members = {**required, **(optional or {})}

    def checked(value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise _wrong_type(value, place, "an object")
        lead = f"{place}." if place else ""
        for name in value:
            if name not in members:
                message = f"Unknown parameter: '{lead}{name}'."
                raise RefusalError(message, code="unknown_parameter", param=f"{lead}{name}")
        for name in required:
            if name not in value:
                message = f"Missing required parameter: '{lead}{name}'."
                raise RefusalError(message, code="missing_required_parameter", param=f"{lead}{name}")
        for name, entry in value.items():
            members[name](entry, f"{lead}{name}")

    return checked


def tagged(tag: str, kinds: Mapping[str, Check]) -> Check:
    """Accept one of several objects, told apart by a member."""

    def checked(value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise _wrong_type(value, place, "an object")
        if tag not in value:
            message = f"Missing required parameter: '{place}.{tag}'."
            raise RefusalError(message, code="missing_required_parameter", param=f"{place}.{tag}")
        choice(*kinds)(value[tag], f"{place}.{tag}")
        kinds[value[tag]](value, place)

    return checked


def either(checks: Mapping[type, Check]) -> Check:
    """Accept values of several JSON types, each by a check of its own."""

    def checked(value: object, place: str) -> None:
        check = checks.get(type(value))
        if check is None:
            raise _wrong_type(value, place, _wanted(list(checks)))
        check(value, place)

    return checked


def _wanted(kinds: Sequence[type]) -> str:
    names: dict[type, str] = {str: "a string", int: "an integer", list: "an array", dict: "an object"}
    return "one of " + " or ".join(names[kind] for kind in kinds)
