"""The events of a streamed response: pieces as they come, and at the end the response that the last one holds.

Names of events: openai-python 3.57.0, types/responses/response_stream_event.py, read 2026-11-25.
"""

from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

from attrs import frozen

from jackfield import Answer, AnswerError, BrokenAnswerError, Context, File, ServerSentEvent
from jackfield_openai.failures import stream_error
from jackfield_openai.image_answer import keep_image
from jackfield_openai.responses.options import ResponseStreamOptions

__all__ = ["CalledPiece", "ResponsePiece", "StreamedResponse", "stream_response"]

_LAST = frozenset({"response.completed", "response.failed", "response.incomplete"})
_TEXTS = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_summary_text.delta": "reasoning",
    "response.reasoning_text.delta": "reasoning",
}
"""The part of a piece that a delta is, by its event."""
_CALLS = frozenset({"response.function_call_arguments.delta", "response.custom_tool_call_input.delta"})


@frozen(kw_only=True)
class CalledPiece:
    """What a piece adds to a call of a function or custom tool; ``arguments`` is a part of its JSON, or of its text."""

    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None


@frozen(kw_only=True)
class ResponsePiece:
    """What one event adds; as text it is the text that it adds.

    Attributes:
        event: The service's name for it: ``response.output_text.delta``.
        index: Which item of the output.
        text: What it adds to the answer.
        reasoning: What it adds to the thoughts, or to their summary; ``None`` if nothing.
        refusal: What it adds to the refusal; ``None`` if nothing.
        tool_call: What it adds to a call; ``None`` if nothing.
        file: An image that is not finished yet.
    """

    event: str
    index: int | None = None
    text: str = ""
    reasoning: str | None = None
    refusal: str | None = None
    tool_call: CalledPiece | None = None
    file: File | None = None

    def __str__(self) -> str:
        """Give the text that it adds."""
        return self.text


class StreamedResponse:
    """Takes the events of a stream, gives the piece in each, and the response as it is by now.

    Attributes:
        said: The response, as the last event that held one has it; empty before the first.
        is_over: Whether the event has come that ends it.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._done: dict[int, object] = {}
        self.said: Mapping[str, Any] = {}
        self.is_over = False

    def add(self, event: ServerSentEvent) -> ResponsePiece | None:
        """Take one event, and give the piece that it is; ``None`` if nobody waits for it.

        Raises:
            RemoteError: It tells of a failure; of the class that such a failure has elsewhere.
            AnswerError: It is no event of a response.
        """
        said = event.json()
        if not isinstance(said, Mapping):
            message = "An event of the stream is no JSON object, so it is no part of a response."
            raise AnswerError(message)
        kind = str(said.get("type") or event.event)
        name = _TEXTS.get(kind)
        if name is not None:  # nearly every event is such a one
            added: dict[str, Any] = {name: str(said.get("delta") or "")}
            return ResponsePiece(event=kind, index=_index(said), **added)
        if kind == "error" or said.get("error"):
            raise stream_error(said.get("error") or {**said, "type": None})
        if isinstance(said.get("response"), Mapping):
            self.said = said["response"]
            self.is_over = self.is_over or kind in _LAST
        return self._item(kind, said)

    def _item(self, kind: str, said: Mapping[str, Any]) -> ResponsePiece | None:
        index, item = _index(said), said.get("item")
        if kind in _CALLS:
            return ResponsePiece(event=kind, index=index, tool_call=CalledPiece(arguments=str(said.get("delta") or "")))
        if kind == "response.output_item.done" and index is not None:
            self._done[index] = item
        if kind == "response.output_item.added" and isinstance(item, Mapping):
            return _begun(kind, index, item)
        if kind == "response.image_generation_call.partial_image":
            name = f"image-{(index or 0) + 1}-partial-{said.get('partial_image_index', 0)}"
            file = keep_image(self._context, str(said.get("partial_image_b64") or ""), "partial_image_b64", name)
            return ResponsePiece(event=kind, index=index, file=file)
        return ResponsePiece(event=kind, index=index) if "_call." in kind else None

    def whole(self) -> Mapping[str, Any]:
        """Give the response; some servers leave out of their last event what they have streamed."""
        if self.said.get("output") or not self._done:
            return self.said
        return {**self.said, "output": [self._done[index] for index in sorted(self._done)]}


def _index(said: Mapping[str, Any]) -> int | None:
    index = said.get("output_index")
    return index if isinstance(index, int) else None


def _begun(kind: str, index: int | None, item: Mapping[str, Any]) -> ResponsePiece | None:
    """Give the piece for an item that is a call."""
    if item.get("type") not in ("function_call", "custom_tool_call"):
        return None
    call_id, name = item.get("call_id"), item.get("name")
    return ResponsePiece(
        event=kind,
        index=index,
        tool_call=CalledPiece(call_id=str(call_id) if call_id else None, name=str(name) if name else None),
    )


def stream_response(
    context: Context,
    path: str,
    body: Mapping[str, Any],
    options: ResponseStreamOptions | None,
    streamed: StreamedResponse,
) -> Generator[ResponsePiece, None, object]:
    """Ask for a stream, give its pieces as they come, and at the end the response.

    Args:
        context: Sends the request.
        path: Where to.
        body: What is asked; without what makes it a stream.
        options: What the stream is to bring beside its events.
        streamed: Takes the events; whoever holds it knows how far it got if this is broken off.

    Raises:
        RemoteError: The service told of a failure inside the stream.
        BrokenAnswerError: The stream ended before the response did.
    """
    asked = {**body, "stream": True, **({"stream_options": options} if options else {})}
    whole: list[Answer] = []
    try:
        with closing(context.client.events("POST", path, json=asked, on_whole=whole.append)) as events:
            for event in events:
                if event.data.startswith("[DONE]"):
                    break
                piece = streamed.add(event)
                if piece is not None:
                    yield piece
    except BrokenAnswerError:
        if not streamed.is_over:
            raise
    if whole:  # of a server that does not stream
        return whole[0].json()
    if not streamed.is_over:
        message = "The stream ended before the response did: something is missing."
        raise BrokenAnswerError(message)
    return streamed.whole()
