"""Create Chat Completion: a model answers a conversation."""

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

import attrs
from attrs import evolve

from jackfield import BrokenAnswerError, Context, Effect, Problem, module
from jackfield_openai.chat_answer import ChatCompletion, result_of, warn_of_ends
from jackfield_openai.chat_form import Chat
from jackfield_openai.chat_options import StreamOptions
from jackfield_openai.chat_stream import ChatPiece, StreamedChat
from jackfield_openai.connection import openai
from jackfield_openai.failures import stream_error
from jackfield_openai.tools import JsonObjectFormat, JsonSchemaFormat
from jackfield_openai.usage import record_usage

__all__ = ["create_chat_completion"]

_PATH = "/chat/completions"
_FIELDS = tuple(attribute.name for attribute in attrs.fields(Chat))
_OURS = frozenset({"extra", "stream_options"})
"""Fields that do not stand in every body as they are."""


def _problems(form: Chat) -> Sequence[Problem]:
    found = []
    for name in form.extra or {}:
        if name == "stream":
            message = "is not set here: ask for a stream where you run the module"
        elif name in _FIELDS:
            message = "has a field of its own: set that"
        else:
            continue
        found.append(Problem(path=f"$.extra.{name}", rule="field", message=message))
    return found


def _effect(form: Chat) -> Effect:
    return Effect.UNSAFE if form.store else Effect.READ


@module(label="Create Chat Completion", connection=openai, effect=_effect, validate=_problems)
def create_chat_completion(form: Chat, context: Context) -> Generator[ChatPiece, None, ChatCompletion]:
    """Have a model answer a conversation.

    Gives the service's answer, and in ``result`` the text of its first choice; in the JSON formats, the value that the
    text holds. Can stream: each piece is what one event adds to one choice.
    """
    if context.streaming:
        answer = yield from _stream(form, context)
    else:
        answer = context.client.post(_PATH, json=_body(form), into=ChatCompletion)
    record_usage(context, answer.usage)
    warn_of_ends(answer, context)
    as_json = isinstance(form.response_format, JsonObjectFormat | JsonSchemaFormat)
    return evolve(answer, result=result_of(answer, as_json=as_json))


def _body(form: Chat) -> dict[str, Any]:
    """Give what is set, under the service's own names; an explicit null can only come from ``extra``."""
    values = {name: getattr(form, name) for name in _FIELDS if name not in _OURS}
    return {**{name: value for name, value in values.items() if value is not None}, **(form.extra or {})}


def _stream(form: Chat, context: Context) -> Generator[ChatPiece, None, ChatCompletion]:
    options = form.stream_options or StreamOptions()
    if options.include_usage is None:
        # The result of a stream must tell as much as that of a single answer; whoever minds says No.
        options = evolve(options, include_usage=True)
    body = {**_body(form), "stream": True, "stream_options": options}
    chat = StreamedChat()
    try:
        with closing(context.client.events("POST", _PATH, json=body, until="[DONE]")) as events:
            for event in events:
                chunk = event.json()
                if isinstance(chunk, dict) and chunk.get("error"):
                    raise stream_error(chunk["error"])
                yield from chat.add(chunk)
    except BrokenAnswerError:
        # Some servers end without [DONE]. Where every choice came to its end, nothing is missing.
        if not chat.is_complete(form.n or 1):
            raise
    return context.client.read(chat.whole(), into=ChatCompletion)
