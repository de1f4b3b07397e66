"""Which tools of a response the stand-in accepts.

Source: openai-python 3.57.0, types/responses/tool_param.py and tool_choice_*_param.py, read 2026-11-25.
"""

from collections.abc import Mapping

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

__all__ = ["TOOL", "TOOL_CHOICE"]

_ANY_OBJECT = mapping(anything)
_LEVEL = choice("low", "medium", "high")
_CALLERS = {"allowed_callers": nullable(array(choice("direct", "programmatic"))), "defer_loading": boolean}
_FILTER = record({}, {"tool_names": array(text()), "read_only": boolean})
_TOOLS: Mapping[str, Check] = {
    "function": record(
        {"type": anything, "name": text(64)},
        {
            "description": nullable(text()),
            "parameters": nullable(_ANY_OBJECT),
            "strict": nullable(boolean),
            "output_schema": nullable(_ANY_OBJECT),
            "async": boolean,
            **_CALLERS,
        },
    ),
    "custom": record(
        {"type": anything, "name": text(64)},
        {
            "description": text(),
            "format": tagged(
                "type",
                {
                    "text": record({"type": anything}),
                    "grammar": record({"type": anything, "syntax": choice("lark", "regex"), "definition": text()}),
                },
            ),
            "async": boolean,
            **_CALLERS,
        },
    ),
    **dict.fromkeys(
        ("web_search", "web_search_2025_08_26"),
        record(
            {"type": anything},
            {
                "search_context_size": _LEVEL,
                "filters": nullable(record({}, {"allowed_domains": nullable(array(text()))})),
                "user_location": nullable(
                    record(
                        {},
                        {
                            "type": choice("approximate"),
                            **dict.fromkeys(("city", "country", "region", "timezone"), nullable(text())),
                        },
                    )
                ),
                "external_web_access": boolean,
            },
        ),
    ),
    "file_search": record(
        {"type": anything, "vector_store_ids": array(text(), 1)},
        {
            "max_num_results": integer(1, 50),
            "filters": nullable(_ANY_OBJECT),
            "ranking_options": record(
                {},
                {
                    "ranker": choice("auto", "default-2024-11-15"),
                    "score_threshold": number(0, 1),
                    "hybrid_search": record({"embedding_weight": number(), "text_weight": number()}),
                },
            ),
        },
    ),
    "code_interpreter": record(
        {
            "type": anything,
            "container": either(
                {
                    str: text(),
                    dict: record(
                        {"type": choice("auto")},
                        {
                            "file_ids": array(text()),
                            "memory_limit": nullable(choice("1g", "4g", "16g", "64g")),
                            "network_policy": _ANY_OBJECT,
                        },
                    ),
                }
            ),
        },
        {"allowed_callers": _CALLERS["allowed_callers"]},
    ),
    "mcp": record(
        {"type": anything, "server_label": text()},
        {
            **dict.fromkeys(("authorization", "connector_id", "server_description", "server_url", "tunnel_id"), text()),
            "headers": nullable(mapping(text())),
            "allowed_tools": nullable(either({list: array(text()), dict: _FILTER})),
            "require_approval": nullable(
                either({str: choice("always", "never"), dict: record({}, {"always": _FILTER, "never": _FILTER})})
            ),
            **_CALLERS,
        },
    ),
    "image_generation": record(
        {"type": anything},
        {
            "action": choice("auto", "generate", "edit"),
            "background": choice("auto", "transparent", "opaque"),
            "complexity": _LEVEL,
            "frame_count": integer(),
            "frame_duration_ms": integer(),
            "input_fidelity": nullable(choice("high", "low")),
            "input_image_mask": record({}, {"file_id": text(), "image_url": text()}),
            "model": text(),
            "moderation": choice("auto", "low"),
            "output_compression": integer(0, 100),
            "output_format": choice("png", "webp", "jpeg", "gif", "svg"),
            "partial_images": integer(0, 3),
            "quality": choice("auto", "low", "medium", "high", "xhigh", "max"),
            "size": text(),
            "svg": record({}, {"model": text(), "reasoning": nullable(record({}, {"effort": text()}))}),
        },
    ),
    **dict.fromkeys(
        (
            "apply_patch",
            "computer",
            "computer_use_preview",
            "local_shell",
            "namespace",
            "programmatic_tool_calling",
            "shell",
            "tool_search",
            "web_search_preview",
            "web_search_preview_2025_03_11",
        ),
        _ANY_OBJECT,
    ),
}
_NAMED = record({"type": anything, "name": text(64)})
_KINDS = (
    "apply_patch",
    "code_interpreter",
    "computer",
    "computer_use",
    "computer_use_preview",
    "file_search",
    "image_generation",
    "programmatic_tool_calling",
    "shell",
    "web_search_preview",
    "web_search_preview_2025_03_11",
)
TOOL = tagged("type", _TOOLS)
"""A check of a tool."""
TOOL_CHOICE = either(
    {
        str: choice("none", "auto", "required"),
        dict: tagged(
            "type",
            {
                "function": _NAMED,
                "custom": _NAMED,
                "mcp": record({"type": anything, "server_label": text()}, {"name": nullable(text())}),
                "allowed_tools": record(
                    {"type": anything, "mode": choice("auto", "required"), "tools": array(_ANY_OBJECT, 1)}
                ),
                **dict.fromkeys(_KINDS, record({"type": anything})),
            },
        ),
    }
)
"""A check of which is to be used."""
