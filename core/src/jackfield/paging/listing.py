"""The items of a list that comes in pages, one after the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar, overload

from attrs import frozen

from jackfield._answer_paths import shown, steps_of, value_at, with_value
from jackfield._http.attempts import ReadError
from jackfield._http.client import Answer, Client
from jackfield._http.links import followed
from jackfield.errors import (
    AnswerError,
    InvalidInputError,
    JackfieldError,
    LimitError,
    Problem,
    UnsafeRequestError,
)
from jackfield.paging.pages import Page, Paging, Turn, misshapen

__all__ = ["items"]

T = TypeVar("T")


@overload
def items(
    client: Client,
    path: str,
    *,
    paging: Paging | None,
    at: str = "$",
    into: type[T],
    limit: int | None = None,
    method: str = "GET",
    params: object = None,
    json: object = None,
    headers: Mapping[str, str] | None = None,
    may_lack_items: bool = False,
    check: Callable[[Answer, object], None] | None = None,
    read_error: ReadError | None = None,
    circle_hint: str = "",
) -> Iterator[T]: ...
@overload
def items(
    client: Client,
    path: str,
    *,
    paging: Paging | None,
    at: str = "$",
    limit: int | None = None,
    method: str = "GET",
    params: object = None,
    json: object = None,
    headers: Mapping[str, str] | None = None,
    may_lack_items: bool = False,
    check: Callable[[Answer, object], None] | None = None,
    read_error: ReadError | None = None,
    circle_hint: str = "",
) -> Iterator[Any]: ...
def items(
    client: Client,
    path: str,
    *,
    paging: Paging | None,
    at: str = "$",
    into: type[Any] | None = None,
    limit: int | None = None,
    method: str = "GET",
    params: object = None,
    json: object = None,
    headers: Mapping[str, str] | None = None,
    may_lack_items: bool = False,
    check: Callable[[Answer, object], None] | None = None,
    read_error: ReadError | None = None,
    circle_hint: str = "",
) -> Iterator[Any]:
    """Give the items of a list that comes in pages, in the service's order.

    A page is asked for when an item of it is wanted, and none once the limit is reached. What goes wrong at a later
    page is raised after the items before it were given, and names the page.

    Args:
        client: Of the module's context.
        path: As the client takes it.
        paging: Which page comes next; ``None`` for a list that is whole in one answer.
        at: Where a page has its items: ``data.items``; ``$`` if the answer itself is the list.
        into: The class to read each as; plain JSON without.
        limit: How many items are wanted; ``None`` for all.
        method: In capitals.
        params: The query; what the style says of the page comes in addition.
        json: A body; likewise.
        headers: More headers.
        may_lack_items: Whether a page without a list is an empty page: some services leave out what is empty.
        check: Called with each answer and its JSON before the items are looked for; it may raise.
        read_error: As the client takes it.
        circle_hint: What to do about a service that gives the same page again; said where a user chose the paging.

    Raises:
        AnswerError: A page is not what it should be, names a page at another address than below the connection's base
            URL, or one that was asked for already.
        LimitError: There are more pages than the setting ``max_pages`` allows.
        InvalidInputError: The limit is below 0.
    """
    if limit is not None and limit < 0:
        problem = Problem(path="$.limit", rule="minimum", message=f"must be at least 0, was {limit}")
        raise InvalidInputError([problem])
    steps_of(at)
    request = _Request(client, path, method, params, json, headers, read_error)
    hint = circle_hint or _CIRCLE_HINT
    return _Listing(request, paging or _ONE_PAGE, at, limit, may_lack_items, check, hint).items(into)


class _OnePage:
    """The style of a list that is whole in one answer."""

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:  # noqa: ARG002  as every style
        return Turn() if last is None else None


_ONE_PAGE = _OnePage()


class _Place(NamedTuple):
    """Where a page is asked for."""

    path: str
    params: object


@frozen
class _Request:
    """What is asked for every page, but for what its turn says."""

    client: Client
    path: str
    method: str
    params: object
    json: object
    headers: Mapping[str, str] | None
    read_error: ReadError | None

    def send(self, place: "_Place", turn: Turn) -> Answer:
        return self.client.request(
            self.method,
            place.path,
            params=place.params or None,
            json=self._body(turn),
            headers=self.headers,
            read_error=self.read_error,
        )

    def place(self, turn: Turn, last: Page | None) -> "_Place":
        if turn.url and last is not None:
            try:
                return _Place(*followed(self.client.base_url, self.path, last.answer.url, turn.url))
            except UnsafeRequestError as error:
                message = f"Page {last.number} says that it stands where it is not asked for: {error.message}"
                raise AnswerError(message, request_id=last.answer.request_id, hint=_LINK_HINT) from None
        if not turn.query:
            return _Place(self.path, self.params)
        return _Place(self.path, {**self._plain(self.params, "$.params"), **turn.query})

    def _body(self, turn: Turn) -> object:
        if not turn.body:
            return self.json
        body = self._plain(self.json, "$.json")
        for path, value in turn.body.items():
            body = with_value(path, value, body)
        return body

    def _plain(self, value: object, path: str) -> dict[str, Any]:
        plain = {} if value is None else self.client.write(value)
        if isinstance(plain, Mapping):
            return dict(plain)
        raise InvalidInputError(
            [Problem(path=path, rule="type", message="must be an object, to be asked page by page")]
        )


_LINK_HINT = "If you trust that address, make it the connection's base URL."


@frozen
class _Listing:
    """One walk through a list."""

    request: _Request
    paging: Paging
    at: str
    limit: int | None
    may_lack_items: bool
    check: Callable[[Answer, object], None] | None
    circle_hint: str

    def items(self, into: type[Any] | None) -> Iterator[Any]:
        if self.limit == 0:
            return
        for page in self._pages():
            before = page.seen - len(page.items)
            for index, item in enumerate(page.items):
                yield item if into is None else self._read(item, into, page, index)
                if before + index + 1 == self.limit:
                    return

    def _pages(self) -> Iterator[Page]:
        last: Page | None = None
        asked: set[int] = set()
        while True:
            with _naming(last.number if last else 1):
                turn = self.paging.turn(last, self.limit)
            if turn is None:
                return
            number = last.number + 1 if last else 1
            with _naming(number):
                place = self.request.place(turn, last)
                self._check_new(place, turn, number, asked)
                page = self._page(number, place, turn, last)
            yield page
            last = page

    def _check_new(self, place: _Place, turn: Turn, number: int, asked: set[int]) -> None:
        most = self.request.client.max_pages
        if number > most:
            message = f"There are more than {most} pages."
            raise LimitError(message, limit="max_pages", maximum=most)
        said = hash(repr((place, turn.body)))  # not these: ten thousand cursors may be large
        if said in asked:
            message = "It was asked for before: the service goes round in a circle, and the list would never end."
            raise AnswerError(message, hint=self.circle_hint)
        asked.add(said)

    def _page(self, number: int, place: _Place, turn: Turn, last: Page | None) -> Page:
        answer = self.request.send(place, turn)
        body = None if answer.status == HTTPStatus.NO_CONTENT else answer.json()
        if self.check is not None:
            self.check(answer, body)
        found = self._items_of(answer, body)
        seen = len(found) + (last.seen if last else 0)
        page = Page(number=number, items=found, seen=seen, body=body, answer=answer)
        if last is not None and found and found == last.items and self._stands_still(page, turn):
            message = f"It is page {last.number} again: the service seems to ignore which one is asked for."
            raise AnswerError(message, request_id=answer.request_id, hint=self.circle_hint)
        return page

    def _stands_still(self, page: Page, turn: Turn) -> bool:
        """Tell whether items that came twice show that a service does not page."""
        counts = getattr(self.paging, "may_repeat", True) is False
        objects = all(isinstance(item, Mapping) for item in page.items)
        return (counts and objects) or self.paging.turn(page, self.limit) == turn

    def _items_of(self, answer: Answer, body: object) -> Sequence[object]:
        found = value_at(self.at, body)
        if isinstance(found, list):
            return found
        if found is None and (self.may_lack_items or answer.status == HTTPStatus.NO_CONTENT):
            return []
        raise misshapen(answer, self.at, "a list", found)

    def _read(self, item: object, into: type[Any], page: Page, index: int) -> Any:
        with _naming(page.number):
            try:
                return self.request.client.read(item, into, request_id=page.answer.request_id)
            except AnswerError as error:
                error.message = f"{shown(self.at)}[{index}]: {error.message}"
                raise


_CIRCLE_HINT = "Nothing is wrong with your input; tell the connector's authors, or the service's."


@contextmanager
def _naming(number: int) -> Iterator[None]:
    """Let an error say at which page it happened; the first one is what any request is."""
    try:
        yield
    except JackfieldError as error:
        if number > 1:
            error.message = f"Page {number}: {error.message}"
        raise
