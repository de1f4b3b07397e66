"""A value for a JSON Schema: always the same one, and valid for the schemas that people write for models."""

from collections.abc import Mapping
from typing import Any

__all__ = ["sample_of"]

_TEXTS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_DEEPEST = 12
"""A schema that refers to itself ends here."""


def sample_of(schema: object, root: Mapping[str, Any] | None = None, depth: int = 0) -> Any:
    """Give a value that a schema accepts.

    Args:
        schema: The schema.
        root: The whole schema, in which references are looked up; the schema itself without.
        depth: How deep it stands in the whole.
    """
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    root = schema if root is None else root
    if "$ref" in schema:
        return sample_of(_referred(str(schema["$ref"]), root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    for words in ("enum", "examples"):
        if isinstance(schema.get(words), list) and schema[words]:
            return schema[words][0]
    for words in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(words), list) and schema[words]:
            return sample_of(schema[words][0], root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    return _sample_of_kind(kind, schema, root, depth)


def _referred(reference: str, root: Mapping[str, Any]) -> object:
    found: Any = root
    for name in reference.removeprefix("#").split("/")[1:]:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _sample_of_kind(kind: object, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Any:
    if kind == "object":
        properties = schema.get("properties") or {}
        wanted = properties if depth < _DEEPEST // 2 else schema.get("required", ())
        return {name: sample_of(properties.get(name), root, depth + 1) for name in wanted}
    if kind == "array":
        least = int(schema.get("minItems", 0))
        count = min(max(least, 1 if depth < _DEEPEST // 2 else 0), int(schema.get("maxItems", least + 1)))
        return [sample_of(schema.get("items"), root, depth + 1) for _ in range(count)]
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    return {"boolean": True, "null": None}.get(str(kind), _text(schema))


def _number(schema: Mapping[str, Any], *, whole: bool) -> float:
    step = 1 if whole else 0.5
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        least = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        most = schema["exclusiveMaximum"] - step
    value = step if least is None else max(step, least)
    value = value if most is None else min(value, most)
    multiple = schema.get("multipleOf")
    if multiple:
        value = -(-value // multiple) * multiple
    return int(value) if whole else value


def _text(schema: Mapping[str, Any]) -> str:
    found = _TEXTS.get(str(schema.get("format", "")), "sample")
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    found = found.ljust(least, "x")
    return found if most is None else found[: int(most)]
