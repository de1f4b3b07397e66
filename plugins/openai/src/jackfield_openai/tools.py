"""What a model may call, and the form in which it must answer."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from attrs import frozen

from jackfield import Array, Boolean, Collection, Json, OneOf, Select, Text

__all__ = ["FunctionChoice", "FunctionDefinition", "ResponseFormat", "Tool", "ToolChoice"]

_NAME = "[A-Za-z0-9_-]+"

FunctionName = Annotated[
    str, Text(label="Name", help="Letters, digits, _ and -.", min_length=1, max_length=64, pattern=_NAME)
]


@frozen(kw_only=True)
class FunctionDefinition:
    """A function that the model may ask for; whoever runs the module calls it."""

    name: FunctionName
    description: Annotated[
        str | None,
        Text(label="Description", help="What it does and when to use it: the model reads this.", multiline=True),
    ] = None
    parameters: Annotated[
        Mapping[str, object] | None, Json(label="Parameters", help="A JSON Schema of its arguments.")
    ] = None
    strict: Annotated[bool | None, Boolean(label="Strict", help="Whether the arguments always follow the schema.")] = (
        None
    )


@frozen(kw_only=True)
class FunctionTool:
    """A function."""

    type: Literal["function"] = "function"
    function: Annotated[FunctionDefinition, Collection(label="Function")]


@frozen(kw_only=True)
class TextFormat:
    """Any text."""

    type: Literal["text"] = "text"


@frozen(kw_only=True)
class Grammar:
    """A grammar."""

    syntax: Annotated[str, Select(label="Syntax", choices=("lark", "regex"), free_text=True)]
    definition: Annotated[str, Text(label="Definition", multiline=True)]


@frozen(kw_only=True)
class GrammarFormat:
    """Text that follows a grammar."""

    type: Literal["grammar"] = "grammar"
    grammar: Annotated[Grammar, Collection(label="Grammar")]


@frozen(kw_only=True)
class CustomTool:
    """A tool that takes text."""

    name: FunctionName
    description: Annotated[str | None, Text(label="Description", multiline=True)] = None
    format: Annotated[TextFormat | GrammarFormat | None, OneOf(label="Format")] = None


@frozen(kw_only=True)
class CustomToolEntry:
    """A tool that takes text instead of JSON."""

    type: Literal["custom"] = "custom"
    custom: Annotated[CustomTool, Collection(label="Custom tool")]


Tool = FunctionTool | CustomToolEntry


@frozen(kw_only=True)
class FunctionChoice:
    """The name of a function."""

    name: FunctionName


@frozen(kw_only=True)
class ChooseFunction:
    """This function must be called."""

    type: Literal["function"] = "function"
    function: Annotated[FunctionChoice, Collection(label="Function")]


@frozen(kw_only=True)
class ChooseCustomTool:
    """This custom tool must be called."""

    type: Literal["custom"] = "custom"
    custom: Annotated[FunctionChoice, Collection(label="Custom tool")]


@frozen(kw_only=True)
class AllowedTools:
    """Some of the tools."""

    mode: Literal["auto", "required"]
    tools: Annotated[
        Sequence[Mapping[str, object]],
        Array(label="Tools", help='As in {"type": "function", "function": {"name": "get_weather"}}.', min_items=1),
    ]


@frozen(kw_only=True)
class ChooseAmong:
    """Only these tools may be called."""

    type: Literal["allowed_tools"] = "allowed_tools"
    allowed_tools: Annotated[AllowedTools, Collection(label="Allowed tools")]


ToolChoice = Literal["none", "auto", "required"] | ChooseFunction | ChooseCustomTool | ChooseAmong


@frozen(kw_only=True)
class JsonObjectFormat:
    """Any JSON object; the messages must say that JSON is wanted."""

    type: Literal["json_object"] = "json_object"


@frozen(kw_only=True)
class AnswerSchema:
    """What the answer must look like."""

    name: FunctionName
    description: Annotated[str | None, Text(label="Description", multiline=True)] = None
    schema: Annotated[Mapping[str, object] | None, Json(label="Schema", help="A JSON Schema.")] = None
    strict: Annotated[bool | None, Boolean(label="Strict", help="Whether the answer always follows the schema.")] = None


@frozen(kw_only=True)
class JsonSchemaFormat:
    """A JSON value that follows a schema."""

    type: Literal["json_schema"] = "json_schema"
    json_schema: Annotated[AnswerSchema, Collection(label="JSON schema")]


ResponseFormat = TextFormat | JsonObjectFormat | JsonSchemaFormat
"""The form in which the model must answer; in the JSON forms ``result`` is the parsed value."""
