"""The pieces of a streamed chat, put together to the answer that would have come in one."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from attrs import evolve, frozen

from jackfield import Answer, AnswerError, BrokenAnswerError, Context
from jackfield_openai.chat_options import StreamOptions
from jackfield_openai.connection import is_openai
from jackfield_openai.failures import stream_error

__all__ = ["ChatPiece", "StreamedChat", "ToolCallPiece", "stream_chat"]

_WHOLE_EACH_TIME = frozenset({"id", "index", "role", "type"})
"""Values that a service repeats whole; every other text comes in parts to be joined."""

_NOT_OF_THE_ANSWER = frozenset({"choices", "object", "obfuscation", "usage"})
_OF_A_CHOICE = frozenset({"delta", "finish_reason", "index"})
_USUAL = _OF_A_CHOICE | {"logprobs"}


@frozen(kw_only=True)
class ToolCallPiece:
    """What a piece adds to a tool call; ``arguments`` is a part of a JSON text."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str | None = None


@frozen(kw_only=True)
class ChatPiece:
    """What one event adds to one choice; as text it is the text that it adds.

    Attributes:
        index: Which choice.
        text: What it adds to the answer.
        refusal: What it adds to the refusal; ``None`` if nothing.
        tool_calls: What it adds to tool calls; ``None`` if nothing.
        finish_reason: Why the choice ends here; ``None`` if it goes on.
    """

    index: int
    text: str = ""
    refusal: str | None = None
    tool_calls: Sequence[ToolCallPiece] | None = None
    finish_reason: str | None = None

    def __str__(self) -> str:
        """Give the text that it adds."""
        return self.text


class StreamedChat:
    """Takes the chunks of a stream, gives the pieces in each and the whole at the end.

    It works on plain JSON: a class for each chunk would cost more than everything else together.
    """

    def __init__(self) -> None:
        self._answer: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}
        self._known = set(_NOT_OF_THE_ANSWER)

    def add(self, chunk: object) -> Sequence[ChatPiece]:
        """Take one chunk, and give a piece for each choice that it adds something to.

        Raises:
            AnswerError: It is no chunk.
        """
        if not isinstance(chunk, dict):
            message = "An event of the stream is no JSON object, so it is no part of a chat."
            raise AnswerError(message)
        if not chunk.keys() <= self._known:  # nearly every chunk repeats what the first one said of the answer
            new = {key: value for key, value in chunk.items() if key not in self._known and value is not None}
            self._answer.update(new)
            self._known.update(new)
        if chunk.get("usage") is not None:
            self._answer["usage"] = chunk["usage"]
        pieces = []
        for choice in chunk.get("choices") or ():
            piece = self._add_choice(choice)
            if piece is not None:
                pieces.append(piece)
        return pieces

    def _add_choice(self, choice: Any) -> ChatPiece | None:
        index = choice.get("index", 0) if isinstance(choice, dict) else None
        if not isinstance(index, int):
            message = "A choice in an event of the stream is no JSON object with an index."
            raise AnswerError(message)
        target = self._choices.get(index)
        if target is None:
            message_so_far = {"role": "assistant", "content": None}
            target = self._choices[index] = {"index": index, "message": message_so_far, "finish_reason": None}
        delta, reason, message = choice.get("delta"), choice.get("finish_reason"), target["message"]
        delta = delta if isinstance(delta, dict) else {}
        plain = choice.keys() <= _USUAL and not choice.get("logprobs")
        if plain and not reason and len(delta) == 1 and type(message["content"]) is _Parts:
            text = delta.get("content")
            if type(text) is str and text:
                message["content"].append(text)  # nearly every chunk is such a one
                return ChatPiece(index=index, text=text)
        _join(message, delta)
        if not plain:
            _join(target, {key: value for key, value in choice.items() if key not in _OF_A_CHOICE})
        if reason:
            target["finish_reason"] = reason
        return _piece(index, delta, reason)

    def is_complete(self, choices: int) -> bool:
        """Tell whether that many choices have all ended."""
        return all(self._choices.get(index, {}).get("finish_reason") for index in range(choices))

    @property
    def tells_usage(self) -> bool:
        """Tell whether the usage has come."""
        return "usage" in self._answer

    def whole(self) -> dict[str, Any]:
        """Give the answer as the service would have sent it in one."""
        choices = [_joined(self._choices[index]) for index in sorted(self._choices)]
        for choice in choices:
            for call in choice["message"].get("tool_calls") or ():
                call.pop("index", None)
        return {**self._answer, "object": "chat.completion", "choices": choices}


def stream_chat(
    context: Context,
    path: str,
    body: Mapping[str, Any],
    options: StreamOptions | None,
    as_chunk: Callable[[object], object] | None = None,
) -> Generator[ChatPiece, None, dict[str, Any]]:
    """Ask for a stream, give its pieces as they come, and at the end the answer as it would have come in one.

    Args:
        context: Sends the request.
        path: Where to.
        body: What is asked; without what makes it a stream.
        options: What the stream is to bring beside the text.
        as_chunk: Makes a chat's chunk of an event, where the path answers in another shape; ``None`` where it does not.

    Raises:
        RemoteError: The service told of a failure inside the stream; of the class that such a failure has elsewhere.
        BrokenAnswerError: The stream ended before every choice did; at OpenAI's own address, before it said so.
    """
    options = options or StreamOptions()
    if options.include_usage is None:
        # The result of a stream must tell as much as that of a single answer; whoever minds says No.
        options = evolve(options, include_usage=True)
    chat = StreamedChat()
    whole: list[Answer] = []
    asked = {**body, "stream": True, "stream_options": options}
    try:
        with closing(context.client.events("POST", path, json=asked, until="[DONE]", on_whole=whole.append)) as events:
            for event in events:
                chunk = _said(event.json())
                yield from chat.add(as_chunk(chunk) if as_chunk else chunk)
    except BrokenAnswerError:
        # OpenAI always ends with [DONE], and some servers never do: there, what came to its end is whole.
        if is_openai(context.client.base_url) or not chat.is_complete(body.get("n") or 1):
            raise
        if options.include_usage and not chat.tells_usage:
            context.warn("The stream ended without [DONE] and without the usage that was asked for.")
    for answer in whole:  # of a server that does not stream
        chunk = _as_one_chunk(_said(answer.json()))
        yield from chat.add(as_chunk(chunk) if as_chunk else chunk)
    return chat.whole()


def _said(chunk: object) -> object:
    if isinstance(chunk, dict) and chunk.get("error"):
        raise stream_error(chunk["error"])
    return chunk


def _as_one_chunk(body: object) -> object:
    """Make of an answer in one the chunk that has all of it."""
    if not isinstance(body, dict) or not isinstance(body.get("choices"), list):
        return body
    return {**body, "choices": [_with_delta(choice) for choice in body["choices"]]}


def _with_delta(choice: object) -> object:
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        return choice
    delta = choice["message"]
    if delta.get("tool_calls"):
        delta = {**delta, "tool_calls": [{"index": index, **call} for index, call in enumerate(delta["tool_calls"])]}
    return {**{name: value for name, value in choice.items() if name != "message"}, "delta": delta}


def _piece(index: int, delta: Mapping[str, Any], finish_reason: object) -> ChatPiece | None:
    text, refusal, calls = delta.get("content"), delta.get("refusal"), delta.get("tool_calls")
    if not (text or refusal or calls or finish_reason):
        return None
    return ChatPiece(
        index=index,
        text=text if isinstance(text, str) else "",
        refusal=_text(refusal),
        tool_calls=[_call_piece(*call) for call in enumerate(calls)] if isinstance(calls, list) and calls else None,
        finish_reason=_text(finish_reason),
    )


def _text(value: object) -> str | None:
    return str(value) if value else None


def _call_piece(position: int, call: Mapping[str, Any]) -> ToolCallPiece:
    detail = call.get("function") or call.get("custom")
    detail = detail if isinstance(detail, Mapping) else {}
    index = call.get("index")
    return ToolCallPiece(
        index=index if isinstance(index, int) else position,
        id=_text(call.get("id")),
        name=_text(detail.get("name")),
        arguments=_text(detail.get("arguments") or detail.get("input")),
    )


class _Parts(list[str]):
    """The parts of a text that still grows; joined once, since adding to a long text copies all of it."""


def _grows(known: object, text: object) -> bool:
    """Add a text to one that is growing already; tell whether it was done."""
    if type(known) is not _Parts or type(text) is not str:
        return False
    known.append(text)
    return True


def _joined(value: Any) -> Any:
    """Give the same with every growing text whole."""
    if isinstance(value, _Parts):
        return "".join(value)
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    return [_joined(item) for item in value] if isinstance(value, list) else value


def _join(target: dict[str, Any], delta: Mapping[str, Any]) -> None:
    """Add what a chunk says to what the chunks before it said."""
    for key, value in delta.items():
        known = target.get(key)
        if isinstance(value, str):
            _join_text(target, key, known, value)
        elif value is None:
            target.setdefault(key, None)
        elif key == "tool_calls" and isinstance(value, list):
            calls = target[key] = known if isinstance(known, list) else []
            for call in value:
                _join_call(calls, call)
        elif isinstance(value, dict):
            inner = target[key] = known if isinstance(known, dict) else {}
            _join(inner, value)
        elif type(known) is list and isinstance(value, list):
            known.extend(value)
        else:
            target[key] = value


def _join_text(target: dict[str, Any], key: str, known: object, value: str) -> None:
    if key in _WHOLE_EACH_TIME:
        target[key] = value
    elif not isinstance(known, _Parts):
        target[key] = _Parts((value,))
    elif key != "name" or "".join(known) != value:
        # OpenAI sends a function's name once; some servers repeat it with every part of the arguments.
        known.append(value)


def _join_call(calls: list[dict[str, Any]], call: Any) -> None:
    if not isinstance(call, dict):
        message = "A tool call in an event of the stream is no JSON object."
        raise AnswerError(message)
    identifier, index = call.get("id"), call.get("index")
    known = next((item for item in reversed(calls) if _same_call(item, identifier, index)), None)
    if known is None:
        known = {}
        calls.append(known)
    _join(known, call)


def _same_call(known: Mapping[str, Any], identifier: object, index: object) -> bool:
    # Some servers count every parallel call as 0, others do not count at all: an id of its own makes a call of its own.
    if identifier and known.get("id") and identifier != known["id"]:
        return False
    return index is None or known.get("index") is None or known["index"] == index
