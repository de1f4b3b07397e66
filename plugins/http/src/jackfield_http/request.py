"""Make a Request: anything that HTTP can say, to any server."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Answer, Boolean, Context, Effect, Integer, Kind, OneOf, Problem, Select, Text, module
from jackfield_http.answer import Parse, Reading, RequestAnswer, read, told
from jackfield_http.connection import http
from jackfield_http.csv_text import delimiter_flaw
from jackfield_http.listing import items_of
from jackfield_http.request_form import (
    AnyBody,
    AnyPaging,
    FormBody,
    JsonBody,
    MultipartBody,
    flat_flaw,
    media_type,
    paging_flaws,
    sent,
)
from jackfield_http.target import (
    Headers,
    Query,
    Target,
    Where,
    as_the_form_says,
    target_of,
    where_flaws,
)

__all__ = ["MakeRequest", "make_request"]


@frozen(kw_only=True)
class MakeRequest:
    """One request, and how its answer is read."""

    url: Where
    method: Annotated[
        Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
        Select(label="Method", help="What to do there; GET, HEAD and OPTIONS only read."),
    ] = "GET"
    query: Query = None
    headers: Headers = None
    body: Annotated[AnyBody | None, OneOf(label="Body", help="What is sent with it.")] = None
    parse: Annotated[
        Parse | None,
        Select(label="Read the Answer as", help="Left empty or auto: as what the server says that it is."),
    ] = None
    csv_delimiter: Annotated[
        str | None,
        Text(
            label="CSV Delimiter",
            help="What stands between two cells. Left empty: a comma, or a tab where the server says so.",
            min_length=1,
            max_length=1,
            advanced=True,
        ),
    ] = None
    csv_header: Annotated[
        bool | None,
        Boolean(label="CSV Header", help="No: the first row has no names, and each row is a list.", advanced=True),
    ] = None
    max_cells: Annotated[
        int | None,
        Integer(label="Most CSV Cells", help="Left empty: a million.", unit="cells", minimum=1, advanced=True),
    ] = None
    errors_as_output: Annotated[
        bool | None,
        Boolean(
            label="Return Errors as Output",
            help="Yes: an answer of 400 and above is output and no error.",
            advanced=True,
        ),
    ] = None
    items_at: Annotated[
        str | None,
        Text(
            label="Path to the Items",
            help="Where a list in the answer is, which becomes the body; $ if the answer itself is the list.",
            min_length=1,
            example="data.items",
        ),
    ] = None
    paging: Annotated[AnyPaging | None, OneOf(label="Paging", help="How the pages of a list follow each other.")] = None
    limit: Annotated[
        int | None, Integer(label="Limit", help="At most this many items. Left empty: all.", minimum=1)
    ] = None

    @property
    def lists(self) -> bool:
        """Whether the items of a list are wanted."""
        return self.items_at is not None or self.paging is not None or self.limit is not None


def _problems(form: MakeRequest) -> Sequence[Problem]:
    where = where_flaws(form.query, form.headers, reads=False)
    return [*where, *_body_flaws(form), *_csv_flaws(form), *_list_flaws(form)]


def _body_flaws(form: MakeRequest) -> Iterator[Problem]:
    if form.body is not None and form.method == "HEAD":
        yield Problem(path="$.body", rule="unused", message="cannot be sent with HEAD")
    if isinstance(form.body, FormBody | MultipartBody) and (name := flat_flaw(form.body.fields)):
        message = "must be a text, a number, yes or no, or a list of these"
        yield Problem(path=f"$.body.fields.{name}", rule="type", message=message)


def _csv_flaws(form: MakeRequest) -> Iterator[Problem]:
    flaw = delimiter_flaw(form.csv_delimiter or "")
    if flaw:
        yield Problem(path="$.csv_delimiter", rule="pattern", message=flaw)


def _list_flaws(form: MakeRequest) -> Iterator[Problem]:
    if not form.lists:
        return
    yield from paging_flaws(form.paging, form.items_at)
    if form.parse not in {None, "auto", "json"}:
        yield Problem(path="$.parse", rule="unused", message="must be json, for lists are read from JSON")
    if form.errors_as_output:
        yield Problem(
            path="$.errors_as_output", rule="unused", message="cannot be said of a list; its errors are raised"
        )
    if form.body is not None and not isinstance(form.body, JsonBody):
        yield Problem(path="$.body", rule="type", message="must be JSON, where a list is asked for")
    if form.method == "HEAD":
        yield Problem(path="$.method", rule="unused", message="cannot be HEAD, which has no answer to read a list from")


def _effect(form: MakeRequest) -> Effect:
    return Effect.of_method(form.method, form.headers)


@module(label="Make a Request", connection=http, kind=Kind.UNIVERSAL, effect=_effect, validate=_problems)
def make_request(form: MakeRequest, context: Context) -> RequestAnswer:
    """Send any request to a server, and read its answer.

    With a connection that has a base URL, requests stay below it, with its credentials. Without, they go to any public
    server, without credentials. JSON, XML, CSV and text are read; anything else is a file. XML is read without
    entities.
    """
    said = media_type(form.body)
    target = target_of(context, form.url, form.query, form.headers, body_type=said)
    if form.lists:
        return _listed(form, target)
    with as_the_form_says():
        answer = target.client.request(
            form.method,
            target.path,
            params=target.params,
            headers=target.headers,
            raise_errors=not form.errors_as_output,
            store_files="always" if form.parse == "file" else form.parse in {None, "auto"},
            **sent(form.body),
        )
    header = form.csv_header is not False
    cells = form.max_cells or Reading().max_cells
    reading = Reading(parse=form.parse or "auto", delimiter=form.csv_delimiter, has_header=header, max_cells=cells)
    return read(answer, reading, context)


def _listed(form: MakeRequest, target: Target) -> RequestAnswer:
    answers: list[Answer] = []
    items = items_of(
        target,
        form.paging,
        form.items_at,
        limit=form.limit,
        method=form.method,
        json=form.body.value if isinstance(form.body, JsonBody) else None,
        check=lambda answer, _body: answers.append(answer),
    )
    found = [*items]
    return told(answers[-1], found)
