"""The form of a response: every parameter of POST /responses, under its own name.

Names, bounds and deprecations: openai-python 3.57.0, types/responses/response_create_params.py, read 2026-11-25.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, Boolean, Choice, Collection, Integer, Json, KeyValue, Number, OneOf, Select, Text
from jackfield_openai.chat_options import Moderation
from jackfield_openai.model_choices import chat_model_choices
from jackfield_openai.parameters import (
    DeprecatedUser,
    Extra,
    ParallelToolCalls,
    PromptCacheRetention,
    SafetyIdentifier,
    Temperature,
    TopP,
)
from jackfield_openai.responses.items import Item
from jackfield_openai.responses.options import (
    AccessPrograms,
    BackgroundOptions,
    CacheOptions,
    ContextManagement,
    ConversationRef,
    ImageOptions,
    Prompt,
    Reasoning,
    ResponseStreamOptions,
    TextOptions,
)
from jackfield_openai.responses.tool_choices import ResponseToolChoice
from jackfield_openai.responses.tools import ResponseTool

__all__ = ["ResponseForm"]


@frozen(kw_only=True)
class ResponseForm:
    """What is asked, and how the model is to answer. What is left empty is not sent: the service decides."""

    model: Annotated[
        str,
        Select(label="Model", help="Any model that the service offers.", choices=chat_model_choices),
    ]
    input: Annotated[
        str | Sequence[Item],
        OneOf(label="Input", help="A text; or messages, answers of tools and items of earlier outputs, oldest first."),
    ]
    instructions: Annotated[
        str | None,
        Text(
            label="Instructions", help="Rank above the input; those of earlier responses do not stay.", multiline=True
        ),
    ] = None
    temperature: Temperature = None
    previous_response_id: Annotated[
        str | None,
        Text(label="Previous Response ID", help="The response that this one goes on from.", example="resp_abc123"),
    ] = None
    conversation: Annotated[
        str | ConversationRef | None,
        OneOf(
            label="Conversation",
            help="The ID of a conversation that OpenAI keeps: it is read, and this is added to it.",
            advanced=True,
        ),
    ] = None
    text: Annotated[
        TextOptions | None,
        Collection(label="Text", help="Its format, such as JSON by a schema, and how long it is.", advanced=True),
    ] = None
    reasoning: Annotated[
        Reasoning | None,
        Collection(label="Reasoning", help="How long a reasoning model thinks, and what it tells.", advanced=True),
    ] = None
    tools: Annotated[
        Sequence[ResponseTool] | None,
        Array(
            label="Tools", help="What the model may use. Kinds that are not offered go into Other Tools.", advanced=True
        ),
    ] = None
    other_tools: Annotated[
        Sequence[Annotated[Mapping[str, object], Json()]] | None,
        Array(
            label="Other Tools",
            help='Tools of further kinds as JSON, such as {"type": "apply_patch"}; sent after the others.',
            advanced=True,
        ),
    ] = None
    tool_choice: Annotated[
        ResponseToolChoice | None,
        OneOf(label="Tool Choice", help="none, auto, required, or what must be used.", advanced=True),
    ] = None
    parallel_tool_calls: ParallelToolCalls = None
    max_tool_calls: Annotated[
        int | None,
        Integer(
            label="Max Tool Calls", help="How often tools that OpenAI runs may be used, all together.", advanced=True
        ),
    ] = None
    max_output_tokens: Annotated[
        int | None,
        Integer(
            label="Max Output Tokens",
            help="Most tokens for the response, reasoning included.",
            unit="tokens",
            advanced=True,
        ),
    ] = None
    top_p: TopP = None
    top_logprobs: Annotated[
        int | None,
        Integer(
            label="Top Log Probabilities",
            help="How many likely tokens to tell at each place; Include asks for them.",
            minimum=0,
            maximum=20,
            advanced=True,
        ),
    ] = None
    truncation: Annotated[
        str | None,
        Select(
            label="Truncation",
            help="Auto: what is oldest is dropped where the input is too long; else that is an error.",
            choices=("auto", "disabled"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    include: Annotated[
        Sequence[
            Annotated[
                str,
                Select(
                    choices=(
                        "file_search_call.results",
                        "web_search_call.results",
                        "web_search_call.action.sources",
                        "message.input_image.image_url",
                        "computer_call_output.output.image_url",
                        "code_interpreter_call.outputs",
                        "reasoning.encrypted_content",
                        "message.output_text.logprobs",
                    ),
                    free_text=True,
                ),
            ]
        ]
        | None,
        Array(label="Include", help="What the output is to tell beyond the usual.", advanced=True),
    ] = None
    background: Annotated[
        bool | None,
        Boolean(
            label="Background",
            help="Has it made in the background, and asks for it until it is there: no connection need stay open.",
            advanced=True,
        ),
    ] = None
    background_options: Annotated[BackgroundOptions | None, Collection(label="Background Options", advanced=True)] = (
        None
    )
    poll_interval_s: Annotated[
        float | None,
        Number(
            label="Poll Interval",
            help="How often a response in the background is asked for; 2 if left empty. Is itself not sent.",
            unit="seconds",
            minimum=0.05,
            maximum=3600,
            advanced=True,
        ),
    ] = None
    store: Annotated[
        bool | None,
        Boolean(
            label="Store",
            help="No: OpenAI keeps nothing, and no later response can go on from this one. It keeps it if left empty.",
            advanced=True,
        ),
    ] = None
    metadata: Annotated[
        Mapping[str, Annotated[str, Text(max_length=512)]] | None,
        KeyValue(
            label="Metadata",
            help="Your own notes on a stored response; names up to 64 letters.",
            max_items=16,
            advanced=True,
        ),
    ] = None
    prompt: Annotated[
        Prompt | None,
        Collection(label="Prompt", help="A template that was saved at OpenAI.", advanced=True),
    ] = None
    service_tier: Annotated[
        str | None,
        Select(
            label="Service Tier",
            help="How fast and at which price.",
            choices=("auto", "default", "flex", "scale", "priority", "fast", "ultrafast"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    safety_identifier: SafetyIdentifier = None
    prompt_cache_key: Annotated[
        str | None,
        Text(label="Prompt Cache Key", help="The same for requests that start alike.", advanced=True),
    ] = None
    prompt_cache_options: Annotated[CacheOptions | None, Collection(label="Prompt Cache", advanced=True)] = None
    prompt_cache_retention: PromptCacheRetention = None
    context_management: Annotated[
        Sequence[ContextManagement] | None,
        Array(label="Context Management", help="Has a context that grows too long made shorter.", advanced=True),
    ] = None
    moderation: Annotated[
        Moderation | None,
        Collection(label="Moderation", help="Has input and output looked over.", advanced=True),
    ] = None
    image: Annotated[
        ImageOptions | None,
        Collection(label="Image", help="What is done with images of the input.", advanced=True),
    ] = None
    access_programs: Annotated[
        AccessPrograms | None,
        Collection(label="Access Programs", help="For organizations that were let in.", advanced=True),
    ] = None
    user: DeprecatedUser = None
    stream_options: Annotated[
        ResponseStreamOptions | None,
        Collection(label="Stream Options", help="Sent only where the response is streamed.", advanced=True),
    ] = None
    model_rules: Annotated[
        Literal["warn", "strict"],
        Select(
            label="Model Rules",
            help="What to do about parameters that OpenAI's model is known to refuse here. Is itself not sent.",
            choices=(
                Choice(value="warn", label="Warn", help="Sends everything as it is, and warns"),
                Choice(value="strict", label="Strict", help="Sends nothing, and names all of them"),
            ),
            advanced=True,
        ),
    ] = "warn"
    extra: Extra = None
