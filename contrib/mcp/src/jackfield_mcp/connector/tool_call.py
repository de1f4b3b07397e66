"""Calling a tool of an MCP server, however that is reached: what is asked for, and what is given."""

import base64
import binascii
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any, Literal

from attrs import field, frozen

from jackfield import (
    AnswerError,
    Choice,
    Context,
    Dynamic,
    Effect,
    File,
    Json,
    RefusedError,
    Select,
    Slot,
)
from jackfield_mcp.connector.messages import Message, bounded, shown
from jackfield_mcp.connector.session import Session, session, tools_of
from jackfield_mcp.connector.tool_fields import fields_of

__all__ = ["Progress", "ToolCall", "ToolResult", "called", "effect_of"]

_LONGEST_HELP = 200
_PROGRESS = "jackfield"  # one call, one conversation
_LOCAL = "mcp.command"
_EFFECTS = {"read": Effect.READ, "idempotent": Effect.IDEMPOTENT, "unsafe": Effect.UNSAFE}


def _talk(context: Context) -> AbstractContextManager[Session]:
    # Who starts a program has shaken hands with it; see local.py.
    local = context.connection is not None and context.connection.type_id == _LOCAL
    return session(context.client, context.parting_client, shakes=not local)


def _tools(context: Context) -> Sequence[Choice]:
    """Ask the server which tools it has."""
    with _talk(context) as talk:
        return [_choice(tool) for tool in tools_of(talk)]


def _choice(tool: Message) -> Choice:
    help_ = " ".join([*_hints(tool.get("annotations")), shown(tool.get("description"), _LONGEST_HELP)]).strip()
    return Choice(value=tool["name"], label=shown(tool.get("title"), _LONGEST_HELP), help=help_)


def _hints(notes: object) -> Iterator[str]:
    """Say what a tool says of itself, which nobody has checked."""
    if isinstance(notes, Mapping):
        if notes.get("readOnlyHint") is True:
            yield "(Says that it only reads.)"
        elif notes.get("idempotentHint") is True:
            yield "(Says that a repeat does no more.)"


def _arguments(context: Context, values: Mapping[str, object]) -> Sequence[Slot]:
    """Ask the server what the chosen tool takes."""
    with _talk(context) as talk:
        schemas = [tool.get("inputSchema") for tool in tools_of(talk) if tool["name"] == values.get("tool")]
    return fields_of(schemas[0]) if schemas else ()


@frozen(kw_only=True)
class ToolCall:
    """Which tool, and what it gets."""

    tool: Annotated[str, Select(label="Tool", help="One of those that the server has.", choices=_tools)]
    arguments: Annotated[
        Mapping[str, object] | None,
        Dynamic(
            label="Arguments",
            help="What the tool takes, by name, as the server says.",
            fields=_arguments,
            depends_on=("tool",),
        ),
    ] = None
    extra: Annotated[
        Mapping[str, object] | None,
        Json(label="More Arguments", help="Arguments that the server does not tell of.", advanced=True),
    ] = None
    effect: Annotated[
        Literal["read", "idempotent", "unsafe"] | None,
        Select(
            label="Effect",
            help="What a repeat of the call does. What the server says of its tools is not trusted; left empty, each "
            "call counts as unsafe, and is not repeated by itself.",
            choices=(
                Choice(value="read", label="It only reads"),
                Choice(value="idempotent", label="A repeat does no more"),
                Choice(value="unsafe", label="A repeat does it twice"),
            ),
            advanced=True,
        ),
    ] = None


@frozen(kw_only=True)
class Progress:
    """How far the tool came, if its server tells.

    Attributes:
        text: What it says.
        progress: A number that grows.
        total: Where it ends; ``None`` if nobody knows.
    """

    text: str = ""
    progress: float | None = None
    total: float | None = None


@frozen(kw_only=True)
class Block:
    """A part of what a tool gave.

    Attributes:
        type: ``text``, ``image``, ``audio``, ``resource`` or ``resource_link``.
        text: Its text, if it has one.
        file: Its image, sound or other content, if it has some.
        uri: What the server calls it; a link to it, if there is neither text nor file.
    """

    type: str
    text: str | None = None
    file: File | None = None
    uri: str | None = None


@frozen(kw_only=True)
class ToolResult:
    """What a tool gave.

    Attributes:
        text: All its text.
        structured: The same as data, if the tool gives some.
        files: Its images, sounds and other files.
        content: Its parts in order.
    """

    text: str
    structured: Mapping[str, object] | None = None
    files: list[File] = field(factory=list)
    content: list[Block] = field(factory=list)


def effect_of(form: ToolCall) -> Effect:
    """Say what a repeat of a call does."""
    return _EFFECTS[form.effect or "unsafe"]


def called(form: ToolCall, context: Context) -> Generator[Progress, None, ToolResult]:
    """Call a tool."""
    with _talk(context) as talk:
        asked: dict[str, Any] = {"name": form.tool, "arguments": {**(form.extra or {}), **(form.arguments or {})}}
        asked["_meta"] = {"progressToken": _PROGRESS}
        result: Message = {}
        for message in talk.messages("tools/call", asked):
            context.check()
            if message.get("method") == "notifications/progress":
                yield _progress(message.get("params"))
            elif "method" not in message:
                result = message
    return _read(result, form.tool, context)


def _progress(params: object) -> Progress:
    said = params if isinstance(params, Mapping) else {}
    numbers = {name: said[name] for name in ("progress", "total") if isinstance(said.get(name), int | float)}
    return Progress(text=str(said.get("message") or ""), **numbers)


def _read(result: Message, tool: str, context: Context) -> ToolResult:
    parts = result.get("content")
    blocks = [_block(part, context) for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    text = "\n\n".join(block.text for block in blocks if block.text)
    if result.get("isError") is True:
        message = (
            f"The tool {tool} failed: {bounded(text)}" if text else f"The tool {tool} failed, and does not say why."
        )
        raise RefusedError(message, status=200, code="isError")
    structured = result.get("structuredContent")
    return ToolResult(
        text=text,
        structured=structured if isinstance(structured, Mapping) else None,
        files=[block.file for block in blocks if block.file is not None],
        content=blocks,
    )


def _block(part: Message, context: Context) -> Block:
    inner = part.get("resource")
    said = {**part, **inner} if isinstance(inner, Mapping) else part
    data = said.get("data", said.get("blob"))
    return Block(
        type=str(part.get("type", "")),
        text=_text(said, "text"),
        file=_file(data, said, context) if isinstance(data, str) else None,
        uri=_text(said, "uri"),
    )


def _text(said: Message, name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) else None


def _file(data: str, said: Message, context: Context) -> File:
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        content = None
    if content is None:
        message = "The tool gave a file that is no base64."
        raise AnswerError(message)
    name = (_text(said, "uri") or _text(said, "name") or "").rstrip("/").rpartition("/")[2]
    return context.store_file(content, name=name, media_type=_text(said, "mimeType") or "")
