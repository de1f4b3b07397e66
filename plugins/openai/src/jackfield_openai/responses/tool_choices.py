"""Which of its tools a model must use.

Names: openai-python 3.57.0, types/responses/tool_choice_*_param.py, read 2026-11-25.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, Text
from jackfield_openai.tools import FunctionName

__all__ = ["ResponseToolChoice"]


@frozen(kw_only=True)
class ChooseFunction:
    """This function."""

    type: Literal["function"] = "function"
    name: FunctionName


@frozen(kw_only=True)
class ChooseCustomTool:
    """This custom tool."""

    type: Literal["custom"] = "custom"
    name: FunctionName


@frozen(kw_only=True)
class ChooseMcp:
    """This MCP server, or one tool of it."""

    type: Literal["mcp"] = "mcp"
    server_label: Annotated[str, Text(label="Server label")]
    name: Annotated[str | None, Text(label="Name", help="Of a tool of the server.")] = None


@frozen(kw_only=True)
class ChooseAmong:
    """Only these tools."""

    type: Literal["allowed_tools"] = "allowed_tools"
    mode: Literal["auto", "required"]
    tools: Annotated[
        Sequence[Mapping[str, object]],
        Array(label="Tools", help='As in {"type": "function", "name": "get_weather"}.', min_items=1),
    ]


@frozen(kw_only=True)
class ChooseKind:
    """A tool of this kind, which OpenAI runs."""

    type: Literal[
        "file_search",
        "web_search_preview",
        "web_search_preview_2025_03_11",
        "computer",
        "computer_use_preview",
        "computer_use",
        "image_generation",
        "code_interpreter",
        "programmatic_tool_calling",
        "apply_patch",
        "shell",
    ]


ResponseToolChoice = (
    Literal["none", "auto", "required"] | ChooseFunction | ChooseCustomTool | ChooseMcp | ChooseAmong | ChooseKind
)
