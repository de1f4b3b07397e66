"""The smaller settings of a response, each a collection of its own.

Names and bounds: openai-python 3.57.0, types/responses/response_create_params.py, read 2026-11-25.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Boolean, Integer, Json, KeyValue, OneOf, Select, Text
from jackfield_openai.parameters import IncludeObfuscation
from jackfield_openai.responses.items import InputFile, InputImage, InputText
from jackfield_openai.tools import FunctionName, JsonObjectFormat, TextFormat

__all__ = [
    "AccessPrograms",
    "BackgroundOptions",
    "CacheOptions",
    "ContextManagement",
    "ConversationRef",
    "ImageOptions",
    "JsonSchemaText",
    "Prompt",
    "Reasoning",
    "ResponseStreamOptions",
    "TextOptions",
]


@frozen(kw_only=True)
class Reasoning:
    """How long a reasoning model thinks, and what it tells of that."""

    effort: Annotated[
        str | None,
        Select(
            label="Effort",
            help="Not every model takes every value.",
            choices=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
            free_text=True,
        ),
    ] = None
    summary: Annotated[
        str | None,
        Select(
            label="Summary",
            help="Has it sum up its thoughts.",
            choices=("auto", "concise", "detailed"),
            free_text=True,
        ),
    ] = None
    context: Annotated[
        str | None,
        Select(
            label="Context",
            help="Which earlier thoughts it sees again.",
            choices=("auto", "current_turn", "all_turns"),
            free_text=True,
            advanced=True,
        ),
    ] = None
    mode: Annotated[str | None, Select(label="Mode", choices=("standard", "pro"), free_text=True, advanced=True)] = None
    generate_summary: Annotated[
        str | None,
        Select(
            label="Generate summary",
            help="Deprecated by OpenAI for Summary.",
            choices=("auto", "concise", "detailed"),
            free_text=True,
            advanced=True,
        ),
    ] = None


@frozen(kw_only=True)
class JsonSchemaText:
    """A JSON value that follows a schema."""

    type: Literal["json_schema"] = "json_schema"
    name: FunctionName
    schema: Annotated[Mapping[str, object], Json(label="Schema", help="A JSON Schema.")]
    description: Annotated[str | None, Text(label="Description", multiline=True)] = None
    strict: Annotated[bool | None, Boolean(label="Strict", help="Whether the answer always follows the schema.")] = None


@frozen(kw_only=True)
class TextOptions:
    """The form of the text."""

    format: Annotated[
        TextFormat | JsonObjectFormat | JsonSchemaText | None,
        OneOf(label="Format", help="Text, any JSON object, or JSON by a schema; result then is the parsed value."),
    ] = None
    verbosity: Annotated[str | None, Select(label="Verbosity", choices=("low", "medium", "high"), free_text=True)] = (
        None
    )


@frozen(kw_only=True)
class Prompt:
    """A template that was saved at OpenAI, which announced that prompts end on 2026-11-30."""

    id: Annotated[str, Text(label="ID", example="pmpt_abc123")]
    version: Annotated[str | None, Text(label="Version")] = None
    variables: Annotated[
        Mapping[str, str | InputText | InputImage | InputFile] | None,
        KeyValue(label="Variables", help="What stands in the template's places: a text, an image or a file."),
    ] = None


@frozen(kw_only=True)
class ConversationRef:
    """A conversation that OpenAI keeps."""

    id: Annotated[str, Text(label="ID", example="conv_abc123")]


@frozen(kw_only=True)
class ContextManagement:
    """What becomes of a context that grows too long."""

    type: Annotated[str, Select(label="Type", choices=("compaction",), free_text=True)]
    compact_threshold: Annotated[
        int | None, Integer(label="Compact threshold", help="From how many tokens on.", unit="tokens")
    ] = None


@frozen(kw_only=True)
class AccessPrograms:
    """Programs for special fields."""

    cyber: Annotated[
        str | None, Select(label="Cyber", choices=("standard", "daybreak_blue", "daybreak_red"), free_text=True)
    ] = None


@frozen(kw_only=True)
class BackgroundOptions:
    """How a response is made in the background."""

    completion_window: Annotated[
        str | None,
        Select(
            label="Completion window",
            help="2h and 8h cost less, and take so long at most; not with a stream.",
            choices=("soonest", "2h", "8h"),
            free_text=True,
        ),
    ] = None
    continuation_id: Annotated[
        str | None, Text(label="Continuation ID", help="The same for requests that belong together.")
    ] = None


@frozen(kw_only=True)
class ImageOptions:
    """What is done with the images of a request."""

    context_compression: Annotated[
        str | None, Select(label="Context compression", choices=("auto", "enabled", "disabled"), free_text=True)
    ] = None


@frozen(kw_only=True)
class CacheOptions:
    """How the service keeps the start of the prompt for later requests."""

    mode: Annotated[str | None, Select(label="Mode", choices=("implicit", "explicit"), free_text=True)] = None
    ttl: Annotated[str | None, Select(label="Kept at least", choices=("30m", "12h"), free_text=True)] = None
    prewarm: Annotated[
        bool | None, Boolean(label="Prewarm", help="Only makes the cache ready, and generates nothing.")
    ] = None
    comparison_response_id: Annotated[
        str | None, Text(label="Comparison response ID", help="Has it told why the cache of that one did not serve.")
    ] = None


@frozen(kw_only=True)
class ResponseStreamOptions:
    """What a stream brings beside its events."""

    include_obfuscation: IncludeObfuscation = None
