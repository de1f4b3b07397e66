"""The function of a declared module that is a list."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import field, frozen

from jackfield._answer_paths import value_at
from jackfield._engine.dumping import dump
from jackfield._http.client import Answer
from jackfield.modules import Context
from jackfield.paging import Paging
from jackfield.paging import items as items_of
from jackfield.rest.reading import Reading
from jackfield.rest.request import Request

Wanted = Callable[[Any, Any], bool]


@frozen(kw_only=True)
class Listed:
    """How a list comes, and what of it is given.

    Attributes:
        paging: In which pages.
        limit: The attribute of the form that says how much is wanted; may be empty.
        may_lack_items: Whether an answer without the list has an empty one.
        since: The name in the query under which the service is told what is too old; may be empty.
        total: Where an answer says how many items there are; may be empty.
        partial: Where it says, by true, that it is not all that there is; may be empty.
        keep: By attribute of the form, which items are wanted for a value of it.
    """

    paging: Paging | None
    limit: str
    may_lack_items: bool
    since: str
    total: str
    partial: str
    keep: Mapping[str, Wanted]

    def limit_of(self, form: Any) -> int | None:
        """Give how many items are wanted."""
        found: int | None = getattr(form, self.limit) if self.limit else None
        return found

    def params(self, params: Mapping[str, object] | None, context: Context) -> Mapping[str, object] | None:
        """Give the query, with what a trigger need not give any more."""
        if not self.since or context.since is None:
            return params
        return {**(params or {}), self.since: dump(context.since)}

    def kept(self, found: Iterator[Any], form: Any) -> Iterator[Any]:
        """Leave out what the form does not want, and what is beyond its limit."""
        asked = [(value, wanted) for name, wanted in self.keep.items() if (value := getattr(form, name)) is not None]
        if not self.keep:
            return found
        wished = (item for item in found if all(wanted(value, item) for value, wanted in asked))
        return islice(wished, self.limit_of(form))


@frozen
class _Progress:
    """What the service says of a list while it is read, so that a user learns that some of it is missing."""

    listed: Listed
    context: Context
    said: dict[str, object] = field(factory=dict)

    def see(self, body: object) -> None:
        """Note what a page says."""
        if self.listed.total:
            self.said["total"] = value_at(self.listed.total, body)
        if self.listed.partial and value_at(self.listed.partial, body) is True and "partial" not in self.said:
            self.said["partial"] = True
            self.context.warn("The service says that this is not all that there is: some of it is missing.")

    def through(self, found: Iterator[Any], limit: int | None) -> Iterator[Any]:
        """Give the items, and warn where the service ends a list before all of it was given."""
        given = 0
        for item in found:
            given += 1
            yield item
        total = self.said.get("total")
        if isinstance(total, int) and given < total and (limit is None or given < limit):
            self.context.warn(f"The service gives {given} of {total}, and no more: narrow what is looked for.")


def search(request: Request, reading: Reading, listed: Listed) -> Callable[[Any, Context], Iterator[Any]]:
    """Make the function of a list."""

    def run(form: Any, context: Context) -> Iterator[Any]:
        values = request.values(form)
        parts = request.parts(values, context.idempotency_key)
        progress = _Progress(listed, context)

        def look(answer: Answer, body: object) -> None:
            reading.accept(answer, body)
            progress.see(body)

        limit = None if listed.keep else listed.limit_of(form)
        found: Iterator[Any] = items_of(
            context.client,
            request.place(values),
            paging=listed.paging,
            at=reading.place,
            into=reading.output,
            limit=limit,
            method=request.method,
            may_lack_items=listed.may_lack_items,
            check=look,
            read_error=reading.failures,
            params=listed.params(parts.pop("params"), context),
            **parts,
        )
        return listed.kept(progress.through(found, limit), form)

    run.__annotations__["return"] = Iterator[reading.output]  # type: ignore[name-defined]  # a class known at run time
    return run
