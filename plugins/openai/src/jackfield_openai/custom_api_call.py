"""Create a Custom API Call: anything that the service can do and no module does."""

from collections.abc import Generator, Mapping, Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import (
    Boolean,
    Context,
    Effect,
    File,
    Integer,
    Json,
    KeyValue,
    Kind,
    Problem,
    Select,
    Text,
    module,
)
from jackfield_openai.connection import openai
from jackfield_openai.foresight import foresee_call
from jackfield_openai.fusion import CALL
from jackfield_openai.raw_answer import CustomApiCallAnswer, StreamEvent, answered, listed, streamed
from jackfield_openai.raw_request import Call, query_items

__all__ = ["CustomApiCall", "create_custom_api_call"]


@frozen(kw_only=True)
class CustomApiCall:
    """One request, as it is to be sent. The connection adds its credentials."""

    url: Annotated[
        str,
        Text(
            label="URL",
            help="A path of the API: models, /models and /v1/models all mean the same.",
            min_length=1,
            example="models",
        ),
    ]
    method: Annotated[
        Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
        Select(label="Method", help="What to do there; GET only reads."),
    ] = "GET"
    headers: Annotated[
        Mapping[str, str] | None,
        KeyValue(label="Headers", help="Beside those that the connection sends."),
    ] = None
    query: Annotated[
        Mapping[str, object] | None,
        KeyValue(label="Query String", help="Names and values; a list is sent as one pair for each item."),
    ] = None
    body: Annotated[object, Json(label="Body", help="JSON, or a text that is sent as it is.")] = None
    body_type: Annotated[
        Literal["json", "text", "form"] | None,
        Select(label="Body Type", help="Left empty: a text is sent as text, anything else as JSON.", advanced=True),
    ] = None
    files: Annotated[
        Mapping[str, File | Sequence[File]] | None,
        KeyValue(
            label="Files",
            help="Names of form fields, each with a file or several; the body is sent in the same form.",
            advanced=True,
        ),
    ] = None
    limit: Annotated[
        int | None,
        Integer(
            label="Limit",
            help="For a list: at most this many records, from as many pages as it takes. Left empty: one page.",
            minimum=1,
        ),
    ] = None
    errors_as_output: Annotated[
        bool | None,
        Boolean(
            label="Return errors as output",
            help="Yes: an answer of 400 and above is output and no error.",
            advanced=True,
        ),
    ] = None


def _problems(form: CustomApiCall) -> Sequence[Problem]:
    found = [
        Problem(path=f"$.query.{name}", rule="type", message="must be a text, a number, yes or no, or a list of these")
        for name, value in (form.query or {}).items()
        if any(isinstance(item, Mapping | list) for item in query_items(value))
    ]
    if form.files is not None and form.body_type not in {None, "form"}:
        found.append(Problem(path="$.body_type", rule="unused", message="must be form, for files are sent in a form"))
    if form.files is not None and form.method == "GET":
        found.append(Problem(path="$.files", rule="unused", message="cannot be sent with GET"))
    if (form.files is not None or form.body_type == "form") and form.body is not None and not _is_flat(form.body):
        message = "must be an object of texts, numbers, yes or no, to be sent as a form"
        found.append(Problem(path="$.body", rule="type", message=message))
    if form.body_type == "text" and not isinstance(form.body, str | None):
        found.append(Problem(path="$.body", rule="type", message="must be a text, to be sent as text"))
    if form.limit is not None and form.method != "GET":
        found.append(Problem(path="$.limit", rule="unused", message="is for lists: only GET gives them"))
    return found


def _is_flat(body: object) -> bool:
    return isinstance(body, Mapping) and not any(isinstance(value, Mapping | list) for value in body.values())


def _effect(form: CustomApiCall) -> Effect:
    return Effect.of_method(form.method, form.headers)


@module(
    label="Create a Custom API Call",
    connection=openai,
    kind=Kind.UNIVERSAL,
    effect=_effect,
    validate=_problems,
    aliases=CALL,
    foresee=foresee_call,
)
def create_custom_api_call(form: CustomApiCall, context: Context) -> Generator[StreamEvent, None, CustomApiCallAnswer]:
    """Send any request to the service, with the connection's credentials and inside its base URL.

    Gives the status, the headers and the body of the answer; what is neither JSON nor text is a file. Can stream: each
    piece is one event of an answer that is a stream of events, as the service gives if the body asks it to.
    """
    call = Call.of(
        form.method,
        form.url,
        base_url=context.client.base_url,
        query=form.query or {},
        headers=form.headers or {},
        body=form.body,
        body_type=form.body_type,
        files=form.files,
        raise_errors=not form.errors_as_output,
    )
    if context.streaming:
        return (yield from streamed(call, context))
    if form.limit is not None:
        return listed(call, form.limit, context)
    return answered(call.send(context), context)
