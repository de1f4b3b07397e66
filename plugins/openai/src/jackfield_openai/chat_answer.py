"""What a chat answers: the service's words, and the ``result`` that we take from them.

Nearly everything may be missing: servers that speak OpenAI's API leave out what they do not know.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from attrs import field, frozen

from jackfield import Array, Context
from jackfield_openai.json_result import parsed
from jackfield_openai.usage import CompletionUsage, Undeclared

__all__ = [
    "ChatChoice",
    "ChatCompletion",
    "ChatLogprobs",
    "ChatMessage",
    "ChatToolCall",
    "result_of",
    "warn_of_ends",
]

_PLACE = "$.choices[0].message.content"
_CUT = "The answer was cut at the token limit (finish_reason length): raise max_completion_tokens."


@frozen(kw_only=True)
class ChatFunction:
    """A function that the model asks for. ``arguments`` is JSON in a text, as the model wrote it: check it."""

    name: str | None = None
    arguments: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ChatCustomTool:
    """A custom tool that the model asks for."""

    name: str | None = None
    input: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ChatToolCall:
    """A tool that the model asks for; answer it with a tool message that names its ``id``."""

    id: str | None = None
    type: str | None = None
    function: ChatFunction | None = None
    custom: ChatCustomTool | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ChatAudio:
    """What the model said aloud; ``data`` is base64 in the format that was asked for."""

    id: str | None = None
    data: str | None = None
    transcript: str | None = None
    expires_at: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ChatMessage:
    """What the model says."""

    role: str = "assistant"
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[ChatToolCall] | None = None
    audio: ChatAudio | None = None
    annotations: list[Mapping[str, object]] | None = None
    function_call: ChatFunction | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class TokenLogprob:
    """How likely a token was, and which others were likely there."""

    token: str | None = None
    logprob: float | None = None
    bytes: list[int] | None = None
    top_logprobs: "list[TokenLogprob] | None" = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ChatLogprobs:
    """The tokens of the answer, or of the refusal."""

    content: list[TokenLogprob] | None = None
    refusal: list[TokenLogprob] | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ChatChoice:
    """One answer. ``finish_reason`` is ``stop``, ``length``, ``tool_calls``, ``content_filter`` or a server's own."""

    index: int = 0
    message: ChatMessage
    finish_reason: str | None = None
    logprobs: ChatLogprobs | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ChatCompletion:
    """The service's answer, with ``result``: the first choice's text, or in JSON formats the value in it."""

    result: object = None
    choices: Annotated[Sequence[ChatChoice], Array(min_items=1)]
    usage: CompletionUsage | None = None
    model: str | None = None
    id: str | None = None
    object: str | None = None
    created: int | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None
    rest: Undeclared = field(factory=dict)


def warn_of_ends(answer: ChatCompletion, context: Context) -> None:
    """Tell of every choice that did not end as a finished answer does."""
    for choice in answer.choices:
        place = f"choices[{choice.index}]"
        if choice.finish_reason == "length":
            context.warn(f"{place} was cut: the token limit or the model's context was reached (finish_reason length).")
        elif choice.finish_reason == "content_filter":
            context.warn(f"{place}: the service's filter left something out (finish_reason content_filter).")
        if choice.message.refusal:
            context.warn(f"{place}: the model refused; its words are in message.refusal.")


def result_of(answer: ChatCompletion, *, as_json: bool) -> object:
    """Give the text of the first choice; ``None`` if it has none.

    Args:
        answer: The service's.
        as_json: Whether a JSON format was asked for, so that the text is to be parsed.

    Raises:
        AnswerError: JSON was asked for, and the text is not JSON; says where it stops being so, shows none of it.
    """
    choice = answer.choices[0]
    message = choice.message
    if not as_json:
        return message.content
    if message.content is None and (
        message.refusal or message.tool_calls or message.function_call or choice.finish_reason == "content_filter"
    ):
        return None
    cut = choice.finish_reason == "length"
    return parsed(message.content or "", _PLACE, hint=_CUT if cut else "")
