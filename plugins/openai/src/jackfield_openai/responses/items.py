"""What goes into a response: messages, what tools answered, and items of earlier responses as they came.

Names and bounds: openai-python 3.57.0, types/responses/response_input_item_param.py, read 2026-11-25.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from attrs import field, frozen

from jackfield import AnyValue, File, OneOf, Select, Text, Upload
from jackfield_openai.messages import AsItCame, Breakpoint, RefusalPart

__all__ = ["InputFile", "InputImage", "InputPart", "InputText", "Item"]


@frozen(kw_only=True)
class InputText:
    """A text."""

    type: Literal["input_text"] = "input_text"
    text: Annotated[str, Text(label="Text", multiline=True)]
    prompt_cache_breakpoint: Breakpoint = None


@frozen(kw_only=True)
class InputImage:
    """An image to look at: by URL, by the ID of an uploaded file, or a file."""

    type: Literal["input_image"] = "input_image"
    image_url: Annotated[
        Annotated[str, Text()] | Annotated[File, Upload(media_types=("image/*",))] | None,
        OneOf(label="Image", help="A URL of an image on the web, a data: URL, or a file, which is sent along."),
    ] = None
    file_id: Annotated[str | None, Text(label="File ID", help="Of an image that was uploaded.")] = None
    detail: Annotated[
        str | None, Select(label="Detail", choices=("auto", "low", "high", "original"), free_text=True)
    ] = None
    prompt_cache_breakpoint: Breakpoint = None


@frozen(kw_only=True)
class InputFile:
    """A file to read: by URL, by the ID of an uploaded file, or its content."""

    type: Literal["input_file"] = "input_file"
    file_data: Annotated[
        Annotated[str, Text()] | Annotated[File, Upload()] | None,
        OneOf(label="File data", help="A file, or a data: URL that holds the content in base64."),
    ] = None
    file_url: Annotated[str | None, Text(label="File URL", help="Where the service finds it on the web.")] = None
    file_id: Annotated[str | None, Text(label="File ID", help="Of a file that was uploaded.")] = None
    filename: Annotated[str | None, Text(label="File name")] = None
    detail: Annotated[str | None, Select(label="Detail", choices=("auto", "low", "high"), free_text=True)] = None
    prompt_cache_breakpoint: Breakpoint = None


@frozen(kw_only=True)
class OutputText:
    """What a model said before."""

    type: Literal["output_text"] = "output_text"
    text: Annotated[str, Text(label="Text", multiline=True)]
    rest: AsItCame = field(factory=dict)


@frozen(kw_only=True)
class ReasoningText:
    """What a model thought before, where its server tells."""

    type: Literal["reasoning_text"] = "reasoning_text"
    text: Annotated[str, Text(label="Text", multiline=True)]
    rest: AsItCame = field(factory=dict)


InputPart = InputText | InputImage | InputFile


@frozen(kw_only=True)
class Item:
    """A message, what a tool answered, or an item of an earlier output as it came.

    A message has a role and a content. What a function answered has the type ``function_call_output``, the ID of the
    call and the output. Whatever else an item of an earlier output holds is sent back as it is.
    """

    role: Annotated[
        Literal["user", "assistant", "system", "developer"] | None,
        Select(label="Role", help="Who says it."),
    ] = None
    content: Annotated[
        str | Sequence[InputPart | OutputText | RefusalPart | ReasoningText] | None,
        OneOf(
            label="Content",
            help="A text; or parts: text, images, files.",
        ),
    ] = None
    type: Annotated[
        str | None,
        Select(
            label="Type",
            help="Left empty: a message.",
            choices=(
                "message",
                "function_call_output",
                "custom_tool_call_output",
                "mcp_approval_response",
                "function_call",
                "custom_tool_call",
                "reasoning",
                "item_reference",
            ),
            free_text=True,
        ),
    ] = None
    call_id: Annotated[
        str | None, Text(label="Call ID", help="Of the call that this answers: call_id in the tool calls of a result.")
    ] = None
    output: Annotated[
        object, AnyValue(label="Output", help="What the tool answered: a text; of a function also a list of parts.")
    ] = None
    rest: AsItCame = field(factory=dict)
