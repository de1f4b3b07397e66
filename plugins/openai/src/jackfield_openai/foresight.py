"""The most that a run can use, as far as its form tells it: what a budget goes by before anything is sent.

A token of a text is at least one byte of its UTF-8, since every encoding that OpenAI has published begins with the 256
bytes (tiktoken 0.12); so a request has at most as many tokens as bytes. What an image, a recording or a document takes
is for the service to say.
"""

import json
from collections.abc import Iterable
from typing import Any

from jackfield import Usage, to_json
from jackfield_openai.messages import AssistantMessage, TextPart, UserMessage

__all__ = ["NOTHING", "foresee_call", "foresee_images", "foresee_text", "most_input"]

NOTHING = Usage(input_tokens=0, output_tokens=0)
"""What only lists or looks up uses no tokens."""

_OUR_OWN_BYTES = 500
"""More than what a module adds to a form's texts: names of roles, the instruction of an edit."""

_MOST_TOKENS = ("max_completion_tokens", "max_tokens")
_HOW_MANY = ("n", "limit", "best_of")


def foresee_text(form: Any) -> Usage:
    """Say what a chat, a completion or an edit can use."""
    most, how_many = _said(form, _MOST_TOKENS), [1, *_said(form, _HOW_MANY)]
    known = most and all(type(count) is int for count in (*most, *how_many))
    return Usage(
        model=form.model,
        input_tokens=most_input(form),
        # Of two names for the most, a server may go by either.
        output_tokens=max(most) * max(how_many) if known else None,
    )


def _said(form: Any, names: Iterable[str]) -> list[Any]:
    """Give the numbers that are said under some names; in ``extra`` they may be anything."""
    extra = form.extra or {}
    found = [extra.get(name) if getattr(form, name, None) is None else getattr(form, name) for name in names]
    return [count for count in found if count is not None]


def most_input(form: Any) -> int | None:
    """Say how many tokens the texts of a form are at most; ``None`` where something else is read beside them."""
    if getattr(form, "web_search_options", None) is not None:
        return None  # what is found is read as well
    if not all(map(_is_text, getattr(form, "messages", None) or ())):
        return None
    return len(json.dumps(to_json(form), ensure_ascii=False).encode("utf-8", "surrogatepass")) + _OUR_OWN_BYTES


def _is_text(message: object) -> bool:
    if isinstance(message, AssistantMessage):
        return message.audio is None
    if not isinstance(message, UserMessage) or isinstance(message.content, str):
        return True
    return all(isinstance(part, TextPart) for part in message.content)


def foresee_images(form: Any) -> Usage:
    """Say how many images are made; their tokens are for the service to say."""
    return Usage(model=form.model, images=form.n or 1)


def foresee_call(form: Any) -> Usage:
    """Say that a call which only reads, replaces or deletes uses nothing; and what a body says of its model."""
    if form.method != "POST":
        return NOTHING
    model = form.body.get("model") if isinstance(form.body, dict) else None
    return Usage(model=model if isinstance(model, str) else "")
