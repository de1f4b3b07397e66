"""What the service says that a request used up."""

from collections.abc import Mapping
from typing import Annotated

from attrs import field, frozen

from jackfield import Context, Rest, Usage

__all__ = ["CompletionUsage", "Undeclared", "record_usage"]

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


def record_usage(context: Context, usage: CompletionUsage | None) -> None:
    """Put the tokens into the result of the operation, in core's words."""
    if usage is None:
        return
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    context.record_usage(
        Usage(
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            total_tokens=usage.total_tokens,
            cached_tokens=prompt.cached_tokens if prompt else None,
            reasoning_tokens=completion.reasoning_tokens if completion else None,
        )
    )
