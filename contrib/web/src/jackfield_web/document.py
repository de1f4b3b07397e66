"""The OpenAPI document: the table of what can be asked, once for each module that is offered."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from jackfield import ModuleHandle
from jackfield_web.answers import RESULT, SHAPES, ref
from jackfield_web.endpoint import BYTES, EVENTS, JSON, Endpoint
from jackfield_web.problems import MEDIA_TYPE
from jackfield_web.shapes import Schema

_EVERY = (401, 403)
_MODULE = "{module}"
_PARAMETERS = {
    "connection": "The name of a connection.",
    "type": "The id of a connection type.",
    "operation": "The id of an operation.",
    "file": "The id of a file.",
}
_ABOUT = (
    "Modules of connectors, their forms and runs, and the connections that they use. Errors are problem documents "
    "(RFC 9457) that name the place at fault, the rule and the remedy."
)


def document(
    table: Sequence[Endpoint],
    modules: Iterable[tuple[ModuleHandle, Schema]],
    *,
    title: str,
    server: str,
    security: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Write it.

    Args:
        table: What can be asked.
        modules: Those that are offered, each with the schema of what it takes.
        title: What it is called.
        server: The path under which the API stands.
        security: Security schemes by name, of which any one does.
    """
    schemas: dict[str, Any] = {**SHAPES}
    paths: dict[str, dict[str, Any]] = {}
    general = [endpoint for endpoint in table if _MODULE not in endpoint.path]
    of_modules = [endpoint for endpoint in table if _MODULE in endpoint.path]
    for endpoint in general:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    for handle, schema in modules:
        schemas |= _schemas_of(handle, schema)
        for endpoint in of_modules:
            path = endpoint.path.replace(_MODULE, handle.id)
            paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, handle)
    secured: dict[str, Any] = {"security": [{name: []} for name in security]} if security else {}
    schemes: dict[str, Any] = {"securitySchemes": dict(security)} if security else {}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": title, "version": version("jackfield-web"), "description": _ABOUT},
        "servers": [{"url": server or "/"}],
        "paths": paths,
        "components": {"schemas": schemas, **schemes},
        **secured,
    }


def _operation(endpoint: Endpoint, handle: ModuleHandle | None = None) -> dict[str, Any]:
    suffix = f".{handle.id}" if handle else ""
    told: dict[str, Any] = {
        "operationId": f"{endpoint.name}{suffix}",
        "summary": endpoint.told,
        "tags": [handle.id.partition(".")[0] if handle else _tag(endpoint.path)],
        "parameters": [*_in_path(endpoint), *_in_query(endpoint)],
        "responses": _responses(endpoint, handle),
    }
    if handle is not None:
        told["description"] = f"{handle.label}: {handle.description}"
        told |= {"deprecated": True} if handle.sunset else {}
    if endpoint.raw:
        content = {BYTES: {"schema": {"type": "string", "format": "binary"}}}
        told["requestBody"] = {"required": True, "content": content}
    elif endpoint.body is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": _body(endpoint.body, handle)}}}
    return told


def _tag(path: str) -> str:
    return path.strip("/").partition("/")[0].removesuffix(".json")


def _in_path(endpoint: Endpoint) -> list[dict[str, Any]]:
    names = [name for name in _PARAMETERS if f"{{{name}}}" in endpoint.path]
    schema = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "description": _PARAMETERS[name], "schema": schema}
        for name in names
    ]


def _in_query(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = []
    for name, schema in endpoint.query.items():
        bare = {key: value for key, value in schema.items() if key not in {"description", "x-required"}}
        required = bool(schema.get("x-required"))
        told = schema.get("description", "")
        found.append({"name": name, "in": "query", "required": required, "description": told, "schema": bare})
    return found


def _body(schema: Mapping[str, Any], handle: ModuleHandle | None) -> Mapping[str, Any]:
    properties = schema["properties"]
    if handle is None or "input" not in properties:
        return schema
    required = {"required": ["input"]} if handle.form.slots and _must_be_given(handle) else {}
    return {**schema, "properties": {**properties, "input": ref(f"{handle.id}.Input")}, **required}


def _must_be_given(handle: ModuleHandle) -> bool:
    return any(slot.required for slot in handle.form.slots)


def _responses(endpoint: Endpoint, handle: ModuleHandle | None) -> dict[str, Any]:
    good: dict[str, Any] = {"description": endpoint.answer.told}
    media_type = endpoint.answer.media_type
    if media_type:
        content = {"schema": _answered(endpoint, handle)}
        good["content"] = {media_type: content} | ({"*/*": content} if media_type == BYTES else {})
    problem = {MEDIA_TYPE: {"schema": ref("Problem")}}
    failures = {
        str(status): {"description": HTTPStatus(status).phrase, "content": problem}
        for status in sorted({*_EVERY, *endpoint.errors})
    }
    elsewhere = {"303": {"description": "The browser goes on to where the login was begun."}}
    return {str(endpoint.answer.status): good, **(elsewhere if endpoint.redirects else {}), **failures}


def _answered(endpoint: Endpoint, handle: ModuleHandle | None) -> Mapping[str, Any]:
    if endpoint.answer.media_type == EVENTS:
        return ref("StreamEvent")
    if endpoint.answer.media_type == BYTES:
        return {"type": "string", "format": "binary"}
    shape = endpoint.answer.shape
    return ref(f"{handle.id}.Result" if handle is not None and shape == "Result" else shape)


def _schemas_of(handle: ModuleHandle, schema: Schema) -> dict[str, Any]:
    bundles = {**RESULT["bundles"], "items": ref(f"{handle.id}.Bundle")}
    result = {**SHAPES["Result"], "properties": {**RESULT, "bundles": bundles}}
    return {
        **_moved(schema, f"{handle.id}.Input"),
        **_moved(handle.output_schema(), f"{handle.id}.Bundle"),
        f"{handle.id}.Result": result,
    }


def _moved(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Give a schema and its definitions as schemas of the document, which is where their references point then.

    Their names tell them apart, and their titles do not: generators of clients that make classes of titles would leave
    out what has one that is taken (openapi-python-client 0.29 left out runs).
    """
    named = {name: schema, **{f"{name}.{key}": value for key, value in schema.get("$defs", {}).items()}}
    left_out = {"$defs", "$schema", "title"}
    return {
        place: _pointing({key: item for key, item in value.items() if key not in left_out}, name)
        for place, value in named.items()
    }


def _pointing(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith("#/$defs/"):
            moved = ref(f"{name}.{target.removeprefix('#/$defs/')}")
            return {key: _pointing(item, name) for key, item in value.items() if key != "$ref"} | moved
        return {key: _pointing(item, name) for key, item in value.items()}
    return [_pointing(item, name) for item in value] if isinstance(value, list | tuple) else value
