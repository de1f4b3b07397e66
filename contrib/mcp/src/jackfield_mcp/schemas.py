"""Schemas as clients take them: our words folded into descriptions, and nothing that APIs of models refuse.

Sources: the Messages API refuses ``oneOf``, ``allOf`` and ``anyOf`` at the top of ``input_schema``; several clients
cannot follow ``$ref``. Clients check a result by the tool's ``outputSchema`` (MCP 2025-11-25, server/tools), so what
was cut out of a result must still fit it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jackfield_mcp.trimming import SHORTEST

Schema = dict[str, Any]

_OWN = "x-jackfield"
_SCHEMAS_BY_NAME = ("properties", "$defs")
_MOST_OPTIONS = 30
_SHAPE = frozenset(
    {"type", "properties", "items", "additionalProperties", "anyOf", "oneOf", "enum", "const", "$ref", "$defs"}
    | {"title", "description"}
)
"""What an output schema says of what is still there when a part was cut out."""
_WAYS_TO_A_FILE = (["file"], ["path"], ["url"], ["data", "name"])


def input_schema(schema: Mapping[str, Any], *, paths: bool) -> Schema:
    """Give the schema of a form as clients take it; core checks all that is left out here.

    Args:
        schema: As ``ModuleHandle.schema`` gives it.
        paths: Whether a caller may name files of this machine.
    """
    told = _Inliner(schema).whole()
    whole: Schema = _for_input(told, paths=paths)
    for keyword in ("$schema", "allOf", "anyOf", "oneOf", "title", "description", "dependentRequired"):
        whole.pop(keyword, None)
    return whole


def output_schema(schema: Mapping[str, Any], *, several: bool) -> Schema:
    """Give the schema of what a call gives: a bundle, or an object with any number of them.

    Args:
        schema: As ``ModuleHandle.output_schema`` gives it.
        several: Whether there may be any number.
    """
    bundle = _loosened(_Inliner(schema).whole())
    shared = bundle.pop("$defs", {})
    if several:
        bundle = {"type": "object", "properties": {"bundles": {"type": "array", "items": bundle}}}
    bundle = {**bundle, "additionalProperties": True}
    return {**bundle, "$defs": shared} if shared else bundle


class _Inliner:
    """Puts each shared class where it is needed; only those that hold themselves stay in ``$defs``."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._shared: Mapping[str, Any] = schema.get("$defs", {})
        self._kept: Schema = {}

    def whole(self) -> Schema:
        """Write it all."""
        written: Schema = self._write({k: v for k, v in self._schema.items() if k != "$defs"}, ())
        return {**written, "$defs": self._kept} if self._kept else written

    def _write(self, value: Any, inside: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping):
            name = str(value.get("$ref", "")).removeprefix("#/$defs/")
            if name not in self._shared:
                return {key: self._write(item, inside) for key, item in value.items()}
            beside = {key: self._write(item, inside) for key, item in value.items() if key != "$ref"}
            return {**self._named(name, inside), **beside}
        return [self._write(item, inside) for item in value] if isinstance(value, list) else value

    def _named(self, name: str, inside: tuple[str, ...]) -> Schema:
        if not self._holds_itself(name):
            written: Schema = self._write(self._shared[name], (*inside, name))
            return written
        if name not in self._kept:
            self._kept[name] = {}  # first, since what it holds asks for it again
            self._kept[name] = self._write(self._shared[name], ())
        return {"$ref": f"#/$defs/{name}"}

    def _holds_itself(self, name: str) -> bool:
        seen: set[str] = set()
        waiting = [*_referred(self._shared[name])]
        while waiting:
            found = waiting.pop()
            if found == name:
                return True
            if found not in seen:
                seen.add(found)
                waiting += _referred(self._shared[found])
        return False


def _referred(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        own = [str(value["$ref"]).removeprefix("#/$defs/")] if isinstance(value.get("$ref"), str) else []
        return own + [name for item in value.values() for name in _referred(item)]
    return [name for item in value for name in _referred(item)] if isinstance(value, list) else []


def _for_input(value: Any, *, paths: bool) -> Any:
    """Fold what stands under our own word into the descriptions."""
    if isinstance(value, list):
        return [_for_input(item, paths=paths) for item in value]
    if not isinstance(value, Mapping):
        return value
    found: Schema = {}
    for key, item in value.items():
        if key in _SCHEMAS_BY_NAME and isinstance(item, Mapping):
            found[key] = {name: _for_input(inner, paths=paths) for name, inner in item.items()}
        elif key == "oneOf" and not paths and [one.get("required") for one in item] == [*_WAYS_TO_A_FILE]:
            found[key] = [_for_input(one, paths=paths) for one in item if one["required"] != ["path"]]
        elif key in {"default", "examples", "enum", "const"}:
            found[key] = item
        elif key != _OWN:
            found[key] = _for_input(item, paths=paths)
    said = " ".join(filter(None, [str(found.get("description", "")), *_told(value.get(_OWN, {}))]))
    return {**found, "description": said} if said else found


def _told(own: Mapping[str, Any]) -> list[str]:
    """Say in sentences what JSON Schema has no keyword for, and a caller should know."""
    choices = own.get("choices", {})
    options = [_option(option) for option in choices.get("options", ())[:_MOST_OPTIONS]]
    return [
        f"In {own['unit']}." if own.get("unit") else "",
        f"Required if {_when(own['requiredWhen'])}." if own.get("requiredWhen") else "",
        f"Only if {_when(own['shownWhen'])}." if own.get("shownWhen") else "",
        f"Not before {own['earliest']}." if own.get("earliest") else "",
        f"Not after {own['latest']}." if own.get("latest") else "",
        f"{'Such as' if choices.get('freeText') else 'One of'}: {', '.join(options)}." if options else "",
        f"Deprecated: {own['deprecated']}" if isinstance(own.get("deprecated"), str) else "",
    ]


def _option(option: Mapping[str, Any]) -> str:
    label = option.get("label", "")
    value = str(option["value"])
    return f"{value} ({label})" if label and label != value else value


def _when(when: Mapping[str, Any]) -> str:
    values: Sequence[Any] = when.get("values", ())
    if not values:
        return f"{when['field']} is given"
    return f"{when['field']} is {' or '.join(str(value) for value in values)}"


def _loosened(value: Any) -> Any:
    """Keep what is still true when lists were shortened, texts cut and attributes left out."""
    if isinstance(value, list):
        return [_loosened(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    found: Schema = {}
    for key, item in value.items():
        if key in _SCHEMAS_BY_NAME:
            found[key] = {name: _loosened(inner) for name, inner in item.items()}
        elif key in {"enum", "const"}:
            if not any(isinstance(one, str) and len(one) > SHORTEST for one in (item if key == "enum" else [item])):
                found[key] = item
        elif key in _SHAPE:
            found["anyOf" if key == "oneOf" else key] = _loosened(item)
    return found
