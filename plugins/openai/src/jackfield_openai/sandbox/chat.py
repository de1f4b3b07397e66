"""What the stand-in says in a chat: it repeats what it heard, counts words as tokens, and fills schemas."""

import base64
import io
import json
import wave
from collections.abc import Mapping, Sequence
from typing import Any

from jackfield_openai.sandbox.chat_rules import check_chat
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.replies import RefusalError
from jackfield_openai.sandbox.samples import sample_of
from jackfield_openai.sandbox.words import CREATED, LONGEST, cut, digest_of, logprobs_of, retold, text_of, tokens_of

__all__ = ["answer_chat"]

_TOKENS_PER_MESSAGE = 3
_REFUSAL = "The stand-in was asked to refuse."


def answer_chat(body: Mapping[str, Any], orders: Orders) -> dict[str, Any]:
    """Give the whole answer to a chat.

    Raises:
        RefusalError: OpenAI would refuse the request.
    """
    check_chat(body)
    choices = [_choice(body, index, orders) for index in range(body.get("n") or 1)]
    answer = {
        "id": f"chatcmpl-{digest_of(body)}",
        "object": "chat.completion",
        "created": CREATED,
        "model": body["model"],
        "choices": choices,
        "usage": _usage(body, choices),
        "system_fingerprint": "fp_stand_in",
    }
    if body.get("service_tier") is not None:
        answer["service_tier"] = "default" if body["service_tier"] == "auto" else body["service_tier"]
    if body.get("metadata") is not None:
        answer["metadata"] = body["metadata"]
    if body.get("moderation") is not None:
        answer["moderation"] = dict.fromkeys(("input", "output"), _moderated(body["moderation"]["model"]))
    return answer


def _choice(body: Mapping[str, Any], index: int, orders: Orders) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None, "annotations": []}
    reason = "stop"
    calls = _calls(body)
    if orders.refuse:
        message["refusal"] = _REFUSAL
    elif calls:
        message["tool_calls"] = calls
        reason = "tool_calls"
    elif _wants_function(body):
        message["function_call"] = _function_call(body)
        reason = "function_call"
    else:
        most = body.get("max_completion_tokens") or body.get("max_tokens")
        message["content"], reason = cut(_said(body, index, orders), body.get("stop"), most)
    said = message["content"] or ""
    if "audio" in (body.get("modalities") or ()) and said:
        message.update(content=None, audio=_spoken(said))
    logprobs = logprobs_of(said, body.get("top_logprobs") or 0) if body.get("logprobs") else None
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": orders.finish or reason}


def _said(body: Mapping[str, Any], index: int, orders: Orders) -> str:
    if orders.text:
        return base64.b64decode(orders.text).decode()
    last = body["messages"][-1]
    heard = text_of(last.get("content"))[:LONGEST]
    output = body.get("response_format") or {"type": "text"}
    if output["type"] == "json_schema":
        return json.dumps(sample_of(output["json_schema"].get("schema")))
    if output["type"] == "json_object":
        return json.dumps({"heard": heard, "number": index + 1})
    return retold(heard, index, "The tool answered" if last["role"] in ("tool", "function") else "I heard")


def _calls(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the calls that the request forces, or that the last user message names or asks for with the word "tool"."""
    tools: Sequence[Mapping[str, Any]] = body.get("tools") or ()
    wanted = body.get("tool_choice", "auto")
    last = body["messages"][-1]
    if isinstance(wanted, dict) and wanted["type"] != "allowed_tools":
        chosen = [tool for tool in tools if _name(tool) == _name(wanted)]
        if not chosen:
            message = f"Tool choice '{_name(wanted)}' not found in 'tools' parameter."
            raise RefusalError(message, code="invalid_value", param="tool_choice")
    elif not tools or wanted == "none" or (wanted == "auto" and last["role"] != "user"):
        return []
    else:
        chosen = _mentioned(tools, wanted, text_of(last.get("content")))
    if body.get("parallel_tool_calls") is False:
        chosen = chosen[:1]
    return [_call(tool, position) for position, tool in enumerate(chosen)]


def _mentioned(tools: Sequence[Mapping[str, Any]], wanted: Any, heard: str) -> list[Mapping[str, Any]]:
    forced = wanted == "required"
    if isinstance(wanted, dict):
        names = {_name(tool) for tool in wanted["allowed_tools"]["tools"]}
        tools = [tool for tool in tools if _name(tool) in names]
        forced = wanted["allowed_tools"]["mode"] == "required"
    named = [tool for tool in tools if _name(tool) in heard]
    return named or list(tools[:1] if forced or "tool" in heard.lower() else ())


def _name(tool: Mapping[str, Any]) -> str:
    return str(tool[tool["type"]]["name"])


def _call(tool: Mapping[str, Any], position: int) -> dict[str, Any]:
    kind, detail = tool["type"], tool[tool["type"]]
    said = (
        {"name": detail["name"], "arguments": json.dumps(sample_of(detail.get("parameters") or {"type": "object"}))}
        if kind == "function"
        else {"name": detail["name"], "input": "sample"}
    )
    return {"id": f"call_{position + 1:024d}", "type": kind, kind: said}


def _wants_function(body: Mapping[str, Any]) -> bool:
    wanted = body.get("function_call", "auto")
    heard = text_of(body["messages"][-1].get("content"))
    names = [function["name"] for function in body.get("functions") or ()]
    return isinstance(wanted, dict) or (wanted == "auto" and any(name in heard for name in names))


def _function_call(body: Mapping[str, Any]) -> dict[str, str]:
    wanted, heard = body.get("function_call"), text_of(body["messages"][-1].get("content"))
    for function in body.get("functions") or ():
        if function["name"] == wanted["name"] if isinstance(wanted, dict) else function["name"] in heard:
            arguments = sample_of(function.get("parameters") or {"type": "object"})
            return {"name": function["name"], "arguments": json.dumps(arguments)}
    message = "The function named in 'function_call' is not in 'functions'."
    raise RefusalError(message, code="invalid_value", param="function_call")


def _usage(body: Mapping[str, Any], choices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    prompt = sum(_TOKENS_PER_MESSAGE + len(tokens_of(text_of(item.get("content")))) for item in body["messages"])
    completion = sum(len(tokens_of(_everything_said(choice["message"]))) for choice in choices)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _everything_said(message: Mapping[str, Any]) -> str:
    calls = [call[call["type"]] for call in message.get("tool_calls") or ()]
    parts = [message["content"], message["refusal"], (message.get("audio") or {}).get("transcript")]
    parts += [call.get("arguments") or call.get("input") for call in calls]
    parts.append((message.get("function_call") or {}).get("arguments"))
    return " ".join(part for part in parts if part)


def _moderated(model: str) -> dict[str, Any]:
    return {"type": "moderation_results", "model": model, "results": []}


def _spoken(said: str) -> dict[str, Any]:
    """Give a tenth of a second of silence."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(1600))
    data = base64.b64encode(sound.getvalue()).decode()
    return {"id": "audio_stand_in", "data": data, "transcript": said, "expires_at": CREATED + 3600}
