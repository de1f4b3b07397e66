"""Styles of paging: which page of a list comes next."""

from typing import Any, Literal

from attrs import field, frozen

from jackfield._answer_paths import shown, steps_of, value_at
from jackfield._http.links import link_to
from jackfield.errors import AnswerError, PluginError
from jackfield.paging.pages import Page, Turn


def _flaw(style: object, what: str, hint: str) -> PluginError:
    return PluginError(f"{type(style).__name__}: {what}.", stage="object", hint=hint)


def _check_path(_style: object, _attribute: object, path: str) -> None:
    if path:
        steps_of(path)


def _path(default: str = "") -> Any:
    return field(default=default, validator=_check_path)


@frozen(kw_only=True)
class _Sized:
    """What every style can say.

    Attributes:
        size: How many items a page shall have; as many as the service likes if ``None``.
        size_param: The name under which that is said; with a limit below it, the limit is asked for.
    """

    size: int | None = None
    size_param: str = ""

    def __attrs_post_init__(self) -> None:
        if self.size is not None and (type(self.size) is not int or self.size < 1):
            raise _flaw(self, f"size is {self.size!r}", "Give a whole number of at least 1, or leave it out.")
        if self.size_param and self.size is None:
            raise _flaw(self, "size_param is said, and no size", "Say how many items a page shall have: size=100.")

    def _asked_size(self, limit: int | None) -> int | None:
        return self.size if self.size is None or limit is None else min(self.size, limit)

    def _sizing(self, limit: int | None) -> dict[str, object]:
        return {self.size_param: self._asked_size(limit)} if self.size_param else {}


@frozen(kw_only=True)
class _Named(_Sized):
    """What the styles share that name a page by a word or a number.

    Attributes:
        param: The name under which the page is said.
        into: Where it and the size are said: in the ``query``, or in the JSON ``body``; a name is a path there.
        more: Where a page says, by true or false, whether there are more; empty if it does not.
    """

    param: str
    into: Literal["query", "body"] = "query"
    more: str = _path()

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not self.param or self.param == self.size_param:
            raise _flaw(self, f"param is {self.param!r}, and size_param {self.size_param!r}", "Give two names.")
        if self.into not in ("query", "body"):
            raise _flaw(self, f"into is {self.into!r}", 'Say "query" or "body".')
        if self.into == "body":
            for path in filter(None, (self.param, self.size_param)):
                if not all(isinstance(step, str) for step in steps_of(path)) or path == "$":
                    raise _flaw(self, f"{path!r} is no path of names", "For example variables.after.")

    def _turn(self, value: str | int | None, limit: int | None) -> Turn:
        said = self._sizing(limit) if value is None else {self.param: value, **self._sizing(limit)}
        return Turn(query=said) if self.into == "query" else Turn(body=said)

    def _has_more(self, page: Page) -> bool | None:
        """Read whether there are more; ``None`` if the style does not say where."""
        if not self.more:
            return None
        said = page.at(self.more)
        if said is not None and not isinstance(said, bool):
            raise page.misshapen(self.more, "true or false", said)
        return bool(said)

    def _named(self, page: Page, path: str, value: object) -> str | int | None:
        """Read what a page names to go on with; ``None`` for null, an empty text, 0 and false: they say the end."""
        if not value:
            if self._has_more(page):
                message = f"{shown(self.more)} says that there are more, and nothing says where: there is no {path}."
                raise AnswerError(message, request_id=page.answer.request_id)
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise page.misshapen(path, "a text or a whole number", value)
        return value


@frozen(kw_only=True)
class _Counted(_Named):
    """What the styles share that count by themselves.

    A list ends with an empty page, and before it where a page says so. Two pages in a row with the same items are an
    error, since the service then ignores what was asked for.

    Attributes:
        total: Where a page says how many items there are altogether; empty if it does not.
        short_ends: Whether a page with fewer items than ``size`` is the last one. That spares a request; but a service
            that gives fewer than it is asked for, since it has a limit of its own, would be cut after one page.
        may_repeat: Whether two pages in a row may have the same items, since nothing in them tells them apart.
    """

    total: str = _path()
    short_ends: bool = False
    may_repeat: bool = False

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.short_ends and self.size is None:
            raise _flaw(self, "short_ends is said, and no size", "Say how many items a whole page has: size=100.")

    def _is_last(self, page: Page, limit: int | None) -> bool:
        more = self._has_more(page)
        if more is not None:
            return not more
        total = self._count(page, self.total)
        if total is not None and page.seen >= total:
            return True
        return len(page.items) < ((self._asked_size(limit) or 1) if self.short_ends else 1)

    def _count(self, page: Page, path: str) -> int | None:
        said = page.at(path) if path else None
        if said is not None and (isinstance(said, bool) or not isinstance(said, int)):
            raise page.misshapen(path, "a whole number", said)
        return said


@frozen(kw_only=True)
class PageNumber(_Counted):
    """Pages that are asked for by number.

    Attributes:
        param: The name under which the number is said.
        first: The number of the first page.
        pages: Where a page says how many pages there are, which then decides; empty if it does not.
    """

    param: str = "page"
    first: int = 1
    pages: str = _path()

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:
        """Ask for the next number."""
        if last is None:
            return self._turn(self.first, limit)
        pages = self._count(last, self.pages)
        if self._is_last(last, limit) if pages is None else last.number >= pages:
            return None
        return self._turn(self.first + last.number, limit)


@frozen(kw_only=True)
class Offset(_Counted):
    """Pages that are asked for by the number of items that stand before them.

    Attributes:
        param: The name under which the number is said.
        first: What the first item counts as.
    """

    param: str = "offset"
    first: int = 0

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:
        """Ask for what stands behind the items that came, however many they were."""
        if last is not None and self._is_last(last, limit):
            return None
        return self._turn(self.first + (last.seen if last else 0), limit)


@frozen(kw_only=True)
class Cursor(_Named):
    """Pages that name the next one by a word that only the service understands.

    The list ends where a page names none (null, an empty text, 0), or where ``more`` says so. An empty page does not
    end it: services that filter give such.

    Attributes:
        param: The name under which the word is said again.
        at: Where a page names it: ``meta.next_cursor``.
    """

    at: str = field(validator=_check_path)

    def __attrs_post_init__(self) -> None:
        """Look whether it says where the next page is named."""
        super().__attrs_post_init__()
        if not self.at:
            raise _flaw(self, "at is ''", "Say where a page names the next one: meta.next_cursor.")

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:
        """Ask for the page that the last one named."""
        if last is None:
            return self._turn(None, limit)
        cursor = None if self._has_more(last) is False else self._named(last, self.at, last.at(self.at))
        return None if cursor is None else self._turn(cursor, limit)


@frozen(kw_only=True)
class LastId(_Named):
    """Pages that follow an item: ``after=item-20``.

    The list ends where ``more`` says so; if that is empty, with an empty page.

    Attributes:
        param: The name under which the item is said.
        more: Where a page says whether there are more.
        id: Where an item has its id.
        at: Where a page names the id itself; empty if it does not: then it is that of its last item.
    """

    param: str = "after"
    more: str = _path("has_more")
    id: str = _path("id")
    at: str = _path()

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:
        """Ask for what follows the last item."""
        if last is None:
            return self._turn(None, limit)
        more = self._has_more(last)
        if more is False or (more is None and not last.items):
            return None
        of_item = value_at(self.id, last.items[-1]) if last.items else None
        named = self._named(last, self.at or self.id, last.at(self.at) if self.at else of_item)
        if named is None:
            message = f"There is no {self.at or self.id}, so nothing can be asked for that follows the last item."
            raise AnswerError(message, request_id=last.answer.request_id)
        return self._turn(named, limit)


@frozen(kw_only=True)
class LinkHeader(_Sized):
    """Pages that name the next one's address in the header ``Link`` (RFC 8288).

    Only an address below the connection's base URL is asked: the credential goes nowhere else.

    Attributes:
        rel: The relation of the link.
    """

    rel: str = "next"

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:
        """Ask for the address that the last page named."""
        if last is None:
            return Turn(query=self._sizing(limit))
        target = link_to(last.answer.headers.get("Link", ""), self.rel.lower())
        return Turn(url=target) if target else None


@frozen(kw_only=True)
class NextUrl(_Sized):
    """Pages that name the next one's address in their body; otherwise as LinkHeader.

    Attributes:
        at: Where a page names it: ``links.next``, ``["@odata.nextLink"]``.
    """

    at: str = _path("next")

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:
        """Ask for the address that the last page named."""
        if last is None:
            return Turn(query=self._sizing(limit))
        target = last.at(self.at)
        if target and not isinstance(target, str):
            raise last.misshapen(self.at, "an address", target)
        return Turn(url=str(target)) if target else None
