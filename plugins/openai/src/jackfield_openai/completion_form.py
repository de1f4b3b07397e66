"""The form of a completion: a prompt or messages, and what /completions and /chat/completions take beside them.

Names, bounds and deprecations: openai-python 3.54.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, Boolean, Choice, Integer, OneOf, Select, Text, When
from jackfield_openai.chat_options import Streaming
from jackfield_openai.messages import Message
from jackfield_openai.model_choices import completion_model_choices
from jackfield_openai.parameters import (
    Extra,
    FrequencyPenalty,
    HowMany,
    LogitBias,
    MaxOutputTokens,
    ModelRulesPolicy,
    PresencePenalty,
    Seed,
    Stop,
    Temperature,
    TopP,
    User,
)
from jackfield_openai.tools import ResponseFormat

__all__ = ["Completion"]


@frozen(kw_only=True)
class Completion:
    """What to go on from, and how. What is left empty is not sent: the service decides."""

    model: Annotated[
        str,
        Select(label="Model", help="Any model that the service offers.", choices=completion_model_choices),
    ]
    prompt: Annotated[
        str | None,
        Text(
            label="Prompt",
            help="What to go on from. Give this or Messages. In a chat it is the only message, and the user's.",
            multiline=True,
            example="Say hello in five words.",
            required_when=When("messages", None),
        ),
    ] = None
    messages: Annotated[
        Sequence[Message] | None,
        Array(label="Messages", help="A conversation, oldest first. Give this or Prompt.", min_items=1),
    ] = None
    temperature: Temperature = None
    endpoint: Annotated[
        Literal["auto", "chat", "completions"],
        Select(
            label="Endpoint",
            help="Who is asked. The last models that cannot chat complete, everything else chats; or you say it.",
            choices=(
                Choice(value="auto", label="Automatic", help="By the model, and whether there are messages"),
                Choice(value="chat", label="Chat", help="/chat/completions"),
                Choice(value="completions", label="Completions", help="/completions, for servers that still have it"),
            ),
            advanced=True,
        ),
    ] = "auto"
    max_tokens: Annotated[
        int | None,
        Integer(
            label="Max Tokens",
            help="Most tokens for the answer. In a chat OpenAI has replaced it by Max Output Tokens.",
            unit="tokens",
            minimum=0,
            advanced=True,
        ),
    ] = None
    max_completion_tokens: MaxOutputTokens = None
    top_p: TopP = None
    n: HowMany = None
    stop: Stop = None
    response_format: Annotated[
        ResponseFormat | None,
        OneOf(
            label="Response Format",
            help="Text, any JSON object, or JSON by a schema; only in a chat. Of JSON, the result is the value.",
            advanced=True,
        ),
    ] = None
    frequency_penalty: FrequencyPenalty = None
    presence_penalty: PresencePenalty = None
    logit_bias: LogitBias = None
    seed: Seed = None
    logprobs: Annotated[
        int | None,
        Integer(
            label="Log Probabilities",
            help=(
                "How many likely tokens to tell at each place, beside the one that was taken: up to 5 at /completions, "
                "up to 20 in a chat, where it is sent as logprobs and top_logprobs."
            ),
            minimum=0,
            maximum=20,
            advanced=True,
        ),
    ] = None
    echo: Annotated[
        bool | None,
        Boolean(label="Echo", help="Whether the prompt comes back before the answer; not in a chat.", advanced=True),
    ] = None
    suffix: Annotated[
        str | None,
        Text(label="Suffix", help="What comes after the answer; not in a chat.", multiline=True, advanced=True),
    ] = None
    best_of: Annotated[
        int | None,
        Integer(
            label="Best Of",
            help="How many answers to make, of which the best are given; each is paid for. Not in a chat.",
            minimum=0,
            maximum=20,
            advanced=True,
        ),
    ] = None
    user: User = None
    stream_options: Streaming = None
    model_rules: ModelRulesPolicy = "adapt"
    extra: Extra = None
