"""A module's JSON Schema as language models take it for the arguments of a tool.

Two kinds: plain, which says all that they can read, and strict, by which a service makes sure that what the model
writes has the shape. What neither says is checked when the tool is called.

Source: platform.openai.com/docs/guides/structured-outputs, "Supported schemas"; docs.claude.com, "Tool use" (no
alternatives at the top of ``input_schema``). Both as of 2025-11.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, NoReturn

from jackfield.errors import InputError, InvalidInputError, Problem

Schema = dict[str, Any]

Dialect = Literal["openai", "responses", "anthropic"]
"""Whose words are spoken: OpenAI's chat completions, its Responses API, Anthropic's Messages API."""

_LONGEST_NAME = 64
_DIGEST = 8
_SHOWN = 80
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_NOT_AT_THE_TOP = frozenset({"$schema", "x-jackfield", "deprecated", "title", "allOf", "anyOf", "oneOf", "not"})

_KEPT = frozenset({"description", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_MOST_LEVELS = 10
_MOST_PROPERTIES = 5000
_MOST_VALUES = 1000
_MOST_CHARACTERS = 120_000
_MANY_VALUES = 250
_MOST_OF_MANY = 15_000
_NULL: Schema = {"type": "null"}


class NotStrictError(Exception):
    """A schema cannot be said strictly; its arguments say where and why."""


def tool_name(module_id: str) -> str:
    """Give the name of a module as a tool: letters, digits, ``_`` and ``-``, at most 64 of them.

    A name that had to be cut ends in a digest of the id, so that no two are the same.
    """
    name = _UNFIT.sub("_", module_id)
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - _DIGEST - 1]}_{hashlib.sha256(module_id.encode()).hexdigest()[:_DIGEST]}"


def check_name(name: str) -> None:
    """Go on with a name that every service takes.

    Raises:
        InputError: It is none.
    """
    if not name or len(name) > _LONGEST_NAME or _UNFIT.search(name):
        message = (
            f"A tool cannot be called {name[:_SHOWN]!r}: up to {_LONGEST_NAME} letters, digits, _ and - may stand."
        )
        raise InputError(message)


def definition(dialect: str, name: str, description: str, plain: Schema, *, strict: bool | None) -> Schema:
    """Tell a model of a tool, as a service takes it.

    Args:
        dialect: Of which service.
        name: Of the tool.
        description: What it does.
        plain: Its arguments, by ``plain_parameters``.
        strict: Whether the model is to be held to them; ``None`` for wherever that can be said.

    Raises:
        InputError: There is no such dialect, or it cannot be said strictly, or the name is none.
    """
    check_name(name)
    spell = _SPELT.get(dialect)
    if spell is None:
        message = f"There is no dialect {dialect!r}; there is {', '.join(_SPELT)}."
        raise InputError(message)
    return spell(name, description, plain, strict)


def _held(plain: Schema, strict: bool | None, name: str) -> Schema:  # noqa: FBT001  as it came
    if strict is not False:
        try:
            return {"parameters": strict_parameters(plain), "strict": True}
        except NotStrictError as error:
            if strict:
                path, reason = error.args
                message = f"{name} cannot be strict: {path}: {reason}."
                raise InputError(message, hint="Leave it out by `fields`, or give it by `given`.") from None
    return {"parameters": plain, "strict": False}


def _as_chat(name: str, description: str, plain: Schema, strict: bool | None) -> Schema:  # noqa: FBT001  as it came
    return {"type": "function", "function": _as_function(name, description, plain, strict)}


def _as_responses(name: str, description: str, plain: Schema, strict: bool | None) -> Schema:  # noqa: FBT001  as it came
    return {"type": "function", **_as_function(name, description, plain, strict)}


def _as_function(name: str, description: str, plain: Schema, strict: bool | None) -> Schema:  # noqa: FBT001  as it came
    return {"name": name, "description": description, **_held(plain, strict, name)}


def _as_anthropic(name: str, description: str, plain: Schema, strict: bool | None) -> Schema:  # noqa: FBT001  as it came
    _refuse_strict("anthropic", strict)
    return {"name": name, "description": description, "input_schema": plain}


def _as_langchain(name: str, description: str, plain: Schema, strict: bool | None) -> Schema:  # noqa: FBT001  as it came
    _refuse_strict("langchain", strict)
    return {"name": name, "description": description, "parameters": plain}


def _refuse_strict(dialect: str, strict: bool | None) -> None:  # noqa: FBT001  as it came
    if strict:
        message = f"Tools are not strict in the dialect {dialect}; what the model gives is checked when one is called."
        raise InputError(message)


_SPELT: Mapping[str, Callable[[str, str, Schema, bool | None], Schema]] = {
    "openai": _as_chat,
    "responses": _as_responses,
    "anthropic": _as_anthropic,
    "langchain": _as_langchain,
}


def field_names(names: Iterable[str]) -> tuple[str, ...]:
    """Give names of fields, if they are some.

    Raises:
        InputError: It is one text, whose letters would be taken for names.
    """
    if isinstance(names, str):
        message = f"`fields` is a list of names, not the text {names[:_SHOWN]!r}."
        raise InputError(message)
    return tuple(names)


def filled(
    arguments: Mapping[str, object], names: Collection[str], given: Mapping[str, object], *, subject: str
) -> dict[str, object]:
    """Join what a model gave with what was given before.

    Args:
        arguments: What the model gave.
        names: What it was asked for.
        given: What it was not.
        subject: Of the error.

    Raises:
        InvalidInputError: It gave something else than it was asked for.
    """
    there_is = f"is no argument; there is {', '.join(names) or 'none'}"
    problems = [
        Problem(path=f"$.{str(name)[:_SHOWN]}", rule="unknown", message=there_is)
        for name in arguments
        if name not in names
    ]
    if problems:
        raise InvalidInputError(problems, subject=subject)
    return {**arguments, **given}


def plain_parameters(schema: Mapping[str, Any], *, fields: Collection[str], given: Collection[str]) -> Schema:
    """Give the schema of what a model fills in.

    Args:
        schema: Of the module's form.
        fields: What it may fill in; none for all that is neither advanced nor deprecated, and all that is required.
        given: What it need not, since it is known already.

    Raises:
        InputError: There is no such field, or a required one is neither.
    """
    fields = field_names(fields)
    known: Schema = schema.get("properties", {})
    unknown = sorted({*fields, *given} - known.keys())
    if unknown:
        message = f"The module has no field {unknown[0]!r}."
        raise InputError(message, hint=f"It has {', '.join(known)}.")
    required = [name for name in schema.get("required", ()) if name not in given]
    missing = [name for name in required if fields and name not in fields]
    if missing:
        message = f"The field {missing[0]!r} is required; it must be one of `fields`, or in `given`."
        raise InputError(message)
    wanted = fields or [name for name, said in known.items() if name in required or not _is_aside(said)]
    parameters = {key: value for key, value in schema.items() if key not in _NOT_AT_THE_TOP and key != "description"}
    parameters["properties"] = {name: said for name, said in known.items() if name in wanted and name not in given}
    parameters["required"] = required
    found: Schema = _without_notes(parameters)
    return _pruned(found)


def _is_aside(said: Mapping[str, Any]) -> bool:
    return bool(said.get("deprecated") or said.get("x-jackfield", {}).get("advanced"))


def _without_notes(value: Any, *, named: bool = False) -> Any:
    """Leave out what only our own hosts read; below ``properties``, names are the author's."""
    if isinstance(value, list):
        return [_without_notes(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_notes(item, named=not named and key in ("properties", "$defs"))
        for key, item in value.items()
        if named or key != "x-jackfield"
    }


def _pruned(schema: Schema) -> Schema:
    """Leave out the definitions that nothing refers to any more."""
    definitions: Schema = schema.pop("$defs", {})
    used: Schema = {}
    waiting = list(_referred(schema))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = definitions[name]
            waiting += _referred(used[name])
    return {**schema, "$defs": {name: used[name] for name in definitions if name in used}} if used else schema


def _referred(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for item in value.values():
            yield from _referred(item)
    elif isinstance(value, list):
        for item in value:
            yield from _referred(item)


def strict_parameters(plain: Mapping[str, Any]) -> Schema:
    """Give the strict schema: all is required, and what may be left out may be null.

    Args:
        plain: As ``plain_parameters`` gives it.

    Raises:
        NotStrictError: It has something that no strict schema can say.
    """
    writer = _Strict()
    found = writer.of(plain, "$", 1)
    if "$defs" in plain:
        writer.count_characters(plain["$defs"], "$defs")
        found["$defs"] = {name: writer.of(said, name, 1) for name, said in plain["$defs"].items()}
    return found


class _Strict:
    """Writes one strict schema, and counts what is limited."""

    def __init__(self) -> None:
        self._properties = self._values = self._characters = 0

    def of(self, node: Mapping[str, Any], path: str, level: int) -> Schema:
        if level > _MOST_LEVELS:
            _refuse(path, f"it is nested deeper than {_MOST_LEVELS} levels")
        if "$ref" in node:
            return {"$ref": node["$ref"]}
        for word in ("oneOf", "anyOf"):
            if word in node:
                members = [self.of(member, path, level) for member in node[word]]
                return {**_described(node), "anyOf": members}
        kind = node.get("type")
        if kind == "object":
            return self._object(node, path, level)
        if kind is None and "const" not in node and "enum" not in node:
            _refuse(path, "it takes any JSON value")
        self._count_values(node, path)
        found = {**({"type": kind} if kind else {}), **{key: node[key] for key in node if key in _KEPT}}
        found |= _described(node)
        if kind == "array":
            found["items"] = self.of(node.get("items", {}), f"{path}[]", level + 1)
            found |= {key: node[key] for key in ("minItems", "maxItems") if key in node}
        if node.get("format") in _FORMATS:
            found["format"] = node["format"]
        return found

    def _count_values(self, node: Mapping[str, Any], path: str) -> None:
        values = node.get("enum", ())
        self._values += len(values)
        if self._values > _MOST_VALUES:
            _refuse(path, f"there are more than {_MOST_VALUES} values to choose from")
        if len(values) > _MANY_VALUES and sum(len(str(value)) for value in values) > _MOST_OF_MANY:
            _refuse(path, f"its more than {_MANY_VALUES} choices have more than {_MOST_OF_MANY} characters")
        self.count_characters([*values, *([node["const"]] if "const" in node else [])], path)

    def count_characters(self, texts: Iterable[object], path: str) -> None:
        """Count what names and values have together."""
        self._characters += sum(len(str(text)) for text in texts)
        if self._characters > _MOST_CHARACTERS:
            _refuse(path, f"names and values have more than {_MOST_CHARACTERS} characters")

    def _object(self, node: Mapping[str, Any], path: str, level: int) -> Schema:
        if "properties" not in node or node.get("additionalProperties") is not False:
            _refuse(path, "its names are not known beforehand")
        self._properties += len(node["properties"])
        if self._properties > _MOST_PROPERTIES:
            _refuse(path, f"there are more than {_MOST_PROPERTIES} fields")
        self.count_characters(node["properties"], path)
        required = node.get("required", ())
        properties = {
            name: self._property(said, f"{path}.{name}", level + 1, required=name in required)
            for name, said in node["properties"].items()
        }
        fixed = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
        return {**_described(node), **fixed}

    def _property(self, node: Mapping[str, Any], path: str, level: int, *, required: bool) -> Schema:
        found = self.of(node, path, level)
        if required:
            return found
        if isinstance(found.get("type"), str) and "enum" not in found and "const" not in found:
            return {**found, "type": [found["type"], "null"]}
        said = {"description": found.pop("description")} if "description" in found else {}
        return {**said, "anyOf": [*(found["anyOf"] if found.keys() == {"anyOf"} else [found]), _NULL]}


def _described(node: Mapping[str, Any]) -> Schema:
    """Give the description, with the rules that only words can say."""
    text = " ".join([*([node["description"]] if node.get("description") else []), *_rules_in_words(node)])
    return {"description": text} if text else {}


def _rules_in_words(node: Mapping[str, Any]) -> Iterator[str]:
    least, most = node.get("minLength"), node.get("maxLength")
    if least:
        yield f"At least {least} character{'s' if least != 1 else ''}."
    if most is not None:
        yield f"At most {most} character{'s' if most != 1 else ''}."
    if "pattern" in node:
        yield f"Must match {node['pattern']}."
    if node.get("uniqueItems"):
        yield "No item twice."
    if node.get("examples"):
        yield f"For example: {node['examples'][0]}."


def _refuse(path: str, reason: str) -> NoReturn:
    raise NotStrictError(path, reason)
