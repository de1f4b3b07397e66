"""Files in JSON Schema: how a caller names one, and what a bundle says of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from jackfield._filenames import MEDIA_TYPE

_SAID: Mapping[str, Mapping[str, Any]] = {
    "file": {"type": "string", "description": "What this host called it in an earlier bundle."},
    "path": {"type": "string", "description": "Where it lies; only where the host allows it."},
    "url": {"type": "string", "format": "uri", "description": "Where it is fetched from, without any credential."},
    "data": {
        "type": "string",
        "pattern": r"^[A-Za-z0-9+/=\s]*$",
        "contentEncoding": "base64",
        "description": "The content itself, in base64.",
    },
    "name": {
        "type": "string",
        "pattern": r"^(?!\.{1,2}$)[^/\\]+$",
        "maxLength": 255,
        "description": "A bare file name.",
    },
    "media_type": {"type": "string", "pattern": f"^{MEDIA_TYPE}$", "description": "Such as image/png."},
    "size": {"type": "integer", "minimum": 0, "description": "In bytes."},
}

WAYS: Mapping[str, Sequence[str]] = {
    "file": ("name", "media_type", "size", "path"),
    "path": ("name", "media_type", "size"),
    "url": ("name", "media_type"),
    "data": ("name", "media_type"),
}
"""The ways to name a file in JSON, and what else may be said with each; the first that is there counts."""


def file_input_schema() -> dict[str, Any]:
    """Describe what a caller may say to mean a file."""
    return {"type": "object", "oneOf": [_way(name, others) for name, others in WAYS.items()]}


def _way(name: str, others: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: dict(_SAID[key]) for key in (name, *others)},
        "required": [name, "name"] if name == "data" else [name],
        "additionalProperties": False,
    }


def file_output_schema() -> dict[str, Any]:
    """Describe the reference that stands in a bundle for a file."""
    keys = ("file", "name", "media_type", "size", "path")
    return {
        "type": "object",
        "properties": {key: dict(_SAID[key]) for key in keys},
        "required": ["file", "name", "media_type"],
    }
