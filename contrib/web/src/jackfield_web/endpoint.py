"""One thing that can be asked over HTTP, as the table has it."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield_web.asking import Action
from jackfield_web.shapes import Schema

JSON = "application/json"
SCHEMA = "application/schema+json"
EVENTS = "text/event-stream"
BYTES = "application/octet-stream"


@frozen(kw_only=True)
class Answer:
    """What a good answer is.

    Attributes:
        status: Its status.
        media_type: Of its body; empty if there is none.
        shape: The name of its schema in the document.
        told: What it is, in a sentence.
    """

    status: int = 200
    media_type: str = JSON
    shape: str = ""
    told: str


@frozen(kw_only=True)
class Endpoint:
    """One thing that can be asked.

    Attributes:
        method: Of HTTP.
        path: Below the mount, with ``{module}`` and its like.
        action: What the application is asked about.
        name: Of the method that does it, and of the operation in the document.
        told: What it does, in a sentence.
        query: Its parameters, by name.
        body: The schema of its body in JSON; ``None`` without one.
        raw: Whether its body is a file instead.
        answer: What comes of it.
        redirects: Whether it may send a browser on instead. Such a GET does something, so it has no HEAD.
        errors: The statuses of the problems that may come of it, beside those of every request.
    """

    method: str
    path: str
    action: Action
    name: str
    told: str
    query: Mapping[str, Schema] = field(factory=dict)
    body: Schema | None = None
    raw: bool = False
    redirects: bool = False
    answer: Answer
    errors: Sequence[int] = ()


def text(told: str, most: int = 200, **more: Any) -> dict[str, Any]:
    """Make the schema of a text."""
    return {"type": "string", "description": told, "maxLength": most, **more}


VALUES = {"type": "object", "description": "Values by field, as JSON."}
SERVICE = (404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504)
"""What can come of asking a service."""
