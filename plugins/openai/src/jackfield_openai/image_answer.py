"""Images that a service answers with: out of its JSON, into files of the host."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from attrs import field, frozen

from jackfield import AnswerError, Array, Context, File, Problem, Usage
from jackfield_openai.image_heads import read_head
from jackfield_openai.times import as_iso
from jackfield_openai.usage import Undeclared

__all__ = ["SETTINGS", "GeneratedImages", "ImageUsage", "Received", "finished", "inlined", "keep_image"]

SETTINGS = ("background", "output_format", "quality", "safety_identifier", "size")
"""What an answer, or an event of a stream, says of how the images were made."""

_EXTENSIONS = {"image/jpeg": "jpg", "image/svg+xml": "svg", "application/octet-stream": "bin"}


@frozen(kw_only=True)
class ImageTokens:
    """What tokens were of."""

    text_tokens: int | None = None
    image_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ImageUsage:
    """Tokens that were used; other servers may leave any of these out."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: ImageTokens | None = None
    output_tokens_details: ImageTokens | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class SvgUsage:
    """Tokens that the author of an SVG used, beside those of the image that it wrote from."""

    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_tokens: int | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class GeneratedImage:
    """One image.

    ``file`` is the image itself; none if the service gave an address that nobody asked to download.
    """

    file: File | None = None
    url: str | None = None
    revised_prompt: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class GeneratedImages:
    """What was made: ``data`` has the images, each a file of its own, ``result`` the file of the first, or its address.

    ``created`` is ISO 8601 in UTC, ``endpoint`` who was asked: generations, edits or variations.
    """

    result: File | str | None = None
    data: Annotated[Sequence[GeneratedImage], Array(min_items=1)]
    created: str | None = None
    model: str
    endpoint: str
    background: str | None = None
    output_format: str | None = None
    quality: str | None = None
    size: str | None = None
    safety_identifier: str | None = None
    usage: ImageUsage | None = None
    svg_usage: SvgUsage | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class ReceivedImage:
    """An image as the service sends it."""

    b64_json: str | None = field(default=None, repr=False)
    url: str | None = None
    revised_prompt: str | None = None
    rest: Undeclared = field(factory=dict)


@frozen(kw_only=True)
class Received:
    """An answer as the service sends it."""

    data: Annotated[Sequence[ReceivedImage], Array(min_items=1)]
    created: float | None = None
    background: str | None = None
    output_format: str | None = None
    quality: str | None = None
    size: str | None = None
    safety_identifier: str | None = None
    usage: ImageUsage | None = None
    svg_usage: SvgUsage | None = None
    model: str | None = None
    rest: Undeclared = field(factory=dict)


def keep_image(context: Context, encoded: str, place: str, name: str, request_id: str = "") -> File:
    """Give an image to the host.

    Args:
        context: Keeps it.
        encoded: The image in base64.
        place: Where it stood in the answer: ``data[0].b64_json``.
        name: What its file is to be called, without an ending: that comes from what it is.
        request_id: The service's own name for the answer.

    Raises:
        AnswerError: It is no base64.
    """
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        problem = Problem(path=f"$.{place}", rule="base64", message="must be an image in base64")
        raise AnswerError(str(problem), problems=[problem], request_id=request_id) from None
    media_type = _media_type(data)
    ending = _EXTENSIONS.get(media_type) or media_type.partition("/")[2]
    return context.store_file(data, name=f"{name}.{ending}", media_type=media_type)


def _media_type(data: bytes) -> str:
    head = read_head(data)
    if head is not None:
        return head.media_type
    return "image/svg+xml" if b"<svg" in data[:1024] else "application/octet-stream"


def inlined(url: str | None) -> str | None:
    """Give what a ``data:`` URL holds in base64, with which some servers answer instead; ``None`` for an address."""
    head, _, encoded = (url or "").partition(",")
    return encoded if head.startswith("data:") and head.endswith(";base64") else None


def finished(context: Context, received: Received, files: Sequence[File | None], **said: Any) -> GeneratedImages:
    """Give the output, and put into the result of the operation what it used.

    Args:
        context: Takes the usage.
        received: The answer.
        files: Each image's file, if there is one.
        said: ``model``, where the answer does not say it, and ``endpoint``.
    """
    model = received.model or said["model"]
    for usage in _used(received, model):
        context.record_usage(usage)
    data = [
        GeneratedImage(
            file=file,
            url=image.url if inlined(image.url) is None else None,  # its file has it
            revised_prompt=image.revised_prompt,
            rest=image.rest,
        )
        for image, file in zip(received.data, files, strict=True)
    ]
    return GeneratedImages(
        result=data[0].file or data[0].url,
        data=data,
        created=as_iso(received.created),
        model=model,
        endpoint=said["endpoint"],
        usage=received.usage,
        svg_usage=received.svg_usage,
        rest=received.rest,
        **{name: getattr(received, name) for name in SETTINGS},
    )


def _used(received: Received, model: str) -> Iterator[Usage]:
    """Say in core's words what the images took, and what the author of an SVG took beside them."""
    said = received.usage or ImageUsage()
    given, made = said.input_tokens_details or ImageTokens(), said.output_tokens_details or ImageTokens()
    yield Usage(
        model=model,
        input_tokens=said.input_tokens,
        output_tokens=said.output_tokens,
        total_tokens=said.total_tokens,
        input_image_tokens=given.image_tokens,
        output_image_tokens=made.image_tokens,
        images=len(received.data),
    )
    author = received.svg_usage
    if author is not None:
        yield Usage(
            model=author.model or "",
            input_tokens=author.input_tokens,
            output_tokens=author.output_tokens,
            total_tokens=author.total_tokens,
            reasoning_tokens=author.reasoning_tokens,
        )
