"""What the stand-in says at the endpoints from before there were chats: /completions, and /edits as it was until 2024.

Names, types and bounds: OpenAI's specification of 2026-08-21, and for /edits that of 2023-12-22.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from jackfield_openai.sandbox.checks import (
    array,
    boolean,
    either,
    integer,
    nullable,
    number,
    record,
    text,
)
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.sampling_rules import SAMPLING, check_stream_options, refuse
from jackfield_openai.sandbox.words import CREATED, LONGEST, cut, digest_of, logprobs_of, retold, tokens_of

__all__ = ["answer_completion", "answer_edit"]

_MOST_TOKENS = 16
"""How long an answer is at most if the request does not say it; the service's own default."""

_NO_PROMPT = "<|endoftext|>"
_TOKENS = array(integer(0), least=1)
_PROMPT = either({str: text(), list: array(either({str: text(), int: integer(0), list: _TOKENS}), least=1)})
_COMPLETION = record(
    {"model": text(), "prompt": nullable(_PROMPT)},
    {
        **SAMPLING,
        "best_of": nullable(integer(0, 20)),
        "echo": nullable(boolean),
        "logprobs": nullable(integer(0, 5)),
        "max_tokens": nullable(integer(0)),
        "suffix": nullable(text()),
    },
)
_EDIT = record(
    {"model": text(), "instruction": text()},
    {
        "input": nullable(text()),
        "n": nullable(integer(1, 20)),
        "temperature": nullable(number(0, 2)),
        "top_p": nullable(number(0, 1)),
    },
)


def answer_completion(body: Mapping[str, Any], orders: Orders) -> dict[str, Any]:
    """Give the whole answer to one or several prompts.

    Raises:
        RefusalError: OpenAI would refuse the request.
    """
    _COMPLETION(body, "")
    check_stream_options(body)
    count, candidates = body.get("n") or 1, body.get("best_of")
    if candidates is not None and candidates < (body.get("n") or 0):
        refuse("best_of", "'best_of' must be greater than or equal to 'n'.")
    if (candidates or 0) > 1 and body.get("stream"):
        refuse("best_of", "'best_of' greater than 1 cannot be streamed.")
    prompts = _prompts(body.get("prompt"))
    ends = [(prompt, *_completed(body, prompt, index, orders)) for prompt in prompts for index in range(count)]
    said = sum(len(tokens_of(completed)) for _, completed, _ in ends)
    return {
        "id": f"cmpl-{digest_of(body)}",
        "object": "text_completion",
        "created": CREATED,
        "model": body["model"],
        "choices": [_choice(body, index, *end) for index, end in enumerate(ends)],
        # Whoever has several answers made to choose from pays for each of them.
        "usage": _usage(sum(len(tokens_of(prompt)) for prompt in prompts), said * max(candidates or 1, count) // count),
        "system_fingerprint": "fp_stand_in",
    }


def _prompts(prompt: Any) -> list[str]:
    """Give each prompt as text; tokens are shown as their numbers."""
    if prompt is None or isinstance(prompt, str):
        return [_NO_PROMPT if prompt is None else prompt]
    if isinstance(prompt[0], int):
        prompt = [prompt]
    return [item if isinstance(item, str) else " ".join(map(str, item)) for item in prompt]


def _completed(body: Mapping[str, Any], prompt: str, index: int, orders: Orders) -> tuple[str, str]:
    """Give what is said, without the prompt, and why it ends."""
    if orders.text:
        said = base64.b64decode(orders.text).decode()
    else:
        said = retold(prompt[:LONGEST], index)
        if body.get("suffix"):
            said += f" (and then comes: {body['suffix']})"
    most = body.get("max_tokens")
    said, reason = cut(said, body.get("stop"), _MOST_TOKENS if most is None else most)
    return said, orders.finish or reason


def _choice(body: Mapping[str, Any], index: int, prompt: str, completed: str, reason: str) -> dict[str, Any]:
    whole = f"{prompt}{completed}" if body.get("echo") else completed
    likely = body.get("logprobs")
    return {
        "text": whole,
        "index": index,
        "logprobs": None if likely is None else _logprobs(whole, likely),
        "finish_reason": reason,
    }


def _logprobs(said: str, likely: int) -> dict[str, Any]:
    """Give made-up probabilities, column by column, as this endpoint tells them."""
    told: Sequence[Mapping[str, Any]] = logprobs_of(said, likely)["content"]
    offsets = [sum(len(item["token"]) for item in told[:position]) for position in range(len(told))]
    return {
        "tokens": [item["token"] for item in told],
        "token_logprobs": [item["logprob"] for item in told],
        "top_logprobs": [{other["token"]: other["logprob"] for other in item["top_logprobs"]} for item in told],
        "text_offset": offsets,
    }


def answer_edit(body: Mapping[str, Any], orders: Orders) -> dict[str, Any]:
    """Give the whole answer to an edit; it names neither itself nor the model.

    Raises:
        RefusalError: OpenAI would have refused the request.
    """
    _EDIT(body, "")
    heard = f"{(body.get('input') or '')[:LONGEST]} ({body['instruction'][:LONGEST]})"
    said = base64.b64decode(orders.text).decode() if orders.text else ""
    texts = [said or retold(heard, index) for index in range(body.get("n") or 1)]
    return {
        "object": "edit",
        "created": CREATED,
        "choices": [
            {"text": text, "index": index, "finish_reason": orders.finish or "stop"} for index, text in enumerate(texts)
        ],
        "usage": _usage(len(tokens_of(heard)), sum(len(tokens_of(text)) for text in texts)),
    }


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
