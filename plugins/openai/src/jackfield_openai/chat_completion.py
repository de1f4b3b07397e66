"""Create Chat Completion: a model answers a conversation."""

from collections.abc import Generator, Sequence

from attrs import evolve

from jackfield import Context, Effect, Problem, module
from jackfield_openai import traced
from jackfield_openai.attachments import attached
from jackfield_openai.chat_answer import ChatCompletion, result_of, warn_of_ends
from jackfield_openai.chat_form import Chat
from jackfield_openai.chat_stream import ChatPiece, stream_chat
from jackfield_openai.connection import openai
from jackfield_openai.foresight import foresee_text
from jackfield_openai.fusion import CHAT
from jackfield_openai.model_rules import apply_model_rules
from jackfield_openai.parameters import extra_problems, parameters_of, refusals_named
from jackfield_openai.tools import JsonObjectFormat, JsonSchemaFormat
from jackfield_openai.usage import record_usage

__all__ = ["create_chat_completion"]

_PATH = "/chat/completions"
_OURS = frozenset({"extra", "model_rules", "stream_options"})
"""Fields that do not stand in every body as they are."""


def _problems(form: Chat) -> Sequence[Problem]:
    return extra_problems(form)


def _effect(form: Chat) -> Effect:
    return Effect.UNSAFE if form.store else Effect.READ


@module(
    label="Create Chat Completion",
    connection=openai,
    effect=_effect,
    validate=_problems,
    aliases=CHAT,
    foresee=foresee_text,
    genai=traced.CHAT,
)
def create_chat_completion(form: Chat, context: Context) -> Generator[ChatPiece, None, ChatCompletion]:
    """Have a model answer a conversation.

    Gives the service's answer, and in ``result`` the text of its first choice; in the JSON formats, the value that the
    text holds. Can stream: each piece is what one event adds to one choice.
    """
    messages = attached(form.messages, context)
    body = {**parameters_of(form, without=_OURS), "messages": messages, **(form.extra or {})}
    body, sent_for = apply_model_rules(context, form, body, {})
    with refusals_named(sent_for):
        if context.streaming:
            whole = yield from stream_chat(context, _PATH, body, form.stream_options)
            answer = context.client.read(whole, into=ChatCompletion)
        else:
            answer = context.client.post(_PATH, json=body, into=ChatCompletion)
    record_usage(context, answer.usage, answer.model or form.model)
    warn_of_ends(answer, context)
    as_json = isinstance(form.response_format, JsonObjectFormat | JsonSchemaFormat)
    return evolve(answer, result=result_of(answer, as_json=as_json))
