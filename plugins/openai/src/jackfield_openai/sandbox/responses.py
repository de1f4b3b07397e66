"""What the stand-in answers at /responses: it repeats what it heard, calls what is named, and fills schemas."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.pictures import as_file, draw
from jackfield_openai.sandbox.replies import RefusalError
from jackfield_openai.sandbox.response_rules import check_response
from jackfield_openai.sandbox.samples import sample_of
from jackfield_openai.sandbox.words import CREATED, LONGEST, cut, digest_of, logprobs_of, retold, text_of, tokens_of

__all__ = ["answer_response"]

_TOKENS_PER_ITEM = 3
_REFUSAL = "The stand-in was asked to refuse."
_PICTURE = (64, 64)
_ECHOED = (
    "background",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "safety_identifier",
    "top_logprobs",
    "truncation",
    "user",
)
_DEFAULTS: Mapping[str, Any] = {
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "top_p": 1.0,
}
_CUT = frozenset({"length", "max_output_tokens", "content_filter"})


def answer_response(body: Mapping[str, Any], orders: Orders, number: int) -> dict[str, Any]:
    """Give the whole response to a request.

    Args:
        body: The request.
        orders: ``finish`` says how it ends: ``length``, ``content_filter``; any other word is the code of a failure.
        number: Tells it from others to the same request.

    Raises:
        RefusalError: OpenAI would refuse the request.
    """
    check_response(body)
    output, reason = _output(body, orders)
    name = f"{digest_of(body)}{number:024x}"
    for position, item in enumerate(output):
        item["id"] = f"{_prefix(item['type'])}_{name}{position:02d}"
    failed = bool(orders.finish) and orders.finish not in _CUT
    conversation = body.get("conversation")
    return {
        "id": f"resp_{name}",
        "object": "response",
        "created_at": CREATED,
        "completed_at": None if failed or reason else CREATED + 1,
        "status": "failed" if failed else "incomplete" if reason else "completed",
        "error": _error(orders.finish) if failed else None,
        "incomplete_details": {"reason": reason} if reason and not failed else None,
        "model": body["model"],
        "output": [] if failed else output,
        "usage": None if failed else _usage(body, output),
        "store": body.get("store") is not False,
        "service_tier": "default" if body.get("service_tier") in (None, "auto") else body["service_tier"],
        "reasoning": {"effort": None, "summary": None, **(body.get("reasoning") or {})},
        "conversation": {"id": conversation} if isinstance(conversation, str) else conversation,
        "tools": [_shown(tool) for tool in body.get("tools") or ()],
        **{name: body.get(name) for name in _ECHOED},
        **{name: default if body.get(name) is None else body[name] for name, default in _DEFAULTS.items()},
    }


def _error(code: str) -> dict[str, Any]:
    return {"code": "server_error" if code == "failed" else code, "message": "The stand-in was asked to fail."}


def _prefix(kind: str) -> str:
    return {"message": "msg", "reasoning": "rs", "function_call": "fc", "custom_tool_call": "ctc"}.get(kind, "it")


def _shown(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Give a tool as the service shows it: without what authorizes it, and with what it takes for granted."""
    shown = {name: value for name, value in tool.items() if name not in ("authorization", "headers")}
    return {"parameters": None, "strict": True, **shown} if tool["type"] == "function" else shown


def _items(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    given = body["input"]
    return [{"role": "user", "content": given}] if isinstance(given, str) else given


def _heard(body: Mapping[str, Any]) -> str:
    last: Mapping[str, Any] = _items(body)[-1] if _items(body) else {}
    said = last.get("content", last.get("output"))
    return text_of(said) if isinstance(said, str | list) else ""


def _output(body: Mapping[str, Any], orders: Orders) -> tuple[list[dict[str, Any]], str]:
    """Give what is made, and why it is not whole; empty if it is."""
    output = list(_thoughts(body))
    calls = [] if orders.refuse else [*_calls(body), *_hosted(body)]
    output += calls
    if any(call["type"] in ("function_call", "custom_tool_call", "mcp_approval_request") for call in calls):
        return output, ""
    said, reason = ("", "stop") if orders.refuse else cut(_said(body, orders), None, body.get("max_output_tokens"))
    part = (
        _refusal() if orders.refuse else _text(body, said, searched=any(c["type"] == "web_search_call" for c in calls))
    )
    why = {"length": "max_output_tokens"}.get(orders.finish or reason, orders.finish)
    cut_off = why in _CUT
    status = "incomplete" if cut_off else "completed"
    output.append({"type": "message", "status": status, "role": "assistant", "content": [part]})
    return output, why if cut_off else ""


def _refusal() -> dict[str, Any]:
    return {"type": "refusal", "refusal": _REFUSAL}


def _text(body: Mapping[str, Any], said: str, *, searched: bool) -> dict[str, Any]:
    likely = "message.output_text.logprobs" in (body.get("include") or ())
    cited = {"type": "url_citation", "start_index": 0, "end_index": len(said), "title": "A page"}
    return {
        "type": "output_text",
        "text": said,
        "annotations": [{**cited, "url": "https://example.com/"}] if searched else [],
        "logprobs": logprobs_of(said, body.get("top_logprobs") or 0)["content"] if likely else [],
    }


def _said(body: Mapping[str, Any], orders: Orders) -> str:
    if orders.text:
        return base64.b64decode(orders.text).decode()
    heard = _heard(body)[:LONGEST]
    output = (body.get("text") or {}).get("format") or {"type": "text"}
    if output["type"] == "json_schema":
        return json.dumps(sample_of(output["schema"]))
    if output["type"] == "json_object":
        return json.dumps({"heard": heard})
    last: Mapping[str, Any] = _items(body)[-1] if _items(body) else {}
    return retold(heard, who="The tool answered" if "output" in last else "I heard")


def _thoughts(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    asked = body.get("reasoning") or {}
    if asked.get("effort") not in (None, "none") or asked.get("summary") is not None:
        told = [{"type": "summary_text", "text": "Thinking about what was said."}] if asked.get("summary") else []
        yield {"type": "reasoning", "summary": told}


def _calls(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the calls that the request forces, or that the last message of the user names or asks for: "tool"."""
    own = [tool for tool in body.get("tools") or () if tool["type"] in ("function", "custom")]
    wanted, heard = body.get("tool_choice") or "auto", _heard(body)
    if isinstance(wanted, dict) and wanted["type"] in ("function", "custom"):
        chosen = [tool for tool in own if tool["name"] == wanted["name"]]
        if not chosen:
            message = f"Tool choice '{wanted['name']}' not found in 'tools' parameter."
            raise RefusalError(message, code="invalid_value", param="tool_choice")
    elif wanted == "none" or (_items(body) and _items(body)[-1].get("role") != "user"):
        return []
    else:
        named = [tool for tool in own if tool["name"] in heard]
        chosen = named or own[: 1 if wanted == "required" or "tool" in heard.lower() else 0]
    if body.get("parallel_tool_calls") is False:
        chosen = chosen[:1]
    return [_call(tool, position) for position, tool in enumerate(chosen)]


def _call(tool: Mapping[str, Any], position: int) -> dict[str, Any]:
    said = {"status": "completed", "call_id": f"call_{position + 1:024d}", "name": tool["name"]}
    if tool["type"] == "custom":
        return {"type": "custom_tool_call", **said, "input": "sample"}
    arguments = json.dumps(sample_of(tool.get("parameters") or {"type": "object"}))
    return {"type": "function_call", **said, "arguments": arguments}


def _hosted(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give what the tools that the service runs have done, where the user speaks of it or it is forced."""
    wanted, heard = body.get("tool_choice"), _heard(body).lower()
    forced = wanted.get("type") if isinstance(wanted, dict) else ""
    for tool in () if wanted == "none" else body.get("tools") or ():
        kind = tool["type"].removesuffix("_2025_08_26")
        if kind == "web_search" and "search" in heard:
            action = {"type": "search", "query": heard, "queries": [heard]}
            yield {"type": "web_search_call", "status": "completed", "action": action}
        elif kind == "file_search" and ("file" in heard or forced == kind):
            yield {"type": "file_search_call", "status": "completed", "queries": [heard], "results": None}
        elif kind == "code_interpreter" and ("compute" in heard or forced == kind):
            done = {"code": "print(6 * 7)", "container_id": "cntr_stand_in", "outputs": None}
            yield {"type": "code_interpreter_call", "status": "completed", **done}
        elif kind == "image_generation" and ("draw" in heard or forced == kind):
            png = as_file(draw(heard, [heard], _PICTURE), "png")
            yield {"type": "image_generation_call", "status": "completed", "result": base64.b64encode(png).decode()}
        elif kind == "mcp" and tool["server_label"].lower() in heard:
            asked = {"server_label": tool["server_label"], "name": "look_up", "arguments": "{}"}
            yield {"type": "mcp_approval_request", **asked}


def _usage(body: Mapping[str, Any], output: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    given = sum(_TOKENS_PER_ITEM + len(tokens_of(_words(item))) for item in _items(body))
    given += len(tokens_of(body.get("instructions") or ""))
    thought = sum(len(tokens_of(_words(item))) for item in output if item["type"] == "reasoning")
    made = sum(len(tokens_of(_words(item))) for item in output)
    return {
        "input_tokens": given,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": given + made,
    }


def _words(item: Mapping[str, Any]) -> str:
    parts = [text_of(item[name]) for name in ("content", "summary", "output") if isinstance(item.get(name), str | list)]
    return " ".join(filter(None, [*parts, item.get("arguments"), item.get("input")]))
