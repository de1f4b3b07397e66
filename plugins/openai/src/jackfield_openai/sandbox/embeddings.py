"""What the stand-in answers at /embeddings: vectors that are near where texts have words in common.

Names, types and bounds: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

import base64
import hashlib
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from jackfield_openai.sandbox.checks import array, choice, either, integer, record, text
from jackfield_openai.sandbox.orders import Orders
from jackfield_openai.sandbox.replies import RefusalError
from jackfield_openai.sandbox.sampling_rules import refuse
from jackfield_openai.sandbox.words import tokens_of

__all__ = ["answer_embedding"]

_OLD = "text-embedding-ada-002"
_USUAL_DIMENSIONS = 256
_MOST_DIMENSIONS = 3072
_MOST = 2048
_MOST_TOKENS = 8192
"""Of one text."""

_TOKENS = array(integer(0), 1, _MOST)
_EMBEDDING = record(
    {
        "model": text(),
        "input": either({str: text(), list: array(either({str: text(), int: integer(0), list: _TOKENS}), 1, _MOST)}),
    },
    {
        "dimensions": integer(1, _MOST_DIMENSIONS),
        "encoding_format": choice("float", "base64"),
        "user": text(),
    },
)


def answer_embedding(body: Mapping[str, Any], _: Orders) -> dict[str, Any]:
    """Give a vector for each text.

    Raises:
        RefusalError: OpenAI would refuse the request.
    """
    _EMBEDDING(body, "")
    if body["model"] == _OLD and "dimensions" in body:
        message = "This model does not support specifying dimensions."
        raise RefusalError(message, code="unsupported_parameter", param="dimensions")
    texts = _texts(body["input"])
    vectors = [_vector(words, body.get("dimensions", _USUAL_DIMENSIONS)) for words in texts]
    encode = _as_base64 if body.get("encoding_format") == "base64" else list
    count = sum(map(len, texts))
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": encode(vector)} for index, vector in enumerate(vectors)
        ],
        "model": body["model"],
        "usage": {"prompt_tokens": count, "total_tokens": count},
    }


def _texts(given: Any) -> Sequence[Sequence[str]]:
    """Give each text as its tokens; a token by its number is a word of its own."""
    if isinstance(given, str):
        texts = [tokens_of(given)]
    elif len({type(item) for item in given}) > 1:
        refuse("input", "'input' must be all strings, all integers, or all arrays of integers.")
    elif isinstance(given[0], int):
        texts = [[*map(str, given)]]
    else:
        texts = [tokens_of(item) if isinstance(item, str) else [*map(str, item)] for item in given]
    if not all(texts):
        refuse("input", "'$.input' is invalid: an input must not be an empty string.")
    if any(len(words) > _MOST_TOKENS for words in texts):
        refuse("input", f"This model's maximum context length is {_MOST_TOKENS} tokens.")
    return texts


def _vector(words: Sequence[str], dimensions: int) -> Sequence[float]:
    """Add up a direction for each word, and bring the sum to the length 1 as 32-bit numbers have it."""
    total = [0.0] * dimensions
    for word in words:
        noise = hashlib.shake_128(word.strip().lower().encode()).digest(dimensions)
        total = [known + byte - 127.5 for known, byte in zip(total, noise, strict=True)]
    length = math.hypot(*total)
    return struct.unpack(f"<{dimensions}f", _packed([value / length for value in total]))


def _packed(vector: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(vector)}f", *vector)


def _as_base64(vector: Sequence[float]) -> str:
    return base64.b64encode(_packed(vector)).decode()
