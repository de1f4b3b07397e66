"""Declarations that cannot be meant: each is told when it is made, with the place, the rule and the remedy."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pytest
from attrs import field, frozen
from paged_service import account

from jackfield import File, Password, PluginError, Rest, Secret, Trigger, Upload, paging, rest


@frozen(kw_only=True)
class Inner:
    """What stands inside."""

    name: str
    key: Annotated[Secret | None, Password()] = None


@frozen(kw_only=True)
class Form:
    """Something of everything."""

    id: str
    page: int | None = None
    note: str | None = None
    tags: list[str] | None = None
    inner: Mapping[str, str] | None = None


@frozen(kw_only=True)
class Filed:
    """A file."""

    id: str
    file: Annotated[File, Upload()]


@frozen(kw_only=True)
class Hiding:
    """A secret inside."""

    inner: Inner


@frozen(kw_only=True)
class Open:
    """Whatever is given."""

    rest: Annotated[Mapping[str, object], Rest()] = field(factory=dict)


@frozen(kw_only=True)
class Out:
    """What comes."""

    id: str


class Plain:
    """No attrs class."""


def declare(request: str, form: type = Form, output: type = Out, **said: Any) -> Callable[[], object]:
    """Declare a module, later."""
    return lambda: rest.module(request, form=form, output=output, label="Try", connection=account, **said)


ODD: Mapping[str, tuple[Callable[[], object], str]] = {
    "no method": (declare("/x"), "the request cannot be read"),
    "an unknown method": (declare("FETCH /x"), "the request cannot be read"),
    "no path": (declare("GET"), "the request cannot be read"),
    "a whole URL": (declare("GET https://evil.example/x"), "the request cannot be read"),
    "a path that climbs": (declare("POST /a/../b"), "the path cannot be used: The path has a dot segment"),
    "a query in the path": (declare("POST /x?a=1"), "the path cannot be used: The path has a '?'"),
    "a stray brace in the path": (declare("POST /{id}/{x"), "a brace in the path belongs to no place"),
    "a path name that is no field": (declare("POST /{ids}"), "the path names 'ids', and there is no such field"),
    "a path field that may be left out": (declare("POST /{note}"), "the path needs note, which may be left out"),
    "a path field that is a list": (declare("POST /{inner}", form=Hiding), "inner is no single value"),
    "a record in the query": (declare("GET /x"), "inner is no single value nor a list of these, as the query needs"),
    "a query that is a text": (declare("POST /x", query="page"), "the query is a text"),
    "a query name that is no field": (declare("POST /x", query=["pge"]), "the query names 'pge'"),
    "a header name that is no field": (declare("POST /x", headers={"X-A": "{b}"}), "the header names 'b'"),
    "a header that may not be set": (declare("POST /x", headers={"Host": "{id}"}), "The header 'Host' cannot be set"),
    "a header that is none": (declare("POST /x", headers={"X A": "{id}"}), "is no name for a header"),
    "an idempotency header that is none": (declare("POST /x", idempotency_header="a b"), "is no name for a header"),
    "a stray brace in the body": (declare("POST /x", body={"a": "{id}}"}), "a brace in the body belongs to no place"),
    "two of one name in the body": (
        declare("POST /x", body={"note": "{id}"}),
        "the body has note, and so has the form",
    ),
    "two of one name in the query": (
        declare("DELETE /{id}", query={"page": "{note}", "i": "{inner:,}"}),
        "the query has page, and so has the form",
    ),
    "a field used nowhere": (declare("PUT /{id}", body="{tags}"), "page and note and inner would be sent nowhere"),
    "a body of a GET": (declare("GET /{id}", form=Out, body={"a": 1}), "a GET has no body"),
    "an encoding of nothing": (declare("GET /{id}", form=Out, encoding="form"), "there is no body to be sent as form"),
    "a record in a form": (declare("POST /x", encoding="form"), "inner is no single value nor a list"),
    "a file in JSON": (declare("POST /x", form=Filed), "file holds a file, which has no place in JSON"),
    "a file in a form": (declare("POST /x", form=Filed, encoding="form"), "file is no single value"),
    "a file in the query": (declare("DELETE /x", form=Filed), "file is no single value"),
    "a secret inside": (declare("POST /x", form=Hiding), "there is a secret inside inner"),
    "keys that nobody declared": (declare("POST /x", form=Open), "nothing says where rest goes"),
    "a form that is no attrs class": (declare("POST /x", form=Plain), "this is no attrs class"),
    "an output that is no attrs class": (declare("POST /x", output=Plain), "this is no attrs class"),
    "a place that is no path": (declare("POST /x", at="a..b"), "'a..b' is no path into an answer"),
    "two places": (declare("POST /x", at="a", items="b"), "at and items both say where the output stands"),
    "paging without a list": (declare("POST /x", paging=paging.LinkHeader()), "paging is for lists"),
    "a limit without a list": (declare("POST /x", limit="page"), "limit is for lists"),
    "a trigger without a list": (declare("POST /x", trigger=Trigger(key="id")), "trigger is for lists"),
    "since without a trigger": (declare("POST /x", items="$", since="since"), "since='since' has no meaning"),
    "since twice": (
        declare("POST /x", items="$", query=["note"], since="note", trigger=Trigger(key="id")),
        "since='note' has no meaning",
    ),
    "a lack without a list": (declare("POST /x", may_lack_items=True), "may_lack_items is for lists"),
    "a limit that is no field": (declare("POST /x", items="$", limit="most"), "the limit names 'most'"),
    "a limit that is no number": (declare("POST /x", items="$", limit="note"), "the limit note is no whole number"),
    "a form that comes in pages": (
        declare("POST /{id}", form=Out, encoding="form", body={"a": "b"}, items="$", paging=paging.LinkHeader()),
        "only JSON is sent page by page",
    ),
    "one key for many pages": (
        declare("POST /x", items="$", paging=paging.LinkHeader(), idempotency_header="X-Key"),
        "the key of the operation would be the same for every page",
    ),
    "the form and the paging say the same": (
        declare("POST /x", query=["page"], items="$", paging=paging.PageNumber()),
        "page is said by the form and by the paging",
    ),
    "the same in a body": (
        declare("POST /x", items="$", paging=paging.PageNumber(into="body")),
        "page is said by the form and by the paging",
    ),
    "a cursor in the body of a GET": (
        declare("GET /{id}", form=Out, items="$", paging=paging.Cursor(param="c", at="n", into="body")),
        "the paging speaks in a body, and there is no JSON body",
    ),
    "a failure as a success": (declare("POST /x", expected=[404]), "404 is no status of a success"),
    "a path of failures that is none": (lambda: rest.Failures(message="a b"), "'a b' is no path into an answer"),
    "a place of success that is none": (lambda: rest.Failures(ok=".."), "'..' is no path into an answer"),
    "a way to send that there is not": (declare("POST /x", encoding="xml"), "encoding is 'xml'"),
    "failures that are none": (declare("GET /x", failures={}), "failures is a Python dict"),
    "a style as a class": (declare("GET /x", items="$", paging=paging.PageNumber), "paging is the class PageNumber"),
    "a trigger that is a text": (declare("GET /x", items="$", trigger="id"), "trigger is 'id'"),
    "a status alone": (declare("GET /x", expected=201), "expected is 201"),
    "statuses that are texts": (declare("GET /x", expected=["201"]), "expected is a Python list"),
    "a choice by no function": (declare("GET /x", items="$", keep={"note": 3}), "keep is a Python dict"),
    "headers in a list": (declare("GET /x", headers=["note"]), "headers is a Python list"),
    "a cursor that stands nowhere": (lambda: paging.Cursor(param="c", at=""), "at is ''"),
    "a page that is said elsewhere": (
        lambda: paging.PageNumber(into="header"),  # type: ignore[arg-type]
        "into is 'header'",
    ),
    "a size that is a text": (lambda: paging.PageNumber(size="5"), "size is '5'"),  # type: ignore[arg-type]
    "a total of no list": (declare("POST /x", total="total"), "total is for lists"),
    "a choice among no list": (declare("POST /x", keep={"id": lambda _value, _item: True}), "keep is for lists"),
    "a choice by no field": (
        declare("POST /x", items="$", keep={"colour": lambda _value, _item: True}),
        "the keep names 'colour'",
    ),
    "a list of what is wrong at no path": (lambda: rest.Failures(details="a b"), "'a b' is no path into an answer"),
    "a status that stands for no error": (
        lambda: rest.Failures(statuses={409: ValueError}),  # type: ignore[dict-item]
        "409 stands for what is no RemoteError",
    ),
    "a code that stands for no error": (
        lambda: rest.Failures(codes={"gone": ValueError}),  # type: ignore[dict-item]
        "'gone' stands for what is no RemoteError",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_a_declaration_that_cannot_be_meant_is_refused_when_it_is_made(case: str) -> None:
    """Not when a user runs it; the hint says what would be right."""
    make, words = ODD[case]

    with pytest.raises(PluginError) as refused:
        make()

    assert words in refused.value.message
    assert refused.value.hint


def test_the_message_names_the_form_and_the_request() -> None:
    """Whoever has thirty of them finds the one."""
    with pytest.raises(PluginError, match=r"Form \(POST /\{ids\}\): the path names 'ids'"):
        declare("POST /{ids}")()


def test_what_can_be_meant_is_taken() -> None:
    """The same words in their right places."""
    made = [
        declare("POST /{id}", query=["page", "tags"], headers={"X-Note": "{note}"}),
        declare("PUT /{id}", query={"p": "{page}", "n": "{note}", "i": "{tags:,}"}, body="{inner}"),
        declare("DELETE /{id}", form=Out),
        declare("POST /x", items="a[0].b", paging=paging.Cursor(param="c", at='["x.y"]', into="body"), limit="page"),
    ]

    assert [make() for make in made]
