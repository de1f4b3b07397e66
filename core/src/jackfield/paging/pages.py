"""What a style of paging is given, and what it gives."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from jackfield._answer_paths import shown, value_at
from jackfield._engine.problems import describe
from jackfield._http.client import Answer
from jackfield.errors import AnswerError, Problem


@frozen(kw_only=True)
class Turn:
    """What is asked to get one page.

    Attributes:
        query: What is put into the query, over what stands there.
        body: What is put into the JSON body, by path: ``variables.after``.
        url: The page's own address, as the service named it; its query takes the place of the list's.
    """

    query: Mapping[str, object] = field(factory=dict)
    body: Mapping[str, object] = field(factory=dict)
    url: str = ""


@frozen(kw_only=True)
class Page:
    """One page as it came.

    Attributes:
        number: Counted from 1.
        items: What stands in it, as JSON values.
        seen: How many items it and all before it have.
        body: All of its JSON; ``None`` if the answer was empty.
        answer: As it came: status, headers.
    """

    number: int
    items: Sequence[object] = field(repr=False)
    seen: int
    body: object = field(repr=False)
    answer: Answer

    def at(self, path: str) -> object:
        """Give what stands at a path in it; ``None`` if nothing does."""
        return value_at(path, self.body)

    def misshapen(self, path: str, expected: str, value: object) -> AnswerError:
        """Make the error for a place that holds another thing than it should."""
        return misshapen(self.answer, path, expected, value)


def misshapen(answer: Answer, path: str, expected: str, value: object) -> AnswerError:
    """Make the error for a place in an answer that holds another thing than it should."""
    problem = Problem(path=shown(path), rule="type", message=f"must be {expected}, was {describe(value, shown=False)}")
    message = f"The answer is not what was declared: {problem}"
    return AnswerError(message, problems=[problem], request_id=answer.request_id)


class Paging(Protocol):
    """A style of paging; those of this file, or one of your own."""

    def turn(self, last: Page | None, limit: int | None) -> Turn | None:
        """Say what to ask for next.

        Args:
            last: The page that came last; ``None`` before the first.
            limit: How many items are wanted of all pages together; ``None`` for all.

        Returns:
            ``None`` if ``last`` was the last one.

        Raises:
            AnswerError: The page does not say what it should.
        """
