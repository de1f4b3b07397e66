"""What a response answers: the service's words, and what we take from them.

Nearly everything may be missing: servers that speak OpenAI's API leave out what they do not know. Shapes:
openai-python 3.57.0, types/responses/response.py, read 2026-11-25.
"""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from jackfield import Context, File, Usage
from jackfield_openai.usage import Undeclared

__all__ = ["ContentPart", "OutputItem", "Response", "ResponseUsage", "record_response_usage"]


Details = Mapping[str, object]
"""What the service says in an object that it alone knows."""


@frozen(kw_only=True)
class ContentPart:
    """A part of a message: ``output_text`` with its text, or ``refusal``."""

    type: str | None = None
    text: str | None = None
    refusal: str | None = None
    annotations: object = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class OutputItem:
    """A message, a thought, a call of a tool. Sent back as an item of ``input``, it is what it was.

    Attributes:
        type: ``message``, ``reasoning``, ``function_call``, ``web_search_call``, ``image_generation_call``...
        id: Its own name.
        status: ``in_progress``, ``completed`` or ``incomplete``.
        role: Of a message.
        content: Of a message or a thought.
        call_id: Of a call: answer it with an item that names it.
        name: Of what is called.
        arguments: Of a call of a function: JSON in a text, as the model wrote it; check it.
        input: Of a call of a custom tool.
        file: The image of an ``image_generation_call``, instead of its ``result`` in base64.
    """

    type: str | None = None
    id: str | None = None
    status: str | None = None
    role: str | None = None
    content: Sequence[ContentPart] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: object = None
    input: object = None
    file: File | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class InputTokens:
    """What the input was made of."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class OutputTokens:
    """What the output was made of."""

    reasoning_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ResponseUsage:
    """Tokens that were used; other servers may leave any of these out."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: InputTokens | None = None
    output_tokens_details: OutputTokens | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Response:
    """The service's answer, with ``result``, ``tool_calls`` and ``refusal``, which we take from its output.

    Attributes:
        result: The texts of all messages as one; in the JSON formats, the value in it.
        tool_calls: What the model asks of the caller: calls of functions and custom tools, approvals.
        refusal: The words with which the model refused; ``None`` if it did not.
        output: Everything that was made, in its order.
        status: ``completed``, or ``incomplete``: then ``incomplete_details`` says why, and a warning too.
    """

    result: object = None
    tool_calls: Sequence[OutputItem] = ()
    refusal: str | None = None
    output: Sequence[OutputItem]
    usage: ResponseUsage | None = None
    status: str | None = None
    model: str | None = None
    id: str | None = None
    object: str | None = None
    created_at: float | None = None
    completed_at: float | None = None
    incomplete_details: Details | None = None
    rest: Undeclared = field(factory=dict)


def record_response_usage(context: Context, answer: Response, asked: str, image_model: str) -> None:
    """Put the tokens into the result of the operation, in core's words; those of an image's model by themselves.

    Args:
        context: Takes them.
        answer: Says them.
        asked: The model, where the answer does not say it.
        image_model: The model of the tool that makes images, as far as the request says it.
    """
    said = answer.usage
    if said is not None:
        read, written = said.input_tokens_details or InputTokens(), said.output_tokens_details or OutputTokens()
        context.record_usage(
            Usage(
                model=answer.model or asked,
                input_tokens=said.input_tokens,
                output_tokens=said.output_tokens,
                total_tokens=said.total_tokens,
                cached_tokens=read.cached_tokens,
                cache_write_tokens=read.cache_write_tokens,
                reasoning_tokens=written.reasoning_tokens,
            )
        )
    images = sum(item.file is not None for item in answer.output)
    if images:
        context.record_usage(_usage_of_images(answer, image_model, images))


def _usage_of_images(answer: Response, model: str, images: int) -> Usage:
    tools = answer.rest.get("tool_usage")
    said = tools.get("image_gen") if isinstance(tools, Mapping) else None
    counts = said if isinstance(said, Mapping) else {}
    known = {name: counts.get(name) for name in ("input_tokens", "output_tokens", "total_tokens")}
    return Usage(model=model, images=images, **{name: count for name, count in known.items() if type(count) is int})
