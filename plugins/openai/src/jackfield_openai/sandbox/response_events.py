"""A response cut into the named events of a stream, each with its number."""

from collections.abc import Iterator, Mapping
from typing import Any

from jackfield_openai.sandbox.words import tokens_of

__all__ = ["events_of"]

_PADDING = "stand-in"
_HOSTED = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "code_interpreter_call": ("in_progress", "interpreting", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
}
"""What is told of the tools that the service runs, in its order."""


def events_of(response: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the events in which OpenAI would stream a response.

    Args:
        response: The whole.
        options: ``stream_options`` of the request.
    """
    padding = {"obfuscation": _PADDING} if options.get("include_obfuscation", True) else {}
    for number, event in enumerate(_events(response)):
        yield {**event, "sequence_number": number, **(padding if event["type"].endswith(".delta") else {})}


def _events(response: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    unfinished: dict[str, Any] = {"status": "in_progress", "output": [], "usage": None, "completed_at": None}
    begun = {**response, **unfinished, "error": None, "incomplete_details": None}
    if response["background"]:
        yield {"type": "response.queued", "response": {**begun, "status": "queued"}}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        yield from _item_events(index, item)
    yield {"type": f"response.{response['status']}", "response": response}


def _item_events(index: int, item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    place = {"output_index": index, "item_id": item["id"]}
    empty = {name: type(item[name])() for name in ("content", "summary", "arguments", "input") if name in item}
    status = {"status": "in_progress"} if "status" in item else {}
    blank = {"result": None} if "result" in item else {}
    yield {"type": "response.output_item.added", "output_index": index, "item": {**item, **empty, **status, **blank}}
    if item["type"] == "message":
        yield from _message(place, item["content"][0])
    elif item["type"] == "reasoning":
        yield from _summary(place, item)
    elif item["type"] == "function_call":
        yield from _deltas(
            "response.function_call_arguments", place, "arguments", item["arguments"], {"name": item["name"]}
        )
    elif item["type"] == "custom_tool_call":
        yield from _deltas("response.custom_tool_call_input", place, "input", item["input"])
    for step in _HOSTED.get(item["type"], ()):
        if step == "completed" and item["type"] == "image_generation_call":
            image = {"partial_image_b64": item["result"], "partial_image_index": 0}
            yield {"type": "response.image_generation_call.partial_image", **place, **image}
        yield {"type": f"response.{item['type']}.{step}", **place}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _message(place: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    place = {**place, "content_index": 0}
    if part["type"] == "refusal":
        yield {"type": "response.content_part.added", **place, "part": {"type": "refusal", "refusal": ""}}
        yield from _deltas("response.refusal", place, "refusal", part["refusal"])
    else:
        empty = {**part, "text": "", "annotations": [], "logprobs": []}
        yield {"type": "response.content_part.added", **place, "part": empty}
        for position, token in enumerate(tokens_of(part["text"])):
            likely = part["logprobs"][position : position + 1]
            yield {"type": "response.output_text.delta", **place, "delta": token, "logprobs": likely}
        yield {"type": "response.output_text.done", **place, "text": part["text"], "logprobs": part["logprobs"]}
        for number, annotation in enumerate(part["annotations"]):
            told = {"annotation_index": number, "annotation": annotation}
            yield {"type": "response.output_text.annotation.added", **place, **told}
    yield {"type": "response.content_part.done", **place, "part": part}


def _summary(place: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for number, part in enumerate(item["summary"]):
        where = {**place, "summary_index": number}
        yield {"type": "response.reasoning_summary_part.added", **where, "part": {"type": "summary_text", "text": ""}}
        yield from _deltas("response.reasoning_summary_text", where, "text", part["text"])
        yield {"type": "response.reasoning_summary_part.done", **where, "part": part}


def _deltas(
    kind: str, place: Mapping[str, Any], name: str, text: str, more: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Give a text in pieces, and then as a whole."""
    for token in tokens_of(text):
        yield {"type": f"{kind}.delta", **place, "delta": token}
    yield {"type": f"{kind}.done", **place, name: text, **(more or {})}
