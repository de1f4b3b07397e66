"""What of an answer is the output of a declared module."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

from attrs import frozen

from jackfield._answer_paths import steps_of, value_at
from jackfield._http.client import Answer
from jackfield.errors import AnswerError
from jackfield.forms import form_of
from jackfield.modules import Context
from jackfield.paging.pages import misshapen
from jackfield.rest.declared import Said
from jackfield.rest.failures import Failures

_MOVED = "It has moved, and what answered there was only read: nothing was done. Give the new name or address."
_NO_ERRORS = range(HTTPStatus.OK, HTTPStatus.BAD_REQUEST)


@frozen(kw_only=True)
class Done:
    """The output of a module whose service has nothing to say: it was done.

    What the service says nevertheless is not looked at, but for a failure, and for a page of a web site.
    """

    done: Literal[True] = True


@frozen
class Reading:
    """What of an answer is the output.

    Attributes:
        output: The class.
        place: Where it stands, or the list of such.
        expected: Statuses; empty for any that is no failure.
        failures: How failures are read.
    """

    output: type
    place: str
    expected: tuple[int, ...]
    failures: Failures | None

    def check(self, said: Said, *, at: str, items: str, of_lists: Mapping[str, object]) -> None:
        """Look whether it can be meant; ``of_lists`` is what was given that has a meaning for lists alone."""
        form_of(self.output)
        for path in (self.place, of_lists["total"] or "$", of_lists["partial"] or "$"):
            steps_of(str(path))
        if items and at != "$":
            said.refuse("at and items both say where the output stands", "Say items for a search, else at.")
        for name, given in of_lists.items():
            if given and not items:
                said.refuse(f"{name} is for lists", 'Say where the list stands: items="data", or items="$".')
        if said.paging is not None and said.encoding != "json":
            said.refuse("only JSON is sent page by page", "Leave encoding out, or write a function.")
        if said.paging is not None and said.idempotency_header:
            remedy = "Leave idempotency_header out: a list is asked for without any effect."
            said.refuse("the key of the operation would be the same for every page", remedy)
        odd = next((status for status in self.expected if status not in _NO_ERRORS), None)
        if odd is not None:
            said.refuse(f"{odd} is no status of a success", "A status of 400 or more is raised as an error.")

    def accept(self, answer: Answer, body: object, method: str = "") -> None:
        """Look whether an answer is a success; ``method`` is the one that was asked with.

        Raises:
            AnswerError: It has another status than was declared.
            RemoteError: Its body says that it is a failure.
        """
        if self.expected and answer.status not in self.expected:
            wanted = " or ".join(map(str, self.expected))
            message = f"The service answered {answer.status}, where {wanted} was expected."
            hint = _MOVED if method and answer.method not in {method, ""} else ""
            raise AnswerError(message, request_id=answer.request_id, hint=hint)
        if self.failures is not None:
            self.failures.check(answer, body)

    def read(self, answer: Answer, context: Context, method: str) -> Any:
        """Give the output of what was asked with a method."""
        body = self._body(answer)
        self.accept(answer, body, method)
        if self.output is Done:
            return Done()
        found = value_at(self.place, body)
        if found is None:
            raise misshapen(answer, self.place, "an object", found)
        return context.client.read(found, self.output, request_id=answer.request_id)

    def _body(self, answer: Answer) -> object:
        if not answer.body.strip():
            return {}
        try:
            return answer.json()
        except AnswerError:
            if self.output is not Done or "html" in answer.media_type:
                raise
            return {}
