"""The form of a chat: every parameter that OpenAI documents for /chat/completions, under its own name.

Names, bounds and deprecations: openai-python 3.54.0 and OpenAI's specification of 2026-08-21. Choices that the service
adds to every year (efforts, tiers) accept other text too: a name that has a field here cannot come from ``extra``.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, Boolean, Collection, Integer, KeyValue, OneOf, Select, Text
from jackfield_openai.chat_options import (
    AudioOutput,
    Moderation,
    Prediction,
    PromptCacheOptions,
    Streaming,
    WebSearchOptions,
)
from jackfield_openai.messages import Message
from jackfield_openai.model_choices import chat_model_choices
from jackfield_openai.parameters import (
    DeprecatedUser,
    Extra,
    FrequencyPenalty,
    HowMany,
    LogitBias,
    MaxOutputTokens,
    ModelRulesPolicy,
    ParallelToolCalls,
    PresencePenalty,
    PromptCacheRetention,
    SafetyIdentifier,
    Seed,
    Stop,
    Temperature,
    TopP,
)
from jackfield_openai.tools import FunctionChoice, FunctionDefinition, ResponseFormat, Tool, ToolChoice

__all__ = ["Chat"]


@frozen(kw_only=True)
class Chat:
    """What is said, and how the model is to answer. What is left empty is not sent: the service decides."""

    model: Annotated[
        str,
        Select(label="Model", help="Any model that the service offers.", choices=chat_model_choices),
    ]
    messages: Annotated[
        Sequence[Message],
        Array(label="Messages", help="The conversation so far, oldest first.", min_items=1),
    ]
    temperature: Temperature = None
    max_completion_tokens: MaxOutputTokens = None
    max_tokens: Annotated[
        int | None,
        Integer(
            label="Max Tokens (old)",
            help="Deprecated by OpenAI for Max Output Tokens; many other servers know only this one.",
            unit="tokens",
            advanced=True,
        ),
    ] = None
    top_p: TopP = None
    n: HowMany = None
    stop: Stop = None
    response_format: Annotated[
        ResponseFormat | None,
        OneOf(label="Response Format", help="Text, any JSON object, or JSON by a schema.", advanced=True),
    ] = None
    tools: Annotated[
        Sequence[Tool] | None,
        Array(label="Tools", help="What the model may call.", advanced=True),
    ] = None
    tool_choice: Annotated[
        ToolChoice | None,
        OneOf(label="Tool Choice", help="none, auto, required, or the tool that must be called.", advanced=True),
    ] = None
    parallel_tool_calls: ParallelToolCalls = None
    reasoning_effort: Annotated[
        str | None,
        Select(
            label="Reasoning Effort",
            help="How long a reasoning model thinks; not every model takes every value.",
            choices=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    verbosity: Annotated[
        str | None,
        Select(
            label="Verbosity",
            help="How long the answer is.",
            choices=("low", "medium", "high"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    frequency_penalty: FrequencyPenalty = None
    presence_penalty: PresencePenalty = None
    logit_bias: LogitBias = None
    logprobs: Annotated[
        bool | None,
        Boolean(label="Log Probabilities", help="Whether to tell how likely each token was.", advanced=True),
    ] = None
    top_logprobs: Annotated[
        int | None,
        Integer(
            label="Top Log Probabilities",
            help="How many other likely tokens to tell at each place; needs Log Probabilities.",
            minimum=0,
            maximum=20,
            advanced=True,
        ),
    ] = None
    seed: Seed = None
    prediction: Annotated[
        Prediction | None,
        Collection(label="Predicted Outputs", help="What most of the answer will be; saves time.", advanced=True),
    ] = None
    modalities: Annotated[
        Sequence[Annotated[str, Select(choices=("text", "audio"), free_text=True)]] | None,
        Array(label="Modalities", help="In which forms to answer.", advanced=True),
    ] = None
    audio: Annotated[
        AudioOutput | None,
        Collection(label="Audio", help="How to speak; required for the modality audio.", advanced=True),
    ] = None
    web_search_options: Annotated[
        WebSearchOptions | None,
        Collection(label="Web Search", help="For models that search the web.", advanced=True),
    ] = None
    moderation: Annotated[
        Moderation | None,
        Collection(label="Moderation", help="Has input and output looked over.", advanced=True),
    ] = None
    service_tier: Annotated[
        str | None,
        Select(
            label="Service Tier",
            help="How fast and at which price.",
            choices=("auto", "default", "flex", "scale", "priority", "fast"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    store: Annotated[
        bool | None,
        Boolean(
            label="Store", help="Whether OpenAI keeps the answer for its dashboard and distillation.", advanced=True
        ),
    ] = None
    metadata: Annotated[
        Mapping[str, Annotated[str, Text(max_length=512)]] | None,
        KeyValue(
            label="Metadata",
            help="Your own notes on a stored answer; names up to 64 letters.",
            max_items=16,
            advanced=True,
        ),
    ] = None
    prompt_cache_key: Annotated[
        str | None,
        Text(label="Prompt Cache Key", help="The same for requests that start alike.", advanced=True),
    ] = None
    prompt_cache_options: Annotated[
        PromptCacheOptions | None,
        Collection(label="Prompt Cache", advanced=True),
    ] = None
    prompt_cache_retention: PromptCacheRetention = None
    safety_identifier: SafetyIdentifier = None
    user: DeprecatedUser = None
    functions: Annotated[
        Sequence[FunctionDefinition] | None,
        Array(label="Functions", help="Deprecated by OpenAI for Tools.", min_items=1, max_items=128, advanced=True),
    ] = None
    function_call: Annotated[
        Literal["none", "auto"] | FunctionChoice | None,
        OneOf(label="Function Call", help="Deprecated by OpenAI for Tool Choice.", advanced=True),
    ] = None
    stream_options: Streaming = None
    model_rules: ModelRulesPolicy = "adapt"
    extra: Extra = None
