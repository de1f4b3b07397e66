"""What good answers hold, as JSON Schema for the document."""

from collections.abc import Mapping
from typing import Any

from jackfield_web import problems
from jackfield_web.shapes import Schema

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_NUMBER: Schema = {"type": "number"}
_SWITCH: Schema = {"type": "boolean"}
_ANY_OBJECT: Schema = {"type": "object"}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(told: str = "", /, **properties: Schema) -> dict[str, Any]:
    """Describe an object that has all of these, and nothing else."""
    shape = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    return {"description": told, **shape} if told else shape


def _list(item: str) -> Schema:
    return {"type": "array", "items": ref(item)}


def ref(name: str) -> dict[str, str]:
    """Point to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


_SUMMARY: Mapping[str, Schema] = {
    "id": _TEXT,
    "label": _TEXT,
    "description": _TEXT,
    "connector": _TEXT,
    "kind": {"enum": ["action", "search", "trigger", "universal"]},
    "effect": {
        "enum": ["read", "idempotent", "keyed", "unsafe", None],
        "description": "null: it depends on the input.",
    },
    "streams": {"type": "boolean", "description": "Whether it can give pieces before its end."},
    "connection_type": {"type": ["string", "null"], "description": "The id of the connection type it needs."},
    "needs_connection": _SWITCH,
    "deprecated": _SWITCH,
    "sunset": _maybe(_object(date=_TEXT, replacement=_TEXT, reason=_TEXT)),
    "aliases": _TEXTS,
    "distribution": _TEXT,
    "version": _TEXT,
}
_CONNECTION: Mapping[str, Schema] = {
    "name": _TEXT,
    "type": _TEXT,
    "base_url": {"type": "string", "description": "Where its requests go."},
    "settings": {"type": "object", "description": "What is set and no secret; *** stands in headers."},
    "secrets": {"type": "object", "description": "Whether each secret is set.", "additionalProperties": _SWITCH},
    "references": {"type": "object", "description": "Secrets that are kept elsewhere.", "additionalProperties": _TEXT},
}
_TYPE: Mapping[str, Schema] = {
    "id": _TEXT,
    "label": _TEXT,
    "connector": _TEXT,
    "help": _TEXT,
    "needs_login": {"type": "boolean", "description": "Whether it may need a login in a browser (OAuth 2)."},
    "can_check": _SWITCH,
}

RESULT: Mapping[str, Schema] = {
    "operation": _TEXT,
    "bundles": {"type": "array", "items": _ANY_OBJECT, "description": "One for an action, any number for a search."},
    "used": {"type": "array", "items": _ANY_OBJECT, "description": "What each model used."},
    "usage": _maybe({"type": "object", "description": "The sum of used."}),
    "cost": _maybe(_object(amount=_TEXT, currency=_TEXT)),
    "request_id": {"type": "string", "description": "The service's own name for its last answer."},
    "attempts": {"type": "integer", "description": "How many requests were sent."},
    "warnings": _TEXTS,
    "duration_s": _NUMBER,
}

SHAPES: Mapping[str, Schema] = {
    "Problem": problems.SCHEMA,
    "JsonSchema": {"type": "object", "description": "JSON Schema 2020-12, with x-jackfield for what forms show."},
    "OpenApi": {"type": "object", "required": ["openapi", "info", "paths"]},
    "ModulePage": _object(
        modules={"type": "array", "items": _object(**_SUMMARY)},
        total={"type": "integer", "description": "On all pages."},
        next={"type": ["string", "null"], "description": "What to give as after for the next page."},
    ),
    "ModuleDetails": _object(
        **_SUMMARY, form=ref("JsonSchema"), output=ref("JsonSchema"), form_version={"type": "integer"}
    ),
    "Choices": _object(
        choices={
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "value": {"type": ["string", "number"]},
                    "label": _TEXT,
                    "help": _TEXT,
                    "group": _TEXT,
                },
                "required": ["value"],
                "additionalProperties": False,
            },
        },
        age_s={"type": "number", "description": "Seconds since the service was asked."},
        stale={"type": "boolean", "description": "Whether it is older than it should be, since the service is away."},
        stale_because=_TEXT,
    ),
    "Preview": _object(
        requests={
            "type": "array",
            "items": _object(
                method=_TEXT,
                url=_TEXT,
                headers={"type": "object", "additionalProperties": _TEXT},
                body={"description": "A JSON value, a text, or a list of the fields of a form."},
                streamed=_SWITCH,
            ),
        }
    ),
    "Result": _object(**RESULT),
    "StreamEvent": _object(
        "One event; the stream is any number of them.",
        event={"enum": ["operation", "piece", "waiting", "warning", "result", "error"]},
        data={"type": "string", "contentMediaType": "application/json"},
    ),
    "Operations": _object(
        operations={"type": "array", "items": _object(operation=_TEXT, of=_TEXT, seconds=_NUMBER)},
    ),
    "ConnectionTypes": _object(types={"type": "array", "items": _object(**_TYPE)}),
    "ConnectionType": _object(**_TYPE, form=ref("JsonSchema")),
    "Connections": _object(
        connections={
            "type": "array",
            "items": _object(name=_TEXT, type=_TEXT, secrets=_TEXTS, changed=_TEXT, verdict=_TEXT, checked=_TEXT),
        }
    ),
    "Connection": _object(**_CONNECTION),
    "SavedConnection": _object(**_CONNECTION, check=_maybe(ref("Check"))),
    "Login": _object(
        url={"type": "string", "description": "The page of the service; it holds no secret."},
        expires_in_s={"type": "number", "description": "Seconds within which it must be finished."},
    ),
    "Check": _object(
        verdict={"type": "string", "description": "works, unproven, invalid, bad_key, unreachable..."},
        passed={"type": "array", "items": _TEXT, "description": "What was proven, in order."},
        account={"type": "string", "description": "The service's name for the account."},
        error=_maybe(ref("Problem")),
    ),
    "KeptFile": _object(
        file={"type": "string", "description": 'Its id; {"file": id} names it in the input of a module.'},
        name=_TEXT,
        media_type=_TEXT,
        size={"type": ["integer", "null"]},
        expires_in_s=_NUMBER,
    ),
    "Files": _object(files=_list("KeptFile")),
}
