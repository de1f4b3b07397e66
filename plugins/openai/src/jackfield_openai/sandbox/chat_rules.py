"""What OpenAI accepts at /chat/completions: names, types and bounds (specification of 2026-08-21, SDK 3.54.0)."""

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
    record,
    tagged,
    text,
)
from jackfield_openai.sandbox.sampling_rules import SAMPLING, check_stream_options, refuse

__all__ = ["check_chat"]

_BREAKPOINT = {
    "prompt_cache_breakpoint": record({"mode": choice("explicit")}, {"ttl": choice("30m", "12h")}),
}
_TEXT_PART = record({"type": anything, "text": text()}, _BREAKPOINT)
_REFUSAL_PART = record({"type": anything, "refusal": text()})
_IMAGE = record({"url": text()}, {"detail": choice("auto", "low", "high", "original")})
_AUDIO = record({"data": text(), "format": choice("wav", "mp3")})
_FILE = record({}, {"file_id": text(), "filename": text(), "file_data": text()})

_USER_PARTS = tagged(
    "type",
    {
        "text": _TEXT_PART,
        "image_url": record({"type": anything, "image_url": _IMAGE}, _BREAKPOINT),
        "input_audio": record({"type": anything, "input_audio": _AUDIO}, _BREAKPOINT),
        "file": record({"type": anything, "file": _FILE}, _BREAKPOINT),
    },
)
_TEXTS = either({str: text(), list: array(tagged("type", {"text": _TEXT_PART}), least=1)})
_SAID = either({str: text(), list: array(tagged("type", {"text": _TEXT_PART, "refusal": _REFUSAL_PART}), least=1)})

_CALLED = record({"name": text(), "arguments": text()})
_TOOL_CALL = tagged(
    "type",
    {
        "function": record({"type": anything, "id": text(), "function": _CALLED}),
        "custom": record({"type": anything, "id": text(), "custom": record({"name": text(), "input": text()})}),
    },
)
_NAME: Mapping[str, Check] = {"name": text(64)}
_INSTRUCTION = record({"role": anything, "content": _TEXTS}, _NAME)

_MESSAGE = tagged(
    "role",
    {
        "system": _INSTRUCTION,
        "developer": _INSTRUCTION,
        "user": record({"role": anything, "content": either({str: text(), list: array(_USER_PARTS, least=1)})}, _NAME),
        "assistant": record(
            {"role": anything},
            {
                "content": nullable(_SAID),
                "refusal": nullable(text()),
                "tool_calls": array(_TOOL_CALL, least=1),
                "function_call": nullable(_CALLED),
                "audio": nullable(record({"id": text()})),
                "annotations": anything,
                **_NAME,
            },
        ),
        "tool": record({"role": anything, "content": _TEXTS, "tool_call_id": text()}),
        "function": record({"role": anything, "content": nullable(text()), "name": text(64)}),
    },
)

_SCHEMA = mapping(anything)
_FUNCTION = record({"name": text(64)}, {"description": text(), "parameters": _SCHEMA, "strict": nullable(boolean)})
_GRAMMAR = record({"syntax": choice("lark", "regex"), "definition": text()})
_CUSTOM = record(
    {"name": text(64)},
    {
        "description": text(),
        "format": tagged(
            "type",
            {"text": record({"type": anything}), "grammar": record({"type": anything, "grammar": _GRAMMAR})},
        ),
    },
)
_TOOL = tagged(
    "type",
    {
        "function": record({"type": anything, "function": _FUNCTION}),
        "custom": record({"type": anything, "custom": _CUSTOM}),
    },
)
_NAMED = record({"name": text(64)})
_ALLOWED = record({"mode": choice("auto", "required"), "tools": array(mapping(anything), least=1)})
_TOOL_CHOICE = either(
    {
        str: choice("none", "auto", "required"),
        dict: tagged(
            "type",
            {
                "function": record({"type": anything, "function": _NAMED}),
                "custom": record({"type": anything, "custom": _NAMED}),
                "allowed_tools": record({"type": anything, "allowed_tools": _ALLOWED}),
            },
        ),
    }
)
_RESPONSE_FORMAT = tagged(
    "type",
    {
        "text": record({"type": anything}),
        "json_object": record({"type": anything}),
        "json_schema": record(
            {
                "type": anything,
                "json_schema": record(
                    {"name": text(64)}, {"description": text(), "schema": _SCHEMA, "strict": nullable(boolean)}
                ),
            }
        ),
    },
)
_LEVEL = choice("low", "medium", "high")
_MODERATED = nullable(record({"mode": choice("score", "block")}))
_PLACE = record({}, {"city": text(), "country": text(), "region": text(), "timezone": text()})

_CHAT = record(
    {"model": text(), "messages": array(_MESSAGE, least=1)},
    {
        **SAMPLING,
        "audio": nullable(
            record(
                {
                    "voice": either({str: text(), dict: record({"id": text()})}),
                    "format": choice("wav", "aac", "mp3", "flac", "opus", "pcm16"),
                }
            )
        ),
        "function_call": either({str: choice("none", "auto"), dict: _NAMED}),
        "functions": array(_FUNCTION, 1, 128),
        "logprobs": nullable(boolean),
        "max_completion_tokens": nullable(integer(1)),
        "max_tokens": nullable(integer(1)),
        "metadata": nullable(mapping(text(512), 16)),
        "modalities": nullable(array(choice("text", "audio"), 1)),
        "moderation": nullable(
            record(
                {"model": text()},
                {"policy": nullable(record({}, {"input": _MODERATED, "output": _MODERATED}))},
            )
        ),
        "parallel_tool_calls": boolean,
        "prediction": nullable(record({"type": choice("content"), "content": _TEXTS})),
        "prompt_cache_key": nullable(text()),
        "prompt_cache_options": record({}, {"mode": choice("implicit", "explicit"), "ttl": choice("30m")}),
        "prompt_cache_retention": nullable(choice("in_memory", "24h")),
        "reasoning_effort": nullable(choice("none", "minimal", "low", "medium", "high", "xhigh", "max")),
        "response_format": _RESPONSE_FORMAT,
        "safety_identifier": nullable(text(128)),
        "service_tier": nullable(choice("auto", "default", "flex", "scale", "priority", "fast")),
        "store": nullable(boolean),
        "tool_choice": _TOOL_CHOICE,
        "tools": array(_TOOL, 1, 128),
        "top_logprobs": nullable(integer(0, 20)),
        "verbosity": nullable(_LEVEL),
        "web_search_options": record(
            {},
            {
                "search_context_size": _LEVEL,
                "user_location": nullable(record({"type": choice("approximate"), "approximate": _PLACE})),
            },
        ),
    },
)


def check_chat(body: Mapping[str, Any]) -> None:
    """Check a request for a chat.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    _CHAT(body, "")
    check_stream_options(body)
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        refuse("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.")
    if body.get("tool_choice") is not None and not body.get("tools"):
        refuse("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.")
    if "parallel_tool_calls" in body and not body.get("tools"):
        refuse("parallel_tool_calls", "'parallel_tool_calls' is only allowed when 'tools' are specified.")
    if "audio" in (body.get("modalities") or ()) and body.get("audio") is None:
        refuse("audio", "'audio' is required when the modality 'audio' is asked for.")
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        refuse("max_tokens", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
    if (body.get("response_format") or {}).get("type") == "json_object" and "json" not in str(body["messages"]).lower():
        refuse("messages", "'messages' must contain the word 'json' to use the format 'json_object'.")
