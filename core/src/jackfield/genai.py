"""That a module asks a generative model, in words that whoever traces or meters it understands."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

__all__ = ["GenAI"]

Messages = Sequence[Mapping[str, object]]


@frozen(kw_only=True)
class GenAI:
    """That a module asks a generative model: ``@module(genai=GenAI(operation="chat", provider="openai"))``.

    The words are those of OpenTelemetry's conventions for generative AI. A field of the form that is called as a
    parameter is there (``model``, ``temperature``, ``top_p``, ``max_tokens``, ``seed``...) need not be named here.

    Attributes:
        operation: What is asked: ``chat``, ``text_completion``, ``embeddings``, ``generate_content``.
        provider: Who is asked: ``openai``.
        output_type: What is wanted: ``text``, ``json``, ``image``, ``speech``; empty if that depends.
        parameters: Fields of the form, by name in Python, that are called otherwise there:
            ``{"max_completion_tokens": "max_tokens", "stop": "stop_sequences"}``. The first that is set counts.
        finish_reasons: Says, for an output, why the model stopped, once for each answer.
        input_messages: Gives what a form says to the model; only called where a host was asked to record content.
        output_messages: Gives what the model said in an output; the same.

    Source: OpenTelemetry's semantic conventions for generative AI, as of opentelemetry-semantic-conventions 0.66b2.
    """

    operation: str
    provider: str
    output_type: str = ""
    parameters: Mapping[str, str] = field(factory=dict)
    finish_reasons: Callable[[Any], Sequence[str]] | None = None
    input_messages: Callable[[Any], Messages] | None = None
    output_messages: Callable[[Any], Messages] | None = None
