"""A stream of images: unfinished ones as they come, and at the end the answer that would have come in one."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from attrs import frozen

from jackfield import Answer, AnswerError, BrokenAnswerError, Context, File, Problem, ServerSentEvent
from jackfield_openai.failures import stream_error
from jackfield_openai.image_answer import SETTINGS, Received, keep_image
from jackfield_openai.image_request import ImageRequest

__all__ = ["ImagePiece", "pieces_of", "stream_images"]

Read = tuple[Received, Sequence[File | None]]
"""An answer, and the file of each image that has one."""

_OF_THE_ANSWER = frozenset({"b64_json", "created_at", "partial_image_index", "type", "usage", *SETTINGS})
"""What an event says that is not kept with its image: it has a place of its own."""


@frozen(kw_only=True)
class ImagePiece:
    """An image, finished or not.

    Attributes:
        index: Which of the images.
        partial: Which of its unfinished states, from 0; ``None`` if it is finished.
        file: The image as it is by now.
    """

    index: int
    partial: int | None = None
    file: File


def pieces_of(files: Sequence[File | None]) -> Iterator[ImagePiece]:
    """Give images that came together as a stream would have given them."""
    for index, file in enumerate(files):
        if file is not None:
            yield ImagePiece(index=index, file=file)


def stream_images(
    context: Context, request: ImageRequest, read: Callable[[Answer], Read]
) -> Generator[ImagePiece, None, Read]:
    """Ask for a stream, give its images as they come, and at the end the answer with the file of each image.

    Args:
        context: Sends the request.
        request: What is asked.
        read: Reads the answer of a server that does not stream.

    Raises:
        RemoteError: The service told of a failure inside the stream; of the class that such a failure has elsewhere.
        BrokenAnswerError: The stream ended before every image was there.
    """
    files: list[File] = []
    answer: dict[str, Any] = {"data": []}
    whole: list[Answer] = []
    with closing(context.client.events("POST", request.path, on_whole=whole.append, **request.parts)) as events:
        for event in events:
            if event.data.startswith("[DONE]"):
                break
            said = _said(event)
            kind = str(said.get("type") or event.event)
            if kind.endswith(".partial_image"):
                yield _partial(context, said, len(files))
            elif kind.endswith(".completed"):
                files.append(_kept(context, said, f"image-{len(files) + 1}"))
                _add(answer, said)
                yield ImagePiece(index=len(files) - 1, file=files[-1])
    if whole:
        received, kept = read(whole[0])
        yield from pieces_of(kept)
        return received, kept
    wanted = request.body.get("n") or 1
    if len(files) < wanted:
        message = f"The stream ended after {len(files)} of {wanted} images: something is missing."
        raise BrokenAnswerError(message)
    return context.client.read(answer, into=Received), files


def _said(event: ServerSentEvent) -> Mapping[str, Any]:
    said = event.json()
    if not isinstance(said, Mapping):
        message = "An event of the stream is no JSON object, so it is no image."
        raise AnswerError(message)
    if said.get("error") or event.event == "error":
        raise stream_error(said.get("error") or said)
    return said


def _partial(context: Context, said: Mapping[str, Any], index: int) -> ImagePiece:
    number = said.get("partial_image_index")
    number = number if isinstance(number, int) else 0
    file = _kept(context, said, f"image-{index + 1}-partial-{number + 1}")
    return ImagePiece(index=index, partial=number, file=file)


def _kept(context: Context, said: Mapping[str, Any], name: str) -> File:
    encoded = said.get("b64_json")
    if not isinstance(encoded, str):
        problem = Problem(path="$.b64_json", rule="required", message="must be there in an event with an image")
        raise AnswerError(str(problem), problems=[problem])
    return keep_image(context, encoded, "b64_json", name)


def _add(answer: dict[str, Any], said: Mapping[str, Any]) -> None:
    """Add what an event says of its image to the answer."""
    own = {name: value for name, value in said.items() if name not in _OF_THE_ANSWER and value is not None}
    answer["data"].append(own)
    answer |= {name: said[name] for name in SETTINGS if said.get(name) is not None}
    answer["created"] = said.get("created_at")
    if isinstance(said.get("usage"), Mapping):
        answer["usage"] = _sum(answer.get("usage", {}), said["usage"])


def _sum(known: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Add up counts by name, also those inside; of what is no count the last is kept."""
    total = dict(known)
    for name, value in more.items():
        before = total.get(name)
        if isinstance(value, Mapping):
            total[name] = _sum(before if isinstance(before, Mapping) else {}, value)
        elif _is_count(value) and _is_count(before):
            total[name] = before + value
        elif value is not None:
            total[name] = value
    return total


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
