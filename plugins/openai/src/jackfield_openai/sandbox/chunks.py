"""An answer, of a chat or a completion, cut into the chunks of a stream."""

from collections.abc import Iterator, Mapping
from typing import Any

from jackfield_openai.sandbox.words import tokens_of

__all__ = ["chunks_of"]

_PADDING = "stand-in"


def chunks_of(answer: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the chunks in which OpenAI would stream an answer.

    Args:
        answer: The whole.
        options: ``stream_options`` of the request.
    """
    with_usage = bool(options.get("include_usage"))
    chats = answer["object"] == "chat.completion"
    head = {key: value for key, value in answer.items() if key not in ("choices", "usage", "moderation")}
    if chats:
        head["object"] = "chat.completion.chunk"
    if options.get("include_obfuscation", True):
        head["obfuscation"] = _PADDING
    usage: dict[str, Any] = {"usage": None} if with_usage else {}
    for choice in answer["choices"]:
        for part in _deltas(choice) if chats else _texts(choice):
            yield {**head, "choices": [{"index": choice["index"], **part}], **usage}
    if "moderation" in answer:
        yield {**head, "choices": [], "moderation": answer["moderation"], **usage}
    if with_usage:
        yield {**head, "choices": [], "usage": answer["usage"]}


def _texts(choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give what each chunk says of a choice of a completion."""
    columns = choice["logprobs"] or {}
    for position, token in enumerate(tokens_of(choice["text"])):
        logprobs = {name: [column[position]] for name, column in columns.items()} or None
        yield {"text": token, "logprobs": logprobs, "finish_reason": None}
    yield {"text": "", "logprobs": None, "finish_reason": choice["finish_reason"]}


def _deltas(choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give what each chunk says of a choice of a chat."""
    message = choice["message"]
    unfinished: dict[str, Any] = {"logprobs": None, "finish_reason": None}
    first = {"role": "assistant", "content": None if message["content"] is None else "", "refusal": None}
    yield {"delta": first, **unfinished}
    likely = (choice["logprobs"] or {}).get("content") or []
    for position, token in enumerate(tokens_of(message["content"] or "")):
        logprobs = {"content": [likely[position]], "refusal": None} if likely else None
        yield {"delta": {"content": token}, **unfinished, "logprobs": logprobs}
    for token in tokens_of(message["refusal"] or ""):
        yield {"delta": {"refusal": token}, **unfinished}
    for delta in (*_call_deltas(message), *_audio_deltas(message)):
        yield {"delta": delta, **unfinished}
    yield {"delta": {}, **unfinished, "finish_reason": choice["finish_reason"]}


def _call_deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for index, call in enumerate(message.get("tool_calls") or ()):
        kind = call["type"]
        words = "arguments" if kind == "function" else "input"
        opened = {"index": index, "id": call["id"], "type": kind, kind: {"name": call[kind]["name"], words: ""}}
        yield {"tool_calls": [opened]}
        for part in tokens_of(call[kind][words]):
            yield {"tool_calls": [{"index": index, kind: {words: part}}]}
    called = message.get("function_call")
    if called:
        yield {"function_call": {"name": called["name"], "arguments": ""}}
        for part in tokens_of(called["arguments"]):
            yield {"function_call": {"arguments": part}}


def _audio_deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    audio = message.get("audio")
    if audio:
        yield {"audio": {"id": audio["id"], "transcript": audio["transcript"]}}
        half = len(audio["data"]) // 2
        yield {"audio": {"data": audio["data"][:half]}}
        yield {"audio": {"data": audio["data"][half:]}}
        yield {"audio": {"expires_at": audio["expires_at"]}}
