"""What came of the requests of a batch: lines of JSON in two files, each told apart by its ``custom_id``.

Shape of the lines: OpenAI's guide to batches (https://developers.openai.com/api/docs/guides/batch) and its
specification of 2026-08-21, BatchRequestOutput.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from jackfield import AnswerError, File, Problem

__all__ = ["BatchResult", "results_of"]

_FIRST_ERROR = 400


@frozen(kw_only=True)
class BatchResult:
    """What came of one request.

    Attributes:
        custom_id: Your name for it.
        succeeded: Whether the service answered it as it wanted.
        result: The text that was answered, for those who need no more; ``None`` where there is none.
        status_code: As if it had been sent by itself; ``None`` for one that was never answered.
        request_id: The service's name for it.
        body: The whole answer, also that of a failure.
        error: Why it was not answered, or what its failure says.
    """

    custom_id: str
    succeeded: bool
    result: str | None = None
    status_code: int | None = None
    request_id: str | None = None
    body: Any = None
    error: Mapping[str, Any] | None = None


def results_of(files: Iterable[File | None]) -> Iterator[BatchResult]:
    """Read the lines of files, one after the other.

    Raises:
        AnswerError: A line is no result, or two are of one request.
    """
    seen: set[str] = set()
    for file in files:
        for number, line in enumerate(_lines(file), 1) if file else ():
            place = f"line {number} of {file.name if file else ''}"
            result = _result(line, place)
            if result.custom_id in seen:
                raise _flaw(place, "must be of a request that no line before it is of")
            seen.add(result.custom_id)
            yield result


def _lines(file: File) -> Iterator[bytes]:
    with file.open() as opened:
        yield from (line for line in opened if line.strip())


def _result(line: bytes, place: str) -> BatchResult:
    try:
        said = json.loads(line, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise _flaw(place, "must be JSON") from None
    if not isinstance(said, Mapping) or not isinstance(said.get("custom_id"), str):
        raise _flaw(place, "must be an object with a custom_id")
    response, error = said.get("response"), said.get("error") or None
    response = response if isinstance(response, Mapping) else {}
    body, status = response.get("body"), response.get("status_code")
    if error is None and isinstance(body, Mapping):
        error = body.get("error")
    return BatchResult(
        custom_id=said["custom_id"],
        succeeded=isinstance(status, int) and status < _FIRST_ERROR and error is None,
        result=_text(body),
        status_code=status if isinstance(status, int) else None,
        request_id=response.get("request_id") or None,
        body=body,
        error=error if isinstance(error, Mapping) else None if error is None else {"message": str(error)},
    )


def _refused(name: str) -> None:
    """Take NaN and the infinities for what they are: no JSON."""
    raise ValueError(name)


def _text(body: object) -> str | None:
    """Give the text of an answer of any endpoint: a chat's or a completion's first, all of a response."""
    match body:
        case {"choices": [{"message": {"content": str(text)}}, *_]} | {"choices": [{"text": str(text)}, *_]}:
            return text
        case {"output": [*items]}:
            parts: Sequence[Any] = [part for item in items for part in _parts(item)]
            return "".join(parts) if parts else None
    return None


def _parts(item: object) -> Iterator[str]:
    if isinstance(item, Mapping):
        for part in item.get("content") or ():
            match part:
                case {"type": "output_text", "text": str(text)}:
                    yield text


def _flaw(place: str, message: str) -> AnswerError:
    problem = Problem(path="$", rule="batch", message=message)
    hint = "Get the batch with results=files, and look at it."
    return AnswerError(f"{place}: {message}", problems=[problem], hint=hint)
