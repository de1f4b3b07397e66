"""A universal module: any request to a service, for whatever it can do and no module does."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from attrs import frozen

from jackfield.connections import ConnectionType
from jackfield.fields import Json, KeyValue, Select, Text
from jackfield.files import File
from jackfield.kinds import Effect, Kind
from jackfield.modules import Context, Module
from jackfield.modules import module as coded

__all__ = ["Call", "Called", "universal"]

Simple = str | float | bool


@frozen(kw_only=True)
class Call:
    """One request, as it is to be sent. The connection adds its credentials."""

    path: Annotated[str, Text(label="Path", help="Below the connection's base URL.", min_length=1)]
    method: Annotated[
        Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
        Select(label="Method", help="What to do there; GET only reads."),
    ] = "GET"
    query: Annotated[
        Mapping[str, Simple | Sequence[Simple]] | None,
        KeyValue(label="Query String", help="Names and values; a list is sent as one pair for each item."),
    ] = None
    headers: Annotated[
        Mapping[str, str] | None,
        KeyValue(label="Headers", help="Beside those that the connection sends.", advanced=True),
    ] = None
    body: Annotated[object, Json(label="Body", help="Any JSON value.")] = None


@frozen(kw_only=True)
class Called:
    """What the service answered: ``body`` if it is JSON or text, ``file`` if it is anything else, neither if empty."""

    status: int
    headers: Mapping[str, str]
    body: object = None
    file: File | None = None


def _whole(value: Any) -> Any:
    """Send 1 as it was given, and not as 1.0: JSON has one kind of number."""
    if isinstance(value, Mapping):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def universal(*, label: str, connection: ConnectionType, description: str = "") -> Module[Call, Called, object]:
    """Make the module with which a user sends any request to a service, below the connection's base URL.

    A failure is raised as that of any module. JSON is read as such, whatever its precise media type.

    Args:
        label: What a person reads, verb first: ``Make an API Call``.
        connection: How to reach the service.
        description: What a person reads who wants to know more; a general sentence without.
    """

    def call(form: Call, context: Context) -> Called:
        answer = context.client.request(
            form.method, form.path, params=_whole(form.query), headers=form.headers, json=form.body, store_files=True
        )
        body: object = None
        if answer.body:
            kind = answer.media_type
            is_json = kind == "application/json" or kind.endswith("+json")
            body = answer.json() if is_json else answer.text()
        return Called(status=answer.status, headers=dict(answer.headers), body=body, file=answer.file)

    call.__doc__ = description or "Send any request to the service, with the connection's credentials."
    made: Module[Call, Called, object] = coded(
        label=label,
        connection=connection,
        kind=Kind.UNIVERSAL,
        effect=lambda form: Effect.of_method(form.method, form.headers),
    )(call)
    return made
