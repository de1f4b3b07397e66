"""The pieces of a streamed chat, put together to the answer that would have come in one."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from jackfield import AnswerError

__all__ = ["ChatPiece", "StreamedChat", "ToolCallPiece"]

_WHOLE_EACH_TIME = frozenset({"id", "index", "role", "type"})
"""Values that a service repeats whole; every other text comes in parts to be joined."""

_NOT_OF_THE_ANSWER = frozenset({"choices", "object", "obfuscation", "usage"})


@frozen(kw_only=True)
class ToolCallPiece:
    """What a piece adds to a tool call; ``arguments`` is a part of a JSON text."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@frozen(kw_only=True)
class ChatPiece:
    """What one event adds to one choice; as text it is the text that it adds.

    Attributes:
        index: Which choice.
        text: What it adds to the answer.
        refusal: What it adds to the refusal.
        tool_calls: What it adds to tool calls.
        finish_reason: Why the choice ends here; empty if it goes on.
    """

    index: int
    text: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCallPiece, ...] = ()
    finish_reason: str = ""

    def __str__(self) -> str:
        """Give the text that it adds."""
        return self.text


class StreamedChat:
    """Takes the chunks of a stream, gives the pieces in each and the whole at the end.

    It works on plain JSON, since a class for each chunk would cost more than everything else together.
    """

    def __init__(self) -> None:
        self._answer: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}

    def add(self, chunk: object) -> Iterator[ChatPiece]:
        """Take one chunk, and give a piece for each choice that it adds something to.

        Raises:
            AnswerError: It is no chunk.
        """
        if not isinstance(chunk, Mapping):
            message = "An event of the stream is no JSON object, so it is no part of a chat."
            raise AnswerError(message)
        for key, value in chunk.items():
            if key not in _NOT_OF_THE_ANSWER and value is not None:
                self._answer[key] = value
        if chunk.get("usage") is not None:
            self._answer["usage"] = chunk["usage"]
        for choice in chunk.get("choices") or ():
            piece = self._add_choice(choice)
            if piece is not None:
                yield piece

    def _add_choice(self, choice: Any) -> ChatPiece | None:
        if not isinstance(choice, Mapping) or not isinstance(choice.get("index", 0), int):
            message = "A choice in an event of the stream is no JSON object with an index."
            raise AnswerError(message)
        index = choice.get("index", 0)
        target = self._choices.setdefault(
            index, {"index": index, "message": {"role": "assistant", "content": None}, "finish_reason": None}
        )
        delta = choice.get("delta")
        delta = delta if isinstance(delta, Mapping) else {}
        _join(target["message"], delta)
        _join(target, {key: value for key, value in choice.items() if key not in ("delta", "index", "finish_reason")})
        target["finish_reason"] = choice.get("finish_reason") or target["finish_reason"]
        return _piece(index, delta, choice.get("finish_reason"))

    def is_complete(self, choices: int) -> bool:
        """Tell whether that many choices have all ended."""
        return all(self._choices.get(index, {}).get("finish_reason") for index in range(choices))

    def whole(self) -> dict[str, Any]:
        """Give the answer as the service would have sent it in one."""
        choices = [self._choices[index] for index in sorted(self._choices)]
        for choice in choices:
            for call in choice["message"].get("tool_calls") or ():
                call.pop("index", None)
        return {**self._answer, "object": "chat.completion", "choices": choices}


def _piece(index: int, delta: Mapping[str, Any], finish_reason: object) -> ChatPiece | None:
    text, refusal, calls = delta.get("content"), delta.get("refusal"), delta.get("tool_calls")
    calls = calls if isinstance(calls, list) else []
    if not (text or refusal or calls or finish_reason):
        return None
    return ChatPiece(
        index=index,
        text=text if isinstance(text, str) else "",
        refusal=refusal if isinstance(refusal, str) else "",
        tool_calls=tuple(_call_piece(position, call) for position, call in enumerate(calls)),
        finish_reason=str(finish_reason or ""),
    )


def _call_piece(position: int, call: Mapping[str, Any]) -> ToolCallPiece:
    detail = call.get("function") or call.get("custom")
    detail = detail if isinstance(detail, Mapping) else {}
    index = call.get("index")
    return ToolCallPiece(
        index=index if isinstance(index, int) else position,
        id=str(call.get("id") or ""),
        name=str(detail.get("name") or ""),
        arguments=str(detail.get("arguments") or detail.get("input") or ""),
    )


def _join(target: dict[str, Any], delta: Mapping[str, Any]) -> None:
    """Add what a chunk says to what the chunks before it said."""
    for key, value in delta.items():
        known = target.get(key)
        if value is None:
            target.setdefault(key, None)
        elif key == "tool_calls" and isinstance(value, list):
            target[key] = known if isinstance(known, list) else []
            for call in value:
                _join_call(target[key], call)
        elif isinstance(known, dict) and isinstance(value, Mapping):
            _join(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            known.extend(value)
        elif isinstance(known, str) and isinstance(value, str) and key not in _WHOLE_EACH_TIME:
            # OpenAI sends a function's name once; some servers repeat it with every part of the arguments.
            target[key] = known if key == "name" and known == value else known + value
        elif isinstance(value, Mapping):
            target[key] = {}
            _join(target[key], value)
        else:
            target[key] = list(value) if isinstance(value, list) else value


def _join_call(calls: list[dict[str, Any]], call: Any) -> None:
    if not isinstance(call, Mapping):
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
