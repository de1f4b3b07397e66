"""What a user says of a request: its body, and how a list in pages is gone through."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from attrs import frozen

from jackfield import (
    Array,
    Boolean,
    File,
    FilePart,
    Integer,
    Json,
    KeyValue,
    PluginError,
    Problem,
    Text,
    Upload,
    When,
    paging,
)

__all__ = [
    "AnyBody",
    "AnyPaging",
    "FormBody",
    "JsonBody",
    "MultipartBody",
    "flat_flaw",
    "media_type",
    "paging_flaws",
    "path_flaws",
    "sent",
    "style_of",
]


@frozen(kw_only=True)
class JsonBody:
    """JSON."""

    type: Literal["json"] = "json"
    value: Annotated[object, Json(label="Value", help="Any JSON value.", example={"name": "Ada"})]


@frozen(kw_only=True)
class FormBody:
    """A form, as a browser sends it."""

    type: Literal["form"] = "form"
    fields: Annotated[
        Mapping[str, object],
        KeyValue(label="Fields", help="Names and values; a list is sent as one pair for each item."),
    ]


@frozen(kw_only=True)
class MultipartBody:
    """A form with files (multipart/form-data); they are read while they leave."""

    type: Literal["multipart"] = "multipart"
    fields: Annotated[Mapping[str, object] | None, KeyValue(label="Fields", help="Names and values.")] = None
    files: Annotated[
        Mapping[str, Annotated[Sequence[Annotated[File, Upload(label="File")]], Array(label="Files", min_items=1)]],
        KeyValue(label="Files", help="Names of fields, each with the files that it has.", min_items=1),
    ]


@frozen(kw_only=True)
class TextBody:
    """A text, sent as it is."""

    type: Literal["text"] = "text"
    text: Annotated[str, Text(label="Text", multiline=True)]
    media_type: Annotated[
        str | None,
        Text(
            label="Media Type",
            help="What it is. Left empty: text/plain in UTF-8.",
            pattern=r"[\w!#$&^.+-]+/[\w!#$&^.+-]+",
            example="application/xml",
        ),
    ] = None


@frozen(kw_only=True)
class FileBody:
    """A file, sent as it is; it is read while it leaves."""

    type: Literal["file"] = "file"
    file: Annotated[File, Upload(label="File")]


AnyBody = JsonBody | FormBody | MultipartBody | TextBody | FileBody


def flat_flaw(values: Mapping[str, object] | None) -> str:
    """Say which value cannot stand in a query or a form: no text, finite number, yes or no, nor a list of these."""
    for name, value in (values or {}).items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, Mapping | list | tuple) or (isinstance(item, float) and not math.isfinite(item)):
                return name
    return ""


def sent(body: AnyBody | None) -> dict[str, Any]:
    """Give a body as the client takes it."""
    match body:
        case JsonBody():
            return {"json": body.value} if body.value is not None else {"content": b"null"}
        case FormBody():
            return {"data": body.fields}
        case MultipartBody():
            parts = [FilePart(name=name, file=file) for name, files in body.files.items() for file in files]
            return {"data": body.fields, "files": parts}
        case TextBody():
            return {"content": body.text.encode()}
        case FileBody():
            return {"content": body.file}
        case None:
            return {}


def media_type(body: AnyBody | None) -> str:
    """Give what is to be said of a body that the client does not say by itself."""
    if isinstance(body, TextBody):
        return f"{body.media_type or 'text/plain'}; charset=utf-8"
    return "application/json" if isinstance(body, JsonBody) and body.value is None else ""


@frozen(kw_only=True)
class _Sized:
    """What all ways of paging share."""

    size: Annotated[
        int | None,
        Integer(
            label="Page Size", help="How many items a page shall have.", minimum=1, required_when=When("size_param")
        ),
    ] = None
    size_param: Annotated[
        str | None, Text(label="Parameter of the Size", help="Left empty: limit, if there is a size.", min_length=1)
    ] = None

    def sizes(self) -> dict[str, Any]:
        """Give them as a style takes them."""
        return {"size": self.size, "size_param": (self.size_param or "limit") if self.size else ""}


@frozen(kw_only=True)
class ByPage(_Sized):
    """Pages have numbers."""

    style: Literal["page"] = "page"
    param: Annotated[str | None, Text(label="Parameter", help="Left empty: page.", min_length=1)] = None
    first: Annotated[int | None, Integer(label="First Page", help="Left empty: 1.", minimum=0)] = None


@frozen(kw_only=True)
class ByOffset(_Sized):
    """A page begins behind so many items."""

    style: Literal["offset"] = "offset"
    param: Annotated[str | None, Text(label="Parameter", help="Left empty: offset.", min_length=1)] = None


@frozen(kw_only=True)
class ByCursor(_Sized):
    """A page names a word for the next one."""

    style: Literal["cursor"] = "cursor"
    param: Annotated[str | None, Text(label="Parameter", help="Left empty: cursor.", min_length=1)] = None
    at: Annotated[
        str, Text(label="Path to the Cursor", help="Where a page names it.", min_length=1, example="meta.next_cursor")
    ]
    in_body: Annotated[
        bool | None, Boolean(label="In the Body", help="Yes: it is sent in the JSON body, not in the query.")
    ] = None


@frozen(kw_only=True)
class AfterItem(_Sized):
    """A page follows the last item; another field says whether there are more."""

    style: Literal["after_item"] = "after_item"
    param: Annotated[str | None, Text(label="Parameter", help="Left empty: after.", min_length=1)] = None
    id_at: Annotated[
        str | None, Text(label="Path to the Id", help="Where an item has it. Left empty: id.", min_length=1)
    ] = None
    more_at: Annotated[
        str | None,
        Text(label="Path to More", help="Where a page says if there are more. Left empty: has_more.", min_length=1),
    ] = None


@frozen(kw_only=True)
class ByLinkHeader(_Sized):
    """The header Link names the next page."""

    style: Literal["link_header"] = "link_header"


@frozen(kw_only=True)
class ByNextUrl(_Sized):
    """The body names the address of the next page."""

    style: Literal["next_url"] = "next_url"
    at: Annotated[
        str | None,
        Text(
            label="Path to the URL", help="Where a page names it. Left empty: next.", min_length=1, example="links.next"
        ),
    ] = None


AnyPaging = ByPage | ByOffset | ByCursor | AfterItem | ByLinkHeader | ByNextUrl


def style_of(said: AnyPaging) -> paging.Paging:
    """Give the style of paging that a user described.

    Raises:
        PluginError: A path cannot be read.
    """
    match said:
        case ByPage():
            first = 1 if said.first is None else said.first
            return paging.PageNumber(param=said.param or "page", first=first, **said.sizes())
        case ByOffset():
            return paging.Offset(param=said.param or "offset", **said.sizes())
        case ByCursor():
            into: Literal["query", "body"] = "body" if said.in_body else "query"
            return paging.Cursor(param=said.param or "cursor", at=said.at, into=into, **said.sizes())
        case AfterItem():
            item_id, more = said.id_at or "id", said.more_at or "has_more"
            return paging.LastId(param=said.param or "after", id=item_id, more=more, **said.sizes())
        case ByLinkHeader():
            return paging.LinkHeader(**said.sizes())
        case ByNextUrl():
            return paging.NextUrl(at=said.at or "next", **said.sizes())


def paging_flaws(said: AnyPaging | None, items_at: str | None) -> Iterator[Problem]:
    """Find paths that cannot be read."""
    if said is not None:
        try:
            style_of(said)
        except PluginError as error:
            yield Problem(path="$.paging", rule="path", message=f"cannot be used: {error.message}")
    if items_at is not None:
        yield from path_flaws("items_at", items_at)


def path_flaws(name: str, path: str) -> Iterator[Problem]:
    """Find what is wrong with a path into JSON."""
    try:
        paging.value_at(path, None)
    except PluginError as error:
        yield Problem(path=f"$.{name}", rule="path", message=f"is no path: {error.message}")
