"""Where a service's failures say what went wrong, as data."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from jackfield._annotations import misuse
from jackfield._answer_paths import shown, steps_of, value_at
from jackfield._http.answers import Answer
from jackfield._http.failures import Said, error_saying
from jackfield.errors import AnswerError, LimitError, RemoteError

__all__ = ["Failures"]


def _paths(given: str | Sequence[str]) -> tuple[str, ...]:
    found = (given,) if isinstance(given, str) else (*given,)
    for path in found:
        steps_of(path)
    return found


def _errors(given: Mapping[str, type[RemoteError]]) -> Mapping[str, type[RemoteError]]:
    kinds: Mapping[str, object] = given
    for code, kind in kinds.items():
        if not (isinstance(kind, type) and issubclass(kind, RemoteError)):
            where = "Failures.codes"
            raise misuse(
                where, f"{code!r} stands for what is no RemoteError", "For example NotFoundError or BusyError."
            )
    return dict(given)


def _paths_field() -> Any:
    return field(default=(), converter=_paths)


@frozen(kw_only=True)
class Failures:
    """Where the body of a failure says what went wrong.

    It is a ``read_error`` for a connection type, so that coded modules are told the same; a declared module may have
    one of its own. Each place is a path, or several, of which the first that leads to something counts. A body that has
    none of them is read as any service's.

    Attributes:
        message: In words.
        code: The service's own code or type; of several paths, the more precise first.
        parameter: The parameter at fault.
        codes: What a code means, where the status does not say it: ``{"rate_limited": BusyError}``.
        ok: What is false, or not there, in the body of a failure that the service sends with a good status; empty if it
            has a status of its own. Only declared modules look there, and such a failure is not repeated.
    """

    message: Sequence[str] = _paths_field()
    code: Sequence[str] = _paths_field()
    parameter: Sequence[str] = _paths_field()
    codes: Mapping[str, type[RemoteError]] = field(factory=dict, converter=_errors)
    ok: str = field(default="", validator=lambda _style, _attribute, path: path and steps_of(path))

    def __call__(self, answer: Answer) -> RemoteError | None:
        """Read a failure; ``None`` if nothing of it is where it should be."""
        try:
            body = answer.json()
        except (AnswerError, LimitError):
            return None
        return self._read(answer, body)

    def check(self, answer: Answer, body: object) -> None:
        """Look whether an answer with a good status is a failure.

        Raises:
            RemoteError: It is.
        """
        if self.ok and answer.body and value_at(self.ok, body) in (None, False):
            unsaid = Said(message=f"{shown(self.ok)} is not true")
            raise self._read(answer, body) or error_saying(answer, unsaid)

    def _read(self, answer: Answer, body: object) -> RemoteError | None:
        message, code, parameter = (
            next((found for path in paths if (found := value_at(path, body)) not in (None, "")), None)
            for paths in (self.message, self.code, self.parameter)
        )
        if message is None and code is None:
            return None
        said = Said.of(message, code, parameter)
        return error_saying(answer, said, self.codes.get(said.code))
