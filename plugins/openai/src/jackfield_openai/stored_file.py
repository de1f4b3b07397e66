"""Files that the service keeps: what it says of one, how one is sent there, how one is found.

Names and bounds: openai-python 3.57.0, types/file_object.py and types/file_create_params.py.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar

from attrs import field, frozen

from jackfield import Answer, Choice, Collection, Context, File, FilePart, Integer, NotFoundError, Select, Text, paging
from jackfield_openai.parameters import form_fields
from jackfield_openai.segments import segment
from jackfield_openai.suggestions import listed_if_possible
from jackfield_openai.times import with_dates
from jackfield_openai.usage import Undeclared

__all__ = [
    "MAX_UPLOAD_BYTES",
    "Expiry",
    "FileId",
    "StoredFile",
    "fetch",
    "find_file",
    "list_stored",
    "read_dated",
    "upload",
    "with_suggestion",
]

MAX_UPLOAD_BYTES = 512 * 1024 * 1024
"""The largest file that OpenAI takes (openai-python 3.57.0, resources/files.py: "up to 512 MB")."""

_LONGEST_PAGE = 10_000
_LOOKED_AT = 1_000
"""Of how many files, the newest, names are looked at for a suggestion."""

T = TypeVar("T")

FileId = Annotated[str, Text(label="File ID", help="As the service names it: file-abc123.", min_length=1)]


@frozen(kw_only=True)
class ExpiresAfter:
    """When the service deletes a file by itself."""

    seconds: Annotated[
        int,
        Integer(label="Seconds", help="From an hour to 30 days.", unit="seconds", minimum=3600, maximum=2_592_000),
    ]
    anchor: Annotated[
        Literal["created_at"],
        Select(
            label="Anchor",
            help="From when on the seconds count.",
            choices=(Choice(value="created_at", label="Created", help="From when the file came into being"),),
        ),
    ] = "created_at"


Expiry = Annotated[
    ExpiresAfter | None,
    Collection(label="Expires After", help="When the service deletes the file by itself.", advanced=True),
]


@frozen(kw_only=True)
class StoredFile:
    """A file that the service keeps; moments are ISO 8601 in UTC.

    Attributes:
        bytes: Its size.
        purpose: What it was uploaded for.
        status: As the service says; OpenAI calls it deprecated.
    """

    id: str
    filename: str | None = None
    bytes: int | None = None
    purpose: str | None = None
    created_at: str | None = None
    expires_at: str | None = None
    status: str | None = None
    status_details: str | None = None
    object: str | None = None
    rest: Undeclared = field(factory=dict)


def read_dated(context: Context, answer: Answer, into: type[T]) -> T:
    """Read an answer that has moments in it, as ISO 8601."""
    return context.client.read(with_dates(answer.json()), into=into, request_id=answer.request_id)


def upload(context: Context, file: File, said: Mapping[str, Any]) -> StoredFile:
    """Send a file, from the disk while it leaves.

    Args:
        context: Of the module.
        file: What is sent.
        said: The parameters beside it: ``purpose``, ``expires_after``...
    """
    parts = [FilePart(name="file", file=file)]
    return read_dated(
        context, context.client.request("POST", "/files", data=form_fields(said), files=parts), StoredFile
    )


def find_file(context: Context, file_id: str) -> StoredFile:
    """Ask what the service knows of a file.

    Raises:
        NotFoundError: It has none of that id; the hint has ids and names that are spelt alike.
    """
    try:
        return read_dated(context, context.client.request("GET", f"/files/{segment(file_id, '$.file_id')}"), StoredFile)
    except NotFoundError as error:
        raise with_suggestion(error, context, file_id) from None


def fetch(context: Context, stored: StoredFile) -> File:
    """Fetch what is in a file, under its name."""
    return context.client.download(
        "GET", f"/files/{segment(stored.id, '$.file_id')}/content", name=stored.filename or stored.id
    )


def with_suggestion(error: NotFoundError, context: Context, file_id: str) -> NotFoundError:
    """Give an error the files that could have been meant: whoever knows a file by its name is told its id."""
    files = listed_if_possible(lambda: [*list_stored(context, {}, limit=_LOOKED_AT)])
    known = {file.id: file.filename or "" for file in files}
    named = [each for each, name in known.items() if name and name == file_id]
    close = named or get_close_matches(file_id, known)
    meant = " or ".join(f"{each} ({known[each]})" if known[each] else each for each in close[:3])
    error.hint = f"Did you mean {meant}?" if meant else "See openai.list_files for all that there are."
    return error


def list_stored(context: Context, params: Mapping[str, Any], *, limit: int | None) -> Iterator[StoredFile]:
    """List files, page after page; the size of a page is the service's to choose where there is no limit."""
    style = paging.LastId() if limit is None else paging.LastId(size=_LONGEST_PAGE, size_param="limit")
    for listed in paging.items(context.client, "/files", paging=style, at="data", params=params or None, limit=limit):
        yield context.client.read(with_dates(listed), into=StoredFile)
