"""Upload a File, List Files, Get a File, Delete a File: what the service keeps for other requests.

Names and bounds: openai-python 3.57.0, resources/files.py and types/file_*.py.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import attrs
from attrs import field, frozen

from jackfield import (
    Boolean,
    Choice,
    Context,
    Effect,
    File,
    Integer,
    NotFoundError,
    Problem,
    Select,
    Text,
    Upload,
    module,
)
from jackfield_openai.connection import openai
from jackfield_openai.foresight import NOTHING
from jackfield_openai.parameters import Extra, extra_problems, parameters_of
from jackfield_openai.segments import segment
from jackfield_openai.stored_file import (
    MAX_UPLOAD_BYTES,
    Expiry,
    FileId,
    StoredFile,
    fetch,
    find_file,
    list_stored,
    read_dated,
    upload,
    with_suggestion,
)
from jackfield_openai.usage import Undeclared

__all__ = ["delete_file", "get_file", "list_files", "upload_file"]

_PURPOSES = (
    Choice(value="user_data", label="User Data", help="For anything: what a model is to read"),
    Choice(value="batch", label="Batch", help="Requests in lines of JSON, for a batch; below 200 MB"),
    Choice(value="fine-tune", label="Fine-Tune", help="Examples in lines of JSON, to train with"),
    Choice(value="vision", label="Vision", help="Images to train with"),
    Choice(value="evals", label="Evals", help="Data sets for evaluations"),
    Choice(value="assistants", label="Assistants", help="For the Assistants API, and for vector stores"),
)


@frozen(kw_only=True)
class UploadFile:
    """What to upload. What is left empty is not sent: the service decides."""

    file: Annotated[File, Upload(label="File", help="At most 512 MB.", max_bytes=MAX_UPLOAD_BYTES)]
    purpose: Annotated[
        str,
        Select(label="Purpose", help="What it is for; it decides who may use it.", choices=_PURPOSES, free_text=True),
    ]
    expires_after: Expiry = None
    extra: Extra = None


def _upload_problems(form: UploadFile) -> Sequence[Problem]:
    found = [*extra_problems(form)]
    if not form.purpose.strip():
        found.append(Problem(path="$.purpose", rule="min_length", message="must say what the file is for, was empty"))
    return found


@module(
    label="Upload a File",
    connection=openai,
    effect=Effect.UNSAFE,
    validate=_upload_problems,
    foresee=lambda _: NOTHING,
)
def upload_file(form: UploadFile, context: Context) -> StoredFile:
    """Have the service keep a file, for batches, training and other requests.

    It is read from the disk while it is sent. Gives its ``id``, by which other modules know it.
    """
    said = {**parameters_of(form, without={"extra", "file"}), **(form.extra or {})}
    return upload(context, form.file, said)


@frozen(kw_only=True)
class ListFiles:
    """Which files to list."""

    purpose: Annotated[
        str | None,
        Select(label="Purpose", help="Only files that are there for this.", choices=_PURPOSES, free_text=True),
    ] = None
    order: Annotated[
        Literal["desc", "asc"] | None,
        Select(
            label="Order",
            help="By when they were uploaded.",
            choices=(Choice(value="desc", label="Newest first"), Choice(value="asc", label="Oldest first")),
        ),
    ] = None
    after: Annotated[
        str | None, Text(label="After", help="Only what follows the file of this id.", min_length=1, advanced=True)
    ] = None
    limit: Annotated[int | None, Integer(label="Limit", help="At most this many; all without.", minimum=1)] = None


@module(label="List Files", connection=openai, effect=Effect.READ, foresee=lambda _: NOTHING)
def list_files(form: ListFiles, context: Context) -> Iterator[StoredFile]:
    """List the files that the service keeps: one bundle for each, page after page."""
    return list_stored(context, parameters_of(form, without={"limit"}), limit=form.limit)


@frozen(kw_only=True)
class GetFile:
    """Which file to get."""

    file_id: FileId
    content: Annotated[bool, Boolean(label="Content", help="Fetch what is in it, too, as a file of yours.")] = False


@frozen(kw_only=True)
class FetchedFile(StoredFile):
    """A file that the service keeps, and what is in it if that was asked for.

    Attributes:
        file: Its content, under its name.
    """

    file: File | None = None


@module(label="Get a File", connection=openai, effect=Effect.READ, foresee=lambda _: NOTHING)
def get_file(form: GetFile, context: Context) -> FetchedFile:
    """Describe a file that the service keeps, and fetch it if wanted.

    OpenAI gives out what batches and training made, not everything that was uploaded.
    """
    found = find_file(context, form.file_id)
    file = fetch(context, found) if form.content else None
    return FetchedFile(**{name: getattr(found, name) for name in attrs.fields_dict(StoredFile)}, file=file)


@frozen(kw_only=True)
class DeleteFile:
    """Which file to delete."""

    file_id: FileId


@frozen(kw_only=True)
class DeletedFile:
    """What the service says of a file that it deleted."""

    id: str
    deleted: bool | None = None
    object: str | None = None
    rest: Undeclared = field(factory=dict)


@module(label="Delete a File", connection=openai, effect=Effect.IDEMPOTENT, foresee=lambda _: NOTHING)
def delete_file(form: DeleteFile, context: Context) -> DeletedFile:
    """Have the service delete a file. There is no way back."""
    try:
        answer = context.client.request("DELETE", f"/files/{segment(form.file_id, '$.file_id')}")
    except NotFoundError as error:
        if error.perhaps_deleted:
            context.warn("An attempt before the last one broke off; the service does not have the file any more.")
            return DeletedFile(id=form.file_id, deleted=True)
        raise with_suggestion(error, context, form.file_id) from None
    return read_dated(context, answer, DeletedFile)
