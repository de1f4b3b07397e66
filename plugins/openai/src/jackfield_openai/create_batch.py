"""Create a Batch: many requests at once, answered within a day, for half the price.

Names and bounds: openai-python 3.57.0, types/batch_create_params.py and resources/files.py, read 2026-11-25.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from attrs import frozen

from jackfield import (
    Array,
    Choice,
    Collection,
    Context,
    Effect,
    File,
    InvalidInputError,
    JackfieldError,
    Json,
    KeyValue,
    LimitError,
    OneOf,
    Problem,
    Select,
    Text,
    Upload,
    module,
)
from jackfield_openai.batch import Batch
from jackfield_openai.batch_lines import MAX_BATCH_REQUESTS, body_flaw, line_problems
from jackfield_openai.connection import is_openai, openai
from jackfield_openai.parameters import Extra, extra_problems, parameters_of
from jackfield_openai.stored_file import ExpiresAfter, FileId, read_dated, upload

__all__ = ["MAX_BATCH_BYTES", "MAX_BATCH_REQUESTS", "create_batch"]

MAX_BATCH_BYTES = 200 * 1024 * 1024
"""The largest file of requests that OpenAI takes."""

_MOST_METADATA = 16
_LONGEST_NAME = 64


@frozen(kw_only=True)
class BatchRequest:
    """One of the requests."""

    custom_id: Annotated[
        str,
        Text(label="Custom ID", help="Your name for it, by which you know its answer. Each once.", min_length=1),
    ]
    body: Annotated[
        Mapping[str, object],
        Json(label="Body", help="What the endpoint takes: model, messages and so on. No stream."),
    ]


@frozen(kw_only=True)
class FromRequests:
    """Uploads requests, and has them answered."""

    type: Literal["requests"] = "requests"
    requests: Annotated[
        Sequence[BatchRequest],
        Array(
            label="Requests",
            help="At most 50,000, of 200 MB together; all of one model.",
            min_items=1,
            max_items=MAX_BATCH_REQUESTS,
        ),
    ]


@frozen(kw_only=True)
class FromFile:
    """Uploads a file of requests, and has them answered."""

    type: Literal["file"] = "file"
    file: Annotated[
        File,
        Upload(
            label="File",
            help="A line of JSON for each request: custom_id, method, url, body. At most 200 MB.",
            max_bytes=MAX_BATCH_BYTES,
        ),
    ]


@frozen(kw_only=True)
class FromUploaded:
    """Has the requests answered that the service has in a file already."""

    type: Literal["uploaded"] = "uploaded"
    input_file_id: FileId


@frozen(kw_only=True)
class CreateBatch:
    """Which requests to have answered. What is left empty is not sent: the service decides."""

    endpoint: Annotated[
        str,
        Select(
            label="Endpoint",
            help="Where all of its requests go.",
            choices=(
                "/v1/responses",
                "/v1/chat/completions",
                "/v1/embeddings",
                "/v1/completions",
                "/v1/moderations",
                "/v1/images/generations",
                "/v1/images/edits",
                "/v1/videos",
            ),
            free_text=True,
        ),
    ]
    input: Annotated[
        FromRequests | FromFile | FromUploaded,
        OneOf(label="Input", help="The requests: here, in a file of yours, or in one that was uploaded before."),
    ]
    completion_window: Annotated[
        str,
        Select(
            label="Completion Window",
            help="Within which time it is to be done; what is not done by then expires. OpenAI requires it.",
            choices=(Choice(value="24h", label="24 hours"),),
            free_text=True,
            advanced=True,
        ),
    ] = "24h"
    metadata: Annotated[
        Mapping[str, Annotated[str, Text(label="Value", max_length=512)]] | None,
        KeyValue(
            label="Metadata",
            help="Up to 16 notes of yours: names of up to 64 characters, values of up to 512.",
            max_items=_MOST_METADATA,
            advanced=True,
        ),
    ] = None
    output_expires_after: Annotated[
        ExpiresAfter | None,
        Collection(label="Output Expires After", help="When the service deletes the answers by itself.", advanced=True),
    ] = None
    extra: Extra = None


def _problems(form: CreateBatch) -> Sequence[Problem]:
    found = extra_problems(form, {"input_file_id": "input"})
    if isinstance(form.input, FromRequests):
        found += _repeated(form.input.requests)
        found += [
            Problem(path=f"$.input.requests[{index}].body.stream", rule="unused", message=flaw)
            for index, request in enumerate(form.input.requests)
            if (flaw := body_flaw(request.body))
        ]
    if not form.endpoint.startswith("/"):
        found.append(Problem(path="$.endpoint", rule="path", message="must begin with a slash: /v1/responses"))
    found += [
        Problem(path="$.metadata", rule="max_length", message=f"must have names of at most {_LONGEST_NAME} characters")
        for name in form.metadata or ()
        if len(name) > _LONGEST_NAME
    ][:1]
    return found


def _repeated(requests: Sequence[BatchRequest]) -> list[Problem]:
    """Find each request after the first whose name another has: its answer could not be told from the other's."""
    seen: Counter[str] = Counter()
    found = []
    for index, request in enumerate(requests):
        seen[request.custom_id] += 1
        if seen[request.custom_id] > 1:
            path = f"$.input.requests[{index}].custom_id"
            found.append(Problem(path=path, rule="unique", message="is that of a request before it"))
    return found


@module(label="Create a Batch", connection=openai, effect=Effect.UNSAFE, validate=_problems)
def create_batch(form: CreateBatch, context: Context) -> Batch:
    """Have many requests answered within a day, for half the price.

    Requests that are not uploaded yet are uploaded first. Gives the batch with its ``id``, as it begins; ``Watch
    Completed Batches`` tells when it has ended, and ``Get a Batch`` what came of it.
    """
    _check(form, context)
    input_file_id = _uploaded(form, context)
    said = {**parameters_of(form, without={"extra", "input"}), "input_file_id": input_file_id, **(form.extra or {})}
    try:
        return read_dated(context, context.client.request("POST", "/batches", json=said), Batch)
    except JackfieldError as error:
        if not isinstance(form.input, FromUploaded):
            kept = f"The requests are uploaded, as {input_file_id}: use input.type=uploaded, or delete that file."
            error.hint = f"{error.hint} {kept}".lstrip()
        raise


def _check(form: CreateBatch, context: Context) -> None:
    """Look at what is to be sent, as the service does when it is there.

    Raises:
        InvalidInputError: It would not take it.
    """
    ours = is_openai(context.client.base_url)
    found: list[Problem] = []
    if ours and not form.endpoint.startswith("/v1/"):
        found.append(Problem(path="$.endpoint", rule="path", message="must begin with /v1/ at OpenAI: /v1/responses"))
    if isinstance(form.input, FromFile) and not form.input.file.pending:
        found += line_problems(form.input.file, form.endpoint, openai=ours)
    if found:
        raise InvalidInputError(found, hint="Nothing was sent.")


def _uploaded(form: CreateBatch, context: Context) -> str:
    """Give the id of the file with the requests, once it is there."""
    if isinstance(form.input, FromUploaded):
        return form.input.input_file_id
    file = form.input.file if isinstance(form.input, FromFile) else _lines(form.input.requests, form.endpoint)
    return upload(context, file, {"purpose": "batch"}).id


def _lines(requests: Sequence[BatchRequest], endpoint: str) -> File:
    """Write requests as a batch has them, a line of JSON for each.

    Raises:
        LimitError: They are too large together.
    """
    written = bytearray()
    for request in requests:
        line: dict[str, Any] = {"custom_id": request.custom_id, "method": "POST", "url": endpoint}
        written += json.dumps({**line, "body": request.body}, ensure_ascii=False).encode() + b"\n"
        if len(written) > MAX_BATCH_BYTES:
            message = f"The requests have more than {MAX_BATCH_BYTES} bytes together."
            hint = "Make several batches: this is the most that OpenAI takes, and no setting moves it."
            raise LimitError(message, limit="max_batch_bytes", maximum=MAX_BATCH_BYTES, hint=hint)
    return File.from_bytes(bytes(written), name="requests.jsonl", media_type="application/jsonl")
