"""What a call gives, as clients take it: structured, as text, with links to files; and errors with their remedy."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mcp_types import CallToolResult, ContentBlock, ImageContent, TextContent

from jackfield import (
    AnswerError,
    File,
    FileStore,
    InvalidInputError,
    JackfieldError,
    RemoteError,
    Result,
    TransportError,
)
from jackfield_mcp.files import Shelf, link_to, uri_of, without_paths
from jackfield_mcp.offer import Offer
from jackfield_mcp.tools import SELECTS, OfferedTool
from jackfield_mcp.trimming import fitted, selected, spelled

READ_MORE = "jackfield_read_more"
"""The tool that reads on in a long result, for models whose client lets them read no resources."""
_MOST_NAMES = 50


class Answers:
    """Writes what calls give.

    Args:
        offer: Which limits hold.
        store: The files of the host.
        shelf: Where long results are kept.
    """

    def __init__(self, offer: Offer, store: FileStore, shelf: Shelf) -> None:
        self._offer = offer
        self._store = store
        self._shelf = shelf

    def of(self, tool: OfferedTool, result: Result[Any], wanted: Sequence[str]) -> CallToolResult:
        """Write the result of a run.

        Args:
            tool: What was called.
            result: What its module gave.
            wanted: The parts of each bundle that were asked for; all if empty.
        """
        files = [*self._shelf.files_in(result.bundles)]
        shown = result.bundles if self._offer.on_this_machine else without_paths(result.bundles, self._store)
        bundles = [selected(bundle, wanted) if wanted else dict(bundle) for bundle in shown]
        whole = {"bundles": bundles} if tool.several else bundles[0]
        structured, notes = self._within_limits(whole)
        said = [*notes, *_nowhere(shown, wanted), *(f"note: {warning}" for warning in result.warnings)]
        content: list[ContentBlock] = [TextContent(text=spelled(structured))]
        content += [TextContent(text=text) for text in said]
        content += self._shown(files)
        return CallToolResult(content=content, structured_content=structured, _meta=_about(result))

    def _within_limits(self, whole: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        shorter = fitted(whole, self._offer.max_result_bytes)
        if shorter is None:
            return dict(whole), []
        text = spelled(whole)
        kept = self._shelf.keep_result(text)
        size, uri = kept.size, uri_of(kept, 0)
        note = (
            f"This is a part: the whole has {size} bytes, and max_result_bytes is {self._offer.max_result_bytes}. "
            f"Ask for less with output_fields, or read the whole with {READ_MORE} or the resource {uri}."
        )
        return {**shorter, "_trimmed": {"uri": uri, "bytes": size, "note": note}}, [note]

    def _shown(self, files: Iterable[File]) -> list[ContentBlock]:
        shown: list[ContentBlock] = []
        for file in files:
            shown.append(link_to(file))
            if file.media_type.startswith("image/") and (file.size or 0) <= self._offer.max_inline_bytes:
                data = base64.b64encode(file.read(self._offer.max_inline_bytes)).decode()
                shown.append(ImageContent(data=data, mime_type=file.media_type))
        return shown


def _nowhere(bundles: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[str]:
    """Say which wanted parts no bundle has: a misspelt one gives nothing, and looks like an empty answer."""
    lacking = [path for path in wanted if bundles and not any(selected(bundle, [path]) for bundle in bundles)]
    if not lacking:
        return []
    known = sorted({str(name) for bundle in bundles for name in bundle})[:_MOST_NAMES]
    return [f"note: {SELECTS}: nothing is called {', '.join(lacking)}. There is: {', '.join(known)}."]


def _about(result: Result[Any]) -> dict[str, Any]:
    """Say what is known of the run beside its output."""
    about: dict[str, Any] = {"jackfield/attempts": result.attempts, "jackfield/duration_s": round(result.duration_s, 3)}
    if result.request_id:
        about["jackfield/request_id"] = result.request_id
    if result.usage is not None and result.usage.total_tokens is not None:
        about["jackfield/total_tokens"] = result.usage.total_tokens
    return about


def failed(error: JackfieldError) -> CallToolResult:
    """Write an error: what happened and what to do, for a model; and the same as data, for a program."""
    told: dict[str, Any] = {"type": type(error).__name__, "message": error.message, "hint": error.hint}
    told["retryable"] = error.retryable
    if isinstance(error, RemoteError):
        told |= {"status": error.status, "retry_after_s": error.retry_after_s}
    if isinstance(error, RemoteError | AnswerError) and error.request_id:
        told["request_id"] = error.request_id
    if isinstance(error, TransportError):
        told["sent"] = error.sent
    if isinstance(error, InvalidInputError):
        told["problems"] = [{"path": one.path, "rule": one.rule, "message": one.message} for one in error.problems[:20]]
    return CallToolResult(content=[TextContent(text=str(error))], structured_content={"error": told}, is_error=True)
