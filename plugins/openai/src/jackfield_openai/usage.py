"""What the service says that a request used up."""

from collections.abc import Mapping
from typing import Annotated

from attrs import field, frozen

from jackfield import Context, Rest, Usage

__all__ = ["CompletionUsage", "Undeclared", "record_usage", "usage_in"]

Undeclared = Annotated[Mapping[str, object], Rest()]
"""What the service said beyond what is declared here; kept, so that nothing new is lost."""


@frozen(kw_only=True)
class PromptTokens:
    """What the prompt was made of."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    text_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class CompletionTokens:
    """What the answer was made of."""

    reasoning_tokens: int | None = None
    text_tokens: int | None = None
    audio_tokens: int | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class CompletionUsage:
    """Tokens that were used; other servers may leave any of these out."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptTokens | None = None
    completion_tokens_details: CompletionTokens | None = None
    rest: Undeclared = field(factory=dict)


def record_usage(context: Context, usage: CompletionUsage | None, model: str | None) -> None:
    """Put the tokens into the result of the operation, in core's words."""
    if usage is None:
        return
    prompt, completion = usage.prompt_tokens_details or PromptTokens(), usage.completion_tokens_details
    written = completion or CompletionTokens()
    context.record_usage(
        Usage(
            model=model or "",
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            total_tokens=usage.total_tokens,
            cached_tokens=prompt.cached_tokens,
            cache_write_tokens=prompt.cache_write_tokens,
            reasoning_tokens=written.reasoning_tokens,
            input_image_tokens=prompt.image_tokens,
            input_audio_tokens=prompt.audio_tokens,
            output_audio_tokens=written.audio_tokens,
        )
    )


def usage_in(answer: object) -> Usage | None:
    """Find what was used in an answer of any endpoint; ``None`` if it does not say.

    Chats, completions and embeddings count ``prompt_tokens`` and ``completion_tokens``; responses, images and
    transcriptions ``input_tokens`` and ``output_tokens``, or ``seconds`` (OpenAI's specification of 2026-08-21).
    """
    said = answer.get("usage") if isinstance(answer, Mapping) else None
    if not isinstance(said, Mapping) or not isinstance(answer, Mapping):
        return None
    read = _part(said, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    written = _part(said, "completion_tokens_details", "output_tokens_details")
    seconds = said.get("seconds")
    model = answer.get("model")
    found = Usage(
        model=model if isinstance(model, str) else "",
        input_tokens=_count(said, "prompt_tokens", "input_tokens"),
        output_tokens=_count(said, "completion_tokens", "output_tokens"),
        total_tokens=_count(said, "total_tokens"),
        cached_tokens=_count(read, "cached_tokens"),
        cache_write_tokens=_count(read, "cache_write_tokens"),
        reasoning_tokens=_count(written, "reasoning_tokens"),
        input_image_tokens=_count(read, "image_tokens"),
        output_image_tokens=_count(written, "image_tokens"),
        input_audio_tokens=_count(read, "audio_tokens"),
        output_audio_tokens=_count(written, "audio_tokens"),
        seconds=float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None,
    )
    return found or None


def _part(said: Mapping[str, object], *names: str) -> Mapping[str, object]:
    return next((part for name in names if isinstance(part := said.get(name), Mapping)), {})


def _count(said: Mapping[str, object], *names: str) -> int | None:
    counts = (said.get(name) for name in names)
    return next((count for count in counts if isinstance(count, int) and not isinstance(count, bool)), None)
