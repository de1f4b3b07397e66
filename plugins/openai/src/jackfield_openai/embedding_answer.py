"""Vectors that a service answers with: read, put into the order of what was asked, and counted."""

import base64
import binascii
import math
import struct
from collections.abc import Sequence
from typing import Annotated, Any

from attrs import field, frozen

from jackfield import Answer, AnswerError, Array, Context, LimitError, Problem
from jackfield_openai.usage import CompletionUsage, Undeclared, record_usage

__all__ = ["Embeddings", "embeddings_of"]

_FLOAT_BYTES = 4


@frozen(kw_only=True)
class Embedding:
    """One vector; ``index`` says which of the texts it is for, from 0."""

    index: int
    embedding: Sequence[float]
    object: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Embeddings:
    """Vectors: ``data`` in the order of the texts, all of one length, and ``result`` the first of them.

    In base64 a vector is 32-bit floating point numbers, lowest byte first; each of them is a float as it is, without
    loss (openai-python 3.57.0, lib/_parsing/_embeddings.py).
    """

    result: Sequence[float]
    data: Annotated[Sequence[Embedding], Array(min_items=1)]
    model: str
    object: str | None = None
    usage: CompletionUsage | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class _ReceivedOne:
    embedding: Sequence[float] | str
    index: int | None = None
    object: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class _Received:
    data: Annotated[Sequence[_ReceivedOne], Array(min_items=1)]
    model: str | None = None
    object: str | None = None
    usage: CompletionUsage | None = None
    rest: Undeclared = field(factory=dict)


def embeddings_of(context: Context, answer: Answer, form: Any, count: int) -> Embeddings:
    """Read an answer, and put into the result of the operation what it used.

    Args:
        context: Takes the usage and the warnings.
        answer: What the service sent.
        form: Has ``model`` and ``dimensions``.
        count: How many texts were sent.

    Raises:
        AnswerError: It has another number of vectors, an index twice, or a vector that is none.
    """
    received = context.client.read(_json_of(answer), into=_Received, request_id=answer.request_id)
    vectors = [_vector(one.embedding, place, answer) for place, one in enumerate(received.data)]
    data = _ordered(
        [
            Embedding(
                index=place if one.index is None else one.index, embedding=vector, object=one.object, rest=one.rest
            )
            for place, (one, vector) in enumerate(zip(received.data, vectors, strict=True))
        ],
        count,
        answer,
    )
    length = len(data[0].embedding)
    if form.dimensions not in (None, length):
        context.warn(f"$.dimensions: {form.dimensions} were asked for, and the vectors have {length}.")
    model = form.model if received.model is None else received.model
    record_usage(context, received.usage, model)
    return Embeddings(
        result=data[0].embedding,
        data=data,
        model=model,
        object=received.object,
        usage=received.usage,
        rest=received.rest,
    )


def _json_of(answer: Answer) -> object:
    try:
        return answer.json()
    except LimitError as error:
        error.hint = f"Choose encoding_format=base64, a quarter of the size, or send fewer texts at once. {error.hint}"
        raise


def _ordered(found: list[Embedding], count: int, answer: Answer) -> Sequence[Embedding]:
    """Put vectors into the order of the texts."""
    if len(found) != count:
        raise _wrong(answer, "data", "count", f"must have one vector for each of {count} texts, and has {len(found)}")
    ordered = sorted(found, key=lambda one: one.index)
    if [one.index for one in ordered] != [*range(count)]:
        raise _wrong(answer, "data", "index", f"must have each index from 0 to {count - 1} once")
    if len({len(one.embedding) for one in ordered}) > 1:
        raise _wrong(answer, "data", "length", "must have vectors of one length")
    return ordered


def _vector(said: Sequence[float] | str, place: int, answer: Answer) -> Sequence[float]:
    vector = _decoded(said) if isinstance(said, str) else said
    if not vector:
        message = "must be a vector: numbers, or 32-bit floating point numbers in base64"
        raise _wrong(answer, f"data[{place}].embedding", "vector", message)
    return vector


def _decoded(encoded: str) -> Sequence[float]:
    """Give the numbers that a text holds; none if it holds no vector."""
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return ()
    count, left = divmod(len(data), _FLOAT_BYTES)
    numbers = struct.unpack(f"<{count}f", data) if not left else ()
    return numbers if all(map(math.isfinite, numbers)) else ()


def _wrong(answer: Answer, path: str, rule: str, message: str) -> AnswerError:
    problem = Problem(path=f"$.{path}", rule=rule, message=message)
    return AnswerError(str(problem), problems=[problem], request_id=answer.request_id)
