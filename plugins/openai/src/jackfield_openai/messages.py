"""The messages of a chat: what may be said by whom.

Names, bounds and deprecations: openai-python 3.54.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from attrs import field, frozen

from jackfield import Array, Collection, File, OneOf, Rest, Select, Text, Upload

__all__ = [
    "AssistantMessage",
    "DeveloperMessage",
    "FunctionMessage",
    "Message",
    "SystemMessage",
    "TextPart",
    "ToolMessage",
    "UserMessage",
]

Name = Annotated[
    str | None,
    Text(
        label="Name",
        help="Tells participants of one role apart: letters, digits, _ and -.",
        min_length=1,
        max_length=64,
        pattern="[A-Za-z0-9_-]+",
    ),
]


@frozen(kw_only=True)
class CacheBreakpoint:
    """Where a part of the prompt ends that comes again in later requests."""

    mode: Literal["explicit"] = "explicit"
    ttl: Annotated[str | None, Select(label="Kept at least", choices=("30m", "12h"), free_text=True)] = None


Breakpoint = Annotated[CacheBreakpoint | None, Collection(label="Prompt cache breakpoint", advanced=True)]


@frozen(kw_only=True)
class TextPart:
    """A text."""

    type: Literal["text"] = "text"
    text: Annotated[str, Text(label="Text", multiline=True)]
    prompt_cache_breakpoint: Breakpoint = None


@frozen(kw_only=True)
class ImageUrl:
    """Where an image is."""

    url: Annotated[
        Annotated[str, Text()] | Annotated[File, Upload(media_types=("image/*",))],
        OneOf(label="Image", help="A URL of an image on the web, a data: URL, or a file, which is sent with the chat."),
    ]
    detail: Annotated[
        str | None,
        Select(label="Detail", choices=("auto", "low", "high", "original"), free_text=True),
    ] = None


@frozen(kw_only=True)
class ImagePart:
    """An image to look at."""

    type: Literal["image_url"] = "image_url"
    image_url: Annotated[ImageUrl, Collection(label="Image")]
    prompt_cache_breakpoint: Breakpoint = None


@frozen(kw_only=True)
class Audio:
    """A recording."""

    data: Annotated[
        Annotated[str, Text()] | Annotated[File, Upload(media_types=("audio/*",))],
        OneOf(label="Data", help="A file, or the recording in base64."),
    ]
    format: Annotated[str, Select(label="Format", choices=("wav", "mp3"), free_text=True)]


@frozen(kw_only=True)
class AudioPart:
    """A recording to listen to."""

    type: Literal["input_audio"] = "input_audio"
    input_audio: Annotated[Audio, Collection(label="Audio")]
    prompt_cache_breakpoint: Breakpoint = None


@frozen(kw_only=True)
class FileContent:
    """A file: uploaded before, or its content."""

    file_id: Annotated[str | None, Text(label="File ID", help="Of a file that was uploaded.")] = None
    filename: Annotated[str | None, Text(label="File name")] = None
    file_data: Annotated[
        Annotated[str, Text()] | Annotated[File, Upload()] | None,
        OneOf(label="File data", help="A file, or a data: URL that holds the content in base64."),
    ] = None


@frozen(kw_only=True)
class FilePart:
    """A file to read."""

    type: Literal["file"] = "file"
    file: Annotated[FileContent, Collection(label="File")]
    prompt_cache_breakpoint: Breakpoint = None


@frozen(kw_only=True)
class RefusalPart:
    """What the model said when it refused."""

    type: Literal["refusal"] = "refusal"
    refusal: Annotated[str, Text(label="Refusal", multiline=True)]


Texts = Annotated[str | Sequence[TextPart], OneOf(label="Content", help="A text, or several parts of text.")]


@frozen(kw_only=True)
class DeveloperMessage:
    """Instructions that rank above what the user says."""

    role: Literal["developer"] = "developer"
    content: Texts
    name: Name = None


@frozen(kw_only=True)
class SystemMessage:
    """Instructions, as models before o1 and most other servers call them."""

    role: Literal["system"] = "system"
    content: Texts
    name: Name = None


@frozen(kw_only=True)
class UserMessage:
    """What the user says or shows."""

    role: Literal["user"] = "user"
    content: Annotated[
        str | Sequence[TextPart | ImagePart | AudioPart | FilePart],
        OneOf(label="Content", help="A text; or parts: text, images, audio, files."),
    ]
    name: Name = None


AsItCame = Annotated[Mapping[str, object], Rest()]
"""What a service's answer holds beside the declared: an answer's message can be sent back as it is."""


@frozen(kw_only=True)
class CalledFunction:
    """A function that the model asked for."""

    name: Annotated[str, Text(label="Name")]
    arguments: Annotated[str, Text(label="Arguments", help="As the model wrote them: JSON in a text.", multiline=True)]
    rest: AsItCame = field(factory=dict)


@frozen(kw_only=True)
class FunctionToolCall:
    """The model asked for a function."""

    type: Literal["function"] = "function"
    id: Annotated[str, Text(label="ID")]
    function: Annotated[CalledFunction, Collection(label="Function")]
    rest: AsItCame = field(factory=dict)


@frozen(kw_only=True)
class CalledCustomTool:
    """A custom tool that the model asked for."""

    name: Annotated[str, Text(label="Name")]
    input: Annotated[str, Text(label="Input", multiline=True)]


@frozen(kw_only=True)
class CustomToolCall:
    """The model asked for a custom tool."""

    type: Literal["custom"] = "custom"
    id: Annotated[str, Text(label="ID")]
    custom: Annotated[CalledCustomTool, Collection(label="Custom tool")]
    rest: AsItCame = field(factory=dict)


@frozen(kw_only=True)
class EarlierAudio:
    """What the model said aloud before."""

    id: Annotated[str, Text(label="ID")]


@frozen(kw_only=True)
class AssistantMessage:
    """What the model said before."""

    role: Literal["assistant"] = "assistant"
    content: Annotated[
        str | Sequence[TextPart | RefusalPart] | None,
        OneOf(label="Content", help="Required, unless the model asked for tools."),
    ] = None
    refusal: Annotated[str | None, Text(label="Refusal", advanced=True)] = None
    name: Name = None
    tool_calls: Annotated[
        Sequence[FunctionToolCall | CustomToolCall] | None,
        Array(label="Tool calls", help="What the model asked for; answer each with a tool message."),
    ] = None
    audio: Annotated[EarlierAudio | None, Collection(label="Audio", advanced=True)] = None
    function_call: Annotated[
        CalledFunction | None,
        Collection(label="Function call", help="Deprecated: use tool calls.", advanced=True),
    ] = None
    rest: AsItCame = field(factory=dict)


@frozen(kw_only=True)
class ToolMessage:
    """What a tool answered."""

    role: Literal["tool"] = "tool"
    content: Texts
    tool_call_id: Annotated[str, Text(label="Tool call ID", help="Of the call that this answers.")]


@frozen(kw_only=True)
class FunctionMessage:
    """What a function answered; deprecated."""

    role: Literal["function"] = "function"
    content: Annotated[str, Text(label="Content", multiline=True)]
    name: Annotated[str, Text(label="Name", help="Of the function.")]


Message = UserMessage | AssistantMessage | DeveloperMessage | SystemMessage | ToolMessage | FunctionMessage
"""One message; its role decides what else it may hold."""
