"""Fields that take nothing but what a service offers."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import pytest
from attrs import frozen

from jackfield import (
    ConnectionType,
    Context,
    Effect,
    Host,
    HttpSettings,
    InvalidInputError,
    Password,
    Secret,
    Select,
    UnreachableError,
    header,
    module,
)
from jackfield.testing import Replay


@frozen(kw_only=True)
class Account:
    api_key: Annotated[Secret, Password()]


account = ConnectionType(
    label="Cities", form=Account, origin="https://cities.example", authorize=header("X-Key", "{api_key}")
)


def _cities(context: Context) -> Sequence[str]:
    found: Sequence[str] = context.client.get("/cities")
    return found


def _found(context: Context, query: str) -> Sequence[str]:
    found: Sequence[str] = context.client.get("/search", params={"q": query})
    return found


@frozen(kw_only=True)
class Trip:
    city: Annotated[str | None, Select(choices=_cities, free_text=False)] = None
    stops: Sequence[Annotated[str, Select(choices=_cities, free_text=False)]] | None = None
    searched: Annotated[str | None, Select(choices=_found, free_text=False)] = None


@frozen(kw_only=True)
class Booked:
    ok: bool


@module(label="Book", connection=account, effect=Effect.READ)
def book(form: Trip, context: Context) -> Booked:
    """Book a trip."""
    return context.client.post("/trips", json=form, into=Booked)


KEY = {"api_key": "k"}


@pytest.fixture
def replay() -> Replay:
    """Answer from memory."""
    return Replay()


@pytest.fixture
def host(replay: Replay) -> Iterator[Host]:
    """Ask each question once."""
    settings = HttpSettings(max_attempts=1)
    with Host(plugins=[replay], modules={"cities.book": book}, discover=False, environ={}, settings=settings) as opened:
        yield opened


def test_what_is_offered_is_taken(host: Host, replay: Replay) -> None:
    """The list is asked for once, and kept for the next run."""
    replay.reply(["Berlin", "Bern"])
    replay.reply({"ok": True})
    replay.reply({"ok": True})

    host.run(book, {"city": "Bern"}, connection=KEY)
    host.run(book, {"city": "Berlin"}, connection=KEY)

    assert [request.method for request in replay.requests] == ["GET", "POST", "POST"]


def test_what_is_not_offered_is_refused(host: Host, replay: Replay) -> None:
    """All of it at once, with what was meant."""
    replay.reply(["Berlin", "Bern"])
    replay.reply(["Berlin", "Bern"])
    replay.reply(["Berlin", "Bern"])

    with pytest.raises(InvalidInputError) as caught:
        host.run(book, {"city": "Brn", "stops": ["Bern", "Paris"]}, connection=KEY)

    assert [problem.path for problem in caught.value.problems] == ["$.city", "$.stops[1]"]
    assert caught.value.problems[0].message.endswith("did you mean Bern?")
    assert {request.method for request in replay.requests} == {"GET"}


def test_nothing_is_right_where_nothing_is_offered(host: Host, replay: Replay) -> None:
    """A search may find nothing; that is told, with the field."""
    replay.reply([])

    with pytest.raises(InvalidInputError, match=r"\$\.searched: must be one of what is offered, which is nothing now"):
        host.run(book, {"searched": "Nowhere"}, connection=KEY)


def test_a_list_that_was_kept_refuses_nothing(host: Host, replay: Replay) -> None:
    """The service may have learned of a new city meanwhile."""
    replay.reply(["Berlin"])
    replay.reply(["Berlin", "Oslo"])
    replay.reply({"ok": True})

    host.choices(book, "city", connection=KEY)

    assert host.run(book, {"city": "Oslo"}, connection=KEY).bundle == {"ok": True}


def test_if_nobody_can_be_asked_the_value_passes(host: Host, replay: Replay) -> None:
    """On a dry run, and where the service that would know is away."""
    assert host.run(book, {"city": "Oslo"}, connection=KEY, dry_run=True).requests[0].body == {"city": "Oslo"}

    replay.fail(UnreachableError("Nobody is there."))
    replay.reply({"ok": True})

    assert host.run(book, {"city": "Oslo"}, connection=KEY).bundle == {"ok": True}


def test_a_service_that_searches_is_asked_for_the_value(host: Host, replay: Replay) -> None:
    """It would not list everything."""
    replay.reply(["Oslo"])
    replay.reply({"ok": True})

    host.run(book, {"searched": "Oslo"}, connection=KEY)

    assert replay.requests[0].url == "https://cities.example/search?q=Oslo"
