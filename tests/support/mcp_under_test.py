"""A server for MCP, driven by the official client as any test drives a host."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any

import mcp_types as types
from anyio.from_thread import BlockingPortal
from contract import Failed, Outcome, Running
from mcp import Client
from mcp.client.session import ClientRequestContext


async def approve(context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
    """Approve of everything."""
    return types.ElicitResult(action="accept", content={"approved": True})


class McpHost:
    """The official client, for tests that know no event loop.

    Args:
        client: Connected; its event loop is the portal's.
        portal: Where it runs.
        quick: The same server started with a short deadline; ``None`` if there is none.
        logs: Gives all that the server wrote beside the protocol.
    """

    def __init__(
        self, client: Client, portal: BlockingPortal, quick: "McpHost | None", logs: Callable[[], bytes]
    ) -> None:
        self.client = client
        self._portal = portal
        self._quick = quick
        self._logs = logs
        self._seen: list[str] = []
        self.lacks: Mapping[str, str] = {}

    def call(self, module_id: str, form: Mapping[str, Any], *, approved: bool = True) -> Outcome:
        """Call the tool of a module."""
        outcome: Outcome = self._portal.call(self._called, module_id, form)
        return outcome

    def start(self, module_id: str, form: Mapping[str, Any]) -> Running:
        """Call a tool and do not wait."""
        return _Running(self._portal.start_task_soon(self._called, module_id, form))

    def within(self, deadline_s: float, module_id: str, form: Mapping[str, Any]) -> Outcome:
        """Ask the server that was started with a short deadline."""
        assert self._quick is not None
        return self._quick.call(module_id, form)

    def content_of(self, reference: Mapping[str, Any]) -> bytes:
        """Read a resource, in pieces."""
        return self._portal.call(self._content, f"jackfield://files/{reference['file']}?offset=0")

    def written(self) -> bytes:
        """Give every answer, and what the server wrote to stderr."""
        return "".join(self._seen).encode() + self._logs()

    def tools(self) -> Mapping[str, types.Tool]:
        """List the tools by name."""
        return {tool.name: tool for tool in self._portal.call(self.client.list_tools).tools}

    def raw(self, name: str, arguments: Mapping[str, Any]) -> types.CallToolResult:
        """Call a tool, and give what the client gave."""
        result: types.CallToolResult = self._portal.call(self.client.call_tool, name, dict(arguments))
        return result

    async def _called(self, module_id: str, form: Mapping[str, Any]) -> Outcome:
        pieces: list[str] = []

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            pieces.append(message or "")

        name = module_id.replace(".", "_")
        result = await self.client.call_tool(name, dict(form), progress_callback=hear)
        self._seen.append(result.model_dump_json())
        if result.is_error:
            return Outcome(error=_failed(result), pieces=pieces)
        shown = result.structured_content
        whole = shown
        if "_trimmed" in shown:
            whole = json.loads(await self._content(shown["_trimmed"]["uri"]))
        return Outcome(bundles=_bundles(shown), whole=_bundles(whole), pieces=pieces)

    async def _content(self, uri: str) -> bytes:
        found = b""
        while uri:
            (contents,) = (await self.client.read_resource(uri)).contents
            if isinstance(contents, types.TextResourceContents):
                found += contents.text.encode()
            else:
                found += base64.b64decode(contents.blob)
            uri = (contents.meta or {}).get("jackfield/next", "")
        return found


def _bundles(structured: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    bundles: Sequence[Mapping[str, Any]] = structured.get("bundles", [structured])
    return bundles


def _failed(result: types.CallToolResult) -> Failed:
    text = "\n".join(block.text for block in result.content if isinstance(block, types.TextContent))
    error = result.structured_content["error"]
    paths = [problem["path"] for problem in error.get("problems", ())]
    return Failed(kind=error["type"], text=text, retryable=error["retryable"], paths=paths)


class _Running:
    def __init__(self, future: "Future[Outcome]") -> None:
        self._future = future

    def cancel(self) -> None:
        """Give up, as a client does."""
        self._future.cancel()

    def outcome(self) -> Outcome | None:
        """A cancelled request is not answered."""
        try:
            return self._future.result(30)
        except CancelledError:
            return None
