"""The lines of a file of requests, looked at before it is sent: a batch that cannot be read fails hours later.

Source: OpenAI's guide to batches (https://developers.openai.com/api/docs/guides/batch).
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from jackfield import File, Problem

__all__ = ["MAX_BATCH_REQUESTS", "body_flaw", "line_problems"]

MAX_BATCH_REQUESTS = 50_000
"""The most requests that OpenAI takes in one batch."""

_MOST_TOLD = 20


def body_flaw(body: Mapping[str, object]) -> str:
    """Say why the body of a request cannot stand in a batch; empty if it can."""
    return "cannot stream: a batch gives whole answers" if body.get("stream") else ""


def line_problems(file: File, endpoint: str, *, openai: bool) -> list[Problem]:
    """Find what is wrong with the lines of a file, at most twenty of them.

    Args:
        file: Its lines are read one after the other.
        endpoint: Where all of them are to go.
        openai: Whether it goes to OpenAI, which wants more of a line than others do.
    """
    found: list[Problem] = []
    with file.open() as opened:
        for number, flaw in _flaws(opened, endpoint, openai=openai):
            place = f"line {number} " if number else ""
            found.append(Problem(path="$.input.file", rule="line", message=f"{place}{flaw}"))
            if len(found) == _MOST_TOLD:
                break
    return found


def _flaws(lines: Iterable[bytes], endpoint: str, *, openai: bool) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    count = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        count += 1
        name, flaw = _read(line, endpoint, openai=openai)
        if flaw:
            yield number, flaw
        first = seen.setdefault(name, number) if name else number
        if first != number:
            yield number, f"has the custom_id of line {first}"
    if not count:
        yield 0, "must have a line of JSON for each request, has none"
    elif count > MAX_BATCH_REQUESTS and openai:
        yield 0, f"must have at most {MAX_BATCH_REQUESTS} requests, has {count}"


def _read(line: bytes, endpoint: str, *, openai: bool) -> tuple[str, str]:
    """Give the name of a request, and what is wrong with it."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return "", "must be JSON"
    if not isinstance(said, Mapping):
        return "", "must be an object: custom_id, method, url, body"
    name = said.get("custom_id")
    if not isinstance(name, str) or not name:
        return "", "must have a custom_id: your name for the request, a text"
    body = said.get("body")
    if not isinstance(body, Mapping):
        return name, "must have a body: an object"
    wanted = {"method": "POST", "url": endpoint}
    for key, value in wanted.items():
        if said.get(key) != value and (openai or key in said):
            return name, f"must have the {key} {value}, as the batch has"
    return name, body_flaw(body)
