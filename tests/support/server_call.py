"""One thing that servers of others are asked for, by a module of ours and by OpenAI's own SDK."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from compatible_server import Server

from jackfield import Result

__all__ = ["Call", "Form", "Good", "Theirs", "never", "says"]

Form = Mapping[str, object]
Good = Callable[[Result[Any]], bool]
Theirs = Callable[[Any, Server], object]


@frozen(kw_only=True)
class Call:
    """Something that a server is asked for.

    Attributes:
        title: What it is in the docs.
        module: Of ours, without ``openai.``.
        form: Its form for a server.
        theirs: The same by the SDK; none where it has no such thing.
        good: Tells whether the result is what was asked for.
        streams: Whether it is asked for in pieces.
        ends: How it ends at OpenAI: ``answers``, or the class of our error.
        key: Instead of the server's own.
        fails: How the server is made to fail, if it is.
        first: What the SDK makes there before: the server that ``form`` and ``theirs`` get has its id in ``made``.
    """

    title: str
    module: str
    form: Callable[[Server], Form]
    theirs: Theirs | None
    good: Good
    streams: bool = False
    ends: str = "answers"
    key: str | None = None
    fails: str = ""
    first: Theirs | None = None


def says(result: Result[Any]) -> bool:
    """Tell whether a result has a text, and says what it took."""
    return bool(result.output.result) and bool(result.usage)


def never(_: Result[Any]) -> bool:
    """Say no: nothing but an error is right."""
    return False
