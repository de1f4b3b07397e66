"""What the stand-in accepts at /responses: the parameters, bounds and shapes that OpenAI documents.

Source: openai-python 3.57.0, types/responses/response_create_params.py, read 2026-11-25.
"""

from collections.abc import Mapping
from typing import Any

from jackfield_openai.sandbox.checks import (
    Check,
    anything,
    array,
    boolean,
    choice,
    either,
    integer,
    mapping,
    nullable,
    number,
    record,
    tagged,
    text,
)
from jackfield_openai.sandbox.response_tool_rules import TOOL, TOOL_CHOICE
from jackfield_openai.sandbox.sampling_rules import refuse

__all__ = ["LEAST_TOKENS", "check_response"]

LEAST_TOKENS = 16
"""OpenAI takes no smaller ``max_output_tokens`` (its specification of 2026-08-21)."""

_ANY_OBJECT = mapping(anything)
_LEVEL = choice("low", "medium", "high")
_BREAKPOINT = {
    "prompt_cache_breakpoint": record({"mode": choice("explicit")}, {"ttl": choice("30m", "12h")}),
}
_INPUT_PARTS: Mapping[str, Check] = {
    "input_text": record({"type": anything, "text": text()}, _BREAKPOINT),
    "input_image": record(
        {"type": anything},
        {
            "image_url": nullable(text()),
            "file_id": nullable(text()),
            "detail": choice("auto", "low", "high", "original"),
            **_BREAKPOINT,
        },
    ),
    "input_file": record(
        {"type": anything},
        {
            "file_data": text(),
            "file_url": text(),
            "file_id": nullable(text()),
            "filename": text(),
            "detail": choice("auto", "low", "high"),
            **_BREAKPOINT,
        },
    ),
}
_OUTPUT_PARTS: Mapping[str, Check] = {
    "output_text": record({"type": anything, "text": text()}, {"annotations": anything, "logprobs": anything}),
    "refusal": record({"type": anything, "refusal": text()}),
}
_CONTENT = either({str: text(), list: array(tagged("type", {**_INPUT_PARTS, **_OUTPUT_PARTS}))})
_MESSAGE = record(
    {"role": choice("user", "assistant", "system", "developer"), "content": _CONTENT},
    {
        "type": choice("message"),
        "id": text(),
        "status": choice("in_progress", "completed", "incomplete"),
        "phase": nullable(choice("commentary", "final_answer")),
    },
)
_FUNCTION_OUTPUT = either({str: text(), list: array(tagged("type", _INPUT_PARTS))})
_ITEMS: Mapping[str, Check] = {
    "message": _MESSAGE,
    "function_call_output": record(
        {"type": anything, "output": _FUNCTION_OUTPUT},
        {"call_id": nullable(text()), "id": nullable(text()), "status": anything, "name": anything},
    ),
    "custom_tool_call_output": record(
        {"type": anything, "call_id": text(), "output": _FUNCTION_OUTPUT}, {"id": nullable(text())}
    ),
    "mcp_approval_response": record(
        {"type": anything, "approval_request_id": text(), "approve": boolean},
        {"id": nullable(text()), "reason": nullable(text())},
    ),
    "item_reference": record({"type": anything, "id": text()}),
    **dict.fromkeys(
        (
            "code_interpreter_call",
            "custom_tool_call",
            "file_search_call",
            "function_call",
            "image_generation_call",
            "mcp_approval_request",
            "mcp_call",
            "mcp_list_tools",
            "reasoning",
            "web_search_call",
        ),
        _ANY_OBJECT,
    ),
}


def _item(value: object, place: str) -> None:
    if isinstance(value, dict) and "type" not in value:
        _MESSAGE(value, place)
    else:
        tagged("type", _ITEMS)(value, place)


_FORMAT = tagged(
    "type",
    {
        "text": record({"type": anything}),
        "json_object": record({"type": anything}),
        "json_schema": record(
            {"type": anything, "name": text(64), "schema": _ANY_OBJECT},
            {"description": text(), "strict": nullable(boolean)},
        ),
    },
)
_SUMMARY = nullable(choice("auto", "concise", "detailed"))
_MODERATED = nullable(record({"mode": choice("score", "block")}))

_RESPONSE = record(
    {"model": text(), "input": either({str: text(), list: array(_item)})},
    {
        "access_programs": record({}, {"cyber": choice("standard", "daybreak_blue", "daybreak_red")}),
        "background": nullable(boolean),
        "background_options": record(
            {}, {"completion_window": choice("soonest", "2h", "8h"), "continuation_id": text()}
        ),
        "context_management": nullable(
            array(record({"type": choice("compaction")}, {"compact_threshold": nullable(integer())}))
        ),
        "conversation": nullable(either({str: text(), dict: record({"id": text()})})),
        "image": record({}, {"context_compression": choice("auto", "enabled", "disabled")}),
        "include": nullable(
            array(
                choice(
                    "file_search_call.results",
                    "web_search_call.results",
                    "web_search_call.action.sources",
                    "message.input_image.image_url",
                    "computer_call_output.output.image_url",
                    "code_interpreter_call.outputs",
                    "reasoning.encrypted_content",
                    "message.output_text.logprobs",
                )
            )
        ),
        "instructions": nullable(text()),
        "max_output_tokens": nullable(integer(LEAST_TOKENS)),
        "max_tool_calls": nullable(integer()),
        "metadata": nullable(mapping(text(512), 16)),
        "moderation": nullable(
            record({"model": text()}, {"policy": nullable(record({}, {"input": _MODERATED, "output": _MODERATED}))})
        ),
        "parallel_tool_calls": nullable(boolean),
        "previous_response_id": nullable(text()),
        "prompt": nullable(
            record(
                {"id": text()},
                {
                    "version": nullable(text()),
                    "variables": nullable(mapping(either({str: text(), dict: tagged("type", _INPUT_PARTS)}))),
                },
            )
        ),
        "prompt_cache_key": nullable(text()),
        "prompt_cache_options": record(
            {},
            {
                "mode": choice("implicit", "explicit"),
                "ttl": choice("30m", "12h"),
                "prewarm": boolean,
                "comparison_response_id": nullable(text()),
            },
        ),
        "prompt_cache_retention": nullable(choice("in_memory", "24h")),
        "reasoning": nullable(
            record(
                {},
                {
                    "effort": nullable(choice("none", "minimal", "low", "medium", "high", "xhigh", "max")),
                    "summary": _SUMMARY,
                    "generate_summary": _SUMMARY,
                    "context": nullable(choice("auto", "current_turn", "all_turns")),
                    "mode": choice("standard", "pro"),
                },
            )
        ),
        "safety_identifier": nullable(text(128)),
        "service_tier": nullable(choice("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")),
        "store": nullable(boolean),
        "stream": nullable(boolean),
        "stream_options": nullable(record({}, {"include_obfuscation": boolean})),
        "temperature": nullable(number(0, 2)),
        "text": record({}, {"format": _FORMAT, "verbosity": nullable(_LEVEL)}),
        "tool_choice": TOOL_CHOICE,
        "tools": array(TOOL),
        "top_logprobs": nullable(integer(0, 20)),
        "top_p": nullable(number(0, 1)),
        "truncation": nullable(choice("auto", "disabled")),
        "user": text(),
    },
)


def check_response(body: Mapping[str, Any]) -> None:
    """Check a request for a response.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    _RESPONSE(body, "")
    if body.get("stream_options") is not None and not body.get("stream"):
        refuse("stream_options", "'stream_options' is only allowed when 'stream' is true.")
    if body.get("previous_response_id") is not None and body.get("conversation") is not None:
        refuse("previous_response_id", "'previous_response_id' cannot be used together with 'conversation'.")
    if body.get("background") and body.get("store") is False:
        refuse("store", "'background' requires 'store' to be true.")
    window = (body.get("background_options") or {}).get("completion_window", "soonest")
    if window != "soonest" and (body.get("stream") or not body.get("background")):
        refuse("background_options", f"'completion_window' {window} requires 'background', and no stream.")
    for tool in body.get("tools") or ():
        where = [name for name in ("server_url", "connector_id", "tunnel_id") if name in tool]
        if tool["type"] == "mcp" and len(where) != 1:
            refuse("tools", "An MCP server needs one of 'server_url', 'connector_id' and 'tunnel_id'.")
    if ((body.get("text") or {}).get("format") or {}).get("type") == "json_object" and "json" not in _all_said(body):
        refuse("input", "'input' must contain the word 'json' to use the format 'json_object'.")


def _all_said(body: Mapping[str, Any]) -> str:
    return f"{body['input']} {body.get('instructions')}".lower()
