"""What bodies and queries hold, as JSON Schema, and the check of it: the document shows exactly what is checked.

Only what those few shapes need is known here; the input of a module is checked by the host.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jackfield import InvalidInputError, Problem

Schema = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
_SPELLED = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}
_SPELLED |= {"object": "an object", "array": "a list", "null": "null"}


def closed(properties: Mapping[str, Schema], *required: str) -> dict[str, Any]:
    """Make the schema of an object that has nothing but these."""
    shape = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**shape, "required": [*required]} if required else shape


def check(value: object, schema: Schema) -> None:
    """Go on with a value that is as it should be.

    Raises:
        InvalidInputError: It is not.
    """
    problems = [*_problems(value, schema, "$")]
    if problems:
        raise InvalidInputError(problems)


def read_query(given: Mapping[str, str], parameters: Mapping[str, Schema]) -> dict[str, Any]:
    """Read the parameters of a query, which are texts, by their schemas.

    Raises:
        InvalidInputError: One is not what it should be, or lacks.
    """
    values = {name: _read(given[name], schema["type"]) for name, schema in parameters.items() if name in given}
    required = [name for name, schema in parameters.items() if schema.get("x-required")]
    check(values, {"type": "object", "properties": parameters, "required": required})
    return values


def _read(text: str, kind: str) -> object:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,15}", text, re.ASCII):
        return int(text)
    return text


def _problems(value: object, schema: Schema, path: str) -> Iterator[Problem]:
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        wanted = " or ".join(_SPELLED[kind] for kind in kinds)
        yield Problem(path=path, rule="type", message=f"must be {wanted}")
        return
    if isinstance(value, dict):
        yield from _in_object(value, schema, path)
    elif isinstance(value, str):
        yield from _in_text(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if "minimum" in schema and value < schema["minimum"]:
            message = f"must be at least {schema['minimum']:g}, was {value:g}"
            yield Problem(path=path, rule="minimum", message=message)
        if "maximum" in schema and value > schema["maximum"]:
            message = f"must be at most {schema['maximum']:g}, was {value:g}"
            yield Problem(path=path, rule="maximum", message=message)


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and not (isinstance(value, bool) and kind in {"integer", "number"})


def _in_object(value: Mapping[str, object], schema: Schema, path: str) -> Iterator[Problem]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem(path=f"{path}.{name}", rule="required", message="is required")
    for name, item in value.items():
        if name in known:
            yield from _problems(item, known[name], f"{path}.{name}")
        elif schema.get("additionalProperties") is False:
            there = ", ".join(known) or "none"
            yield Problem(path=f"{path}.{name[:60]}", rule="unknown_field", message=f"is unknown; there are: {there}")


def _in_text(value: str, schema: Schema, path: str) -> Iterator[Problem]:
    if len(value) > schema.get("maxLength", len(value)):
        yield Problem(path=path, rule="max_length", message=f"must have at most {schema['maxLength']} characters")
    elif len(value) < schema.get("minLength", 0):
        yield Problem(path=path, rule="min_length", message=f"must have at least {schema['minLength']} characters")
    elif "enum" in schema and value not in schema["enum"]:
        yield Problem(path=path, rule="choice", message=f"must be one of {', '.join(schema['enum'])}")
    elif "pattern" in schema and re.search(_for_python(schema["pattern"]), value, re.ASCII) is None:
        yield Problem(path=path, rule="pattern", message=f"must fit the pattern {schema['pattern']}")


def _for_python(pattern: str) -> str:
    # The $ of Python matches before a line break, too.
    return f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
