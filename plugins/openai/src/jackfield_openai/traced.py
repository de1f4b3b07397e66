"""What the modules ask of models, in the words of OpenTelemetry's conventions for generative AI.

Messages have the shape of the convention's JSON schemas (gen-ai-input-messages.json, gen-ai-output-messages.json, read
2026-11-26): a role, and parts that are texts, calls of tools, answers of tools, or of another type, without what they
hold: pictures and recordings have no place in a trace.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from jackfield import GenAI

__all__ = ["CHAT", "COMPLETION", "EMBEDDING", "IMAGES", "RESPONSE", "SPEECH", "TRANSCRIPT"]

Part = Mapping[str, object]

_TEXTS = frozenset({"text", "input_text", "output_text", "summary_text", "reasoning_text"})
_SAMPLING = {"max_completion_tokens": "max_tokens", "stop": "stop_sequences", "n": "choice.count"}
_CONVENTIONAL = {"tool_calls": "tool_call", "function_call": "tool_call"}


def _of(item: Any, name: str) -> Any:
    """Give a value of something that is typed, or JSON, or has it among what its service alone knows."""
    if isinstance(item, Mapping):
        return item.get(name)
    found = getattr(item, name, None)
    return _of(getattr(item, "rest", {}), name) if found is None else found


def _parts(content: Any) -> list[Part]:
    if content is None:
        return []
    if isinstance(content, str):
        return [{"type": "text", "content": content}]
    return [_part(part) for part in content]


def _part(part: Any) -> Part:
    kind = _of(part, "type") or "unknown"
    if kind in _TEXTS:
        return {"type": "text", "content": _of(part, "text") or ""}
    if kind == "refusal":
        return {"type": "refusal", "content": _of(part, "refusal") or ""}
    return {"type": kind}


def _calls(message: Any) -> list[Part]:
    calls = [
        _call(_of(call, "id"), _of(call, "function") or _of(call, "custom"))
        for call in _of(message, "tool_calls") or ()
    ]
    old = _of(message, "function_call")
    return [*calls, _call(None, old)] if old else calls


def _call(call_id: str | None, called: Any) -> Part:
    said = _of(called, "arguments") or _of(called, "input")
    return {"type": "tool_call", "id": call_id, "name": _of(called, "name") or "", "arguments": said}


def _answer(call_id: str | None, said: object) -> Part:
    return {"type": "tool_call_response", "id": call_id, "response": said}


def _chat_message(message: Any) -> dict[str, object]:
    parts = _parts(message.content)
    if message.role == "tool":
        parts = [_answer(message.tool_call_id, parts)]
    refusal = _of(message, "refusal")
    said = [{"type": "refusal", "content": refusal}] if refusal else []
    return {"role": message.role, "parts": [*parts, *said, *_calls(message)]}


def _chat_input(form: Any) -> list[Mapping[str, object]]:
    if getattr(form, "messages", None) is None:
        return [{"role": "user", "parts": _parts(form.prompt)}]
    return [_chat_message(message) for message in form.messages]


def _reason(said: str | None) -> str:
    return _CONVENTIONAL.get(said or "", said or "unknown")


def _chat_output(answer: Any) -> list[Mapping[str, object]]:
    return [
        {**_chat_message(choice.message), "finish_reason": _reason(choice.finish_reason)} for choice in answer.choices
    ]


def _chat_reasons(answer: Any) -> Sequence[str]:
    return [_reason(choice.finish_reason) for choice in answer.choices]


def _item(item: Any) -> dict[str, Any]:
    kind, call_id = _of(item, "type"), _of(item, "call_id")
    if kind in {"function_call", "custom_tool_call"}:
        return {"role": "assistant", "parts": [_call(call_id, item)]}
    if kind in {"function_call_output", "custom_tool_call_output"}:
        return {"role": "tool", "parts": [_answer(call_id, _parts(_of(item, "output")))]}
    parts = _parts(_of(item, "content")) if kind in {None, "message"} else [{"type": kind}]
    return {"role": _of(item, "role") or "assistant", "parts": parts}


def _response_input(form: Any) -> list[Mapping[str, object]]:
    first: list[Mapping[str, object]] = []
    if form.instructions:
        first = [{"role": "system", "parts": _parts(form.instructions)}]
    if isinstance(form.input, str):
        return [*first, {"role": "user", "parts": _parts(form.input)}]
    return [*first, *(_item(item) for item in form.input)]


def _response_output(answer: Any) -> list[Mapping[str, object]]:
    parts = [part for item in answer.output for part in _item(item)["parts"]]
    return [{"role": "assistant", "parts": parts, "finish_reason": _response_reasons(answer)[0]}]


def _response_reasons(answer: Any) -> Sequence[str]:
    if answer.tool_calls:
        return ["tool_call"]
    return ["stop" if answer.status == "completed" else "length" if answer.status == "incomplete" else "error"]


CHAT = GenAI(
    operation="chat",
    provider="openai",
    parameters=_SAMPLING,
    finish_reasons=_chat_reasons,
    input_messages=_chat_input,
    output_messages=_chat_output,
)
COMPLETION = evolve(CHAT, operation="text_completion", output_type="text")
RESPONSE = GenAI(
    operation="chat",
    provider="openai",
    parameters={"max_output_tokens": "max_tokens"},
    finish_reasons=_response_reasons,
    input_messages=_response_input,
    output_messages=_response_output,
)
EMBEDDING = GenAI(
    operation="embeddings",
    provider="openai",
    parameters={"dimensions": "embeddings.dimension.count", "encoding_format": "encoding_formats"},
)
IMAGES = GenAI(operation="generate_content", provider="openai", output_type="image", parameters={"n": "choice.count"})
SPEECH = GenAI(operation="generate_content", provider="openai", output_type="speech")
TRANSCRIPT = GenAI(operation="generate_content", provider="openai", output_type="text")
