"""Modules that are data: triggers, lists that a service cuts, and calls of any kind."""

from typing import Annotated, Literal

import pytest
from attrs import frozen
from paged_service import Asked, Reply, Service, account, connection_to

from jackfield import (
    Effect,
    Host,
    Integer,
    Kind,
    Select,
    Text,
    Trigger,
    paging,
    rest,
)
from jackfield.testing import Case, dead_fields


@frozen(kw_only=True)
class Board:
    """Which board."""

    note: str


@frozen(kw_only=True)
class Note:
    """What somebody wrote."""

    id: int
    written: str


watch_notes = rest.module(
    "GET /boards/{note}/notes",
    form=Board,
    output=Note,
    label="Watch Notes",
    connection=account,
    items="$",
    paging=paging.PageNumber(),
    trigger=Trigger(key="id", date="written", look_back_s=0),
    since="written_after",
)


def test_a_trigger_is_declared_as_well(host: Host, service: Service) -> None:
    """It gives what is new, and the service is told what is too old."""
    notes = [{"id": 1, "written": "2026-11-25T10:00:00Z"}, {"id": 2, "written": "2026-11-25T11:00:00Z"}]
    service.reset(lambda asked: Reply(notes if asked.query["page"] == "1" else []))
    connection = connection_to(service)

    first = host.poll(watch_notes, {"note": "blue"}, connection=connection, start="all")
    notes.append({"id": 3, "written": "2026-11-25T12:00:00Z"})
    second = host.poll(watch_notes, {"note": "blue"}, connection=connection, state=first.state)

    assert watch_notes.kind is Kind.TRIGGER
    assert [[new.output.id for new in poll.items] for poll in (first, second)] == [[1, 2], [3]]
    assert "written_after" not in service.asked[0].query
    assert service.asked[-1].query == {"page": "2", "written_after": "2026-11-25T11:00:00Z"}


@frozen(kw_only=True)
class Chosen:
    text: Annotated[str | None, Text()] = None
    parity: Annotated[Literal["odd", "even"] | None, Select()] = None
    most: Annotated[int | None, Integer(minimum=1)] = None


@frozen(kw_only=True)
class Numbered:
    number: int


choose = rest.module(
    "GET /numbers",
    form=Chosen,
    output=Numbered,
    label="Choose",
    connection=account,
    items="found",
    paging=paging.PageNumber(more="more"),
    limit="most",
    keep={"parity": lambda parity, item: item.number % 2 == (parity == "odd")},
    total="total",
    partial="partial",
)
count = rest.module(
    "GET /numbers",
    form=Chosen,
    output=Numbered,
    label="Count",
    connection=account,
    items="found",
    limit="most",
    query={"parity": "{parity}"},
    total="total",
)


def numbers(asked: Asked) -> Reply:
    """Give two pages of three, of eight that there are said to be."""
    page = int(asked.query["page"])
    found = [{"number": 3 * page + place} for place in range(3)]
    return Reply({"found": found, "more": page < 2, "total": 8, "partial": page == 2})


def test_what_a_service_cannot_leave_out_is_left_out_here(host: Host, service: Service) -> None:
    """The field is not sent, and the limit counts what is left."""
    service.reset(numbers)

    odd = host.run(choose, {"parity": "odd", "most": 2, "text": "x"}, connection=connection_to(service))
    every = host.run(choose, {"most": 4}, connection=connection_to(service))

    assert [each.number for each in odd.outputs] == [3, 5]
    assert [each.number for each in every.outputs] == [3, 4, 5, 6]
    assert [asked.query for asked in service.asked] == [
        {"text": "x", "page": "1"},
        {"page": "1"},
        {"page": "2"},
    ]
    assert odd.warnings == ()
    assert dead_fields(host_of_choices(), "a.choose", Case(inert={"parity": "chosen here", "most": "likewise"})) == []


def host_of_choices() -> Host:
    """Have the module under an id; nothing is sent."""
    return Host(modules={"a.choose": choose}, discover=False, environ={})


def test_a_list_that_ends_too_early_has_warnings(host: Host, service: Service) -> None:
    """Whoever counts what came would believe that it is all."""
    service.reset(numbers)

    found = host.run(choose, {}, connection=connection_to(service))

    assert len(found.outputs) == 6
    partial, cut = found.warnings
    assert "some of it is missing" in partial
    assert "gives 6 of 8" in cut


def test_whoever_wants_no_more_is_not_warned(host: Host, service: Service) -> None:
    """A limit that was reached is no lack; and without a number there is nothing to say."""
    service.reset(lambda _: Reply({"found": [{"number": 1}, {"number": 2}], "total": 5}))
    assert host.run(count, {"most": 2}, connection=connection_to(service)).warnings == ()

    service.reset(lambda _: Reply({"found": [{"number": 1}], "total": "many"}))
    assert host.run(count, {}, connection=connection_to(service)).warnings == ()


anything = rest.universal(label="Make a Call", connection=account)
CALLS = {
    "an object": (Reply({"a": 1}), {"a": 1}),
    "a kind of JSON": (Reply([1], headers={"Content-Type": "application/problem+json"}), [1]),
    "a text": (Reply("x", headers={"Content-Type": "text/plain"}), '"x"'),
    "nothing": (Reply(status=204), None),
}


@pytest.mark.parametrize("case", CALLS)
def test_any_call_can_be_made(host: Host, service: Service, case: str) -> None:
    """What was given is sent as it was given, and what came is read as it says that it is."""
    reply, body = CALLS[case]
    service.reset(lambda _: reply)
    call = {
        "path": "/x",
        "method": "PUT",
        "query": {"a": 1, "b": [2, "c"], "d": 1.5},
        "headers": {"X-A": "b"},
        "body": [3],
    }

    called = host.run(anything, call, connection=connection_to(service)).output

    (asked,) = service.asked
    assert asked.pairs == [("a", "1"), ("b", "2"), ("b", "c"), ("d", "1.5")]
    assert (asked.method, asked.headers["X-A"], asked.body) == ("PUT", "b", [3])
    assert (called.status, called.body, called.file) == (reply.status, body, None)


def test_a_call_gives_what_is_no_text_as_a_file(host: Host, service: Service) -> None:
    """And only a GET is called harmless."""
    service.reset(lambda _: Reply("x", headers={"Content-Type": "image/png"}))

    called = host.run(anything, {"path": "/x"}, connection=connection_to(service)).output

    assert called.body is None
    assert called.file is not None
    assert called.file.media_type == "image/png"
    assert anything.kind is Kind.UNIVERSAL
    assert [anything.effect_of(rest.Call(path="/x", method=method)) for method in ("GET", "POST")] == [
        Effect.READ,
        Effect.UNSAFE,
    ]
