"""Watch a JSON List: what is new in a list that a server gives."""

import math
from collections.abc import Iterator, Sequence
from typing import Annotated

from attrs import frozen

from jackfield import AnswerError, Boolean, Context, Effect, OneOf, Problem, Text, Trigger, module, paging
from jackfield_http.connection import http
from jackfield_http.listing import items_of
from jackfield_http.moments import moment_of
from jackfield_http.request_form import AnyPaging, paging_flaws, path_flaws
from jackfield_http.target import Headers, Query, Where, target_of, where_flaws

__all__ = ["ListItem", "WatchList", "watch_list"]


@frozen(kw_only=True)
class WatchList:
    """Which list, and how its items are known again."""

    url: Where
    query: Query = None
    headers: Headers = None
    items_at: Annotated[
        str | None,
        Text(
            label="Path to the Items",
            help="Where the list is. Left empty: the answer itself is the list.",
            min_length=1,
            example="data.items",
        ),
    ] = None
    id_at: Annotated[
        str | None,
        Text(
            label="Path to the Id",
            help="Where an item has what makes it that item. Left empty: all of it does.",
            min_length=1,
            example="id",
        ),
    ] = None
    date_at: Annotated[
        str | None,
        Text(
            label="Path to the Date",
            help="Where an item has its date: ISO 8601, an e-mail's date, or seconds or milliseconds since 1970.",
            min_length=1,
            example="updated_at",
        ),
    ] = None
    changes: Annotated[
        bool | None,
        Boolean(label="Changes, Too", help="Yes: an item whose date has changed is new again."),
    ] = None
    paging: Annotated[AnyPaging | None, OneOf(label="Paging", help="How the pages of the list follow each other.")] = (
        None
    )


@frozen(kw_only=True)
class ListItem:
    """An item that is new.

    Attributes:
        key: What it is known by.
        date: Of the item, in UTC; ``None`` if it has none.
        item: The item itself.
    """

    key: object
    date: str | None
    item: object


def _problems(form: WatchList) -> Sequence[Problem]:
    found = [*where_flaws(form.query, form.headers), *paging_flaws(form.paging, form.items_at)]
    for name, path in (("id_at", form.id_at), ("date_at", form.date_at)):
        found += path_flaws(name, path) if path else ()
    if form.changes and not (form.id_at and form.date_at):
        message = "needs id_at and date_at: an item has changed if its date is another one"
        found.append(Problem(path="$.changes", rule="required", message=message))
    return found


# However late an item shows up, it is new: many lists have dates that say nothing of when an item was put there.
@module(
    label="Watch a JSON List",
    connection=http,
    effect=Effect.READ,
    validate=_problems,
    trigger=Trigger(key="key", date="date", look_back_s=math.inf),
)
def watch_list(form: WatchList, context: Context) -> Iterator[ListItem]:
    """Give the items of a JSON list that were not there the last time."""
    target = target_of(context, form.url, form.query, form.headers, accept="application/json")
    found = items_of(target, form.paging, form.items_at)
    for place, item in enumerate(found):
        date = _date(form.date_at, item, place) if form.date_at else None
        key = _key(form.id_at, item, place) if form.id_at else item
        yield ListItem(key=[key, date] if form.changes else key, date=date, item=item)


def _key(path: str, item: object, place: int) -> object:
    key = paging.value_at(path, item)
    if key is None:
        message = f"Item {place} of the list has nothing at {path}, so it cannot be known again."
        raise AnswerError(message, hint="Is id_at the right path? Left empty, the whole item is what counts.")
    return key


def _date(path: str, item: object, place: int) -> str | None:
    said = paging.value_at(path, item)
    if said is None:
        return None
    moment = moment_of(said)
    if moment is None:
        message = f"Item {place} of the list has no date at {path}."
        hint = "Wanted: ISO 8601, the date of an e-mail, or seconds or milliseconds since 1970."
        raise AnswerError(message, hint=hint)
    return moment.isoformat()
