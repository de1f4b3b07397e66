"""The arguments of a tool as fields of a form: what JSON Schema says, in our words where they can say it.

A server is a stranger, and so is its schema: what cannot be read is taken as any JSON value, which the server checks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from jackfield import Array, Boolean, Integer, Json, Number, PluginError, Select, Slot, Text, named_field
from jackfield_mcp.connector.messages import shown

__all__ = ["fields_of"]

Schema = Mapping[str, Any]

_MOST_FIELDS = 200
_MOST_CHOICES = 500
_LONGEST_HELP = 1000
_LONGEST_WORD = 200
_DEEPEST = 8


def fields_of(schema: object) -> Sequence[Slot]:
    """Give the fields of a tool's arguments.

    Args:
        schema: The tool's ``inputSchema``.
    """
    whole = schema if isinstance(schema, Mapping) else {}
    properties = whole.get("properties")
    required = whole.get("required")
    named = list(properties.items())[:_MOST_FIELDS] if isinstance(properties, Mapping) else []
    wanted = required if isinstance(required, list) else []
    return [_field(name, said, whole, required=name in wanted) for name, said in named if _is_word(name)]


def _is_word(value: object) -> bool:
    """Tell whether a name or a choice can be shown; what is asked for by another one goes into ``extra``."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD and value.isprintable()


def _field(name: str, said: object, whole: Schema, *, required: bool) -> Slot:
    schema = _resolved(said, whole)
    try:
        return named_field(name, _annotation(schema, whole), required=required)
    except (PluginError, TypeError, ValueError):  # bounds that contradict each other, and what else strangers write
        return named_field(name, Annotated[object, Json(**_words(schema))], required=required)


def _annotation(schema: Schema, whole: Schema, depth: int = 0) -> Any:
    kind, words = _kind(schema), _words(schema)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(values, list):
        return _select(values, words)
    if kind == "array" and depth < _DEEPEST:
        item = _annotation(_resolved(schema.get("items"), whole), whole, depth + 1)
        return Annotated[list[item], Array(**words, **_counts(schema, min_items="minItems", max_items="maxItems"))]  # type: ignore[valid-type]
    simple: Mapping[str, Callable[[], Any]] = {
        "string": lambda: Annotated[
            str, Text(**words, **_counts(schema, min_length="minLength", max_length="maxLength"))
        ],
        "integer": lambda: Annotated[int, Integer(**words, **_bounds(schema, int))],
        "number": lambda: Annotated[float, Number(**words, **_bounds(schema, int | float))],
        "boolean": lambda: Annotated[bool, Boolean(**words)],
        "object": lambda: Annotated[Mapping[str, object], Json(**words)],
    }
    return simple.get(kind, lambda: Annotated[object, Json(**words)])()


def _kind(schema: Schema) -> str:
    """Give the type, if there is one beside null, and nothing that narrows it in ways that our words lack."""
    if any(word in schema for word in ("anyOf", "oneOf", "allOf", "not", "if")):
        return ""
    kind = schema.get("type")
    kinds = [one for one in kind if one != "null"] if isinstance(kind, list) else [kind]
    return kinds[0] if len(kinds) == 1 and isinstance(kinds[0], str) else ""


def _select(values: list[Any], words: dict[str, Any]) -> Any:
    known = [value for value in values if value is not None]
    texts = all(map(_is_word, known))
    if not known or len(known) > _MOST_CHOICES or not texts:
        return Annotated[object, Json(**words)]
    return Annotated[Literal[tuple(known)], Select(**words)]


def _bounds(schema: Schema, kind: Any) -> dict[str, Any]:
    return _numbers(schema, kind, minimum="minimum", maximum="maximum")


def _counts(schema: Schema, **names: str) -> dict[str, Any]:
    return _numbers(schema, int, **names)


def _numbers(schema: Schema, kind: Any, **names: str) -> dict[str, Any]:
    found = {ours: schema.get(theirs) for ours, theirs in names.items()}
    return {name: value for name, value in found.items() if isinstance(value, kind) and not isinstance(value, bool)}


def _words(schema: Schema) -> dict[str, Any]:
    title, help_ = schema.get("title"), " ".join(_helps(schema))
    return {"label": shown(title, _LONGEST_WORD) if isinstance(title, str) else "", "help": shown(help_, _LONGEST_HELP)}


def _helps(schema: Schema) -> Iterator[str]:
    description = schema.get("description")
    if isinstance(description, str):
        yield description
    if isinstance(schema.get("default"), str | int | float):
        yield f"The server's default: {schema['default']}."
    if isinstance(schema.get("pattern"), str):  # the server's expressions are ECMAScript's, and may take for ever
        yield f"Must match {schema['pattern']}."


def _resolved(said: object, whole: Schema) -> Schema:
    """Follow references inside the schema, and leave out that it may be null: what is left empty is not sent."""
    for _ in range(_DEEPEST):
        if not isinstance(said, Mapping):
            return {}
        options = (
            [one for one in said["anyOf"] if one != {"type": "null"}] if isinstance(said.get("anyOf"), list) else []
        )
        if isinstance(said.get("$ref"), str):
            said = {**_pointed(said["$ref"], whole), **{key: item for key, item in said.items() if key != "$ref"}}
        elif len(options) == 1 and isinstance(options[0], Mapping):
            said = {**options[0], **{key: item for key, item in said.items() if key != "anyOf"}}
        else:
            return said
    return {}


def _pointed(reference: str, whole: Schema) -> Schema:
    found: object = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) and reference.startswith("#/") else {}
