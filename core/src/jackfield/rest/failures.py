"""Where a service's failures say what went wrong, as data."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from attrs import field, frozen

from jackfield._annotations import misuse
from jackfield._answer_paths import shown, steps_of, value_at
from jackfield._http.answers import Answer
from jackfield._http.failures import Said, error_saying
from jackfield._http.retry import invited_wait_s
from jackfield.errors import AnswerError, BusyError, LimitError, RemoteError

__all__ = ["Failures"]

_SHORTEST_WAIT_S = 1.0
"""Where a moment to wait for has come already: clocks differ."""
_MOMENT = re.compile("[0-9]{1,11}", re.ASCII)
_MAY_MEAN_BUSY = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


def _paths(given: str | Sequence[str]) -> tuple[str, ...]:
    found = (given,) if isinstance(given, str) else (*given,)
    for path in found:
        steps_of(path)
    return found


def _errors_field(name: str) -> Any:
    where = f"Failures.{name}"

    def read(given: Mapping[Any, object]) -> Mapping[Any, object]:
        for code, kind in given.items():
            if not (isinstance(kind, type) and issubclass(kind, RemoteError)):
                message = f"{code!r} stands for what is no RemoteError"
                raise misuse(where, message, "For example NotFoundError or BusyError.")
        return dict(given)

    return field(factory=dict, converter=read)


def _paths_field() -> Any:
    return field(default=(), converter=_paths)


def _path_field() -> Any:
    return field(default="", validator=lambda _style, _attribute, path: path and steps_of(path))


def _first(paths: Sequence[str], value: object) -> object:
    return next((found for path in paths if (found := value_at(path, value)) not in (None, "")), None)


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
        details: Where there is a list of all that is wrong; it is told behind the message. An item is a text, or an
            object in which the next two have their places.
        detail_parameter: In an item, the parameter at fault. That of the first item counts where ``parameter`` leads to
            none.
        detail_message: In an item, what is wrong.
        codes: What a code means, where the status does not say it: ``{"rate_limited": BusyError}``.
        statuses: What a status means, where it is not what it usually means: ``{409: RefusedError}`` where a conflict
            stays one however often the request is repeated.
        words: What words in the message mean, where neither says it: ``{"asked too often": BusyError}``; the case of
            letters does not count.
        requests_left: The header that says how many requests are left. Where it says 0, a 403 or 429 is no refusal, but
            a BusyError. So is a 403 that says by ``Retry-After`` when to come again.
        renewed_at: The header that says when there are requests again, in seconds since 1970.
        ok: What is false, or not there, in the body of a failure that the service sends with a good status; empty if it
            has a status of its own. Only declared modules look there, and such a failure is not repeated.
    """

    message: Sequence[str] = _paths_field()
    code: Sequence[str] = _paths_field()
    parameter: Sequence[str] = _paths_field()
    details: str = _path_field()
    detail_parameter: Sequence[str] = _paths_field()
    detail_message: Sequence[str] = _paths_field()
    codes: Mapping[str, type[RemoteError]] = _errors_field("codes")
    statuses: Mapping[int, type[RemoteError]] = _errors_field("statuses")
    words: Mapping[str, type[RemoteError]] = _errors_field("words")
    requests_left: str = ""
    renewed_at: str = ""
    ok: str = _path_field()

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
        message, code, parameter = (_first(paths, body) for paths in (self.message, self.code, self.parameter))
        details = [*self._details(body)]
        if message is None and code is None and not details:
            return None
        wrong = "; ".join(f"{said.parameter}: {said.message}".removeprefix(": ") for said in details)
        whole = ": ".join(text for text in (Said.of(message).message, wrong) if text)
        said = Said.of(whole, code, parameter or next((item.parameter for item in details if item.parameter), None))
        kind = BusyError if self._limits(answer) else self._kind(said, answer.status)
        error = error_saying(answer, said, kind)
        error.retry_after_s = self._wait_s(answer) if kind is BusyError else None
        return error

    def _kind(self, said: Said, status: int) -> type[RemoteError] | None:
        message = said.message.lower()
        worded = next((kind for words, kind in self.words.items() if words.lower() in message), None)
        return self.codes.get(said.code) or worded or self.statuses.get(status)

    def _details(self, body: object) -> Iterator[Said]:
        listed = value_at(self.details, body) if self.details else None
        for item in listed if isinstance(listed, list) else ():
            said = item if isinstance(item, str) else _first(self.detail_message, item)
            found = Said.of(said, None, _first(self.detail_parameter, item))
            if found.message or found.parameter:
                yield found if found.message else found._replace(message="is wrong")

    def _limits(self, answer: Answer) -> bool:
        """Tell whether it is the number of requests that is refused, and not this one."""
        if answer.status not in _MAY_MEAN_BUSY:
            return False
        return answer.headers.get(self.requests_left, "").strip() == "0" or invited_wait_s(answer.headers) is not None

    def _wait_s(self, answer: Answer) -> float | None:
        moment = answer.headers.get(self.renewed_at, "").strip()
        invited = invited_wait_s(answer.headers)
        if invited is not None or not _MOMENT.fullmatch(moment):
            return invited
        return max(int(moment) - time.time(), _SHORTEST_WAIT_S)
