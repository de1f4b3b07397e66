"""Between MCP clients and a host: tools are its modules, resources its files."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.shared.exceptions import MCPError

from jackfield import Cancellation, Host, InputError, JackfieldError, NoConnectionError
from jackfield_mcp.answers import READ_MORE, Answers, failed
from jackfield_mcp.asking import (
    AskFirstError,
    Context,
    Decisions,
    Question,
    about_approval,
    about_connection,
    decide,
    decided_before,
    without_connection,
)
from jackfield_mcp.files import TEMPLATE, Shelf, is_text, uri_of
from jackfield_mcp.guard import GONE
from jackfield_mcp.names import tool_names
from jackfield_mcp.offer import Offer
from jackfield_mcp.running import ApprovalNeededError, Call, Progress, Watcher, run
from jackfield_mcp.tools import OfferedTool, offered_tool
from jackfield_mcp.trimming import spelled

_NAME = "jackfield"
_MANY_TOOLS = 30  # Cursor takes 40 of all servers (gitlab.com/fforster/gitlab-mcp/-/issues/36), VS Code 128
_MANY_BYTES = 60_000
_SHOWN = 80
_INSTRUCTIONS = (
    "Each tool is a module of a connector, and calls a service. A result that is too long comes as a part; "
    f"ask for less with output_fields, or read on with {READ_MORE}. A file is given as a link, and another tool takes "
    'it as {"file": "..."}.'
)


class Gateway(Watcher):
    """Offers the modules of one host to MCP clients. It is also a plugin, which that host must have.

    Args:
        offer: What is offered, and how far it goes.
    """

    def __init__(self, offer: Offer | None = None) -> None:
        self.offer = offer or Offer()

    def served(self, host: Host) -> "Served":
        """Give what is served of a host.

        Raises:
            InputError: What is to be offered is not there.
        """
        return Served(host, self.offer)


class Served:
    """The tools and resources of one host.

    Args:
        host: It.
        offer: What is offered, and how far it goes.

    Attributes:
        tools: By name.
        notes: What whoever starts the server should know, in sentences.

    Raises:
        InputError: What is to be offered is not there.
        JackfieldError: A connection that is to be used is not there, or cannot be.
    """

    def __init__(self, host: Host, offer: Offer) -> None:
        self._host = host
        self._offer = offer
        offer.check_connections(host)
        handles, left_out = offer.chosen(host)
        names, renamed = tool_names([handle.id for handle in handles])
        settings = host.files.settings
        paths = settings.input_anywhere or bool(settings.input_roots)
        self.tools = {names[handle.id]: offered_tool(handle, names[handle.id], paths=paths) for handle in handles}
        self.notes = [*left_out, *renamed, *_much([tool.told for tool in self.tools.values()])]
        self._shelf = Shelf(host.files)
        self._answers = Answers(offer, host.files, self._shelf)
        self._connections = dict(offer.connections)
        self._running: set[Cancellation] = set()

    @cached_property
    def _limiter(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(self._offer.max_at_once)

    def stop(self) -> None:
        """Cancel whatever runs; each such call ends with an error that says so."""
        for cancellation in [*self._running]:
            cancellation.cancel()

    def server(self) -> Server[Any]:
        """Make the server, for any transport."""
        server: Server[Any] = Server(
            _NAME,
            version=version("jackfield-mcp"),
            title="Jackfield",
            instructions=_INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
        )
        server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=_NAME))
        return server

    async def _list_tools(self, _: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[*(tool.told for tool in self.tools.values()), _READ_MORE_TOOL])

    async def _call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        try:
            if params.name == READ_MORE:
                return await self._read_more(params.arguments or {})
            if params.name not in self.tools:
                raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name[:_SHOWN]!r}.")
            return await self._called(context, self.tools[params.name], params)
        except AskFirstError as asked:
            return asked.result
        except JackfieldError as error:
            return failed(error)

    async def _called(
        self, context: Context, tool: OfferedTool, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        form, wanted = tool.split(params.arguments or {})
        decisions = decided_before(params)
        while True:
            try:
                result = await self._run(context, tool, form, decisions)
            except (ApprovalNeededError, NoConnectionError) as error:
                decisions = await decide(self._question(error, tool, form), decisions, context, params)
                continue
            if decisions.connection:
                self._connections[tool.handle.connection_type_id] = decisions.connection
            return await anyio.to_thread.run_sync(self._answers.of, tool, result, wanted)

    async def _run(self, context: Context, tool: OfferedTool, form: dict[str, Any], decisions: Decisions) -> Any:
        handle = tool.handle
        name = decisions.connection or self._connections.get(handle.connection_type_id)
        approved = decisions.approved or self._offer.runs_unasked(handle.id)
        options: dict[str, Any] = {"connection": name, "deadline_s": self._offer.deadline_s, "limiter": self._limiter}

        async def report(count: float, message: str) -> None:
            await context.session.report_progress(count, None, message)

        async with contextlib.AsyncExitStack() as stack:
            tell = None
            if (context.meta or {}).get("progress_token"):
                progress = Progress(report)
                await stack.enter_async_context(progress.passed_on())
                tell = progress.tell
            call = Call(approved=approved, tell=tell)
            await stack.enter_async_context(self._ended_early(context, call.cancellation))
            return await run(self._host, handle.id, form, call, **options)

    @contextlib.asynccontextmanager
    async def _ended_early(self, context: Context, cancellation: Cancellation) -> AsyncIterator[None]:
        """Cancel an operation if the server ends meanwhile, or its client hangs up: nobody can be answered then."""

        async def listen(gone: anyio.Event) -> None:
            await gone.wait()
            cancellation.cancel()

        gone = context.request.scope[GONE] if context.request is not None else None
        listening = asyncio.create_task(listen(gone)) if gone is not None else None
        self._running.add(cancellation)
        try:
            yield
        finally:
            self._running.discard(cancellation)
            if listening is not None:
                listening.cancel()

    def _question(self, error: JackfieldError, tool: OfferedTool, form: dict[str, Any]) -> Question:
        handle = tool.handle
        if not isinstance(error, NoConnectionError):
            return about_approval(handle.id, handle.label, form)
        type_id = handle.connection_type_id
        if error.name:  # whoever started the server named one that is not there; no other takes its place
            raise without_connection(error, type_id)
        question = about_connection(error, type_id, handle.connection_type, self._host.saved_connections())
        if question is None:
            raise without_connection(error, type_id)
        return question

    async def _list_resources(
        self, _: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        links = self._shelf.links()
        return types.ListResourcesResult(
            resources=[
                types.Resource(name=one.name, uri=one.uri, mime_type=one.mime_type, size=one.size) for one in links
            ]
        )

    async def _list_templates(
        self, _: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            name="file",
            uri_template=TEMPLATE,
            description="A file that a tool gave, or a part of it from an offset on.",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def _read_resource(self, _: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        try:
            contents = await anyio.to_thread.run_sync(self._shelf.contents, params.uri, self._offer.max_piece_bytes)
        except JackfieldError as error:
            raise MCPError(types.INVALID_PARAMS, str(error), {"uri": params.uri}) from None
        return types.ReadResourceResult(contents=[contents])

    async def _read_more(self, arguments: dict[str, Any]) -> types.CallToolResult:
        uri, offset = arguments.get("uri"), arguments.get("offset")
        if not isinstance(uri, str) or isinstance(offset, bool) or not isinstance(offset, int | None):
            message = "$.uri must be the URI that a result named, and $.offset a whole number."
            raise InputError(message)
        piece = await anyio.to_thread.run_sync(self._shelf.piece, uri, self._offer.max_result_bytes // 2, offset)
        if not is_text(piece.file):
            message = f"{piece.file.name} is no text."
            raise InputError(message, hint=f"It is the resource {uri_of(piece.file)}.")
        found: dict[str, Any] = {"text": piece.data.decode("utf-8", "replace"), "bytes": piece.file.size}
        found |= {"next_offset": piece.end} if piece.more else {}
        return types.CallToolResult(content=[types.TextContent(text=spelled(found))], structured_content=found)


def _much(tools: Sequence[types.Tool]) -> list[str]:
    """Say so if clients would have to leave tools out, or their models read much before anything is asked."""
    size = sum(len(tool.model_dump_json(by_alias=True, exclude_none=True).encode()) for tool in tools)
    if len(tools) <= _MANY_TOOLS and size <= _MANY_BYTES:
        return []
    told = f"{len(tools)} tools are told in {size // 1000} kB, which a client gives to its model with each question"
    return [f"{told}; Cursor takes 40 tools, VS Code 128. --module offers fewer."]


_READ_MORE_TOOL = types.Tool(
    name=READ_MORE,
    title="Read More",
    description="Read a piece of a result that came as a part, or of a file that is text.",
    input_schema={
        "type": "object",
        "properties": {
            "uri": {"type": "string", "description": "As _trimmed.uri of the result, or a link to a file, says."},
            "offset": {
                "type": "integer",
                "minimum": 0,
                "description": "Where to begin: next_offset of the last piece; the beginning without.",
            },
        },
        "required": ["uri"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "bytes": {"type": "integer", "description": "Of the whole."},
            "next_offset": {"type": "integer", "description": "Where the next piece begins; not there at the end."},
        },
    },
    annotations=types.ToolAnnotations(title="Read More", read_only_hint=True, open_world_hint=False),
)
