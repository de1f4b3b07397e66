"""What OpenAI accepts at /chat/completions and /completions alike (specification of 2026-08-21, SDK 3.54.0)."""

from collections.abc import Mapping
from typing import Any

from jackfield_openai.sandbox.checks import (
    Check,
    array,
    boolean,
    either,
    integer,
    mapping,
    nullable,
    number,
    record,
    text,
)
from jackfield_openai.sandbox.replies import RefusalError

__all__ = ["SAMPLING", "check_stream_options", "refuse"]

_INT64 = 2**63

SAMPLING: Mapping[str, Check] = {
    "frequency_penalty": nullable(number(-2, 2)),
    "logit_bias": nullable(mapping(integer(-100, 100))),
    "n": nullable(integer(1, 128)),
    "presence_penalty": nullable(number(-2, 2)),
    "seed": nullable(integer(-_INT64, _INT64 - 1)),
    "stop": nullable(either({str: text(), list: array(text(), 1, 4)})),
    "stream": nullable(boolean),
    "stream_options": nullable(record({}, {"include_usage": boolean, "include_obfuscation": boolean})),
    "temperature": nullable(number(0, 2)),
    "top_p": nullable(number(0, 1)),
    "user": text(),
}
"""A check for each parameter, by name."""


def check_stream_options(body: Mapping[str, Any]) -> None:
    """Refuse options of a stream where none is asked for."""
    if body.get("stream_options") is not None and not body.get("stream"):
        refuse("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")


def refuse(param: str, message: str) -> None:
    """Refuse a value that does not go with the others.

    Raises:
        RefusalError: Always.
    """
    raise RefusalError(message, code="invalid_value", param=param)
